import { useSyncExternalStore } from "react";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 min. ago", in the language. Less than a minute is "now". */
export function relative(at: string | number, now: number, language: string): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "second");
}

/** A length of time in its two largest units: "3m 20s", "2h 5m", "4d 1h". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor((whole % 86_400) / 3_600), "h"],
    [Math.floor((whole % 3_600) / 60), "m"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

/** Date, time to the second and zone. */
export function exact(at: string | number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" }).format(new Date(at));
}

/** The day as people say it in a conversation: "Today", "Yesterday", or the date. */
export function dayName(at: string, now: number, language: string): string {
  const day = startOfDay(new Date(at).getTime());
  const days = Math.round((day - startOfDay(now)) / 86_400_000);
  if (days === 0 || days === -1) {
    const said = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
    return said.charAt(0).toLocaleUpperCase(language) + said.slice(1);
  }
  return new Intl.DateTimeFormat(language, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  }).format(new Date(at));
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function follow(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 30_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, moving on every half minute: one timer for every clock on the page. */
export function useNow(): number {
  return useSyncExternalStore(follow, () => {
    // A page that was in the background has old time.
    if (listeners.size === 0) now = Date.now();
    return now;
  });
}
