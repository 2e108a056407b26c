import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import type { BacktestState } from "@/gql/graphql";
import { Badge, type Tone } from "@/ui/badge";
import { ProgressLine } from "@/ui/progress-line";

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
  const { t } = useTranslation();
  const { done, total } = readFragment(PROGRESS, ref);
  return <ProgressLine done={done} total={total} label={t("backtests.progress")} />;
}
