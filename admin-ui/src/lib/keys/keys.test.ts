import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Action, listenToKeys, resolve, useActions } from "./actions";
import { chord, readable } from "./parse";

const action = (keys: string): Action => ({ id: keys, title: keys, group: "", keys, run: () => {} });
const event = (init: KeyboardEventInit) => new KeyboardEvent("keydown", init);

test("a press is written the same on every machine", () => {
  expect(chord(event({ key: "k", ctrlKey: true }), false)).toBe("mod+k");
  expect(chord(event({ key: "k", metaKey: true }), true)).toBe("mod+k");
  expect(chord(event({ key: "?", shiftKey: true }), false)).toBe("?");
  expect(chord(event({ key: "T", shiftKey: true }), false)).toBe("shift+t");
  // On a Mac, Alt and J type another letter.
  expect(chord(event({ key: "∆", code: "KeyJ", altKey: true }), true)).toBe("alt+j");
  expect(readable("mod+k", true)).toEqual(["⌘", "K"]);
  expect(readable("g m", false)).toEqual(["G", "M"]);
});

test("sequences wait for their second key, and the latest offer wins", () => {
  const first = action("g m");
  const single = action("r");
  const later = { ...action("r"), id: "later" };
  expect(resolve([first, single], ["g"])).toBe("more");
  expect(resolve([first, single], ["g", "m"])).toBe(first);
  expect(resolve([first, single], ["g", "x"])).toBeUndefined();
  expect(resolve([single, later], ["r"])).toBe(later);
});

let stop = () => {};
beforeEach(() => {
  stop = listenToKeys();
});
afterEach(() => {
  stop();
  document.body.innerHTML = "";
});

test("keys do nothing while one types, unless they are meant to", () => {
  const plain = vi.fn();
  const typing = vi.fn();
  const { unmount } = renderHook(() =>
    useActions([
      { ...action("x"), run: plain },
      { ...action("mod+k"), run: typing, whileTyping: true },
    ]),
  );
  document.body.innerHTML = "<input id=field><p id=text></p>";
  const field = document.getElementById("field");
  const text = document.getElementById("text");
  const press = (target: Element | null, init: KeyboardEventInit) =>
    target?.dispatchEvent(new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true }));
  press(field, { key: "x" });
  expect(plain).not.toHaveBeenCalled();
  press(field, { key: "k", ctrlKey: true });
  expect(typing).toHaveBeenCalledTimes(1);
  press(text, { key: "x" });
  expect(plain).toHaveBeenCalledTimes(1);
  unmount();
  press(text, { key: "x" });
  expect(plain).toHaveBeenCalledTimes(1);
});
