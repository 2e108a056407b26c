import { expect, test } from "vitest";
import { bareId, jumpOf } from "./jump";

test("pasted ids lead to what they name", () => {
  expect(jumpOf(" conversation:c1 ")).toEqual({ kind: "conversation", id: "c1" });
  expect(jumpOf("message:c1:42")).toEqual({ kind: "conversation", id: "c1", seq: 42 });
  // A conversation's id may have a colon of its own.
  expect(jumpOf("message:a:b:7")).toEqual({ kind: "conversation", id: "a:b", seq: 7 });
  expect(jumpOf("filter:spam")).toEqual({ kind: "filter", id: "spam" });
  expect(jumpOf("message:c1")).toBeUndefined();
  expect(jumpOf("hello there")).toBeUndefined();
  expect(bareId("conversation:a:b")).toBe("a:b");
});
