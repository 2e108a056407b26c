import { expect, test } from "vitest";
import { without } from "./query-text";

test("a chip's cross takes exactly its part out", () => {
  expect(without('bike from:ann "new tyres"', "from:ann")).toBe('bike "new tyres"');
  expect(without("bike", "bike")).toBe("");
  expect(without("bike", "boat")).toBe("bike");
});
