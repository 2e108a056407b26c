import { keep, readKept } from "@/lib/store/kept";
import { createStore } from "@/lib/store/store";

/** An answer that the engine has not acknowledged yet. */
export type Pending = { clientId: string; body: string; at: string; failed?: string };

const stores = new Map<string, ReturnType<typeof createStore<Pending[]>>>();

/** What was sent in a conversation and not acknowledged; it outlives the page, and is sent again with the same id. */
export function outboxOf(conversation: string) {
  const found = stores.get(conversation);
  if (found) return found;
  const name = `outbox.${conversation}`;
  const store = createStore<Pending[]>(read(name).map((each) => ({ ...each, failed: each.failed ?? "" })));
  store.subscribe(() => keep(name, store.get().length === 0 ? null : JSON.stringify(store.get())));
  stores.set(conversation, store);
  return store;
}

function read(name: string): Pending[] {
  try {
    const kept: unknown = JSON.parse(readKept(name) ?? "[]");
    return Array.isArray(kept) ? (kept as Pending[]) : [];
  } catch {
    return [];
  }
}
