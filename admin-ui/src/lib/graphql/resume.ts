import type { ExecutionResult, SubscribePayload } from "graphql-ws";

/**
 * A subscription's payload that knows how far the client has come. graphql-ws sends the payload again after a
 * reconnection, and reads it anew then: so `after` is always the last event that arrived.
 */
export function resumable(payload: SubscribePayload): {
  payload: SubscribePayload;
  saw: (result: ExecutionResult) => void;
} {
  if (!/\bconversationEvents\b/.test(payload.query)) return { payload, saw: () => {} };
  let after = payload.variables?.after as number | null | undefined;
  return {
    payload: {
      ...payload,
      get variables() {
        return { ...payload.variables, after };
      },
    },
    saw(result) {
      for (const event of Object.values(result.data ?? {})) {
        const seq = seqOf(event);
        if (seq !== undefined) after = Math.max(after ?? 0, seq);
      }
    },
  };
}

/** How far an event brings the client: its own number, or for a first snapshot without `after` the newest one. */
function seqOf(event: unknown): number | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const { seq } = event as { seq?: unknown };
  return typeof seq === "number" ? seq : undefined;
}
