import { expect, test } from "vitest";
import { findLinks, leavingPath, safeHref } from "./links";

test("addresses are found, the sentence's end is not part of them", () => {
  expect(findLinks("See https://example.com/a?b=1, or www.test.org!")).toEqual([
    { text: "See " },
    { text: "https://example.com/a?b=1", href: "https://example.com/a?b=1" },
    { text: ", or " },
    { text: "www.test.org", href: "https://www.test.org/" },
    { text: "!" },
  ]);
});

test("a bracket belongs to an address only if it was opened in it", () => {
  expect(findLinks("(https://example.com)")[1]?.text).toBe("https://example.com");
  expect(findLinks("https://example.com/a_(b)")[0]?.text).toBe("https://example.com/a_(b)");
});

test("only the web is linked to", () => {
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "nonsense"]) {
    expect(safeHref(bad), bad).toBeUndefined();
  }
  expect(findLinks("javascript:alert(1)")).toEqual([{ text: "javascript:alert(1)" }]);
});

test("links go over the page that warns", () => {
  expect(leavingPath("https://a.de/?x=1&y=2")).toContain("leaving?to=https%3A%2F%2Fa.de%2F%3Fx%3D1%26y%3D2");
});
