import { graphql } from "@/gql";
import type { ConversationHeadFragment } from "@/gql/graphql";

/** What is known of a conversation besides its log; a snapshot brings it anew. */
export const CONVERSATION_HEAD = graphql(`
  fragment ConversationHead on Conversation {
    id
    kind
    state
    category
    createdAt
    lastSeq
    lastRead
    waitingSince
    viewerCanSend
    listing {
      id
      externalId
      title
      url
      imageUrl
      status
      priceMinor
      currency
      category
    }
    participants {
      role
      lastReadSeq
      blocked
      user {
        id
        name
      }
    }
  }
`);

export type ConversationHead = ConversationHeadFragment;
