import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { graphql, readFragment } from "@/gql";
import { onReconnected } from "@/lib/graphql/connection";
import { useEvents } from "@/lib/graphql/events";
import { usePaged } from "@/lib/graphql/paged";
import { drop, merge, NOTHING, type Overlay, put, putBack } from "./queue";
import { QUEUE_ROW, type QueueRowItem } from "./queue-row";

const QUEUE = graphql(`
  query ModerationQueue($filter: QueueFilter, $order: QueueOrder!, $first: Int, $after: String) {
    moderationQueue(filter: $filter, order: $order, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        ...QueueRow
      }
    }
  }
`);

const QUEUE_EVENTS = graphql(`
  subscription QueueEvents {
    queueEvents {
      __typename
      ... on QueueItemAdded {
        heldCount
        item {
          id
          ...QueueRow
        }
      }
      ... on QueueItemRemoved {
        messageId
        heldCount
      }
    }
  }
`);

export type QueueOrderName = "oldest" | "severity";

/** The queue, kept true by events. Own decisions take a message out at once, and a refusal puts it back. */
export function useQueue(order: QueueOrderName, filter: { signalId?: string; senderId?: string }) {
  const paged = usePaged({
    query: QUEUE,
    variables: { filter, order: order === "oldest" ? "OLDEST" : "SEVERITY", first: 50 },
    pick: (data) => data.moderationQueue,
  });
  const [overlay, setOverlay] = useState<Overlay<QueueRowItem>>(NOTHING);
  const [count, setCount] = useState<number>();
  const { again } = paged;

  useEvents({
    query: QUEUE_EVENTS,
    variables: {},
    onEvent: ({ queueEvents: happened }) => {
      if (happened.__typename === "ResyncRequired") return again();
      setCount(happened.heldCount);
      if (happened.__typename === "QueueItemRemoved") {
        setOverlay((before) => drop(before, happened.messageId));
        return;
      }
      const item = readFragment(QUEUE_ROW, happened.item);
      const fits =
        (!filter.senderId || item.message.sender.id === filter.senderId) &&
        (!filter.signalId || item.message.verdict?.signals.some((signal) => signal.id === filter.signalId));
      if (fits) setOverlay((before) => put(before, item));
    },
  });

  // Events of the time in between are lost to us: the queue is asked for again, and what we thought is forgotten.
  useEffect(
    () =>
      onReconnected(() => {
        setOverlay(NOTHING);
        setCount(undefined);
        again();
      }),
    [again],
  );

  const pages = useMemo(() => paged.nodes?.map((node) => readFragment(QUEUE_ROW, node)), [paged.nodes]);
  const items = useMemo(() => pages && merge(pages, overlay, order), [pages, overlay, order]);
  // What events added to the queue as it was narrowed before may not belong to it now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is for the change alone
  useEffect(() => setOverlay(NOTHING), [filter.signalId, filter.senderId]);

  // What came between the answer and the beginning of the events was told to nobody, but it is counted: if the count says
  // that something is missing, the queue is asked for again, once for each count.
  const askedAt = useRef<number>(undefined);
  const known = items?.length;
  const whole = !filter.signalId && !filter.senderId && !paged.hasMore;
  useEffect(() => {
    if (!whole || known === undefined || count === undefined) return;
    if (known === count || askedAt.current === count) return;
    const timer = setTimeout(() => {
      askedAt.current = count;
      again();
    }, 500);
    return () => clearTimeout(timer);
  }, [whole, known, count, again]);
  const take = useCallback((id: string) => setOverlay((before) => drop(before, id)), []);
  const restore = useCallback((id: string) => setOverlay((before) => putBack(before, id)), []);
  return {
    ...paged,
    items,
    total: count ?? paged.data?.moderationQueue?.totalCount,
    take,
    restore,
  };
}
