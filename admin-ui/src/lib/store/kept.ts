import { createStore } from "./store";

/** Reads what this browser keeps; storage may be forbidden or full, and then nothing is kept. */
export function readKept(name: string): string | null {
  try {
    return localStorage.getItem(`rialto.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(`rialto.${name}`);
    else localStorage.setItem(`rialto.${name}`, value);
  } catch {
    // Private windows of some browsers: it lasts until the page is closed.
  }
}

/** A setting of this browser, such as the theme. */
export function keptStore<T extends string>(name: string, fallback: T, allowed: readonly T[]) {
  const found = readKept(name) as T | null;
  const store = createStore<T>(found && allowed.includes(found) ? found : fallback);
  store.subscribe(() => keep(name, store.get()));
  return store;
}
