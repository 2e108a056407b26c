import { keep, readKept } from "@/lib/store/kept";
import { createStore } from "@/lib/store/store";

/** An answer that the engine has not acknowledged yet. */
export type Pending = {
  clientId: string;
  body: string;
  at: string;
  /** Why the engine refused it; empty if the page was left before its answer came. */
  failed?: string;
  /** How often the engine was not reached: it goes by itself when it is. */
  tries?: number;
};

/** How long to wait before an answer is sent again, milliseconds. */
export function pauseAfter(tries: number): number {
  return Math.min(15_000, 250 * 2 ** tries);
}

const stores = new Map<string, ReturnType<typeof createStore<Pending[]>>>();

/** What was sent in a conversation and not acknowledged; it outlives the page, and is sent again with the same id. */
export function outboxOf(conversation: string) {
  const found = stores.get(conversation);
  if (found) return found;
  const name = `outbox.${conversation}`;
  const store = createStore<Pending[]>(read(name).map(left));
  store.subscribe(() => keep(name, store.get().length === 0 ? null : JSON.stringify(store.get())));
  stores.set(conversation, store);
  return store;
}

/** What became of an answer when its page was left: unreached it waits on, otherwise one does not know. */
function left(each: Pending): Pending {
  return each.tries ? each : { ...each, failed: each.failed ?? "" };
}

function read(name: string): Pending[] {
  try {
    const kept: unknown = JSON.parse(readKept(name) ?? "[]");
    return Array.isArray(kept) ? (kept as Pending[]) : [];
  } catch {
    return [];
  }
}
