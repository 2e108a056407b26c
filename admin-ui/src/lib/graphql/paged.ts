import { useCallback, useMemo, useState } from "react";
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

type Place<Node> = {
  key: string;
  after?: string;
  /** What the pages up to there hold. */
  before: Node[];
};

const NOTHING: never[] = [];

/** A list that grows by the page. What it grew to is kept while it is shown, and forgotten by `again`. */
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
  const [kept, setPlace] = useState<Place<Node>>({ key, before: [] });
  const { after, before } = kept.key === key ? kept : { after: undefined, before: NOTHING };
  const [{ data, fetching, error, stale, operation }, ask] = useQuery({
    query,
    variables: { ...variables, after } as unknown as Variables,
    pause,
    requestPolicy,
  });
  // While a page is on its way, what is there is the one before.
  const arrived = (operation?.variables as { after?: string } | undefined)?.after === after;
  const connection = data && arrived ? pick(data) : undefined;
  const page = connection?.nodes;
  const nodes = useMemo(
    () => (page ? (before.length > 0 ? [...before, ...page] : page) : before.length > 0 ? before : undefined),
    [before, page],
  );
  const info = connection?.pageInfo;
  const more = useCallback(() => {
    if (info?.hasNextPage && info.endCursor && nodes && !fetching)
      setPlace({ key, after: info.endCursor, before: nodes });
  }, [info, nodes, fetching, key]);
  const again = useCallback(() => {
    setPlace({ key, before: [] });
    ask({ requestPolicy: "network-only" });
  }, [ask, key]);
  return {
    data,
    nodes,
    hasMore: info?.hasNextPage ?? before.length > 0,
    fetching: fetching || stale,
    error,
    more,
    again,
  };
}
