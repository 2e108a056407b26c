import { expect, test } from "vitest";
import { perMinute, tally } from "./figures";

const minute = (
  direct: number,
  support: number,
  verdicts: { action: "HOLD" | "MASK" | "DELIVER"; count: number }[] = [],
) => ({
  at: "2026-01-01T00:00:00Z",
  direct,
  support,
  verdicts,
});

test("the running minute does not count for the average", () => {
  expect(perMinute([minute(10, 0), minute(20, 10), minute(1, 0)])).toBe(20);
  expect(perMinute([minute(3, 0)])).toBe(0);
});

test("what was simply delivered is left out, the most frequent comes first", () => {
  const minutes = [
    minute(1, 1, [
      { action: "DELIVER", count: 50 },
      { action: "HOLD", count: 2 },
    ]),
    minute(1, 1, [
      { action: "MASK", count: 5 },
      { action: "HOLD", count: 1 },
    ]),
  ];
  expect(tally(minutes)).toEqual([
    { action: "MASK", count: 5 },
    { action: "HOLD", count: 3 },
  ]);
});
