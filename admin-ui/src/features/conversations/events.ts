import { graphql, readFragment } from "@/gql";
import type { LogEventFieldsFragment, ThreadMessageFragment } from "@/gql/graphql";
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

export const LOG_EVENT = graphql(`
  fragment LogEventFields on DurableEvent {
    __typename
    seq
    ... on MessagePosted {
      at
      message {
        ...ThreadMessage
      }
    }
    ... on MessageEdited {
      at
      message {
        ...ThreadMessage
      }
    }
    ... on MessageRetracted {
      at
      message {
        ...ThreadMessage
      }
    }
    ... on MessageDecided {
      at
      messageId
      decidedMessage: message {
        ...ThreadMessage
      }
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
      decidedMessage: message {
        ...ThreadMessage
      }
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
export type ThreadEvent = LogEvent & { message?: ThreadMessage | null; fields: LogEventFieldsFragment };

/** An event of the API as one of the thread. */
export function threadEvent(fields: LogEventFieldsFragment): ThreadEvent {
  const event: ThreadEvent = { seq: fields.seq, kind: fields.__typename, fields };
  if ("message" in fields && fields.message) event.message = readFragment(THREAD_MESSAGE, fields.message);
  if ("decidedMessage" in fields) {
    event.message = fields.decidedMessage ? readFragment(THREAD_MESSAGE, fields.decidedMessage) : null;
  }
  if ("messageId" in fields) event.messageId = fields.messageId;
  return event;
}
