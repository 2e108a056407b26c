import { useEffect, useMemo, useState } from "react";
import { graphql, readFragment } from "@/gql";
import type { SupportFilter } from "@/gql/graphql";
import { onReconnected } from "@/lib/graphql/connection";
import { useEvents } from "@/lib/graphql/events";
import { usePaged } from "@/lib/graphql/paged";
import { CONVERSATION_ROW, type ConversationRowItem } from "./conversation-row";

const INBOX = graphql(`
  query SupportInbox($filter: SupportFilter, $first: Int, $after: String) {
    supportConversations(filter: $filter, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        ...ConversationRow
      }
    }
  }
`);

const INBOX_EVENTS = graphql(`
  subscription InboxEvents {
    inboxEvents {
      __typename
      ... on InboxChanged {
        conversation {
          id
          ...ConversationRow
        }
      }
    }
  }
`);

export type InboxTab = "open" | "unanswered" | "closed";

const FILTERS: Record<InboxTab, SupportFilter> = {
  open: { state: "OPEN" },
  unanswered: { state: "OPEN", unanswered: true },
  closed: { state: "CLOSED" },
};

/** Whether a conversation belongs under the tab as it is now. */
export function belongs(item: Pick<ConversationRowItem, "state" | "waitingSince">, tab: InboxTab): boolean {
  if (tab === "closed") return item.state === "CLOSED";
  return item.state === "OPEN" && (tab === "open" || item.waitingSince != null);
}

/** Newest activity first; among the unanswered, who waits longest. */
export function sorted<Item extends Pick<ConversationRowItem, "createdAt" | "waitingSince" | "lastMessage">>(
  items: Item[],
  tab: InboxTab,
): Item[] {
  // As times, not as texts: how many digits a second has is up to the engine.
  const activity = (item: Item) => Date.parse(item.lastMessage?.sentAt ?? item.createdAt);
  const waiting = (item: Item) => (item.waitingSince ? Date.parse(item.waitingSince) : 0);
  return [...items].sort((a, b) =>
    tab === "unanswered" ? waiting(a) - waiting(b) : activity(b) - activity(a),
  );
}

/** The shared desk's conversations, kept true by events. */
export function useInbox(tab: InboxTab) {
  const paged = usePaged({
    query: INBOX,
    variables: { filter: FILTERS[tab], first: 50 },
    pick: (data) => data.supportConversations,
  });
  const [changed, setChanged] = useState<ConversationRowItem[]>([]);
  const { again } = paged;
  useEvents({
    query: INBOX_EVENTS,
    variables: {},
    onEvent: ({ inboxEvents: happened }) => {
      if (happened.__typename === "ResyncRequired") return again();
      const item = readFragment(CONVERSATION_ROW, happened.conversation);
      if (item.kind !== "SUPPORT") return;
      setChanged((before) => [...before.filter((each) => each.id !== item.id), item]);
    },
  });
  useEffect(
    () =>
      onReconnected(() => {
        setChanged([]);
        again();
      }),
    [again],
  );

  const items = useMemo(() => {
    if (!paged.nodes) return undefined;
    const known = new Map(paged.nodes.map((node) => [node.id, readFragment(CONVERSATION_ROW, node)]));
    for (const item of changed) known.set(item.id, item);
    return sorted(
      [...known.values()].filter((item) => belongs(item, tab)),
      tab,
    );
  }, [paged.nodes, changed, tab]);
  return { ...paged, items };
}
