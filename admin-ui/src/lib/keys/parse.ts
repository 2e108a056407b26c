/** A key press as it is written in a binding: `mod+k`, `alt+j`, `shift+enter`, `?`, `escape`. */
export function chord(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "code">,
  mac = isMac(),
): string {
  const parts: string[] = [];
  if (mac ? event.metaKey : event.ctrlKey) parts.push("mod");
  if (mac && event.ctrlKey) parts.push("ctrl");
  if (event.altKey) parts.push("alt");
  // With Alt a Mac types another letter (∆ for J), so the key's place counts there.
  const letter = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;
  const named = letter === " " ? "space" : letter.toLowerCase();
  // Shift is part of what a symbol is typed with ("?"), but not of what a letter or a named key is.
  if (event.shiftKey && (named.length > 1 || /[a-z]/.test(named))) parts.push("shift");
  return [...parts, named].join("+");
}

/** Splits a binding into its presses: `g m` is G, then M. */
export function presses(keys: string): string[] {
  return keys.split(" ");
}

const NAMES: Record<string, string> = {
  escape: "Esc",
  enter: "↵",
  space: "Space",
  arrowup: "↑",
  arrowdown: "↓",
  arrowleft: "←",
  arrowright: "→",
  tab: "Tab",
  backspace: "⌫",
};

/** The keycaps of a binding as people know them: `mod+k` is Ctrl K, or ⌘ K on a Mac. */
export function readable(keys: string, mac = isMac()): string[] {
  return presses(keys).flatMap((press) =>
    press.split("+").map((part) => {
      if (part === "mod") return mac ? "⌘" : "Ctrl";
      if (part === "alt") return mac ? "⌥" : "Alt";
      if (part === "shift") return mac ? "⇧" : "Shift";
      return NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part);
    }),
  );
}

function isMac(): boolean {
  return typeof navigator !== "undefined" && /mac|iphone|ipad/i.test(navigator.platform);
}
