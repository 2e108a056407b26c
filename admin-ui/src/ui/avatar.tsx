import { clsx } from "clsx";

const HUES = [228, 160, 295, 25, 75, 195, 340, 260, 120];

/** Initials on a colour that is always the same for the same person. */
export function Avatar({
  id,
  name,
  size = 32,
  className,
}: {
  id: string;
  name: string;
  size?: number;
  className?: string;
}) {
  const sum = [...id].reduce((so, letter) => (so * 31 + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
  const hue = HUES[sum % HUES.length] ?? 228;
  return (
    <span
      aria-hidden="true"
      style={{
        width: size,
        height: size,
        fontSize: Math.round(size * 0.38),
        ["--hue" as string]: hue,
      }}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center rounded-full bg-[oklch(0.92_0.045_var(--hue))] font-semibold text-[oklch(0.4_0.09_var(--hue))] select-none dark:bg-[oklch(0.34_0.055_var(--hue))] dark:text-[oklch(0.86_0.07_var(--hue))]",
        className,
      )}
    >
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "?")][0]?.toUpperCase() ?? "?").join("");
}
