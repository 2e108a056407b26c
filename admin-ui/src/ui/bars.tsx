import type { ReactNode } from "react";

/** Named figures as bars, the longest being the whole width: plain HTML, so every reader gets it. */
export function Bars({
  rows,
  format,
}: {
  rows: { id: string; name: ReactNode; value: number; color: string }[];
  format: (value: number) => string;
}) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  return (
    <ul className="flex flex-col gap-2.5">
      {rows.map((row) => (
        <li key={row.id} className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-center gap-3 text-sm">
          <span className="truncate">{row.name}</span>
          <span className="h-2 rounded-full bg-sunken" aria-hidden="true">
            <span
              className="block h-full min-w-1 rounded-full"
              style={{ width: `${(row.value / most) * 100}%`, background: row.color }}
            />
          </span>
          <span className="tabular font-medium">{format(row.value)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The colour an action has in charts. */
export const ACTION_COLORS = {
  DELIVER: "var(--success)",
  LABEL: "var(--subtle)",
  WARN: "var(--warning)",
  MASK: "var(--accent)",
  HOLD: "oklch(0.7 0.14 55)",
  REFUSE: "var(--danger)",
  SHADOW: "var(--violet)",
} as const;
