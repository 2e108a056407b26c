import type { ThreadEvent, ThreadMessage } from "./events";
import type { Pending } from "./outbox";
import { hasLine } from "./system-line";
import { continues, sameDay, type Thread } from "./thread";

/** What the thread is made of, from top to bottom. */
export type Row =
  | { kind: "day"; key: string; at: string }
  | { kind: "message"; key: string; message: ThreadMessage; follows: boolean }
  | { kind: "line"; key: string; event: ThreadEvent }
  | { kind: "pending"; key: string; pending: Pending };

/** Lays a conversation's log out: a heading per day, messages that belong together close together. */
export function rowsOf(thread: Thread<ThreadEvent>, pending: Pending[]): Row[] {
  const rows: Row[] = [];
  let day: string | undefined;
  let before: { sender: string; at: string } | undefined;
  const arrived = new Set<string>();
  for (const event of thread.events) {
    const at = "at" in event.fields ? event.fields.at : undefined;
    const posted = event.kind === "MessagePosted" && event.message;
    if (!posted && !hasLine(event)) continue;
    if (at && (!day || !sameDay(day, at))) {
      day = at;
      before = undefined;
      rows.push({ kind: "day", key: `day ${new Date(at).toDateString()}`, at });
    }
    if (!posted) {
      before = undefined;
      rows.push({ kind: "line", key: `line ${event.seq}`, event });
      continue;
    }
    const message = thread.messages.get(posted.id);
    if (!message) continue;
    if (message.clientId) arrived.add(message.clientId);
    const now = { sender: message.sender.id, at: message.sentAt };
    rows.push({ kind: "message", key: message.id, message, follows: continues(before, now) });
    before = now;
  }
  for (const each of pending) {
    if (!arrived.has(each.clientId)) rows.push({ kind: "pending", key: each.clientId, pending: each });
  }
  return rows;
}
