import { expect, test } from "vitest";
import { diffLines } from "./diff";

const show = (older: string, newer: string, context?: number) =>
  diffLines(older, newer, context).map((line) =>
    line.kind === "gap"
      ? `… ${line.lines}`
      : `${{ same: " ", added: "+", removed: "-" }[line.kind]}${line.text}`,
  );

test("what changed is shown with its surroundings, the rest is left out", () => {
  const older = ["a", "b", "c", "d", "e", "f", "g"].join("\n");
  const newer = ["a", "b", "c", "D", "e", "f", "g"].join("\n");
  expect(show(older, newer, 1)).toEqual(["… 2", " c", "-d", "+D", " e", "… 2"]);
});

test("insertions and removals keep their line numbers", () => {
  const lines = diffLines("a\nb\nc", "a\nx\nb");
  expect(lines).toEqual([
    { kind: "same", text: "a", from: 1, to: 1 },
    { kind: "added", text: "x", to: 2 },
    { kind: "same", text: "b", from: 2, to: 3 },
    { kind: "removed", text: "c", from: 3 },
  ]);
});

test("equal texts have no difference", () => {
  expect(diffLines("a\nb", "a\nb")).toEqual([]);
});
