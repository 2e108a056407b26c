import type { SubscribePayload } from "graphql-ws";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepSubscribed } from "./resume";

const query =
  "subscription ($id: ID!, $after: Int) { conversationEvents(conversationId: $id, after: $after) { x } }";

/** Stands for the socket: keeps what was sent, and lets the test speak for the engine. */
function socket() {
  const opened: { variables: unknown; sink: { next: (result: object) => void; complete: () => void } }[] = [];
  const subscribe = (payload: SubscribePayload, sink: never) => {
    opened.push({ variables: JSON.parse(JSON.stringify(payload)).variables, sink });
    return () => {};
  };
  return { opened, subscribe: subscribe as never };
}

const quiet = { next: () => {}, error: () => {}, complete: () => {} };
const event = (fields: object) => ({ data: { conversationEvents: fields } });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a conversation goes on after the last event that arrived", () => {
  const { opened, subscribe } = socket();
  keepSubscribed({ subscribe }, { query, variables: { id: "c", after: 4 } }, quiet);
  expect(opened[0]?.variables).toEqual({ id: "c", after: 4 });
  opened[0]?.sink.next(event({ __typename: "MessagePosted", seq: 5 }));
  opened[0]?.sink.next(event({ __typename: "MessagePosted", seq: 6 }));
  // Typing and reading have no place in the log.
  opened[0]?.sink.next(event({ __typename: "TypingChanged", typing: true }));
  opened[0]?.sink.complete();
  vi.runAllTimers();
  expect(opened[1]?.variables).toEqual({ id: "c", after: 6 });
});

test("what ends by itself is over, and so is what was ended here", () => {
  const resync = socket();
  const complete = vi.fn();
  keepSubscribed({ subscribe: resync.subscribe }, { query, variables: {} }, { ...quiet, complete });
  resync.opened[0]?.sink.next(event({ __typename: "ResyncRequired" }));
  resync.opened[0]?.sink.complete();
  vi.runAllTimers();
  expect(resync.opened).toHaveLength(1);
  expect(complete).toHaveBeenCalledTimes(1);

  const left = socket();
  const stop = keepSubscribed({ subscribe: left.subscribe }, { query, variables: {} }, quiet);
  left.opened[0]?.sink.complete();
  stop();
  vi.runAllTimers();
  expect(left.opened).toHaveLength(1);
});
