import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ScrollText, X } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Jump, jumpOf } from "@/features/shell/jump";
import { graphql } from "@/gql";
import type { AuditLogQuery } from "@/gql/graphql";
import { usePaged } from "@/lib/graphql/paged";
import { Avatar } from "@/ui/avatar";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Input } from "@/ui/field";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

const AUDIT_LOG = graphql(`
  query AuditLog($filter: AuditFilter, $first: Int, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        at
        action
        target
        reason
        actor {
          id
          name
        }
      }
    }
  }
`);

type Entry = NonNullable<AuditLogQuery["auditLog"]>["nodes"][number];

/** The audit log, narrowed by a click on what stands in it. */
export default function Audit() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const paged = usePaged({
    query: AUDIT_LOG,
    variables: {
      filter: { actorId: search.actor, action: search.action, target: search.target },
      first: 100,
    },
    pick: (data) => data.auditLog,
  });
  const columns = useMemo<Column<Entry>[]>(() => {
    const narrow = (part: Partial<typeof search>) =>
      void navigate({ search: (before) => ({ ...before, ...part }) });
    return [
      {
        id: "at",
        header: t("audit.time"),
        className: "w-28 shrink-0 text-subtle max-sm:w-16",
        cell: (row) => <Time at={row.at} />,
      },
      {
        id: "actor",
        header: t("audit.actor"),
        className: "w-44 shrink-0 max-sm:w-28",
        cell: (row) => (
          <button
            type="button"
            className="flex max-w-full items-center gap-2 hover:underline"
            onClick={() => narrow({ actor: row.actor.id })}
          >
            <Avatar id={row.actor.id} name={row.actor.name} size={22} />
            <span className="truncate">{row.actor.name}</span>
          </button>
        ),
      },
      {
        id: "action",
        header: t("audit.action"),
        className: "w-44 shrink-0 max-sm:flex-1",
        cell: (row) => (
          <button
            type="button"
            className="block max-w-full truncate font-mono text-2xs hover:underline"
            onClick={() => narrow({ action: row.action })}
          >
            {row.action}
          </button>
        ),
      },
      {
        id: "target",
        header: t("audit.target"),
        className: "flex-1 min-w-0 max-sm:hidden",
        cell: (row) => <Target target={row.target} />,
      },
      {
        id: "reason",
        header: t("audit.reason"),
        className: "flex-1 min-w-0 max-lg:hidden",
        cell: (row) => (
          <span className="block truncate text-muted" title={row.reason ?? undefined}>
            {row.reason}
          </span>
        ),
      },
    ];
  }, [t, navigate]);
  const narrowed = Object.entries(search).filter(([, value]) => value !== undefined);
  return (
    <Page
      title={t("audit.title")}
      lead={t("audit.lead")}
      scroll={false}
      actions={
        <>
          {narrowed.map(([name, value]) => (
            <Button
              key={name}
              size="sm"
              icon={<X className="size-3.5" />}
              onClick={() => void navigate({ search: (before) => ({ ...before, [name]: undefined }) })}
            >
              <span className="max-w-48 truncate">{t("audit.only", { what: value })}</span>
            </Button>
          ))}
          <Input
            key={search.action}
            aria-label={t("audit.action")}
            placeholder={t("audit.actionHint")}
            defaultValue={search.action}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              const action = event.currentTarget.value.trim() || undefined;
              void navigate({ search: (before) => ({ ...before, action }) });
            }}
            className="w-64! max-sm:w-44!"
          />
        </>
      }
    >
      {paged.error && !paged.nodes ? (
        <Failure error={paged.error} onRetry={paged.again} />
      ) : !paged.nodes ? (
        <SkeletonRows />
      ) : paged.nodes.length === 0 ? (
        <Empty
          icon={<ScrollText />}
          title={narrowed.length > 0 ? t("audit.emptyFiltered") : t("audit.empty")}
        >
          {narrowed.length === 0 && t("audit.emptyLead")}
        </Empty>
      ) : (
        <DataTable
          rows={paged.nodes}
          columns={columns}
          idOf={(row) => `${row.at} ${row.actor.id} ${row.action} ${row.target}`}
          label={t("audit.title")}
          onNearEnd={paged.more}
        />
      )}
    </Page>
  );
}

/** What something was done to; a link where there is a screen for it. */
function Target({ target }: { target: string }) {
  const to = jumpOf(target);
  const looks = "block truncate font-mono text-2xs";
  if (!to || to.kind === "listing")
    return (
      <span className={looks} title={target}>
        {target}
      </span>
    );
  return (
    <Link {...linkTo(to)} title={target} className={`${looks} text-accent-fg hover:underline`}>
      {target}
    </Link>
  );
}

function linkTo(to: Jump) {
  if (to.kind === "filter") return { to: "/filters/$name", params: { name: to.id } } as const;
  return { to: "/conversations/$id", params: { id: to.id }, search: { at: to.seq } } as const;
}
