import { clsx } from "clsx";
import type { DiffLine } from "@/lib/text/diff";

const SIGNS = { same: " ", added: "+", removed: "−" };

/** Two texts beside each other, as one: what went is red, what came is green, and both have a sign. */
export function DiffView({ lines, label }: { lines: DiffLine[]; label: string }) {
  return (
    <section
      className="overflow-x-auto rounded-lg border bg-surface py-1 font-mono text-2xs leading-5"
      aria-label={label}
      tabIndex={0}
    >
      {lines.map((line, place) =>
        line.kind === "gap" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
          <div key={place} className="bg-sunken px-3 text-subtle" aria-hidden="true">
            ⋯ {line.lines}
          </div>
        ) : (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: the same
            key={place}
            className={clsx(
              "flex gap-3 px-3",
              line.kind === "added" && "bg-success-soft text-success-fg",
              line.kind === "removed" && "bg-danger-soft text-danger-fg",
            )}
          >
            <span className="w-8 shrink-0 text-right text-subtle select-none" aria-hidden="true">
              {line.to ?? line.from}
            </span>
            <span className="select-none">{SIGNS[line.kind]}</span>
            <span className="whitespace-pre">{line.text || " "}</span>
          </div>
        ),
      )}
    </section>
  );
}
