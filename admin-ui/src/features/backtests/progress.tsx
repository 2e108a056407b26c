import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import type { BacktestState } from "@/gql/graphql";
import { count } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";

export const PROGRESS = graphql(`
  fragment ProgressFacts on BacktestProgress {
    state
    done
    total
    problem
  }
`);

const TONES: Record<BacktestState, Tone> = {
  QUEUED: "neutral",
  RUNNING: "accent",
  DONE: "success",
  CANCELLED: "neutral",
  FAILED: "danger",
  INTERRUPTED: "warning",
};

export function StateBadge({ state }: { state: BacktestState }) {
  const { t } = useTranslation();
  return <Badge tone={TONES[state]}>{t(`backtests.state.${state}`)}</Badge>;
}

export function isOver(state: BacktestState): boolean {
  return state !== "QUEUED" && state !== "RUNNING";
}

/** How far a backtest is. */
export function ProgressBar({ progress: ref }: { progress: FragmentType<typeof PROGRESS> }) {
  const { i18n } = useTranslation();
  const { done, total } = readFragment(PROGRESS, ref);
  const share = total ? Math.min(1, done / total) : 0;
  return (
    <div className="flex items-center gap-3">
      <div
        role="progressbar"
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
