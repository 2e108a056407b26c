import { createStore } from "./store/store";

export type Toast = {
  id: number;
  tone: "neutral" | "success" | "danger";
  text: string;
  detail?: string;
  /** What can still be done about it, such as taking it back; the screen is what listens to its key. */
  action?: { label: string; keys?: string; run: () => void };
  /** How long it stays, milliseconds. */
  lasts: number;
};

export const toasts = createStore<Toast[]>([]);
let last = 0;

/** Shows a word at the page's edge. At most three at a time. */
export function toast(
  said: Omit<Toast, "id" | "lasts" | "tone"> & Partial<Pick<Toast, "tone" | "lasts">>,
): number {
  const id = ++last;
  const lasts = said.lasts ?? (said.action ? 8000 : said.tone === "danger" ? 9000 : 4000);
  toasts.set((before) => [...before.slice(-2), { tone: "neutral", ...said, lasts, id }]);
  return id;
}

export function dismiss(id: number) {
  toasts.set((before) => before.filter((each) => each.id !== id));
}
