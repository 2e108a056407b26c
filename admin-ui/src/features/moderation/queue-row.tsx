import { clsx } from "clsx";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { QueueRowFragment } from "@/gql/graphql";
import { percent } from "@/lib/format";
import { Avatar } from "@/ui/avatar";
import { Time } from "@/ui/time";

export const QUEUE_ROW = graphql(`
  fragment QueueRow on QueueItem {
    id
    heldAt
    severity
    message {
      id
      sender {
        id
        name
      }
      verdict {
        signals {
          id
          confidence
        }
      }
    }
    conversation {
      id
      kind
      category
      listing {
        id
        title
      }
    }
  }
`);

export type QueueRowItem = QueueRowFragment;

/** One held message in the list. Its text is left out: one reads it when one looks at it. */
export const QueueRow = memo(function QueueRow({ item, active, onOpen }: QueueRowProps) {
  const { t, i18n } = useTranslation();
  const signals = [...new Set(item.message.verdict?.signals.map((signal) => signal.id))];
  return (
    <button
      type="button"
      onClick={() => onOpen(item.id)}
      aria-current={active || undefined}
      className={clsx(
        "relative flex w-full gap-3 border-b px-4 py-2.5 text-left -outline-offset-2!",
        active ? "bg-accent-soft/70" : "hover:bg-hover/60",
      )}
    >
      {active && <span className="absolute inset-y-0 left-0 w-0.5 bg-accent" aria-hidden="true" />}
      <Avatar id={item.message.sender.id} name={item.message.sender.name} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-2">
          <span className="truncate font-medium">{item.message.sender.name}</span>
          <span className="text-2xs text-subtle">
            <Time at={item.heldAt} />
          </span>
        </span>
        <span className="block truncate text-sm text-muted">
          {item.conversation.listing?.title ?? t(`words.kind.${item.conversation.kind}`)}
        </span>
        <span className="mt-1 flex items-center gap-2">
          <Severity
            value={item.severity}
            label={t("moderation.severityOf", { percent: percent(item.severity, i18n.language) })}
          />
          <span className="truncate font-mono text-2xs text-subtle">{signals.join("  ")}</span>
        </span>
      </span>
    </button>
  );
});

type QueueRowProps = { item: QueueRowItem; active: boolean; onOpen: (id: string) => void };

/** Five little bars. */
function Severity({ value, label }: { value: number; label: string }) {
  const full = Math.max(1, Math.round(value * 5));
  return (
    <span className="flex shrink-0 items-end gap-px" role="img" aria-label={label} title={label}>
      {[1, 2, 3, 4, 5].map((bar) => (
        <span
          key={bar}
          style={{ height: 3 + bar * 1.6 }}
          className={clsx(
            "w-[3px] rounded-[1px]",
            bar > full
              ? "bg-line-strong"
              : value >= 0.9
                ? "bg-danger"
                : value >= 0.6
                  ? "bg-warning"
                  : "bg-subtle",
          )}
        />
      ))}
    </span>
  );
}
