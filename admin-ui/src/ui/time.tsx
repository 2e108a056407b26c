import { useTranslation } from "react-i18next";
import { exact, relative, useNow } from "@/lib/time";

/** How long ago, with the exact time on hover; or the time of day in a conversation. */
export function Time({ at, style = "relative", className }: TimeProps) {
  const { i18n } = useTranslation();
  const now = useNow();
  const said =
    style === "relative"
      ? relative(at, now, i18n.language)
      : new Intl.DateTimeFormat(i18n.language, FORMATS[style]).format(new Date(at));
  return (
    <time dateTime={at} title={exact(at, i18n.language)} className={className ?? "tabular whitespace-nowrap"}>
      {said}
    </time>
  );
}

const FORMATS = {
  clock: { hour: "2-digit", minute: "2-digit" },
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

type TimeProps = { at: string; style?: "relative" | keyof typeof FORMATS; className?: string };
