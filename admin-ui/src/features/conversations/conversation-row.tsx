import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { ConversationRowFragment } from "@/gql/graphql";
import { named } from "@/lib/format";
import { hasDraft } from "@/lib/store/draft";
import { duration, useNow } from "@/lib/time";
import { Avatar } from "@/ui/avatar";
import { Badge } from "@/ui/badge";
import { Time } from "@/ui/time";
import { bareId } from "../shell/jump";

export const CONVERSATION_ROW = graphql(`
  fragment ConversationRow on Conversation {
    id
    kind
    state
    category
    createdAt
    waitingSince
    unreadCount
    listing {
      id
      title
    }
    participants {
      role
      user {
        id
        name
      }
    }
    lastMessage {
      id
      body
      status
      sentAt
      sender {
        id
        name
      }
    }
  }
`);

export type ConversationRowItem = ConversationRowFragment;

/** Whom the conversation is with: the customer, or both who talk. */
export function partners(
  conversation: Pick<ConversationRowItem, "participants">,
): { id: string; name: string }[] {
  const users = conversation.participants.filter((each) => each.role !== "STAFF").map((each) => each.user);
  return users.length > 0 ? users : conversation.participants.map((each) => each.user);
}

/** A conversation in the list. */
export function ConversationRow({
  item,
  tab,
  viewerId,
}: {
  item: ConversationRowItem;
  tab?: "unanswered" | "closed";
  viewerId: string;
}) {
  const { t } = useTranslation();
  const now = useNow();
  const people = partners(item);
  const name = people.map((each) => each.name).join(", ");
  const last = item.lastMessage;
  const waits =
    item.waitingSince && item.state === "OPEN"
      ? (now - new Date(item.waitingSince).getTime()) / 1000
      : undefined;
  return (
    <Link
      to="/conversations/$id"
      params={{ id: bareId(item.id) }}
      search={{ tab }}
      activeOptions={{ includeSearch: false }}
      className="group relative flex w-full gap-3 border-b px-4 py-2.5 text-left -outline-offset-2! hover:bg-hover/60 data-[status=active]:bg-accent-soft/70"
    >
      <span
        className="absolute inset-y-0 left-0 w-0.5 bg-accent opacity-0 group-data-[status=active]:opacity-100"
        aria-hidden="true"
      />
      <Avatar id={people[0]?.id ?? item.id} name={people[0]?.name ?? "?"} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-2">
          <span className={clsx("truncate", item.unreadCount > 0 ? "font-semibold" : "font-medium")}>
            {name}
          </span>
          <span className="text-2xs text-subtle">
            <Time at={last?.sentAt ?? item.createdAt} />
          </span>
        </span>
        <span className={clsx("block truncate text-sm", item.unreadCount > 0 ? "text-fg" : "text-muted")}>
          {hasDraft(`reply.${item.id}`) && (
            <span className="text-warning-fg">{t("conversations.draft")} </span>
          )}
          {preview(item, viewerId, t)}
        </span>
        <span className="mt-1 flex min-w-0 items-center gap-1.5">
          {waits !== undefined && (
            <Badge tone={waits > 3600 ? "danger" : "warning"}>
              <span className="tabular">{t("conversations.waits", { time: duration(waits) })}</span>
            </Badge>
          )}
          {item.category && <Badge>{named(item.category)}</Badge>}
          {item.state === "CLOSED" && <Badge>{t("words.state.CLOSED")}</Badge>}
          <span className="truncate text-2xs text-subtle">{item.listing?.title}</span>
          {item.unreadCount > 0 && (
            <span
              className="tabular ml-auto rounded-full bg-accent px-1.5 text-[10px] leading-4 font-semibold text-white"
              title={t("conversations.unread", { count: item.unreadCount })}
            >
              {item.unreadCount}
            </span>
          )}
        </span>
      </span>
    </Link>
  );
}

function preview(item: ConversationRowItem, viewerId: string, t: TFunction): string {
  const last = item.lastMessage;
  if (!last) return t("conversations.noMessages");
  if (last.status === "RETRACTED") return t("conversations.retracted");
  return last.sender.id === viewerId ? `${t("conversations.you")} ${last.body}` : last.body;
}
