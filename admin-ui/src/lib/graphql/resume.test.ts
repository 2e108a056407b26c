import { expect, test } from "vitest";
import { resumable } from "./resume";

const query =
  "subscription ($id: ID!, $after: Int) { conversationEvents(conversationId: $id, after: $after) { x } }";
const sent = (payload: object) => JSON.parse(JSON.stringify(payload)).variables;

test("a conversation is resumed after the last event that arrived", () => {
  const { payload, saw } = resumable({ query, variables: { id: "c", after: 4 } });
  expect(sent(payload)).toEqual({ id: "c", after: 4 });
  saw({ data: { conversationEvents: { seq: 5 } } });
  saw({ data: { conversationEvents: { seq: 6 } } });
  // Typing and reading have no place in the log.
  saw({ data: { conversationEvents: { typing: true } } });
  expect(sent(payload)).toEqual({ id: "c", after: 6 });
});

test("what has no log is asked for as it was", () => {
  const other = { query: "subscription { liveStats { heldCount } }", variables: {} };
  const { payload, saw } = resumable(other);
  saw({ data: { liveStats: { seq: 9 } } });
  expect(payload).toBe(other);
});
