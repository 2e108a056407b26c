import { useQuery, useSubscription } from "urql";
import { graphql, readFragment } from "@/gql";
import type { LiveFiguresFragment } from "@/gql/graphql";

const LIVE_FIGURES = graphql(`
  fragment LiveFigures on LiveStats {
    at
    minutes {
      at
      direct
      support
      verdicts {
        action
        count
      }
    }
    openConversations
    unansweredConversations
    oldestUnansweredSince
    heldCount
    oldestHeldSince
    connectedUsers
    connections
    outboxLag
    coverage {
      active
      enabled
      percent
    }
    filters {
      name
      mode
      health {
        problem
        live {
          version
          inspectedLastHour
          flaggedLastHour
          crashesLastHour
          p50Micros
          p99Micros
        }
      }
    }
  }
`);

const OVERVIEW = graphql(`
  query Overview {
    liveStats {
      ...LiveFigures
    }
  }
`);

const OVERVIEW_LIVE = graphql(`
  subscription OverviewLive {
    liveStats {
      ...LiveFigures
    }
  }
`);

export type LiveFigures = LiveFiguresFragment;

/** How things stand: asked once, then told. */
export function useLiveStats() {
  const [{ data, error }, again] = useQuery({ query: OVERVIEW, requestPolicy: "cache-and-network" });
  const [live] = useSubscription({ query: OVERVIEW_LIVE });
  const stats = live.data?.liveStats ?? data?.liveStats;
  return {
    stats: stats ? readFragment(LIVE_FIGURES, stats) : undefined,
    error,
    again: () => again({ requestPolicy: "network-only" }),
  };
}
