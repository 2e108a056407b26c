import { clsx } from "clsx";
import { Fragment, useMemo } from "react";
import { findLinks, leavingPath } from "@/lib/text/links";
import { cut } from "@/lib/text/spans";

export type Mark = { spans: { start: number; end: number }[]; label: string; strong?: boolean };

/**
 * What somebody wrote: text and nothing but text. Marks are what filters found; addresses lead over the page that
 * warns.
 */
export function MessageText({ body, marks = [], active, className }: MessageTextProps) {
  const pieces = useMemo(
    () =>
      cut(
        body,
        marks.map((mark) => mark.spans),
      ),
    [body, marks],
  );
  return (
    <span className={clsx("break-words whitespace-pre-wrap [overflow-wrap:anywhere]", className)} dir="auto">
      {pieces.map((piece, place) => {
        const content = <Linked text={piece.text} />;
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
        if (piece.marks.length === 0) return <Fragment key={place}>{content}</Fragment>;
        const found = piece.marks.map((mark) => marks[mark]).filter((mark) => mark !== undefined);
        return (
          <mark
            // biome-ignore lint/suspicious/noArrayIndexKey: the same
            key={place}
            className={clsx("found", active !== undefined && !piece.marks.includes(active) && "opacity-45")}
            data-strong={found.some((mark) => mark.strong)}
            title={found.map((mark) => mark.label).join(", ")}
          >
            {content}
          </mark>
        );
      })}
    </span>
  );
}

type MessageTextProps = { body: string; marks?: Mark[]; active?: number; className?: string };

function Linked({ text }: { text: string }) {
  return findLinks(text).map((piece, place) =>
    piece.href ? (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
        key={place}
        href={leavingPath(piece.href)}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="text-accent-fg underline decoration-1 underline-offset-2"
      >
        {piece.text}
      </a>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the same
      <Fragment key={place}>{piece.text}</Fragment>
    ),
  );
}
