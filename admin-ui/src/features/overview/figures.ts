import type { Action } from "@/gql/graphql";
import type { LiveFigures } from "./use-live-stats";

type Minutes = LiveFigures["minutes"];

/** Messages a minute over the last five minutes, of which the running one is as long as it has lasted until `now`. */
export function perMinute(minutes: Minutes, now: string): number {
  const last = minutes.slice(-5);
  const running = last.at(-1);
  if (!running) return 0;
  const lasted = Math.min(1, Math.max(0, (Date.parse(now) - Date.parse(running.at)) / 60_000));
  const said = last.reduce((sum, minute) => sum + minute.direct + minute.support, 0);
  return said / Math.max(0.5, last.length - 1 + lasted);
}

/** How often each action but delivery was taken, most frequent first. */
export function tally(minutes: Minutes): { action: Action; count: number }[] {
  const counts = new Map<Action, number>();
  for (const minute of minutes) {
    for (const { action, count } of minute.verdicts) {
      if (action !== "DELIVER") counts.set(action, (counts.get(action) ?? 0) + count);
    }
  }
  return [...counts].map(([action, count]) => ({ action, count })).sort((a, b) => b.count - a.count);
}
