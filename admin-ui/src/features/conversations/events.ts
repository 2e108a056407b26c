import { type FragmentType, graphql, readFragment } from "@/gql";
import type {
  EventFactsFragment,
  LiveEventFragment,
  PastEventFragment,
  ThreadMessageFragment,
} from "@/gql/graphql";
import type { LogEvent } from "./thread";

const THREAD_MESSAGE = graphql(`
  fragment ThreadMessage on Message {
    id
    seq
    body
    status
    sentAt
    editedAt
    clientId
    notice
    warning
    sender {
      id
      name
    }
    verdict {
      action
      policyVersion
      signals {
        ...SignalFacts
      }
    }
    decision {
      decision
      at
      reason
      by {
        id
        name
      }
      spans {
        start
        end
      }
    }
  }
`);

/** What a page of the past needs: messages come as they are now, so only where they were posted. */
export const PAST_EVENT = graphql(`
  fragment PastEvent on DurableEvent {
    __typename
    seq
    ...EventFacts
    ... on MessagePosted {
      message {
        ...ThreadMessage
      }
    }
  }
`);

/** What happens now: with the message it changes. */
export const LIVE_EVENT = graphql(`
  fragment LiveEvent on DurableEvent {
    __typename
    seq
    ...EventFacts
    ... on MessagePosted {
      message {
        ...ThreadMessage
      }
    }
    ... on MessageEdited {
      message {
        ...ThreadMessage
      }
    }
    ... on MessageRetracted {
      message {
        ...ThreadMessage
      }
    }
    ... on MessageDecided {
      decidedMessage: message {
        ...ThreadMessage
      }
    }
    ... on DecisionUndone {
      decidedMessage: message {
        ...ThreadMessage
      }
    }
  }
`);

const EVENT_FACTS = graphql(`
  fragment EventFacts on DurableEvent {
    __typename
    seq
    ... on MessagePosted {
      at
    }
    ... on MessageDecided {
      at
      messageId
      decision {
        decision
        reason
        by {
          id
          name
        }
      }
    }
    ... on DecisionUndone {
      at
      messageId
      undoneBy: by {
        id
        name
      }
    }
    ... on ParticipantJoined {
      at
      participant {
        role
        user {
          id
          name
        }
      }
    }
    ... on ParticipantBlocked {
      at
      by {
        id
        name
      }
      blocked {
        id
        name
      }
    }
    ... on ParticipantUnblocked {
      at
      by {
        id
        name
      }
      blocked {
        id
        name
      }
    }
    ... on ConversationClosed {
      at
      by {
        id
        name
      }
    }
    ... on ConversationReopened {
      at
      by {
        id
        name
      }
    }
  }
`);

export type ThreadMessage = ThreadMessageFragment;
export type ThreadEvent = LogEvent & { message?: ThreadMessage | null; fields: EventFactsFragment };

/** An event of the API as one of the thread. */
export function threadEvent(event: PastEventFragment | LiveEventFragment): ThreadEvent {
  const fields = readFragment(EVENT_FACTS, event as FragmentType<typeof EVENT_FACTS>);
  const made: ThreadEvent = { seq: event.seq, kind: event.__typename, fields };
  if ("message" in event && event.message) made.message = readFragment(THREAD_MESSAGE, event.message);
  if ("decidedMessage" in event) {
    made.message = event.decidedMessage ? readFragment(THREAD_MESSAGE, event.decidedMessage) : null;
  }
  if ("messageId" in fields) made.messageId = fields.messageId;
  return made;
}
