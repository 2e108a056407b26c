import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useQuery, useSubscription } from "urql";
import { backtestName } from "@/features/backtests/name";
import { isOver, PROGRESS, ProgressBar, StateBadge } from "@/features/backtests/progress";
import { Report } from "@/features/backtests/report";
import { useViewer } from "@/features/session/session";
import { NotFound } from "@/features/shell/not-found";
import { graphql, readFragment } from "@/gql";
import { may } from "@/lib/access";
import { useAct } from "@/lib/graphql/act";
import { Button } from "@/ui/button";
import { Callout, Failure, Skeleton } from "@/ui/feedback";
import { Page } from "@/ui/page";
import { PageSkeleton } from "@/ui/page-skeleton";
import { Time } from "@/ui/time";

const BACKTEST = graphql(`
  query Backtest($id: ID!) {
    backtest(id: $id) {
      id
      createdAt
      createdBy
      finishedAt
      filterName
      version
      fileName
      progress {
        ...ProgressFacts
      }
      report {
        ...BacktestReportFacts
      }
    }
  }
`);

const BACKTEST_PROGRESS = graphql(`
  subscription BacktestProgress($id: ID!) {
    backtestProgress(id: $id) {
      ...ProgressFacts
    }
  }
`);

const CANCEL = graphql(`
  mutation CancelBacktest($input: CancelBacktestInput!) {
    cancelBacktest(input: $input) {
      backtest {
        id
        progress {
          ...ProgressFacts
        }
      }
      userErrors {
        code
        message
      }
    }
  }
`);

/** One backtest: how far it is, then what it found. */
export default function BacktestRoute() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const { id } = useParams({ from: "/backtests/$id" });
  const [{ data, error }, ask] = useQuery({
    query: BACKTEST,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const backtest = data?.backtest;
  const stored = backtest ? readFragment(PROGRESS, backtest.progress) : undefined;
  const [live] = useSubscription({
    query: BACKTEST_PROGRESS,
    variables: { id },
    pause: !stored || isOver(stored.state),
  });
  const [cancel, busy] = useAct(CANCEL);
  const shown = live.data?.backtestProgress ?? backtest?.progress;
  const state = shown ? readFragment(PROGRESS, shown) : undefined;
  const finished = state !== undefined && isOver(state.state);
  const stale = finished && stored !== undefined && !isOver(stored.state);
  useEffect(() => {
    if (stale) ask({ requestPolicy: "network-only" });
  }, [stale, ask]);

  if (error && !data) return <Failure error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />;
  if (!data) return <PageSkeleton />;
  if (!backtest || !shown || !state) return <NotFound />;
  const name = backtestName(backtest, t);
  return (
    <Page
      name={name}
      title={
        <>
          <Link
            to="/backtests"
            aria-label={t("backtests.back")}
            className="-ml-1.5 flex size-7 items-center justify-center rounded-md text-subtle hover:bg-hover hover:text-fg"
          >
            <ChevronLeft className="size-4" aria-hidden="true" />
          </Link>
          <span className="truncate">{name}</span>
          <StateBadge state={state.state} />
        </>
      }
      actions={
        !finished &&
        may(viewer.role, "change filters") && (
          <Button busy={busy} onClick={() => void cancel({ input: { id } })}>
            {t("backtests.cancel")}
          </Button>
        )
      }
    >
      <div className="mx-auto flex w-full max-w-[96rem] flex-col gap-4 p-4 lg:p-6">
        <p className="text-sm text-subtle">
          {backtest.fileName ?? t("backtests.history")} · <Time at={backtest.createdAt} style="short" /> ·{" "}
          {t("backtests.by", { name: backtest.createdBy })}
        </p>
        {state.problem && <Callout tone="danger">{state.problem}</Callout>}
        {!finished && <ProgressBar progress={shown} />}
        {backtest.report ? (
          <Report report={backtest.report} />
        ) : !finished || stale ? (
          <Skeleton className="h-64 rounded-xl!" />
        ) : null}
      </div>
    </Page>
  );
}
