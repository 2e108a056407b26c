import { createStore } from "../store/store";

/** How the live connection stands. `idle`: nothing needs one yet. */
export type Connection = "idle" | "connecting" | "live" | "reconnecting" | "offline";

export const connection = createStore<Connection>(navigator.onLine ? "idle" : "offline");

const reconnected = new Set<() => void>();

/** Calls back whenever a connection that was lost is there again: whatever has no events must be asked anew. */
export function onReconnected(listener: () => void): () => void {
  reconnected.add(listener);
  return () => {
    reconnected.delete(listener);
  };
}

let wasLive = false;

export function connected() {
  const again = wasLive;
  wasLive = true;
  connection.set("live");
  if (again) for (const listener of reconnected) listener();
}

export function disconnected(wanted: boolean) {
  if (!wanted) connection.set(navigator.onLine ? "reconnecting" : "offline");
  else connection.set("idle");
}

export function connecting() {
  if (!wasLive) connection.set("connecting");
}

/** A new session begins: what was before is no matter. */
export function forgetConnection() {
  wasLive = false;
  connection.set("idle");
}

addEventListener("offline", () => connection.set("offline"));
addEventListener("online", () => {
  if (connection.get() === "offline") connection.set(wasLive ? "reconnecting" : "idle");
});
