import { expect, test } from "vitest";
import { belongs, sorted } from "./use-inbox";

const conversation = (
  id: string,
  sentAt: string,
  waitingSince: string | null,
  state: "OPEN" | "CLOSED" = "OPEN",
) => ({
  id,
  state,
  createdAt: "2026-01-01",
  waitingSince,
  lastMessage: { sentAt } as never,
});

test("an answered conversation leaves the unanswered, a closed one leaves both", () => {
  const waits = conversation("a", "2026-01-02", "2026-01-02");
  expect([belongs(waits, "open"), belongs(waits, "unanswered"), belongs(waits, "closed")]).toEqual([
    true,
    true,
    false,
  ]);
  const answered = conversation("a", "2026-01-03", null);
  expect(belongs(answered, "unanswered")).toBe(false);
  const closed = conversation("a", "2026-01-03", "2026-01-02", "CLOSED");
  expect([belongs(closed, "open"), belongs(closed, "unanswered"), belongs(closed, "closed")]).toEqual([
    false,
    false,
    true,
  ]);
});

test("who waits longest comes first, elsewhere what is newest", () => {
  const one = conversation("one", "2026-01-05", "2026-01-02");
  const two = conversation("two", "2026-01-04", "2026-01-03");
  const three = conversation("three", "2026-01-06", "2026-01-01");
  expect(sorted([two, one, three], "unanswered").map((each) => each.id)).toEqual(["three", "one", "two"]);
  expect(sorted([two, one, three], "open").map((each) => each.id)).toEqual(["three", "one", "two"]);
});

test("times are compared as times, however many digits their seconds have", () => {
  const earlier = conversation("earlier", "2026-01-01T10:00:00.25Z", null);
  const later = conversation("later", "2026-01-01T10:00:00.251Z", null);
  const whole = conversation("whole", "2026-01-01T10:00:01Z", null);
  expect(sorted([earlier, whole, later], "open").map((each) => each.id)).toEqual([
    "whole",
    "later",
    "earlier",
  ]);
});
