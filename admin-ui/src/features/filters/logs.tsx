import { clsx } from "clsx";
import { RotateCw, ScrollText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import type { FilterLogLevel } from "@/gql/graphql";
import { Button } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Select } from "@/ui/field";
import { Time } from "@/ui/time";

const LOGS = graphql(`
  query FilterLogs($name: String!) {
    filter(name: $name) {
      id
      logs(last: 500) {
        at
        level
        text
        version
      }
    }
  }
`);

const LEVELS: FilterLogLevel[] = ["DEBUG", "INFO", "WARN", "ERROR"];
const TONES: Record<FilterLogLevel, string> = {
  DEBUG: "text-subtle",
  INFO: "text-accent-fg",
  WARN: "text-warning-fg",
  ERROR: "text-danger-fg",
};

/** The filter's own words, newest last. */
export function Logs({ name }: { name: string }) {
  const { t } = useTranslation();
  const [least, setLeast] = useState<FilterLogLevel>("DEBUG");
  const [{ data, error, fetching }, again] = useQuery({
    query: LOGS,
    variables: { name },
    requestPolicy: "cache-and-network",
  });
  const refresh = () => again({ requestPolicy: "network-only" });
  if (error && !data) return <Failure error={error} onRetry={refresh} />;
  if (!data?.filter) return <SkeletonRows />;
  const lines = data.filter.logs.filter((line) => LEVELS.indexOf(line.level) >= LEVELS.indexOf(least));
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-2">
        <Select
          aria-label={t("filters.logs.level")}
          value={least}
          onChange={(event) => setLeast(event.target.value as FilterLogLevel)}
          className="w-44"
        >
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {t(`filters.logs.from.${level}`)}
            </option>
          ))}
        </Select>
        <Button icon={<RotateCw className="size-3.5" />} onClick={refresh} busy={fetching}>
          {t("filters.logs.refresh")}
        </Button>
      </div>
      {lines.length === 0 ? (
        <Empty icon={<ScrollText />} title={t("filters.logs.none")}>
          {t("filters.logs.noneLead")}
        </Empty>
      ) : (
        <ol className="overflow-x-auto rounded-xl border bg-surface py-1 font-mono text-2xs leading-5">
          {lines.map((line, place) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
              key={place}
              className="flex gap-3 px-3 hover:bg-hover/60"
            >
              <span className="shrink-0 text-subtle">
                <Time at={line.at} style="seconds" />
              </span>
              <span className={clsx("w-10 shrink-0 font-semibold", TONES[line.level])}>{line.level}</span>
              <span className="shrink-0 text-subtle">v{line.version}</span>
              <span className="min-w-0 break-words whitespace-pre-wrap">{line.text}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
