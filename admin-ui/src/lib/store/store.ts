import { useSyncExternalStore } from "react";

/** A value outside of components that they can follow. */
export function createStore<T>(initial: T) {
  let value = initial;
  const listeners = new Set<() => void>();
  const get = () => value;
  const set = (next: T | ((before: T) => T)) => {
    const after = typeof next === "function" ? (next as (before: T) => T)(value) : next;
    if (Object.is(after, value)) return;
    value = after;
    for (const listener of [...listeners]) listener();
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  const use = () => useSyncExternalStore(subscribe, get);
  return { get, set, subscribe, use };
}
