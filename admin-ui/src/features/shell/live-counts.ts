import { useSubscription } from "urql";
import { graphql } from "@/gql";

const LIVE_COUNTS = graphql(`
  subscription LiveCounts {
    liveStats {
      heldCount
      unansweredConversations
    }
  }
`);

export type LiveCounts = { held: number; waiting: number };

/** What waits for somebody, live: for the sidebar. */
export function useLiveCounts(): LiveCounts | undefined {
  const [{ data }] = useSubscription({ query: LIVE_COUNTS });
  if (!data) return undefined;
  return { held: data.liveStats.heldCount, waiting: data.liveStats.unansweredConversations };
}
