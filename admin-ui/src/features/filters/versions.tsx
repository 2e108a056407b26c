import { Link } from "@tanstack/react-router";
import { FlaskConical, Play, SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql, readFragment } from "@/gql";
import type { FilterMode, VersionFactsFragment } from "@/gql/graphql";
import { bytes } from "@/lib/format";
import { usePaged } from "@/lib/graphql/paged";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Callout, Failure, SkeletonRows } from "@/ui/feedback";
import { Facts } from "@/ui/page";
import { Time } from "@/ui/time";
import { ModeBadge } from "../messages/badges";
import type { FilterHeadFacts } from "./filter-head";
import { ModeDialog } from "./mode-dialog";

const VERSION_FACTS = graphql(`
  fragment VersionFacts on FilterVersion {
    number
    semver
    digest
    bytes
    config
    grants
    warnings
    createdAt
    createdBy
    note
    bundled
    signals {
      id
      description
      defaultWeight
    }
  }
`);

const FILTER_VERSIONS = graphql(`
  query FilterVersions($name: String!, $first: Int, $after: String) {
    filter(name: $name) {
      id
      versions(first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          number
          ...VersionFacts
        }
      }
    }
  }
`);

/** What the version does now. */
function modeOf(filter: FilterHeadFacts, number: number): FilterMode {
  if (filter.live?.number === number) return filter.quarantine ? "QUARANTINED" : "LIVE";
  if (filter.candidate?.version.number === number) return filter.candidate.mode;
  return "DRAFT";
}

/** Every version there was, newest first, and what can be done with each. */
export function Versions({ filter, mayChange }: { filter: FilterHeadFacts; mayChange: boolean }) {
  const { t } = useTranslation();
  const paged = usePaged({
    query: FILTER_VERSIONS,
    variables: { name: filter.name, first: 50 },
    pick: (data) => data.filter?.versions,
  });
  const [choosing, setChoosing] = useState<number>();
  if (paged.error && !paged.nodes) return <Failure error={paged.error} onRetry={paged.again} />;
  if (!paged.nodes) return <SkeletonRows rows={3} tall />;
  const versions = paged.nodes.map((node) => readFragment(VERSION_FACTS, node));
  return (
    <>
      <ol className="flex flex-col gap-3">
        {versions.map((version) => (
          <VersionCard
            key={version.number}
            filter={filter}
            version={version}
            mayChange={mayChange}
            onMode={() => setChoosing(version.number)}
          />
        ))}
      </ol>
      {paged.hasMore && (
        <Button className="mt-3" onClick={paged.more} busy={paged.fetching}>
          {t("common.loadMore")}
        </Button>
      )}
      {choosing !== undefined && (
        <ModeDialog
          name={filter.name}
          revision={filter.revision}
          number={choosing}
          start={next(modeOf(filter, choosing))}
          percent={filter.candidate?.canaryPercent ?? undefined}
          onClose={() => setChoosing(undefined)}
        />
      )}
    </>
  );
}

/** The step that usually comes next. */
function next(mode: FilterMode): FilterMode {
  return mode === "DRAFT" ? "SHADOW" : mode === "SHADOW" ? "CANARY" : "LIVE";
}

function VersionCard({ filter, version, mayChange, onMode }: VersionCardProps) {
  const { t, i18n } = useTranslation();
  const mode = modeOf(filter, version.number);
  const canary =
    filter.candidate?.version.number === version.number ? filter.candidate.canaryPercent : undefined;
  return (
    <li className="rounded-xl border bg-surface">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <h3 className="font-semibold">{t("filters.version.number", { number: version.number })}</h3>
        <span className="tabular text-sm text-subtle">{version.semver}</span>
        <ModeBadge mode={mode} percent={canary} />
        {version.bundled && <Badge>{t("filters.bundled")}</Badge>}
        <span className="text-sm text-subtle">
          <Time at={version.createdAt} />{" "}
          {version.createdBy
            ? t("filters.version.by", { name: version.createdBy })
            : t("filters.version.engine")}
        </span>
        <span className="ml-auto flex flex-wrap gap-2">
          <VersionLink
            to="/try"
            name={filter.name}
            number={version.number}
            icon={<Play className="size-3.5" />}
          >
            {t("filters.version.try")}
          </VersionLink>
          {mayChange && (
            <>
              <VersionLink
                to="/backtests"
                name={filter.name}
                number={version.number}
                icon={<FlaskConical className="size-3.5" />}
              >
                {t("filters.version.backtest")}
              </VersionLink>
              <Button size="sm" icon={<SlidersHorizontal className="size-3.5" />} onClick={onMode}>
                {t("filters.setMode")}
              </Button>
            </>
          )}
        </span>
      </div>
      {version.note && (
        <p className="px-4 pb-3 text-sm text-muted">{t("common.quoted", { text: version.note })}</p>
      )}
      {version.warnings.length > 0 && (
        <Callout tone="warning" title={t("filters.version.warnings")} className="mx-4 mb-3">
          {version.warnings.join(" ")}
        </Callout>
      )}
      <details className="border-t px-4 py-2 text-sm">
        <summary className="py-0.5 text-muted">{t("common.details")}</summary>
        <Facts
          className="my-2"
          facts={[
            [t("filters.version.size"), bytes(version.bytes, i18n.language)],
            [
              t("filters.version.digest"),
              <code key="digest" className="break-all whitespace-normal">
                {version.digest}
              </code>,
            ],
            [
              t("filters.version.grants"),
              version.grants.map((grant) => t(`words.grant.${grant}`)).join(", ") ||
                t("filters.version.noGrants"),
            ],
          ]}
        />
        <ul className="divide-y rounded-lg border">
          {version.signals.map((signal) => (
            <li key={signal.id} className="flex flex-wrap gap-x-3 px-3 py-1.5">
              <code className="font-mono">{signal.id}</code>
              <span className="min-w-0 flex-1 text-muted">{signal.description}</span>
              <span className="tabular text-subtle">
                {t("filters.version.weight", { value: signal.defaultWeight })}
              </span>
            </li>
          ))}
        </ul>
        <pre className="mt-2 max-h-60 overflow-auto rounded-lg bg-sunken p-3 font-mono text-2xs" tabIndex={0}>
          {JSON.stringify(version.config, null, 2)}
        </pre>
      </details>
    </li>
  );
}

type VersionCardProps = {
  filter: FilterHeadFacts;
  version: VersionFactsFragment;
  mayChange: boolean;
  onMode: () => void;
};

function VersionLink({ to, name, number, icon, children }: VersionLinkProps) {
  return (
    <Link
      to={to}
      search={{ filter: name, version: number }}
      className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-sm font-medium hover:bg-hover"
    >
      {icon}
      {children}
    </Link>
  );
}

type VersionLinkProps = {
  to: "/try" | "/backtests";
  name: string;
  number: number;
  icon: React.ReactNode;
  children: React.ReactNode;
};
