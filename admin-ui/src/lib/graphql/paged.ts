import { useCallback, useState } from "react";
import {
  type AnyVariables,
  type CombinedError,
  type RequestPolicy,
  type TypedDocumentNode,
  useQuery,
} from "urql";

type Connection<Node> = {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
};

export type Paged<Data, Node> = {
  data: Data | undefined;
  nodes: Node[] | undefined;
  hasMore: boolean;
  fetching: boolean;
  error: CombinedError | undefined;
  more: () => void;
  again: () => void;
};

/** A list that grows by the page; the cache puts the pages together. */
export function usePaged<Data, Variables extends AnyVariables & { after?: string | null }, Node>({
  query,
  variables,
  pick,
  pause,
  requestPolicy = "cache-and-network",
}: {
  query: TypedDocumentNode<Data, Variables>;
  variables: Omit<Variables, "after">;
  pick: (data: Data) => Connection<Node> | null | undefined;
  pause?: boolean;
  requestPolicy?: RequestPolicy;
}): Paged<Data, Node> {
  const key = JSON.stringify(variables);
  const [place, setPlace] = useState<{ key: string; after?: string }>({ key });
  const after = place.key === key ? place.after : undefined;
  const [{ data, fetching, error, stale }, ask] = useQuery({
    query,
    variables: { ...variables, after } as unknown as Variables,
    pause,
    requestPolicy,
  });
  const connection = data ? pick(data) : undefined;
  const info = connection?.pageInfo;
  const more = useCallback(() => {
    if (info?.hasNextPage && info.endCursor && !fetching) setPlace({ key, after: info.endCursor });
  }, [info, fetching, key]);
  const again = useCallback(() => {
    setPlace({ key });
    ask({ requestPolicy: "network-only" });
  }, [ask, key]);
  return {
    data,
    nodes: connection?.nodes,
    hasMore: info?.hasNextPage ?? false,
    fetching: fetching || stale,
    error,
    more,
    again,
  };
}
