/** An event of the log as the thread needs it; `message` is the message it is about, as it is now. */
export type LogEvent = {
  seq: number;
  kind: string;
  message?: { id: string; seq: number } | null;
  messageId?: string;
};

/** Everything known of a conversation's log, and how far. */
export type Thread<Event extends LogEvent> = {
  /** By sequence number, ascending. */
  events: Event[];
  /** The newest state of each message, by its id; null: to the viewer it is gone. */
  messages: Map<string, Event["message"] | null>;
  /** Whether there is more before the first event. */
  hasOlder: boolean;
  lastSeq: number;
};

export function emptyThread<Event extends LogEvent>(): Thread<Event> {
  return { events: [], messages: new Map(), hasOlder: true, lastSeq: 0 };
}

/**
 * Takes in events, from a page of the past or live: each counts once, whatever the order they come in. A message's state
 * is that of the latest event about it.
 */
export function takeIn<Event extends LogEvent>(thread: Thread<Event>, incoming: Event[]): Thread<Event> {
  const known = new Map(thread.events.map((event) => [event.seq, event]));
  for (const event of incoming) known.set(event.seq, event);
  const events = [...known.values()].sort((a, b) => a.seq - b.seq);
  const messages: Thread<Event>["messages"] = new Map();
  for (const event of events) {
    if (event.message) messages.set(event.message.id, event.message);
    // A page of the past names a decision without the message: that came where it was posted.
    else if (event.messageId && event.message === null) messages.set(event.messageId, null);
  }
  const lastSeq = Math.max(thread.lastSeq, events.at(-1)?.seq ?? 0);
  return { ...thread, events, messages, lastSeq };
}

/** Which days begin where, and whether a message goes on what the one before began: same sender, soon after. */
export function continues(
  before: { sender: string; at: string } | undefined,
  now: { sender: string; at: string },
): boolean {
  if (!before || before.sender !== now.sender) return false;
  return new Date(now.at).getTime() - new Date(before.at).getTime() < 5 * 60_000;
}

export function sameDay(a: string, b: string): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
