/** Takes a part out of a query, as a chip's cross does, and leaves no double spaces. */
export function without(query: string, part: string): string {
  const at = query.indexOf(part);
  if (at === -1) return query;
  return `${query.slice(0, at)} ${query.slice(at + part.length)}`.replace(/\s+/g, " ").trim();
}
