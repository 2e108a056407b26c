import type { Client, ExecutionResult, Sink, SubscribePayload } from "graphql-ws";

/** How long after an unwanted end it is tried again, milliseconds. */
const AGAIN_MS = 700;

/**
 * A subscription that lasts until it is ended here. graphql-ws opens it again after a lost connection; this does so too
 * after the engine said goodbye because it stops. A conversation goes on after the last event that arrived.
 */
export function keepSubscribed(
  socket: Pick<Client, "subscribe">,
  asked: SubscribePayload,
  sink: Sink<ExecutionResult>,
) {
  const { payload, saw } = resumable(asked);
  let last = "";
  let wanted = true;
  let stop = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    stop = socket.subscribe(payload, {
      next: (result) => {
        saw(result as ExecutionResult);
        last = typeOf(result.data) ?? last;
        sink.next(result as ExecutionResult);
      },
      error: (problem) => sink.error(problem),
      complete: () => {
        // Some end by themselves: a backtest that is over, and whatever says that one has to begin anew.
        if (!wanted || last === "ResyncRequired" || /\bbacktestProgress\b/.test(asked.query)) sink.complete();
        else timer = setTimeout(open, AGAIN_MS);
      },
    });
  };
  open();
  return () => {
    wanted = false;
    clearTimeout(timer);
    stop();
  };
}

/**
 * A subscription's payload that knows how far the client has come: it is read anew whenever it is sent, so `after` is
 * always the last event that arrived.
 */
function resumable(payload: SubscribePayload): {
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
        const { seq } = event as { seq?: unknown };
        if (typeof seq === "number") after = Math.max(after ?? 0, seq);
      }
    },
  };
}

function typeOf(data: Record<string, unknown> | null | undefined): string | undefined {
  const event = Object.values(data ?? {})[0] as { __typename?: string } | null | undefined;
  return event?.__typename;
}
