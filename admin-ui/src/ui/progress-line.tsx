import { useTranslation } from "react-i18next";
import { count } from "@/lib/format";

/** How far something is: a bar and its figures. */
export function ProgressLine({ done, total, label }: { done: number; total?: number | null; label: string }) {
  const { i18n } = useTranslation();
  const share = total ? Math.min(1, done / total) : 0;
  return (
    <div className="flex items-center gap-3">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className="h-2 flex-1 overflow-hidden rounded-full bg-sunken"
      >
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-300"
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <span className="tabular text-sm text-muted">
        {count(done, i18n.language)}
        {total != null && ` / ${count(total, i18n.language)}`}
      </span>
    </div>
  );
}
