import { Link } from "@tanstack/react-router";
import { ChevronLeft, History } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import type { FilterHeadFragment } from "@/gql/graphql";
import { useAct } from "@/lib/graphql/act";
import { relative, useNow } from "@/lib/time";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Callout } from "@/ui/feedback";
import { ModeBadge } from "../messages/badges";

export const FILTER_HEAD = graphql(`
  fragment FilterHead on Filter {
    id
    name
    revision
    mode
    failMode
    bundled
    live {
      number
    }
    candidate {
      mode
      canaryPercent
      since
      version {
        number
      }
    }
    limits {
      maxActionsPerDay
      maxFlaggedShare
    }
    quarantine {
      version
      kind
      reason
      at
    }
    health {
      problem
    }
  }
`);

export type FilterHeadFacts = FilterHeadFragment;

/** The way back, the filter's name, and what it does now. */
export function FilterTitle({ filter: ref }: { filter: FragmentType<typeof FILTER_HEAD> }) {
  const { t } = useTranslation();
  const filter = readFragment(FILTER_HEAD, ref);
  return (
    <>
      <Link
        to="/filters"
        aria-label={t("filters.back")}
        title={t("filters.back")}
        className="-ml-1.5 flex size-7 items-center justify-center rounded-md text-subtle hover:bg-hover hover:text-fg"
      >
        <ChevronLeft className="size-4" aria-hidden="true" />
      </Link>
      <span className="truncate">{filter.name}</span>
      <ModeBadge mode={filter.mode} />
      {filter.candidate && (
        <span className="flex items-center gap-1.5 text-sm font-normal text-subtle max-sm:hidden">
          v{filter.candidate.version.number}
          <ModeBadge mode={filter.candidate.mode} percent={filter.candidate.canaryPercent} />
        </span>
      )}
    </>
  );
}

const ROLL_BACK = graphql(`
  mutation RollBackFilter($input: RollBackFilterInput!) {
    rollBackFilter(input: $input) {
      filter {
        id
        ...FilterHead
        ...FilterRow
      }
      userErrors {
        code
        message
      }
    }
  }
`);

/** Rolling back: one button, at hand when things burn. */
export function RollBack({ filter }: { filter: FilterHeadFacts }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const [act, busy] = useAct(ROLL_BACK);
  async function confirm(reason: string | undefined) {
    const outcome = await act({ input: { name: filter.name, reason, expectedRevision: filter.revision } });
    if (outcome.ok) toast({ tone: "success", text: t("filters.rolledBack", { name: filter.name }) });
    setAsked(false);
  }
  return (
    <>
      <Button icon={<History className="size-4" />} onClick={() => setAsked(true)}>
        {t("filters.rollBack")}
      </Button>
      {asked && (
        <Confirm
          title={t("filters.rollBackTitle", { name: filter.name })}
          lead={t("filters.rollBackLead")}
          action={t("filters.rollBack")}
          danger
          busy={busy}
          onConfirm={(reason) => void confirm(reason)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}

const RELEASE = graphql(`
  mutation ReleaseFilter($input: ReleaseFilterInput!) {
    releaseFilter(input: $input) {
      filter {
        id
        ...FilterHead
        ...FilterRow
      }
      userErrors {
        code
        message
      }
    }
  }
`);

/** Why the filter does not run, and the way out. */
export function Trouble({ filter, mayChange }: { filter: FilterHeadFacts; mayChange: boolean }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const [asked, setAsked] = useState(false);
  const [act, busy] = useAct(RELEASE);
  async function confirm(reason: string | undefined) {
    const outcome = await act({ input: { name: filter.name, reason } });
    if (outcome.ok) toast({ tone: "success", text: t("filters.quarantine.released", { name: filter.name }) });
    setAsked(false);
  }
  const { quarantine } = filter;
  if (!quarantine && !filter.health.problem) return null;
  return (
    <div className="flex flex-col gap-2 px-4 pt-4 lg:px-6">
      {filter.health.problem && <Callout tone="danger">{filter.health.problem}</Callout>}
      {quarantine && (
        <Callout
          tone="danger"
          title={t("filters.quarantine.title", {
            time: relative(quarantine.at, now, i18n.language),
            kind: t(`filters.quarantine.${quarantine.kind}`),
          })}
          action={
            mayChange && (
              <Button size="sm" onClick={() => setAsked(true)}>
                {t("filters.quarantine.release")}
              </Button>
            )
          }
        >
          {quarantine.reason}
        </Callout>
      )}
      {asked && (
        <Confirm
          title={t("filters.quarantine.confirm", { name: filter.name })}
          lead={t("filters.quarantine.confirmLead")}
          action={t("filters.quarantine.release")}
          busy={busy}
          onConfirm={(reason) => void confirm(reason)}
          onClose={() => setAsked(false)}
        />
      )}
    </div>
  );
}
