import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { FiltersNav } from "@/features/filters/filters-nav";
import { ActionBadge } from "@/features/messages/badges";
import { MessageText } from "@/features/messages/message-text";
import { marksOf, Signals } from "@/features/moderation/signals";
import { bareId } from "@/features/shell/jump";
import { graphql } from "@/gql";
import type { Action, DecisionsQuery } from "@/gql/graphql";
import { micros } from "@/lib/format";
import { usePaged } from "@/lib/graphql/paged";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Input, Select } from "@/ui/field";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

const DECISIONS = graphql(`
  query Decisions($filter: DecisionFilter, $first: Int, $after: String) {
    decisions(filter: $filter, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        at
        conversationId
        messageId
        body
        notice
        warning
        micros
        sender {
          id
          name
        }
        verdict {
          action
          policyVersion
          signals {
            id
            ...SignalFacts
          }
        }
        runs {
          filter
          version
          mode
          micros
          signals
          fault
        }
      }
    }
  }
`);

type Decision = NonNullable<DecisionsQuery["decisions"]>["nodes"][number];
const ACTIONS: Action[] = ["LABEL", "WARN", "MASK", "HOLD", "REFUSE", "SHADOW", "DELIVER"];

/** What was decided about messages, and why; newest first. */
export default function Decisions() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/decisions" });
  const navigate = useNavigate({ from: "/decisions" });
  const [open, setOpen] = useState<Decision>();
  const action = ACTIONS.find((each) => each === search.action);
  const paged = usePaged({
    query: DECISIONS,
    variables: {
      filter: {
        action,
        filterName: search.filter,
        signalId: search.signal,
        senderId: search.sender,
        conversationId: search.conversation,
      },
      first: 50,
    },
    pick: (data) => data.decisions,
  });
  const columns = useMemo<Column<Decision>[]>(
    () => [
      {
        id: "at",
        header: t("decisions.time"),
        className: "w-20 shrink-0 text-subtle max-sm:hidden",
        cell: (row) => <Time at={row.at} />,
      },
      {
        id: "action",
        header: t("decisions.action"),
        className: "w-20 shrink-0",
        cell: (row) => <ActionBadge action={row.verdict.action} />,
      },
      {
        id: "message",
        header: t("decisions.message"),
        className: "flex-1 min-w-0",
        cell: (row) => (
          <button
            type="button"
            className="block w-full truncate text-left hover:underline"
            onClick={(event) => {
              event.stopPropagation();
              setOpen(row);
            }}
          >
            {row.body}
          </button>
        ),
      },
      {
        id: "sender",
        header: t("decisions.sender"),
        className: "w-36 shrink-0 truncate max-md:hidden",
        cell: (row) => row.sender.name,
      },
      {
        id: "signals",
        header: t("decisions.signal"),
        className: "w-64 shrink-0 truncate max-lg:hidden",
        cell: (row) => (
          <span className="block truncate font-mono text-2xs text-subtle">
            {[...new Set(row.verdict.signals.map((signal) => signal.id))].join("  ")}
          </span>
        ),
      },
    ],
    [t],
  );
  const filtered = action ?? search.filter ?? search.signal ?? search.sender ?? search.conversation;
  const change = (part: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  return (
    <Page
      title={t("decisions.title")}
      lead={t("decisions.lead")}
      scroll={false}
      actions={
        <>
          <Select
            aria-label={t("decisions.action")}
            value={action ?? ""}
            onChange={(event) => change({ action: event.target.value || undefined })}
          >
            <option value="">
              {t("decisions.action")}: {t("common.any")}
            </option>
            {ACTIONS.map((each) => (
              <option key={each} value={each}>
                {t(`words.action.${each}`)}
              </option>
            ))}
          </Select>
          <Input
            aria-label={t("decisions.signal")}
            placeholder={t("decisions.signal")}
            defaultValue={search.signal}
            onKeyDown={(event) => {
              if (event.key === "Enter") change({ signal: event.currentTarget.value.trim() || undefined });
            }}
            onBlur={(event) => change({ signal: event.target.value.trim() || undefined })}
            className="w-36! font-mono text-sm!"
          />
        </>
      }
    >
      <FiltersNav />
      {paged.error && !paged.nodes ? (
        <Failure error={paged.error} onRetry={paged.again} />
      ) : !paged.nodes ? (
        <SkeletonRows />
      ) : paged.nodes.length === 0 ? (
        <Empty icon={<Scale />} title={filtered ? t("decisions.emptyFiltered") : t("decisions.empty")}>
          {!filtered && t("decisions.emptyLead")}
        </Empty>
      ) : (
        <DataTable
          rows={paged.nodes}
          columns={columns}
          idOf={(row) => `${row.conversationId} ${row.at} ${row.messageId ?? row.body}`}
          label={t("decisions.title")}
          onNearEnd={paged.more}
          onOpen={setOpen}
        />
      )}
      <Dialog
        open={open !== undefined}
        onClose={() => setOpen(undefined)}
        shape="side"
        title={
          open ? (
            <span className="flex items-center gap-2">
              <ActionBadge action={open.verdict.action} /> {open.sender.name}
            </span>
          ) : (
            ""
          )
        }
        description={open && <Time at={open.at} style="short" />}
      >
        {open && <DecisionDetail decision={open} onSender={(sender) => change({ sender })} />}
      </Dialog>
    </Page>
  );
}

