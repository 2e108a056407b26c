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

test("the running minute counts for as long as it has lasted", () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
  expect(perMinute([minute(10, 0), minute(10, 5), minute(5, 0)], at(30))).toBe(12);
  expect(perMinute([minute(3, 0)], at(0)), "a minute that just began is no thousand a minute").toBe(6);
  expect(perMinute([], at(0))).toBe(0);
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
