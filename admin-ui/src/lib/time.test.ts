import { expect, test } from "vitest";
import { dayName, duration, relative } from "./time";

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const ago = (seconds: number) => now - seconds * 1000;

test("times are said as people say them", () => {
  expect(relative(ago(20), now, "en")).toBe("now");
  expect(relative(ago(300), now, "en")).toContain("5");
  expect(relative(ago(26 * 3600), now, "en")).toBe("yesterday");
  expect(relative(ago(26 * 3600), now, "de")).toBe("gestern");
});

test("lengths of time have their two largest units", () => {
  expect(duration(0)).toBe("0s");
  expect(duration(59)).toBe("59s");
  expect(duration(200)).toBe("3m 20s");
  expect(duration(7500)).toBe("2h 5m");
  expect(duration(4 * 86_400)).toBe("4d");
});

test("days have names while they are near", () => {
  expect(dayName(new Date(now).toISOString(), now, "en")).toBe("Today");
  expect(dayName(new Date(ago(86_400)).toISOString(), now, "de")).toBe("Gestern");
  expect(dayName("2026-01-05T12:00:00Z", now, "en")).toContain("2026");
});
