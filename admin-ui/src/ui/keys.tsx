import { clsx } from "clsx";
import { readable } from "@/lib/keys/parse";

/** A key or keys in a row, such as `g m` or `mod+k`, as they look on this machine. */
export function Keys({ keys, className }: { keys: string; className?: string }) {
  return (
    <span className={clsx("inline-flex shrink-0 items-center gap-0.5", className)} aria-hidden="true">
      {readable(keys).map((key, place) => (
        <kbd
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed row, and the same key may come twice
          key={place}
          className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded border border-line-strong bg-sunken px-1 font-sans text-2xs font-medium text-muted"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
