import { type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";
import { chord, presses } from "./parse";

/** Something one can do now: listed in the palette and the key map, and done by its key. */
export type Action = {
  id: string;
  title: string;
  /** Under which heading it is listed. */
  group: string;
  /** Such as `r`, `mod+k` or `g m`. */
  keys?: string;
  /** What it looks like in the palette. */
  icon?: ReactNode;
  run: () => void;
  /** Done by key even while typing; only sensible with a modifier. */
  whileTyping?: boolean;
  /** Left out of the palette, such as "next in list". */
  onlyKey?: boolean;
  /** Further words it is found by. */
  words?: string;
};

type Entry = { action: Action; order: number };

const entries = new Map<string, Entry>();
const listeners = new Set<() => void>();
let order = 0;
let snapshot: Action[] = [];

function changed() {
  snapshot = [...entries.values()].sort((a, b) => a.order - b.order).map((entry) => entry.action);
  for (const listener of listeners) listener();
}

/** Everything that can be done now, in order of appearance. */
export function useAllActions(): Action[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => snapshot,
  );
}

/** Offers these while the component is there. What was offered last wins a key. */
export function useActions(actions: (Action | false | null | undefined)[]) {
  const latest = useRef(actions);
  latest.current = actions;
  const shape = actions.map((each) => (each ? `${each.id}|${each.title}|${each.keys ?? ""}` : "")).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape says when a registration is out of date
  useEffect(() => {
    const mine = latest.current.flatMap((action) => {
      if (!action) return [];
      const current = () => latest.current.find((each) => each && each.id === action.id);
      const entry = {
        order: order++,
        action: { ...action, run: () => (current() || action).run() },
      };
      entries.set(action.id, entry);
      return [entry];
    });
    changed();
    return () => {
      for (const entry of mine) if (entries.get(entry.action.id) === entry) entries.delete(entry.action.id);
      changed();
    };
  }, [shape]);
}

const SEQUENCE_MS = 1200;
let pending: { presses: string[]; at: number } = { presses: [], at: 0 };

/** Finds what the presses so far mean: an action, the beginning of one, or nothing. */
export function resolve(actions: Action[], pressed: string[]): Action | "more" | undefined {
  let more = false;
  for (const action of [...actions].reverse()) {
    if (!action.keys) continue;
    const wanted = presses(action.keys);
    if (!pressed.every((press, place) => wanted[place] === press)) continue;
    if (wanted.length === pressed.length) return action;
    more = true;
  }
  return more ? "more" : undefined;
}

function onKeyDown(event: KeyboardEvent) {
  if (
    event.defaultPrevented ||
    event.isComposing ||
    (event.repeat && event.key.length > 1 && event.key === "Escape")
  )
    return;
  if (["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
  const press = chord(event);
  const target = event.target instanceof Element ? event.target : null;
  const typing =
    target?.closest(
      "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]",
    ) != null;
  const inDialog =
    document.querySelector("[role=dialog][data-state=open], [role=menu][data-state=open]") != null;
  if (inDialog) return;
  if (
    !typing &&
    (press === "enter" || press === "space") &&
    target?.closest("button, a, [role=tab], [role=slider], [role=switch], summary")
  )
    return;
  const now = Date.now();
  const before = now - pending.at < SEQUENCE_MS ? pending.presses : [];
  const usable = typing ? snapshot.filter((action) => action.whileTyping) : snapshot;
  let pressed = [...before, press];
  let found = resolve(usable, pressed);
  if (!found && before.length > 0) {
    pressed = [press];
    found = resolve(usable, pressed);
  }
  pending = found === "more" ? { presses: pressed, at: now } : { presses: [], at: 0 };
  if (!found) return;
  event.preventDefault();
  if (found !== "more") found.run();
}

/** Listens to the keyboard for as long as the application runs. */
export function listenToKeys(): () => void {
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}
