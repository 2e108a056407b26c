import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Time } from "@/ui/time";
import type { ThreadEvent } from "./events";

/** Whether an event has a line of its own; messages have bubbles, and edits show there. */
export function hasLine(event: ThreadEvent): boolean {
  return !["MessagePosted", "MessageEdited", "MessageRetracted", "HiddenEvent"].includes(event.kind);
}

/** Something that happened between the messages. */
export function SystemLine({ event }: { event: ThreadEvent }) {
  const { t } = useTranslation();
  const { fields } = event;
  return (
    <p className="flex items-center justify-center gap-2 py-2 text-center text-sm text-subtle">
      <span>{words(event, t)}</span>
      {"at" in fields && (
        <span className="text-2xs">
          <Time at={fields.at} style="clock" />
        </span>
      )}
    </p>
  );
}

function words({ fields }: ThreadEvent, t: TFunction): string {
  switch (fields.__typename) {
    case "ParticipantJoined":
      return t("conversations.line.joined", {
        name: fields.participant.user.name,
        role: t(`words.participant.${fields.participant.role}`),
      });
    case "ParticipantBlocked":
      return t("conversations.line.blocked", { name: fields.by.name, other: fields.blocked.name });
    case "ParticipantUnblocked":
      return t("conversations.line.unblocked", { name: fields.by.name, other: fields.blocked.name });
    case "ConversationClosed":
      return t("conversations.line.closed", { name: fields.by.name });
    case "ConversationReopened":
      return t("conversations.line.reopened", { name: fields.by.name });
    case "MessageDecided":
      return fields.decision
        ? t(`conversations.line.${fields.decision.decision}`, { name: fields.decision.by.name }) +
            (fields.decision.reason ? `: ${t("common.quoted", { text: fields.decision.reason })}` : "")
        : t("conversations.line.decided");
    case "DecisionUndone":
      return fields.undoneBy
        ? t("conversations.line.undone", { name: fields.undoneBy.name })
        : t("conversations.line.decided");
    default:
      return "";
  }
}
