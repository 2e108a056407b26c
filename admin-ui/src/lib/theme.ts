import { keptStore } from "./store/kept";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What the viewer wants; `system` follows the machine. */
export const theme = keptStore<Theme>("theme", "system", THEMES);

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function apply() {
  const wanted = theme.get();
  const dark = wanted === "dark" || (wanted === "system" && prefersDark.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function followTheme() {
  apply();
  theme.subscribe(apply);
  prefersDark.addEventListener("change", apply);
}

/** The other of light and dark than what is seen now. */
export function toggleTheme() {
  theme.set(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}
