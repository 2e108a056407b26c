import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { FlaskConical, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { backtestName } from "@/features/backtests/name";
import { NewBacktest } from "@/features/backtests/new-backtest";
import { isOver, PROGRESS, ProgressBar, StateBadge } from "@/features/backtests/progress";
import { FiltersNav } from "@/features/filters/filters-nav";
import { useViewer } from "@/features/session/session";
import { graphql, readFragment } from "@/gql";
import { may } from "@/lib/access";
import { Button } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

const BACKTESTS = graphql(`
  query Backtests {
    backtests {
      id
      createdAt
      createdBy
      filterName
      version
      fileName
      progress {
        ...ProgressFacts
      }
    }
  }
`);

/** The newest backtests, and the way to another one. */
export default function Backtests() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const search = useSearch({ from: "/backtests" });
  const navigate = useNavigate({ from: "/backtests" });
  const mayStart = may(viewer.role, "change filters");
  const [asked, setAsked] = useState(false);
  const wanted = search.filter !== undefined || search.policy !== undefined;
  const [{ data, error }, again] = useQuery({ query: BACKTESTS, requestPolicy: "cache-and-network" });
  const start = mayStart && (
    <Button look="primary" icon={<Plus className="size-4" />} onClick={() => setAsked(true)}>
      {t("backtests.new")}
    </Button>
  );
  return (
    <Page title={t("backtests.title")} lead={t("backtests.lead")} scroll={false} actions={start}>
      <FiltersNav />
      <div className="min-h-0 flex-1 overflow-y-auto p-4 lg:p-6">
        {error && !data ? (
          <Failure error={error} onRetry={() => again({ requestPolicy: "network-only" })} />
        ) : !data ? (
          <SkeletonRows rows={4} />
        ) : data.backtests.length === 0 ? (
          <Empty icon={<FlaskConical />} title={t("backtests.empty")} action={start}>
            {t("backtests.emptyLead")}
          </Empty>
        ) : (
          <ul className="divide-y overflow-hidden rounded-xl border bg-surface">
            {data.backtests.map((each) => {
              const progress = readFragment(PROGRESS, each.progress);
              return (
                <li key={each.id}>
                  <Link
                    to="/backtests/$id"
                    params={{ id: each.id }}
                    className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-5 gap-y-2 px-4 py-3 -outline-offset-2! hover:bg-hover/60 md:grid-cols-[minmax(0,1fr)_16rem_7rem]"
                  >
                    <span className="min-w-0">
                      <span className="block truncate font-medium">{backtestName(each, t)}</span>
                      <span className="block truncate text-sm text-subtle">
                        {each.fileName ?? t("backtests.history")} · <Time at={each.createdAt} /> ·{" "}
                        {t("backtests.by", { name: each.createdBy })}
                      </span>
                    </span>
                    <span className="max-md:hidden">
                      {!isOver(progress.state) && <ProgressBar progress={each.progress} />}
                    </span>
                    <span className="justify-self-end">
                      <StateBadge state={progress.state} />
                    </span>
                  </Link>
                </li>
              );
            })}
          </ul>
        )}
      </div>
      {(asked || (wanted && mayStart)) && (
        <NewBacktest
          filter={search.filter}
          version={search.version}
          policy={search.policy}
          onStarted={(id) => void navigate({ to: "/backtests/$id", params: { id } })}
          onClose={() => {
            setAsked(false);
            void navigate({ search: {}, replace: true });
          }}
        />
      )}
    </Page>
  );
}
