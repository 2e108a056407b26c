import { expect, test } from "vitest";
import { cut } from "./spans";

const text = (pieces: ReturnType<typeof cut>) => pieces.map((piece) => [piece.text, piece.marks.join()]);

test("bytes become characters, whatever their width", () => {
  // é is two bytes, 🚲 four (two units of UTF-16), so a naive slice would cut in the wrong place.
  expect(text(cut("né 🚲 1234", [[{ start: 9, end: 13 }]]))).toEqual([
    ["né 🚲 ", ""],
    ["1234", "0"],
  ]);
});

test("overlapping marks are cut where one begins or ends", () => {
  const marks = [[{ start: 0, end: 6 }], [{ start: 4, end: 10 }]];
  expect(text(cut("abcdefghij", marks))).toEqual([
    ["abcd", "0"],
    ["ef", "0,1"],
    ["ghij", "1"],
  ]);
});

test("a span that does not fit is cut to the text, and one inside a character does not split it", () => {
  expect(text(cut("ab", [[{ start: 1, end: 99 }]]))).toEqual([
    ["a", ""],
    ["b", "0"],
  ]);
  expect(
    cut("🚲", [[{ start: 1, end: 2 }]])
      .map((piece) => piece.text)
      .join(""),
  ).toBe("🚲");
});

test("the pieces always make up the text", () => {
  const body = "Hi! Ruf an: +49 170 123, oder ✉ a@b.de\n👩‍👧";
  for (let start = 0; start < 40; start++) {
    const pieces = cut(body, [[{ start, end: start + 7 }], [{ start: start * 2, end: start * 2 + 3 }]]);
    expect(pieces.map((piece) => piece.text).join("")).toBe(body);
  }
});

test("an empty text has no pieces", () => {
  expect(cut("", [[{ start: 0, end: 4 }]])).toEqual([]);
});
