import { useEffect } from "react";
import { useQuery } from "urql";
import { graphql } from "@/gql";

const SEARCH_INDEX = graphql(`
  query SearchIndexState {
    searchIndex {
      kind
      state
      problem
      messages
      conversations
      bytes
      lagSeconds
      setAside
      build {
        startedAt
        conversationsDone
        conversationsTotal
        messagesDone
      }
    }
  }
`);

/** While an index is built there are no events of it: it is asked this often, milliseconds. */
const AGAIN_MS = 1500;

/** How search is doing; followed while an index is being built. */
export function useSearchIndex() {
  const [{ data, fetching }, ask] = useQuery({ query: SEARCH_INDEX, requestPolicy: "cache-and-network" });
  const index = data?.searchIndex;
  const building = index?.build != null;
  useEffect(() => {
    if (!building || fetching) return;
    const timer = setTimeout(() => ask({ requestPolicy: "network-only" }), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [building, fetching, ask]);
  return { index, again: () => ask({ requestPolicy: "network-only" }) };
}
