import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { count, micros, percent } from "@/lib/format";
import { Badge, Dot } from "@/ui/badge";
import { Time } from "@/ui/time";
import { ModeBadge } from "../messages/badges";

export const FILTER_ROW = graphql(`
  fragment FilterRow on Filter {
    id
    name
    mode
    bundled
    changedAt
    live {
      number
      semver
      signals {
        id
      }
    }
    candidate {
      mode
      canaryPercent
      version {
        number
      }
    }
    quarantine {
      kind
      at
    }
    health {
      problem
      live {
        version
        inspectedLastHour
        flaggedLastHour
        crashesLastHour
        p50Micros
        p99Micros
      }
    }
  }
`);

const COLUMNS = "md:grid-cols-[minmax(0,1fr)_7rem_9rem_9rem_6rem]";

/** What the figures of each row are. */
export function FilterColumns() {
  const { t } = useTranslation();
  return (
    <div
      className={`hidden gap-x-6 border-b px-4 py-2 text-sm font-medium text-subtle md:grid ${COLUMNS}`}
      aria-hidden="true"
    >
      <span>{t("overview.filter")}</span>
      <span>{t("overview.mode")}</span>
      <span>{t("overview.flagged")}</span>
      <span title={t("filters.speedHint")}>{t("filters.speed")}</span>
      <span>{t("filters.health")}</span>
    </div>
  );
}

/** A filter at a glance. */
export function FilterRow({ filter: ref }: { filter: FragmentType<typeof FILTER_ROW> }) {
  const { t, i18n } = useTranslation();
  const filter = readFragment(FILTER_ROW, ref);
  const health = filter.health.live;
  const crashes = health?.crashesLastHour ?? 0;
  const troubled = filter.health.problem || filter.quarantine || crashes > 0;
  return (
    <Link
      to="/filters/$name"
      params={{ name: filter.name }}
      className={`grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-1.5 border-b px-4 py-3 -outline-offset-2! last:border-0 hover:bg-hover/60 ${COLUMNS}`}
    >
      <span className="min-w-0">
        <span className="flex items-center gap-2">
          <span className="truncate font-semibold">{filter.name}</span>
          <span className="tabular shrink-0 text-sm text-subtle">
            {filter.live ? `v${filter.live.number} · ${filter.live.semver}` : t("filters.noLive")}
          </span>
        </span>
        <span className="block truncate font-mono text-2xs text-subtle">
          {filter.live?.signals.map((signal) => signal.id).join("  ")}
        </span>
      </span>
      <span className="flex flex-col items-start gap-1 max-md:items-end">
        <ModeBadge mode={filter.mode} />
        {filter.candidate && (
          <span title={t("filters.trial")} className="flex items-center gap-1 text-2xs text-subtle">
            v{filter.candidate.version.number}
            <ModeBadge mode={filter.candidate.mode} percent={filter.candidate.canaryPercent} />
          </span>
        )}
      </span>
      <Figure name={`${t("filters.flagged")}, ${t("filters.lastHour")}`}>
        {health ? count(health.flaggedLastHour, i18n.language) : "–"}
        {health && health.inspectedLastHour > 0 && (
          <span className="text-subtle">
            {" "}
            · {percent(health.flaggedLastHour / health.inspectedLastHour, i18n.language)}
          </span>
        )}
      </Figure>
      <Figure name={t("filters.speedHint")}>
        {health && health.p50Micros > 0
          ? `${micros(health.p50Micros, i18n.language)} / ${micros(health.p99Micros, i18n.language)}`
          : "–"}
      </Figure>
      <span
        className={clsx(
          "flex items-center gap-1.5 text-sm text-muted max-md:col-span-2",
          !troubled && "max-md:hidden",
        )}
      >
        {troubled ? (
          <Badge tone="danger" icon={<TriangleAlert className="size-3" />}>
            {filter.quarantine
              ? t("words.mode.QUARANTINED")
              : filter.health.problem
                ? t("filters.notRunning")
                : t("overview.crashes", { count: crashes })}
          </Badge>
        ) : (
          <>
            <Dot tone={health ? "success" : "neutral"} className="size-1.5!" />
            {health ? t("filters.fine") : <Time at={filter.changedAt} />}
          </>
        )}
      </span>
    </Link>
  );
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <span className="tabular text-sm whitespace-nowrap max-md:hidden" title={name}>
      {children}
    </span>
  );
}
