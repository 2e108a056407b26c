import type { Action } from "@/gql/graphql";
import type { LiveFigures } from "./use-live-stats";

type Minutes = LiveFigures["minutes"];

/** Messages a minute over the last full minutes; the running one would pull it down. */
export function perMinute(minutes: Minutes, over = 5): number {
  const full = minutes.slice(0, -1).slice(-over);
  if (full.length === 0) return 0;
  return full.reduce((sum, minute) => sum + minute.direct + minute.support, 0) / full.length;
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
