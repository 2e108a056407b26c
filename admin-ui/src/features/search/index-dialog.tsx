import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import { bytes, count } from "@/lib/format";
import { useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Callout, SkeletonRows } from "@/ui/feedback";
import { Facts } from "@/ui/page";
import { ProgressLine } from "@/ui/progress-line";
import { useSearchIndex } from "./search-index";

const REBUILD = graphql(`
  mutation RebuildSearchIndex {
    rebuildSearchIndex {
      index {
        kind
        state
        build {
          startedAt
          conversationsDone
          conversationsTotal
          messagesDone
        }
      }
      userErrors {
        code
        message
      }
    }
  }
`);

const TONES = { READY: "success", BUILDING: "warning", UNAVAILABLE: "danger" } as const;

/** How the search index is doing, and the button that builds it anew; search goes on meanwhile. */
export function IndexDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("search.index.title")}
      description={t("search.index.lead")}
    >
      <IndexFacts />
    </Dialog>
  );
}

function IndexFacts() {
  const { t, i18n } = useTranslation();
  const { index, again } = useSearchIndex();
  const [rebuild, beginning] = useAct(REBUILD);
  const [awaited, setAwaited] = useState(false);
  const done = awaited && index != null && !index.build;
  useEffect(() => {
    if (!done) return;
    setAwaited(false);
    toast({ tone: "success", text: t("search.index.done") });
  }, [done, t]);
  if (!index) return <SkeletonRows rows={4} />;
  const number = (value: number | null | undefined) => (value == null ? "–" : count(value, i18n.language));
  const facts: [ReactNode, ReactNode][] = [
    [
      t("search.index.kind"),
      t(`search.index.kinds.${index.kind === "meilisearch" ? "meilisearch" : "embedded"}`),
    ],
    [
      t("search.index.state"),
      <Badge key="state" tone={TONES[index.state]}>
        {t(`search.index.states.${index.state}`)}
      </Badge>,
    ],
    [t("search.index.messages"), number(index.messages)],
    [t("search.index.conversations"), number(index.conversations)],
    [t("search.index.size"), index.bytes == null ? "–" : bytes(index.bytes, i18n.language)],
    [
      t("search.index.lag"),
      index.lagSeconds < 1
        ? t("search.index.upToDate")
        : t("search.index.seconds", { count: Math.round(index.lagSeconds) }),
    ],
    [t("search.index.setAside"), number(index.setAside)],
  ];
  return (
    <div className="flex flex-col gap-5">
      {index.problem && (
        <Callout tone="danger" title={t("search.index.problem")}>
          {index.problem}
        </Callout>
      )}
      <Facts facts={facts} />
      {index.build ? (
        <section aria-label={t("search.index.building")}>
          <p className="mb-1.5 text-sm font-medium">{t("search.index.building")}</p>
          <ProgressLine
            done={index.build.conversationsDone}
            total={index.build.conversationsTotal}
            label={t("search.index.building")}
          />
          <p className="mt-1.5 text-sm text-subtle">
            {t("search.index.soFar", { messages: number(index.build.messagesDone) })}
          </p>
        </section>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-3 border-t pt-4">
          <p className="max-w-xs text-sm text-pretty text-muted">{t("search.index.rebuildLead")}</p>
          <Button
            busy={beginning}
            onClick={async () => {
              const begun = await rebuild({});
              if (!begun.ok) return;
              setAwaited(true);
              again();
            }}
          >
            {t("search.index.rebuild")}
          </Button>
        </div>
      )}
    </div>
  );
}
