/** Where an id leads. */
export type Jump = { kind: "conversation" | "listing" | "filter"; id: string; seq?: number };

/** What a pasted text is the id of, if it is one: `conversation:…`, `message:…:12`, `listing:…`, `filter:…`. */
export function jumpOf(text: string): Jump | undefined {
  const found = /^(conversation|message|listing|filter):(\S+)$/.exec(text.trim());
  if (!found?.[1] || !found[2]) return undefined;
  const [, kind, rest] = found;
  if (kind === "message") {
    const parts = /^(.+):(\d+)$/.exec(rest);
    if (!parts?.[1]) return undefined;
    return { kind: "conversation", id: parts[1], seq: Number(parts[2]) };
  }
  return { kind: kind as Jump["kind"], id: rest };
}

/** The bare id of a global one: `conversation:abc` is `abc`. */
export function bareId(global: string): string {
  return global.slice(global.indexOf(":") + 1);
}
