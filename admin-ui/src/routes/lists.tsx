import { useNavigate, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";
import { ListChecks, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { FiltersNav } from "@/features/filters/filters-nav";
import { CHANGE_LIST, ListEntries } from "@/features/filters/list-entries";
import { useViewer } from "@/features/session/session";
import { graphql } from "@/gql";
import { may } from "@/lib/access";
import { useAct } from "@/lib/graphql/act";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Field, Input } from "@/ui/field";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

const LISTS = graphql(`
  query FilterLists {
    filterLists {
      name
      size
      revision
      changedAt
      note
    }
  }
`);

/** The lists that filters look things up in. */
export default function Lists() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const { list } = useSearch({ from: "/lists" });
  const navigate = useNavigate({ from: "/lists" });
  const [making, setMaking] = useState(false);
  const [{ data, error }, ask] = useQuery({ query: LISTS, requestPolicy: "cache-and-network" });
  const again = () => ask({ requestPolicy: "network-only" });
  const mayChange = may(viewer.role, "change filters");
  const lists = data?.filterLists;
  const chosen = lists?.find((each) => each.name === list)?.name ?? lists?.[0]?.name;
  const make = mayChange && (
    <Button look="primary" icon={<Plus className="size-4" />} onClick={() => setMaking(true)}>
      {t("lists.new")}
    </Button>
  );
  return (
    <Page title={t("lists.title")} lead={t("lists.lead")} actions={make} scroll={false}>
      <FiltersNav />
      {error && !data ? (
        <Failure error={error} onRetry={again} />
      ) : !lists ? (
        <SkeletonRows />
      ) : lists.length === 0 ? (
        <Empty icon={<ListChecks />} title={t("lists.empty")} action={make}>
          {t("lists.emptyLead")}
        </Empty>
      ) : (
        <div className="flex min-h-0 flex-1 max-lg:flex-col">
          <ul className="shrink-0 overflow-y-auto max-lg:max-h-44 max-lg:border-b lg:w-64 lg:border-r">
            {lists.map((each) => (
              <li key={each.name}>
                <button
                  type="button"
                  aria-current={each.name === chosen || undefined}
                  onClick={() => void navigate({ search: { list: each.name } })}
                  className={clsx(
                    "block w-full border-b px-4 py-2.5 text-left -outline-offset-2!",
                    each.name === chosen ? "bg-accent-soft/70" : "hover:bg-hover/60",
                  )}
                >
                  <span className="block truncate font-mono text-sm font-medium">{each.name}</span>
                  <span className="text-sm text-subtle">
                    {t("lists.entries", { count: each.size })} · <Time at={each.changedAt} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {chosen && (
            <ListEntries
              key={chosen}
              name={chosen}
              mayChange={mayChange}
              onChanged={again}
              onDeleted={() => {
                void navigate({ search: {} });
                again();
              }}
            />
          )}
        </div>
      )}
      {making && (
        <NewList
          onClose={() => setMaking(false)}
          onMade={(name) => {
            setMaking(false);
            again();
            void navigate({ search: { list: name } });
          }}
        />
      )}
    </Page>
  );
}

function NewList({ onClose, onMade }: { onClose: () => void; onMade: (name: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  const [change, busy] = useAct(CHANGE_LIST, { quiet: true });
  return (
    <Dialog open onClose={onClose} title={t("lists.new")}>
      <form
        className="flex flex-col gap-4"
        onSubmit={async (event) => {
          event.preventDefault();
          const outcome = await change({ input: { name: name.trim(), add: [], remove: [] } });
          if (outcome.ok) onMade(name.trim());
          else setProblem(outcome.problems[0]?.message);
        }}
      >
        <Field label={t("lists.name")} hint={t("lists.nameHint")} problem={problem}>
          {(wiring) => (
            <Input
              {...wiring}
              autoFocus
              required
              pattern="[a-z0-9\-]+"
              value={name}
              onChange={(event) => setName(event.target.value)}
              className="font-mono"
            />
          )}
        </Field>
        <Button type="submit" look="primary" busy={busy} className="self-end">
          {t("lists.new")}
        </Button>
      </form>
    </Dialog>
  );
}
