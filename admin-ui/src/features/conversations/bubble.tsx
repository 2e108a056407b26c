import { clsx } from "clsx";
import { CircleAlert, CloudOff, ShieldAlert } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { exact } from "@/lib/time";
import { Avatar } from "@/ui/avatar";
import { Time } from "@/ui/time";
import { ActionBadge, DecisionBadge, StatusBadge } from "../messages/badges";
import { MessageText } from "../messages/message-text";
import { marksOf, Signals } from "../moderation/signals";
import type { ThreadMessage } from "./events";

/** A message as staff see it: the text in full, what was found in it, and what became of it. */
export const Bubble = memo(function Bubble({ message, staff, follows, target, read }: BubbleProps) {
  const { t, i18n } = useTranslation();
  const [why, setWhy] = useState(false);
  const signals = message.verdict?.signals ?? [];
  const notable = message.verdict && message.verdict.action !== "DELIVER";
  return (
    <div className={clsx("flex gap-2.5", staff && "flex-row-reverse", follows ? "pt-0.5" : "pt-3")}>
      <span className="w-7 shrink-0">
        {!follows && <Avatar id={message.sender.id} name={message.sender.name} size={28} />}
      </span>
      <div className={clsx("flex max-w-[min(34rem,82%)] min-w-0 flex-col", staff && "items-end")}>
        {!follows && (
          <p className="mb-0.5 flex items-baseline gap-2 text-sm">
            <span className="font-medium">{message.sender.name}</span>
            <span className="text-2xs text-subtle">
              <Time at={message.sentAt} style="clock" />
            </span>
          </p>
        )}
        <div
          title={exact(message.sentAt, i18n.language)}
          className={clsx(
            "rounded-2xl px-3.5 py-2 text-base ring-1 ring-inset",
            staff ? "rounded-tr-md bg-accent-soft ring-transparent" : "rounded-tl-md bg-surface ring-line",
            message.status === "HELD" && "bg-warning-soft! ring-warning/40!",
            message.status === "REMOVED" && "bg-danger-soft! ring-danger/30!",
            target && "outline-2 outline-offset-2 outline-focus",
          )}
        >
          {message.status === "RETRACTED" ? (
            <em className="text-subtle">{t("conversations.retracted")}</em>
          ) : (
            <MessageText body={message.body} marks={marksOf(signals)} />
          )}
        </div>
        {(notable || message.editedAt || message.decision || read) && (
          <p className="mt-1 flex flex-wrap items-center gap-1.5 text-2xs text-subtle">
            {message.status !== "SENT" && message.status !== "RETRACTED" && (
              <StatusBadge status={message.status} />
            )}
            {message.verdict && notable && message.status === "SENT" && (
              <ActionBadge action={message.verdict.action} />
            )}
            {message.decision && <DecisionBadge decision={message.decision.decision} />}
            {signals.length > 0 && (
              <button
                type="button"
                aria-expanded={why}
                onClick={() => setWhy(!why)}
                className="inline-flex h-5 items-center gap-1 rounded px-1 hover:bg-hover hover:text-fg"
              >
                <ShieldAlert className="size-3" aria-hidden="true" />
                {t("conversations.line.why")}
              </button>
            )}
            {message.editedAt && (
              <span title={exact(message.editedAt, i18n.language)}>{t("conversations.edited")}</span>
            )}
            {read && <span>{t("conversations.read")}</span>}
          </p>
        )}
        {why && (
          <div className="mt-1.5 w-full">
            <Signals signals={signals} />
            {message.notice && (
              <p className="mt-1 text-sm text-subtle">{t("common.quoted", { text: message.notice })}</p>
            )}
          </div>
        )}
      </div>
    </div>
  );
});

type BubbleProps = {
  message: ThreadMessage;
  /** Written by staff: at the right. */
  staff: boolean;
  /** Goes on what the one before began. */
  follows: boolean;
  /** The one somebody was sent here for. */
  target: boolean;
  read: boolean;
};

/** An answer on its way, or one that did not get through. */
export function PendingBubble({ body, failed, waits, onRetry, onDiscard }: PendingProps) {
  const { t } = useTranslation();
  const broke = failed !== undefined;
  return (
    <div className="flex flex-row-reverse gap-2.5 pt-2">
      <span className="w-7 shrink-0" />
      <div className="flex max-w-[min(34rem,82%)] flex-col items-end">
        <div
          className={clsx(
            "rounded-2xl rounded-tr-md bg-accent-soft px-3.5 py-2 text-base",
            broke ? "ring-1 ring-danger ring-inset" : "opacity-60",
          )}
        >
          <MessageText body={body} />
        </div>
        <p
          className="mt-1 flex items-center gap-2 text-2xs text-subtle"
          role={broke ? "alert" : waits ? "status" : undefined}
        >
          {broke ? (
            <>
              <CircleAlert className="size-3 text-danger-fg" aria-hidden="true" />
              <span className="text-danger-fg">
                {t("conversations.reply.failed")} {failed}
              </span>
              <button type="button" className="font-medium underline" onClick={onRetry}>
                {t("conversations.reply.again")}
              </button>
              <button type="button" className="underline" onClick={onDiscard}>
                {t("conversations.reply.discard")}
              </button>
            </>
          ) : waits ? (
            <>
              <CloudOff className="size-3" aria-hidden="true" />
              <span>{t("conversations.reply.waits")}</span>
              <button type="button" className="underline" onClick={onDiscard}>
                {t("conversations.reply.discard")}
              </button>
            </>
          ) : (
            t("conversations.reply.sending")
          )}
        </p>
      </div>
    </div>
  );
}

type PendingProps = {
  body: string;
  failed?: string;
  /** The engine was not reached: it goes by itself when it is. */
  waits: boolean;
  onRetry: () => void;
  onDiscard: () => void;
};