function DecisionDetail({ decision, onSender }: { decision: Decision; onSender: (id: string) => void }) {
  const { t, i18n } = useTranslation();
  const marks = marksOf(decision.verdict.signals);
  return (
    <div className="flex flex-col gap-5">
      <p className="rounded-xl border bg-surface p-4 text-lg leading-7">
        <MessageText body={decision.body} marks={marks} />
      </p>
      <div className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {decision.messageId ? (
          <Link
            to="/conversations/$id"
            params={{ id: bareId(decision.conversationId) }}
            search={{ at: Number(decision.messageId.split(":").at(-1)) || undefined }}
            className="text-accent-fg hover:underline"
          >
            {t("decisions.open")}
          </Link>
        ) : (
          <span className="text-subtle">{t("decisions.refusedHint")}</span>
        )}
        <button
          type="button"
          className="text-accent-fg hover:underline"
          onClick={() => onSender(decision.sender.id)}
        >
          {t("decisions.sendersOnly")}
        </button>
      </div>
      {decision.notice && (
        <p className="text-sm text-muted">
          {t("decisions.told")}: {t("common.quoted", { text: decision.notice })}
        </p>
      )}
      {decision.warning && (
        <p className="text-sm text-muted">
          {t("decisions.warned")}: {t("common.quoted", { text: decision.warning })}
        </p>
      )}
      <section>
        <h3 className="mb-2 text-sm font-semibold text-muted">{t("decisions.why")}</h3>
        <Signals signals={decision.verdict.signals} />
        <p className="mt-2 text-sm text-subtle">
          {t("moderation.policyVersion", { number: decision.verdict.policyVersion })}
        </p>
      </section>
      <section>
        <h3 className="mb-2 text-sm font-semibold text-muted">{t("decisions.runs")}</h3>
        <ul className="divide-y rounded-lg border text-sm">
          {decision.runs.map((run) => (
            <li key={`${run.filter} ${run.mode}`} className="flex items-center gap-3 px-3 py-1.5">
              <Link to="/filters/$name" params={{ name: run.filter }} className="font-medium hover:underline">
                {run.filter}
              </Link>
              <span className="text-subtle">
                v{run.version} {run.mode === "CANARY" && t("words.mode.CANARY")}
              </span>
              {run.fault && <span className="text-danger-fg">{run.fault}</span>}
              <span className="tabular ml-auto text-subtle">{micros(run.micros, i18n.language)}</span>
            </li>
          ))}
        </ul>
        <p className="mt-2 text-sm text-subtle">
          {t("decisions.took", { time: micros(decision.micros, i18n.language) })}
        </p>
      </section>
    </div>
  );
}
