import { clsx } from "clsx";
import { Eye } from "lucide-react";
import { type RefObject, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { decimal } from "@/lib/format";
import { Button } from "@/ui/button";
import { Keys } from "@/ui/keys";
import { Time } from "@/ui/time";
import { ActionBadge } from "../messages/badges";
import { type Mark, MessageText } from "../messages/message-text";
import { marksOf, Signals } from "./signals";

export const EVIDENCE = graphql(`
  fragment Evidence on QueueItem {
    id
    message {
      id
      body
      sentAt
      editedAt
      notice
      revision
      verdict {
        action
        policyVersion
        signals {
          ...SignalFacts
        }
      }
    }
    policyRows {
      table
      name
      number
      action
      threshold
    }
  }
`);

export type ByteSpan = { start: number; end: number };

/** The message itself, what is marked in it, and which rules brought it here. */
export function Evidence({ item: ref, revealed, onReveal, own, bodyRef }: EvidenceProps) {
  const { t, i18n } = useTranslation();
  const item = readFragment(EVIDENCE, ref);
  const [active, setActive] = useState<number>();
  const signals = item.message.verdict?.signals ?? [];
  const marks = useMemo<Mark[]>(() => {
    const found = marksOf(signals);
    return own.length > 0 ? [...found, { spans: own, label: t("moderation.yourMark"), strong: true }] : found;
  }, [signals, own, t]);
  return (
    <div className="flex flex-col gap-5">
      <section aria-label={t("moderation.message")} className="relative rounded-xl border bg-surface p-4">
        <p
          ref={bodyRef as RefObject<HTMLParagraphElement>}
          className={clsx("text-lg leading-7 transition-[filter] duration-150", !revealed && "blurred")}
        >
          <MessageText body={item.message.body} marks={marks} active={active} />
        </p>
        {!revealed && (
          <div className="absolute inset-0 flex items-center justify-center">
            <Button
              icon={<Eye className="size-4" />}
              onClick={onReveal}
              title={t("moderation.revealHint")}
              className="shadow-float"
            >
              {t("moderation.reveal")} <Keys keys="space" />
            </Button>
          </div>
        )}
        <p className="mt-3 flex flex-wrap gap-x-3 text-sm text-subtle">
          <Time at={item.message.sentAt} style="short" />
          {item.message.notice && (
            <span className="min-w-0">
              {t("moderation.told")}: {t("common.quoted", { text: item.message.notice })}
            </span>
          )}
        </p>
      </section>

      <section>
        <h3 className="mb-2 text-sm font-semibold text-muted">{t("moderation.why")}</h3>
        <Signals signals={signals} active={active} onActive={setActive} />
        {item.policyRows.length > 0 && (
          <ul className="mt-2 flex flex-wrap gap-2" aria-label={t("moderation.rules")}>
            {item.policyRows.map((row, place) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: rules have no other name than their place
                key={place}
                className="flex items-center gap-2 rounded-md bg-sunken py-1 pr-1 pl-2 text-sm ring-1 ring-line ring-inset"
              >
                <span className="text-subtle">
                  {t(`moderation.rule.${ruleKind(row.table)}`, { number: row.number ?? "" })}
                </span>
                <code className="font-mono text-2xs">{row.name}</code>
                {row.threshold != null && (
                  <span className="tabular text-2xs text-subtle">
                    {t("moderation.atLeast", { value: decimal(row.threshold, i18n.language) })}
                  </span>
                )}
                <ActionBadge action={row.action} />
              </li>
            ))}
          </ul>
        )}
        {item.message.verdict && (
          <p className="mt-2 text-sm text-subtle">
            {t("moderation.policyVersion", { number: item.message.verdict.policyVersion })}
          </p>
        )}
      </section>
    </div>
  );
}

type EvidenceProps = {
  item: FragmentType<typeof EVIDENCE>;
  revealed: boolean;
  onReveal: () => void;
  /** What the moderator marked besides. */
  own: ByteSpan[];
  bodyRef: RefObject<HTMLElement | null>;
};

function ruleKind(table: string): "row" | "sum" | "group" | "failure" {
  return table === "sum" || table === "group" || table === "failure" ? table : "row";
}
