import { Link } from "@tanstack/react-router";
import { ArrowRight, Telescope } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { FilterMode } from "@/gql/graphql";
import { count, micros, percent } from "@/lib/format";
import { usePaged } from "@/lib/graphql/paged";
import { Button } from "@/ui/button";
import { Empty, Failure, Skeleton } from "@/ui/feedback";
import { Section } from "@/ui/page";
import { Time } from "@/ui/time";
import { ActionBadge } from "../messages/badges";
import { Tile } from "../overview/tile";
import { bareId } from "../shell/jump";
import type { FilterHeadFacts } from "./filter-head";
import { ModeDialog } from "./mode-dialog";

const SHADOW = graphql(`
  query FilterShadow($name: String!, $first: Int, $after: String) {
    filter(name: $name) {
      id
      shadowSummary {
        version
        inspected
        flagged
        faults
        newlyCaught
        newlyReleased
        p50Micros
        p99Micros
        outcomes {
          liveAction
          wouldBe
          count
        }
      }
      shadow(first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          at
          version
          conversationId
          messageId
          fault
          micros
          liveAction
          wouldBe
          signals {
            id
            confidence
          }
        }
      }
    }
  }
`);

/** What the version on trial would have changed, so that one dares to let it judge, or not. */
export function Shadow({ filter, mayChange }: { filter: FilterHeadFacts; mayChange: boolean }) {
  const { t, i18n } = useTranslation();
  const [step, setStep] = useState<FilterMode>();
  const paged = usePaged({
    query: SHADOW,
    variables: { name: filter.name, first: 50 },
    pick: (data) => data.filter?.shadow,
    pause: !filter.candidate,
  });
  if (!filter.candidate) {
    return (
      <Empty
        icon={<Telescope />}
        title={t("filters.shadow.none")}
        action={
          <Link
            to="/filters/$name"
            params={{ name: filter.name }}
            search={{ tab: "versions" }}
            className="text-sm font-medium text-accent-fg hover:underline"
          >
            {t("filters.shadow.choose")}
          </Link>
        }
      >
        {t("filters.shadow.noneLead")}
      </Empty>
    );
  }
  if (paged.error && !paged.nodes) return <Failure error={paged.error} onRetry={paged.again} />;
  const summary = paged.data?.filter?.shadowSummary;
  if (!summary || !paged.nodes) return <Skeleton className="h-60" />;
  const share = (value: number) =>
    summary.inspected > 0 ? percent(value / summary.inspected, i18n.language) : "–";
  const number = filter.candidate.version.number;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center gap-3">
        <h3 className="font-semibold">{t("filters.version.number", { number })}</h3>
        <span className="text-sm text-subtle">
          <Time at={filter.candidate.since} />
        </span>
        {mayChange && (
          <span className="ml-auto flex flex-wrap gap-2">
            <Button size="sm" onClick={() => setStep("DRAFT")}>
              {t("filters.shadow.stop")}
            </Button>
            <Button size="sm" onClick={() => setStep("CANARY")}>
              {t("filters.shadow.canary")}…
            </Button>
            <Button size="sm" look="primary" onClick={() => setStep("LIVE")}>
              {t("filters.shadow.promote")}…
            </Button>
          </span>
        )}
      </div>
      <div className="grid grid-cols-2 gap-3 max-md:*:first:col-span-2 md:grid-cols-3 xl:grid-cols-5">
        <Tile
          name={t("filters.shadow.inspected")}
          value={count(summary.inspected, i18n.language)}
          hint={
            summary.p50Micros != null
              ? t("filters.medianOf", {
                  p50: micros(summary.p50Micros, i18n.language),
                  p99: micros(summary.p99Micros ?? 0, i18n.language),
                })
              : " "
          }
        />
        <Tile
          name={t("filters.shadow.flagged")}
          value={count(summary.flagged, i18n.language)}
          hint={share(summary.flagged)}
        />
        <Tile
          name={t("filters.shadow.newlyCaught")}
          value={count(summary.newlyCaught, i18n.language)}
          hint={share(summary.newlyCaught)}
          tone={summary.newlyCaught > 0 ? "warning" : "calm"}
        />
        <Tile
          name={t("filters.shadow.newlyReleased")}
          value={count(summary.newlyReleased, i18n.language)}
          hint={share(summary.newlyReleased)}
        />
        <Tile
          name={t("filters.shadow.faults")}
          value={count(summary.faults, i18n.language)}
          hint={share(summary.faults)}
          tone={summary.faults > 0 ? "danger" : "calm"}
        />
      </div>
      {summary.outcomes.length > 0 && (
        <Section title={t("filters.shadow.outcomes")}>
          <ul className="grid gap-2 sm:grid-cols-2 xl:grid-cols-3">
            {summary.outcomes.map((outcome) => (
              <li
                key={`${outcome.liveAction} ${outcome.wouldBe}`}
                className="flex items-center gap-2 rounded-lg bg-sunken px-3 py-2 text-sm"
              >
                <ActionBadge action={outcome.liveAction} />
                <ArrowRight className="size-3.5 text-subtle" aria-hidden="true" />
                <ActionBadge action={outcome.wouldBe} />
                <span className="tabular ml-auto font-semibold">{count(outcome.count, i18n.language)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t("filters.shadow.results")} flush>
        {paged.nodes.length === 0 && (
          <p className="p-6 text-center text-sm text-subtle">{t("filters.shadow.resultsNone")}</p>
        )}
        <ul className="divide-y text-sm">
          {paged.nodes.map((result) => (
            <li
              key={`${result.conversationId} ${result.messageId ?? ""} ${result.at}`}
              className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2"
            >
              <span className="w-20 text-subtle">
                <Time at={result.at} />
              </span>
              <ActionBadge action={result.liveAction} />
              <ArrowRight className="size-3.5 text-subtle" aria-hidden="true" />
              <ActionBadge action={result.wouldBe} />
              <span className="min-w-0 flex-1 truncate font-mono text-2xs">
                {result.fault ??
                  result.signals
                    .map((signal) => `${signal.id} ${percent(signal.confidence, i18n.language)}`)
                    .join("  ")}
              </span>
              {result.messageId && (
                <Link
                  to="/conversations/$id"
                  params={{ id: bareId(result.conversationId) }}
                  search={{ at: Number(result.messageId.split(":").at(-1)) || undefined }}
                  className="text-accent-fg hover:underline"
                >
                  {t("filters.shadow.openMessage")}
                </Link>
              )}
            </li>
          ))}
        </ul>
        {paged.hasMore && (
          <div className="border-t p-3">
            <Button size="sm" onClick={paged.more} busy={paged.fetching}>
              {t("common.loadMore")}
            </Button>
          </div>
        )}
      </Section>
      {step && (
        <ModeDialog
          name={filter.name}
          revision={filter.revision}
          number={number}
          start={step}
          percent={filter.candidate.canaryPercent ?? undefined}
          onClose={() => setStep(undefined)}
        />
      )}
    </div>
  );
}
