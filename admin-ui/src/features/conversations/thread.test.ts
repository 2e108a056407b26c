import { expect, test } from "vitest";
import { continues, emptyThread, type LogEvent, takeIn } from "./thread";

const message = (seq: number, body: string) => ({ id: `m${seq}`, seq, body });
type Event = LogEvent & { message?: ReturnType<typeof message> | null };
const posted = (seq: number): Event => ({ seq, kind: "MessagePosted", message: message(seq, `text ${seq}`) });
const edited = (seq: number, of: number, body: string): Event => ({
  seq,
  kind: "MessageEdited",
  message: message(of, body),
});

test("pages and live events make one log, whatever order they come in", () => {
  let thread = takeIn(emptyThread<Event>(), [posted(5), posted(6)]);
  thread = takeIn(thread, [posted(7)]);
  thread = takeIn(thread, [posted(3), posted(4), posted(5)]);
  expect(thread.events.map((event) => event.seq)).toEqual([3, 4, 5, 6, 7]);
  expect(thread.lastSeq).toBe(7);
});

test("a message is as its latest event says, also when the page with its beginning comes later", () => {
  let thread = takeIn(emptyThread<Event>(), [edited(9, 2, "new")]);
  thread = takeIn(thread, [posted(2)]);
  expect(thread.messages.get("m2")).toMatchObject({ body: "new" });
});

test("a message that was removed for the viewer is gone, and comes back when that is undone", () => {
  let thread = takeIn(emptyThread<Event>(), [posted(2)]);
  thread = takeIn(thread, [{ seq: 3, kind: "MessageDecided", message: null, messageId: "m2" }]);
  expect(thread.messages.get("m2")).toBeNull();
  thread = takeIn(thread, [
    { seq: 4, kind: "DecisionUndone", message: message(2, "text 2"), messageId: "m2" },
  ]);
  expect(thread.messages.get("m2")).toMatchObject({ body: "text 2" });
});

test("messages stand together if one person says them one after the other", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
  expect(continues({ sender: "a", at: at(0) }, { sender: "a", at: at(4) })).toBe(true);
  expect(continues({ sender: "a", at: at(0) }, { sender: "a", at: at(6) })).toBe(false);
  expect(continues({ sender: "b", at: at(0) }, { sender: "a", at: at(1) })).toBe(false);
  expect(continues(undefined, { sender: "a", at: at(1) })).toBe(false);
});
