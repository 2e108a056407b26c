import { useMemo, useRef } from "react";

/** A text with numbered lines. Wrong ones are marked; Tab leaves it, as a keyboard user expects. */
export function CodeArea({ value, onChange, label, readOnly, wrong = [] }: CodeAreaProps) {
  const gutter = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => value.split("\n").length, [value]);
  return (
    <div className="flex h-full min-h-80 overflow-hidden rounded-lg border border-line-strong bg-surface font-mono text-[12px] leading-5 focus-within:border-focus">
      <div
        ref={gutter}
        aria-hidden="true"
        className="shrink-0 overflow-hidden bg-sunken py-2 text-right text-subtle select-none"
      >
        {Array.from({ length: lines }, (_, line) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
            key={line}
            className={`px-2 ${wrong.includes(line + 1) ? "bg-danger text-white" : ""}`}
          >
            {line + 1}
          </div>
        ))}
      </div>
      <textarea
        aria-label={label}
        value={value}
        readOnly={readOnly}
        spellCheck={false}
        wrap="off"
        onChange={(event) => onChange?.(event.target.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
        className="min-w-0 flex-1 resize-none bg-transparent px-3 py-2 whitespace-pre outline-none"
      />
    </div>
  );
}

type CodeAreaProps = {
  value: string;
  onChange?: (value: string) => void;
  label: string;
  readOnly?: boolean;
  /** Lines with a problem, counted from 1. */
  wrong?: number[];
};
