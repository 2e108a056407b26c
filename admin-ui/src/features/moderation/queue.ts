/** What is known of the queue besides the pages that were fetched. */
export type Overlay<Item> = {
  /** Came by event since. */
  added: Item[];
  /** Left by event, or by the viewer's own decision. */
  gone: ReadonlySet<string>;
};

type Sortable = { id: string; heldAt: string; severity: number };

export const NOTHING: Overlay<never> = { added: [], gone: new Set() };

/** The queue as it is now: pages, which come in order, and events together; each message once. */
export function merge<Item extends Sortable>(
  pages: Item[],
  overlay: Overlay<Item>,
  order: "oldest" | "severity",
): Item[] {
  const byAge = (a: Item, b: Item) => Date.parse(a.heldAt) - Date.parse(b.heldAt) || a.id.localeCompare(b.id);
  const compare = order === "oldest" ? byAge : (a: Item, b: Item) => b.severity - a.severity || byAge(a, b);
  const added = overlay.added.filter((item) => !overlay.gone.has(item.id)).sort(compare);
  const seen = new Set(added.map((item) => item.id));
  const items: Item[] = [];
  let next = 0;
  for (const item of pages) {
    if (overlay.gone.has(item.id) || seen.has(item.id)) continue;
    seen.add(item.id);
    for (let fresh = added[next]; fresh && compare(fresh, item) < 0; fresh = added[++next]) items.push(fresh);
    items.push(item);
  }
  return [...items, ...added.slice(next)];
}

/** A message came, or came back. */
export function put<Item extends { id: string }>(overlay: Overlay<Item>, item: Item): Overlay<Item> {
  return {
    added: [...overlay.added.filter((each) => each.id !== item.id), item],
    gone: without(overlay.gone, item.id),
  };
}

/** A message left. */
export function drop<Item extends { id: string }>(overlay: Overlay<Item>, id: string): Overlay<Item> {
  return { added: overlay.added.filter((each) => each.id !== id), gone: new Set(overlay.gone).add(id) };
}

/** It did not leave after all: the engine refused. */
export function putBack<Item extends { id: string }>(overlay: Overlay<Item>, id: string): Overlay<Item> {
  return { ...overlay, gone: without(overlay.gone, id) };
}

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const rest = new Set(ids);
  rest.delete(id);
  return rest;
}

/** Which message comes next once `id` has left: the one after it, or the one before the end. */
export function nextAfter(ids: string[], id: string): string | undefined {
  const place = ids.indexOf(id);
  if (place === -1) return ids[0];
  return ids[place + 1] ?? ids[place - 1];
}
