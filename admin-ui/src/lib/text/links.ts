/** A piece of text, and the address it stands for if it is one. */
export type LinkPiece = { text: string; href?: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+|\bwww\.[^\s<>"']+\.[^\s<>"']+/giu;

/** Finds web addresses in a text. Punctuation that ends a sentence is left out of them. */
export function findLinks(text: string): LinkPiece[] {
  const pieces: LinkPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const found = trimEnd(match[0]);
    const href = safeHref(found.startsWith("www.") ? `https://${found}` : found);
    if (!href) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: found, href });
    from = match.index + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

function trimEnd(address: string): string {
  let found = address.replace(/[.,;:!?…]+$/u, "");
  // A closing bracket belongs to the address only if it was opened in it.
  while (found.endsWith(")") && !found.includes("(")) found = found.slice(0, -1);
  return found;
}

/** The address in full if it leads to the web, and nothing for `javascript:` and its like. */
export function safeHref(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** The page that warns before leaving. */
export function leavingPath(href: string): string {
  return `${import.meta.env.BASE_URL}leaving?to=${encodeURIComponent(href)}`;
}
