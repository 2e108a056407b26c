import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import { count } from "@/lib/format";
import { useAct } from "@/lib/graphql/act";
import { usePaged } from "@/lib/graphql/paged";
import { toast } from "@/lib/toasts";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Failure, SkeletonRows } from "@/ui/feedback";
import { Field, Textarea } from "@/ui/field";
import { Time } from "@/ui/time";
import { VirtualList } from "@/ui/virtual-list";

const LIST_ENTRIES = graphql(`
  query ListEntries($name: String!, $first: Int, $after: String) {
    filterList(name: $name) {
      name
      size
      note
      changedAt
      entries(first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          text
          addedAt
          addedBy
        }
      }
    }
  }
`);

export const CHANGE_LIST = graphql(`
  mutation ChangeFilterList($input: ChangeFilterListInput!) {
    changeFilterList(input: $input) {
      list {
        name
        size
        revision
        changedAt
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const DELETE_LIST = graphql(`
  mutation DeleteFilterList($input: DeleteFilterListInput!) {
    deleteFilterList(input: $input) {
      name
      userErrors {
        code
        message
      }
    }
  }
`);

/** A list's entries: added many at once, removed one by one. */
export function ListEntries({ name, mayChange, onChanged, onDeleted }: ListEntriesProps) {
  const { t, i18n } = useTranslation();
  const paged = usePaged({
    query: LIST_ENTRIES,
    variables: { name, first: 100 },
    pick: (data) => data.filterList?.entries,
    requestPolicy: "network-only",
  });
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(false);
  const [change, busy] = useAct(CHANGE_LIST);
  const [remove, removing] = useAct(DELETE_LIST);
  const add = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  async function apply(input: { add?: string[]; remove?: string[] }) {
    const outcome = await change({ input: { name, add: input.add ?? [], remove: input.remove ?? [] } });
    if (!outcome.ok) return;
    toast({ tone: "success", text: t("lists.added") });
    if (input.add) setText("");
    paged.again();
    onChanged();
  }
  const list = paged.data?.filterList;
  if (paged.error && !list) return <Failure error={paged.error} onRetry={paged.again} />;
  if (!list || !paged.nodes) return <SkeletonRows />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-3 border-b px-4 py-2.5 lg:px-6">
        <h2 className="font-mono font-semibold">{name}</h2>
        <span className="text-sm text-subtle">
          {t("lists.entries", { count: list.size })} · <Time at={list.changedAt} />
        </span>
        {mayChange && (
          <Button size="sm" look="ghost" className="ml-auto text-danger-fg!" onClick={() => setAsked(true)}>
            {t("lists.delete")}
          </Button>
        )}
      </div>
      {mayChange && (
        <form
          className="flex flex-col gap-2.5 border-b px-4 py-3 lg:px-6"
          onSubmit={(event) => {
            event.preventDefault();
            void apply({ add });
          }}
        >
          <Field label={t("lists.add")} hint={t("lists.addHint")} className="max-w-2xl">
            {(wiring) => (
              <Textarea
                {...wiring}
                rows={2}
                value={text}
                onChange={(event) => setText(event.target.value)}
                className="font-mono text-sm!"
              />
            )}
          </Field>
          <Button type="submit" look="primary" busy={busy} disabled={add.length === 0} className="self-start">
            {t("lists.add")} {add.length > 1 && count(add.length, i18n.language)}
          </Button>
        </form>
      )}
      <VirtualList
        items={paged.nodes}
        idOf={(entry) => entry.text}
        estimate={37}
        label={name}
        onNearEnd={paged.more}
        render={(entry) => (
          <div className="flex items-center gap-3 border-b px-4 py-1.5 text-sm lg:px-6">
            <span className="min-w-0 flex-1 truncate font-mono">{entry.text}</span>
            <span className="text-2xs text-subtle">
              <Time at={entry.addedAt} /> {t("lists.by", { name: entry.addedBy })}
            </span>
            {mayChange && (
              <IconButton
                size="sm"
                label={t("lists.remove", { entry: entry.text })}
                onClick={() => void apply({ remove: [entry.text] })}
              >
                <X className="size-3.5" />
              </IconButton>
            )}
          </div>
        )}
      />
      {asked && (
        <Confirm
          title={t("lists.deleteTitle", { name })}
          lead={t("lists.deleteLead")}
          action={t("lists.delete")}
          danger
          busy={removing}
          onConfirm={async (reason) => {
            const outcome = await remove({ input: { name, reason } });
            setAsked(false);
            if (outcome.ok) onDeleted();
          }}
          onClose={() => setAsked(false)}
        />
      )}
    </div>
  );
}

type ListEntriesProps = { name: string; mayChange: boolean; onChanged: () => void; onDeleted: () => void };
