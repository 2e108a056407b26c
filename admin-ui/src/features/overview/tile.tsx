import { Link, type LinkProps } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { ReactNode } from "react";

/** One figure, what it means, and where it leads. */
export function Tile({ name, value, hint, tone = "calm", to, search }: TileProps) {
  const body = (
    <>
      <span className="text-sm text-muted">{name}</span>
      <span
        className={clsx(
          "tabular mt-1 block truncate text-[26px] leading-8 font-semibold tracking-tight",
          tone === "warning" && "text-warning-fg",
          tone === "danger" && "text-danger-fg",
        )}
      >
        {value}
      </span>
      <span className="mt-0.5 line-clamp-2 text-sm text-subtle">{hint}</span>
    </>
  );
  const looks = "block min-w-0 rounded-xl border bg-surface px-4 py-3";
  if (!to) return <div className={looks}>{body}</div>;
  return (
    <Link to={to} search={search} className={clsx(looks, "transition-colors hover:border-line-strong")}>
      {body}
    </Link>
  );
}

type TileProps = {
  name: ReactNode;
  value: ReactNode;
  hint: ReactNode;
  tone?: "calm" | "warning" | "danger";
  to?: LinkProps["to"];
  search?: LinkProps["search"];
};
