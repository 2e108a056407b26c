import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { type CombinedError, useClient } from "urql";
import { graphql, readFragment } from "@/gql";
import { useEvents } from "@/lib/graphql/events";
import { codeOf } from "@/lib/graphql/explain";
import { CONVERSATION_HEAD, type ConversationHead } from "./conversation-head";
import { LIVE_EVENT, PAST_EVENT, type ThreadEvent, threadEvent } from "./events";
import { emptyThread, type Thread, takeIn } from "./thread";

const THREAD_PAGE = graphql(`
  query ThreadPage($id: ID!, $reason: String, $last: Int, $before: String) {
    conversation(id: $id, reason: $reason) {
      id
      ...ConversationHead
      events(last: $last, before: $before) {
        pageInfo {
          hasPreviousPage
          startCursor
        }
        nodes {
          ...PastEvent
        }
      }
    }
  }
`);

const THREAD_EVENTS = graphql(`
  subscription ThreadEvents($id: ID!, $after: Int, $reason: String) {
    conversationEvents(conversationId: $id, after: $after, reason: $reason) {
      __typename
      ... on DurableEvent {
        seq
        ...LiveEvent
      }
      ... on ConversationSnapshot {
        conversation {
          id
          ...ConversationHead
        }
      }
      ... on ReadAdvanced {
        userId
        lastReadSeq
      }
      ... on TypingChanged {
        typing
        user {
          id
          name
        }
      }
      ... on ResyncRequired {
        reason
      }
    }
  }
`);

const PAGE = 50;
/** At most so many pages are fetched to get to an old message. */
const FAR = 250;

type State = {
  status: "loading" | "ready" | "missing" | "reason" | "failed";
  head?: ConversationHead;
  thread: Thread<ThreadEvent>;
  older?: string;
  error?: CombinedError;
  /** Where the live events begin, once the first page is there. */
  liveAfter?: number;
};

/** The earliest event that is known, and the cursor of what comes before it. */
type Place = { first: number | undefined; older: string | undefined };

type Step = Partial<State> | ((before: State) => State);

/** A conversation's log: the newest page, older ones on demand, and everything that happens from then on. */
export function useThread(id: string, at?: number) {
  const client = useClient();
  const [state, step] = useReducer(
    (before: State, next: Step): State =>
      typeof next === "function" ? next(before) : { ...before, ...next },
    undefined,
    () => ({ status: "loading" as const, thread: emptyThread<ThreadEvent>() }),
  );
  const [reason, setReason] = useState<string>();
  const [typing, setTyping] = useState<Map<string, string>>(new Map());
  const fetching = useRef(false);
  const latest = useRef(state);
  latest.current = state;

  const page = useCallback(
    async (before: string | undefined): Promise<Place | undefined> => {
      const result = await client
        .query(THREAD_PAGE, { id, reason, last: PAGE, before }, { requestPolicy: "network-only" })
        .toPromise();
      if (result.error && !result.data?.conversation) {
        const wanted = codeOf(result.error) === "REASON_REQUIRED";
        step({ status: wanted ? "reason" : "failed", error: result.error });
        return undefined;
      }
      const found = result.data?.conversation;
      if (!found) {
        step({ status: "missing" });
        return undefined;
      }
      const head = readFragment(CONVERSATION_HEAD, found);
      const events = readFragment(PAST_EVENT, found.events.nodes).map(threadEvent);
      step((now) => ({
        ...now,
        status: "ready",
        error: undefined,
        head: before ? now.head : head,
        thread: { ...takeIn(now.thread, events), hasOlder: found.events.pageInfo.hasPreviousPage },
        older: found.events.pageInfo.startCursor ?? undefined,
        liveAfter: now.liveAfter ?? head.lastSeq,
      }));
      const { hasPreviousPage, startCursor } = found.events.pageInfo;
      return { first: events[0]?.seq, older: hasPreviousPage ? (startCursor ?? undefined) : undefined };
    },
    [client, id, reason],
  );

  const start = useCallback(() => {
    step({ status: "loading", thread: emptyThread<ThreadEvent>(), older: undefined, liveAfter: undefined });
    void page(undefined);
  }, [page]);
  useEffect(start, [start]);

  const loadOlder = useCallback(async () => {
    const { older, thread } = latest.current;
    if (fetching.current || !older || !thread.hasOlder) return;
    fetching.current = true;
    await page(older);
    fetching.current = false;
  }, [page]);

  // Somebody was sent here for one message: older pages come until it is there.
  useEffect(() => {
    if (state.status !== "ready" || at === undefined) return;
    let wanted = true;
    void (async () => {
      const { thread, older } = latest.current;
      let place: Place | undefined = { first: thread.events[0]?.seq, older };
      for (let pages = 0; pages < FAR && wanted; pages++) {
        if (!place?.older || (place.first !== undefined && place.first <= at)) return;
        place = await page(place.older);
      }
    })();
    return () => {
      wanted = false;
    };
  }, [state.status, at, page]);

  useEvents({
    query: THREAD_EVENTS,
    variables: { id, after: state.liveAfter, reason },
    pause: state.status !== "ready" || state.liveAfter === undefined,
    onError: (problem) => {
      if (codeOf(problem) === "REASON_REQUIRED") step({ status: "reason", error: problem });
    },
    onEvent: ({ conversationEvents: event }) => {
      switch (event.__typename) {
        case "ConversationSnapshot":
          step({ head: readFragment(CONVERSATION_HEAD, event.conversation) });
          break;
        case "ResyncRequired":
          start();
          break;
        case "ReadAdvanced":
          step((now) => ({ ...now, head: now.head && readBy(now.head, event.userId, event.lastReadSeq) }));
          break;
        case "TypingChanged":
          setTyping((before) => {
            const after = new Map(before);
            if (event.typing) after.set(event.user.id, event.user.name);
            else after.delete(event.user.id);
            return after;
          });
          break;
        default: {
          const happened = threadEvent(readFragment(LIVE_EVENT, event));
          step((now) => ({
            ...now,
            thread: takeIn(now.thread, [happened]),
            head: now.head && changedBy(now.head, happened.kind),
          }));
          const sender = happened.kind === "MessagePosted" && happened.message?.sender.id;
          if (sender) {
            setTyping((before) => {
              const after = new Map(before);
              after.delete(sender);
              return after;
            });
          }
        }
      }
    },
  });

  return { ...state, typing: [...typing.values()], loadOlder, reload: start, giveReason: setReason };
}

function readBy(head: ConversationHead, user: string, seq: number): ConversationHead {
  const participants = head.participants.map((each) =>
    each.user.id === user ? { ...each, lastReadSeq: seq } : each,
  );
  return { ...head, participants };
}

function changedBy(head: ConversationHead, kind: string): ConversationHead {
  if (kind === "ConversationClosed") return { ...head, state: "CLOSED", viewerCanSend: false };
  if (kind === "ConversationReopened")
    return { ...head, state: "OPEN", viewerCanSend: head.kind === "SUPPORT" };
  return head;
}
