import { useEffect, useRef } from "react";
import { type AnyVariables, type CombinedError, type TypedDocumentNode, useClient } from "urql";
import { pipe, subscribe } from "wonka";

/**
 * Every event of a subscription, one by one and in order; rendering in between loses none. Variables are compared by
 * their content.
 */
export function useEvents<Data, Variables extends AnyVariables>({
  query,
  variables,
  pause = false,
  onEvent,
  onError,
}: {
  query: TypedDocumentNode<Data, Variables>;
  variables: Variables;
  pause?: boolean;
  onEvent: (data: Data) => void;
  onError?: (error: CombinedError) => void;
}) {
  const client = useClient();
  const handlers = useRef({ onEvent, onError });
  handlers.current = { onEvent, onError };
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (pause) return;
    const { unsubscribe } = pipe(
      client.subscription(query, JSON.parse(key) as Variables),
      subscribe((result) => {
        if (result.error) handlers.current.onError?.(result.error);
        else if (result.data) handlers.current.onEvent(result.data);
      }),
    );
    return unsubscribe;
  }, [client, query, key, pause]);
}
