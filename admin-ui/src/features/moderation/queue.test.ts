import { expect, test } from "vitest";
import { drop, merge, NOTHING, nextAfter, type Overlay, put, putBack } from "./queue";

const item = (id: string, heldAt: string, severity: number) => ({ id, heldAt, severity });
type Item = ReturnType<typeof item>;
const pages = [item("a", "2026-01-01", 0.4), item("b", "2026-01-02", 0.9)];
const start: Overlay<Item> = NOTHING;
const ids = (overlay: Overlay<Item>, order: "oldest" | "severity" = "oldest") =>
  // As the engine gives them: in the order that was asked for.
  merge(order === "oldest" ? pages : pages.toReversed(), overlay, order).map((each) => each.id);

test("what comes by event takes its place in the order", () => {
  const later = put(start, item("c", "2026-01-01T12:00", 0.95));
  expect(ids(later)).toEqual(["a", "c", "b"]);
  expect(ids(later, "severity")).toEqual(["c", "b", "a"]);
});

test("a message that comes twice is there once, as it is now", () => {
  const again = put(put(start, item("a", "2026-01-05", 0.1)), item("a", "2026-01-06", 0.2));
  expect(ids(again)).toEqual(["b", "a"]);
});

test("a refused decision puts the message back, an undone one brings it again", () => {
  const taken = drop(start, "a");
  expect(ids(taken)).toEqual(["b"]);
  expect(ids(putBack(taken, "a"))).toEqual(["a", "b"]);
  expect(ids(put(taken, item("a", "2026-01-01", 0.4)))).toEqual(["a", "b"]);
});

test("after a decision comes the next one, and at the end the one before", () => {
  expect(nextAfter(["a", "b", "c"], "b")).toBe("c");
  expect(nextAfter(["a", "b", "c"], "c")).toBe("b");
  expect(nextAfter(["a"], "a")).toBeUndefined();
  expect(nextAfter(["a", "b"], "gone")).toBe("a");
});

test("a queue of 10,000 is merged within a frame or two", () => {
  const many = Array.from({ length: 10_000 }, (_, n) =>
    item(`m${n}`, new Date(((n * 7919) % 10_000) * 1000).toISOString(), (n % 100) / 100),
  );
  const began = performance.now();
  const sorted = merge([], { added: many, gone: new Set() }, "oldest");
  const overlay = { ...drop(start, "m5"), added: sorted.filter((_, n) => n % 2 === 0) };
  const merged = merge(sorted, overlay, "oldest");
  expect(merged).toHaveLength(9999);
  expect(merged).toEqual(sorted.filter((each) => each.id !== "m5"));
  expect(performance.now() - began).toBeLessThan(300);
});
