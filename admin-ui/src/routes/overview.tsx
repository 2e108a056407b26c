import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { perMinute, tally } from "@/features/overview/figures";
import { FilterHealth } from "@/features/overview/filter-health";
import { Tile } from "@/features/overview/tile";
import { type LiveFigures, useLiveStats } from "@/features/overview/use-live-stats";
import { useViewer } from "@/features/session/session";
import { may } from "@/lib/access";
import { compact, count, percent } from "@/lib/format";
import { connection } from "@/lib/graphql/connection";
import { duration } from "@/lib/time";
import { Dot } from "@/ui/badge";
import { ACTION_COLORS, Bars } from "@/ui/bars";
import { Callout, Failure, Skeleton } from "@/ui/feedback";
import { Page, Section } from "@/ui/page";
import { Time } from "@/ui/time";

// The chart is by far the largest part of this screen: it comes once everything else is there.
const MinutesChart = lazy(async () => {
  await new Promise<void>((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: 1500 });
    else setTimeout(resolve, 300);
  });
  return import("@/ui/charts/minutes-chart");
});

/** How things stand, now. */
export default function Overview() {
  const { t } = useTranslation();
  const { stats, error, again } = useLiveStats();
  return (
    <Page title={t("overview.title")} actions={stats && <LiveMark at={stats.at} />}>
      {error && !stats ? (
        <Failure error={error} onRetry={again} />
      ) : stats ? (
        <Figures stats={stats} />
      ) : (
        <OverviewSkeleton />
      )}
    </Page>
  );
}

function LiveMark({ at }: { at: string }) {
  const live = connection.use() === "live";
  return (
    <span className="flex items-center gap-2 text-sm text-subtle">
      <Dot tone={live ? "success" : "warning"} />
      <Time at={at} style="seconds" />
    </span>
  );
}

function Figures({ stats }: { stats: LiveFigures }) {
  const { t, i18n } = useTranslation();
  const viewer = useViewer();
  const seconds = (since: string) => (new Date(stats.at).getTime() - new Date(since).getTime()) / 1000;
  const wait = stats.oldestUnansweredSince ? seconds(stats.oldestUnansweredSince) : undefined;
  const verdicts = tally(stats.minutes);
  const moderates = may(viewer.role, "moderate");
  return (
    <div className="mx-auto flex w-full max-w-[96rem] flex-col gap-4 p-4 lg:p-6">
      {stats.outboxLag > 100 && (
        <Callout tone="warning">{t("overview.lag", { count: stats.outboxLag })}</Callout>
      )}
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 2xl:grid-cols-6">
        <Tile
          name={t("overview.messages")}
          value={new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(
            perMinute(stats.minutes, stats.at),
          )}
          hint={t("overview.messagesHint")}
        />
        <Tile
          name={t("overview.held")}
          value={count(stats.heldCount, i18n.language)}
          tone={stats.oldestHeldSince && seconds(stats.oldestHeldSince) > 3600 ? "warning" : "calm"}
          hint={
            stats.oldestHeldSince
              ? t("overview.heldOldest", { time: duration(seconds(stats.oldestHeldSince)) })
              : t("overview.heldNone")
          }
          to={moderates ? "/moderation" : undefined}
        />
        <Tile
          name={t("overview.unanswered")}
          value={count(stats.unansweredConversations, i18n.language)}
          hint={
            stats.openConversations > 0
              ? t("overview.unansweredOf", { count: stats.openConversations })
              : t("overview.unansweredNone")
          }
          to="/conversations"
          search={{ tab: "unanswered" }}
        />
        <Tile
          name={t("overview.oldest")}
          value={wait === undefined ? "–" : duration(wait)}
          tone={wait === undefined ? "calm" : wait > 4 * 3600 ? "danger" : wait > 3600 ? "warning" : "calm"}
          hint={wait === undefined ? t("overview.oldestNone") : t("overview.oldestHint")}
          to="/conversations"
          search={{ tab: "unanswered" }}
        />
        <Tile
          name={t("overview.coverage")}
          value={percent(stats.coverage.percent / 100, i18n.language)}
          tone={stats.coverage.percent < 99 ? "warning" : "calm"}
          hint={t("overview.coverageHint", {
            enabled: compact(stats.coverage.enabled, i18n.language),
            active: compact(stats.coverage.active, i18n.language),
          })}
          to="/listings"
        />
        <Tile
          name={t("overview.connected")}
          value={count(stats.connectedUsers, i18n.language)}
          hint={t("overview.connectedHint", { count: stats.connections })}
        />
      </div>
      <div className="grid gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Section title={t("overview.chart")} lead={t("overview.chartLead")} actions={<Legend />}>
          <Suspense fallback={<Skeleton className="h-[220px]" />}>
            <MinutesChart
              points={stats.minutes.map((minute) => ({
                at: minute.at,
                direct: minute.direct,
                support: minute.support,
              }))}
              series={[
                { id: "direct", name: t("overview.direct"), color: "var(--accent)" },
                { id: "support", name: t("overview.support"), color: "var(--violet)" },
              ]}
            />
          </Suspense>
        </Section>
        <Section title={t("overview.verdicts")} lead={t("overview.verdictsLead")}>
          {verdicts.length === 0 ? (
            <p className="py-6 text-center text-sm text-subtle">{t("overview.verdictsNone")}</p>
          ) : (
            <div className="pt-1">
              <Bars
                format={(value) => count(value, i18n.language)}
                rows={verdicts.map(({ action, count: value }) => ({
                  id: action,
                  name: t(`words.action.${action}`),
                  value,
                  color: ACTION_COLORS[action],
                }))}
              />
            </div>
          )}
        </Section>
      </div>
      {stats.filters && (
        <Section title={t("overview.filters")} lead={t("overview.filtersLead")} flush>
          <FilterHealth filters={stats.filters} />
        </Section>
      )}
    </div>
  );
}

function Legend() {
  const { t } = useTranslation();
  return (
    <span className="flex gap-4 text-sm text-muted">
      <span className="flex items-center gap-1.5">
        <Dot tone="accent" /> {t("overview.direct")}
      </span>
      <span className="flex items-center gap-1.5">
        <Dot tone="violet" /> {t("overview.support")}
      </span>
    </span>
  );
}

function OverviewSkeleton() {
  return (
    <div className="flex flex-col gap-4 p-4 lg:p-6" role="status">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 2xl:grid-cols-6">
        {[1, 2, 3, 4, 5, 6].map((tile) => (
          <Skeleton key={tile} className="h-24 rounded-xl!" />
        ))}
      </div>
      <Skeleton className="h-72 rounded-xl!" />
      <Skeleton className="h-60 rounded-xl!" />
    </div>
  );
}
