import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { Avatar } from "@/ui/avatar";
import { Time } from "@/ui/time";
import { DecisionBadge, StatusBadge } from "../messages/badges";
import { MessageText } from "../messages/message-text";

export const CONTEXT = graphql(`
  fragment Surroundings on QueueItem {
    id
    context(around: 6) {
      id
      body
      sentAt
      status
      sender {
        id
        name
      }
    }
  }
`);

/** What was said around the message. */
export function Surroundings({
  item: ref,
  revealed,
}: {
  item: FragmentType<typeof CONTEXT>;
  revealed: boolean;
}) {
  const { t } = useTranslation();
  const item = readFragment(CONTEXT, ref);
  return (
    <ol className="flex flex-col gap-3">
      {item.context.map((message) => {
        const itself = message.id === item.id;
        return (
          <li
            key={message.id}
            aria-current={itself || undefined}
            className={clsx("flex gap-2.5", itself && "-mx-2 rounded-lg bg-warning-soft/60 px-2 py-1.5")}
          >
            <Avatar id={message.sender.id} name={message.sender.name} size={24} className="mt-0.5" />
            <div className="min-w-0 flex-1">
              <p className="flex items-baseline gap-2 text-sm">
                <span className="font-medium">{message.sender.name}</span>
                <span className="text-2xs text-subtle">
                  <Time at={message.sentAt} style="short" />
                </span>
                {message.status !== "SENT" && <StatusBadge status={message.status} />}
              </p>
              <p className={clsx("text-base text-muted", !revealed && "blurred")}>
                {message.body ? <MessageText body={message.body} /> : t("words.status.RETRACTED")}
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

export const SENDER = graphql(`
  fragment SenderHistory on QueueItem {
    id
    message {
      id
      sender {
        id
        name
      }
    }
    senderMessages(first: 8) {
      id
      body
      sentAt
      status
    }
    senderDecisions(first: 8) {
      messageId
      undone
      message {
        id
        body
      }
      decision {
        decision
        at
        reason
        by {
          id
          name
        }
      }
    }
  }
`);

/** What else the sender said, and what was decided about them before. */
export function SenderHistory({
  item: ref,
  revealed,
}: {
  item: FragmentType<typeof SENDER>;
  revealed: boolean;
}) {
  const { t } = useTranslation();
  const item = readFragment(SENDER, ref);
  return (
    <div className="flex flex-col gap-6">
      <section>
        <h3 className="mb-2 text-sm font-semibold text-muted">{t("moderation.past")}</h3>
        {item.senderDecisions.length === 0 && (
          <p className="text-sm text-subtle">{t("moderation.pastNothing")}</p>
        )}
        <ul className="flex flex-col gap-2.5">
          {item.senderDecisions.map((past) => (
            <li key={`${past.messageId} ${past.decision.at}`} className="text-sm">
              <p className="flex items-center gap-2">
                <span className={clsx(past.undone && "line-through opacity-60")}>
                  <DecisionBadge decision={past.decision.decision} />
                </span>
                {past.undone && <span className="text-2xs text-subtle">{t("moderation.pastUndone")}</span>}
                <span className="truncate text-2xs text-subtle">
                  {past.decision.by.name} · <Time at={past.decision.at} />
                </span>
              </p>
              {past.message?.body && (
                <p className={clsx("mt-0.5 line-clamp-2 text-muted", !revealed && "blurred")}>
                  {past.message.body}
                </p>
              )}
              {past.decision.reason && (
                <p className="mt-0.5 text-subtle">{t("common.quoted", { text: past.decision.reason })}</p>
              )}
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3 className="mb-2 text-sm font-semibold text-muted">{t("moderation.senderRecent")}</h3>
        {item.senderMessages.length === 0 && (
          <p className="text-sm text-subtle">{t("moderation.senderNothing")}</p>
        )}
        <ul className="flex flex-col gap-2.5">
          {item.senderMessages.map((message) => (
            <li key={message.id} className="text-sm">
              <p className={clsx("line-clamp-3 text-muted", !revealed && "blurred")}>
                {message.body || t("words.status.RETRACTED")}
              </p>
              <p className="mt-0.5 flex items-center gap-2 text-2xs text-subtle">
                <Time at={message.sentAt} />
                {message.status !== "SENT" && <StatusBadge status={message.status} />}
              </p>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
