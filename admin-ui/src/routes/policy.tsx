import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";
import { PencilLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { FiltersNav } from "@/features/filters/filters-nav";
import { Changes } from "@/features/policy/changes";
import { CodeArea } from "@/features/policy/code-area";
import { Draft } from "@/features/policy/draft";
import { useViewer } from "@/features/session/session";
import { graphql } from "@/gql";
import { may } from "@/lib/access";
import { useAct } from "@/lib/graphql/act";
import { usePaged } from "@/lib/graphql/paged";
import { useDraft } from "@/lib/store/draft";
import { toast } from "@/lib/toasts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Failure, SkeletonRows } from "@/ui/feedback";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

const POLICIES = graphql(`
  query Policies($first: Int, $after: String) {
    policies(first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        version
        note
        createdAt
        createdBy
        active
        text
      }
    }
  }
`);

const ACTIVE = graphql(`
  query ActivePolicy {
    policy {
      version
      text
      active
    }
  }
`);

const ACTIVATE = graphql(`
  mutation ActivatePolicy($input: ActivatePolicyInput!) {
    activatePolicy(input: $input) {
      policy {
        version
        active
      }
      userErrors {
        code
        message
      }
    }
  }
`);

/** Policy versions at the left; one of them, or a draft, at the right. */
export default function PolicyRoute() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const { version } = useSearch({ from: "/policy" });
  const navigate = useNavigate({ from: "/policy" });
  const paged = usePaged({ query: POLICIES, variables: { first: 50 }, pick: (data) => data.policies });
  const [{ data: activeData }, againActive] = useQuery({ query: ACTIVE, requestPolicy: "cache-and-network" });
  const [draft, setDraft, clearDraft] = useDraft("policy");
  const [editing, setEditing] = useState(draft !== "");
  const [activating, setActivating] = useState<number>();
  const [activate, busy] = useAct(ACTIVATE);
  const mayChange = may(viewer.role, "change filters");
  const active = activeData?.policy;
  const shown =
    paged.nodes?.find((each) => each.version === version) ??
    paged.nodes?.find((each) => each.active) ??
    paged.nodes?.[0];

  const open = (number: number) => {
    setEditing(false);
    void navigate({ search: { version: number } });
  };
  function edit() {
    if (!draft && shown) setDraft(shown.text);
    setEditing(true);
  }
  async function confirm(reason: string | undefined) {
    if (activating === undefined) return;
    const outcome = await activate({
      input: { version: activating, reason, expectedVersion: active?.version },
    });
    if (outcome.ok) toast({ tone: "success", text: t("policy.activated", { number: activating }) });
    setActivating(undefined);
    againActive({ requestPolicy: "network-only" });
    paged.again();
  }

  return (
    <Page title={t("policy.title")} lead={t("policy.lead")} scroll={false}>
      <FiltersNav />
      {paged.error && !paged.nodes ? (
        <Failure error={paged.error} onRetry={paged.again} />
      ) : !paged.nodes ? (
        <SkeletonRows />
      ) : (
        <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-y-auto">
          <ol
            className="shrink-0 overflow-y-auto border-r max-lg:max-h-52 max-lg:border-r-0 max-lg:border-b lg:w-72"
            aria-label={t("policy.versions")}
          >
            {draft && (
              <li>
                <button
                  type="button"
                  onClick={() => setEditing(true)}
                  aria-current={editing || undefined}
                  className={clsx(
                    "flex w-full items-center gap-2 border-b px-4 py-3 text-left",
                    editing ? "bg-accent-soft/70" : "hover:bg-hover/60",
                  )}
                >
                  <PencilLine className="size-4 text-warning-fg" aria-hidden="true" />
                  <span className="font-medium">{t("policy.draft")}</span>
                </button>
              </li>
            )}
            {paged.nodes.map((each) => {
              const here = !editing && each.version === shown?.version;
              return (
                <li key={each.version}>
                  <button
                    type="button"
                    onClick={() => open(each.version)}
                    aria-current={here || undefined}
                    className={clsx(
                      "block w-full border-b px-4 py-2.5 text-left -outline-offset-2!",
                      here ? "bg-accent-soft/70" : "hover:bg-hover/60",
                    )}
                  >
                    <span className="flex items-center gap-2">
                      <span className="font-medium">{t("common.version", { number: each.version })}</span>
                      {each.version === active?.version && <Badge tone="success">{t("policy.active")}</Badge>}
                      <span className="ml-auto text-2xs text-subtle">
                        <Time at={each.createdAt} />
                      </span>
                    </span>
                    <span className="mt-0.5 block truncate text-sm text-muted">
                      {each.note ??
                        (each.createdBy ? t("policy.by", { name: each.createdBy }) : t("policy.engine"))}
                    </span>
                  </button>
                </li>
              );
            })}
          </ol>
          <div className="flex min-h-0 min-w-0 flex-1 flex-col gap-4 p-4 lg:overflow-y-auto lg:p-6">
            {editing ? (
              <Draft
                text={draft}
                base={active?.text ?? ""}
                maySave={mayChange}
                onText={setDraft}
                onDiscard={() => {
                  clearDraft();
                  setEditing(false);
                }}
                onSaved={(number) => {
                  clearDraft();
                  paged.again();
                  open(number);
                }}
              />
            ) : (
              shown && (
                <>
                  <div className="flex flex-wrap items-center gap-2">
                    <h2 className="text-lg font-semibold">
                      {t("common.version", { number: shown.version })}
                    </h2>
                    {shown.version === active?.version && <Badge tone="success">{t("policy.active")}</Badge>}
                    <span className="ml-auto flex flex-wrap gap-2">
                      <PolicyLink to="/try" version={shown.version}>
                        {t("policy.test")}
                      </PolicyLink>
                      {mayChange && (
                        <PolicyLink to="/backtests" version={shown.version}>
                          {t("policy.backtest")}
                        </PolicyLink>
                      )}
                      <Button onClick={edit} icon={<PencilLine className="size-3.5" />}>
                        {t("policy.edit")}
                      </Button>
                      {mayChange && active && shown.version !== active.version && (
                        <Button look="primary" onClick={() => setActivating(shown.version)}>
                          {t("policy.activate")}
                        </Button>
                      )}
                    </span>
                  </div>
                  {active && shown.version !== active.version && (
                    <section>
                      <h3 className="mb-2 text-sm font-semibold text-muted">
                        {t("policy.compareWith", { number: active.version })}
                      </h3>
                      <Changes from={active.version} to={shown.version} />
                    </section>
                  )}
                  <div className="min-h-96 flex-1">
                    <CodeArea label={t("policy.editor")} value={shown.text} readOnly />
                  </div>
                </>
              )
            )}
          </div>
        </div>
      )}
      {activating !== undefined && active && (
        <Confirm
          title={t("policy.activateTitle", { number: activating })}
          lead={t("policy.activateLead", { active: active.version })}
          action={t("policy.activate")}
          busy={busy}
          onConfirm={(reason) => void confirm(reason)}
          onClose={() => setActivating(undefined)}
        >
          <div className="max-h-72 overflow-y-auto">
            <Changes from={active.version} to={activating} />
          </div>
        </Confirm>
      )}
    </Page>
  );
}

function PolicyLink({
  to,
  version,
  children,
}: {
  to: "/try" | "/backtests";
  version: number;
  children: string;
}) {
  return (
    <Link
      to={to}
      search={{ policy: version }}
      className="inline-flex h-8 items-center rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover"
    >
      {children}
    </Link>
  );
}
