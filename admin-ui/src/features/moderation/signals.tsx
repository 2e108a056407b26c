import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { percent } from "@/lib/format";
import type { Mark } from "../messages/message-text";

export const SIGNAL = graphql(`
  fragment SignalFacts on Signal {
    id
    filter
    filterVersion
    confidence
    spans {
      start
      end
    }
    evidence {
      name
      value
    }
  }
`);

export type SignalRef = FragmentType<typeof SIGNAL>;

/** Signals as marks on the text. */
export function marksOf(refs: readonly SignalRef[]): Mark[] {
  return readFragment(SIGNAL, refs).map((signal) => ({
    spans: [...signal.spans],
    label: signal.id,
    strong: signal.confidence >= 0.9,
  }));
}

/** What filters found, how sure they are, and what made them so. Pointing at one shows its place in the text. */
export function Signals({ signals: refs, active, onActive }: SignalsProps) {
  const { t, i18n } = useTranslation();
  const signals = readFragment(SIGNAL, refs);
  return (
    <ul className="divide-y rounded-lg border">
      {signals.map((signal, place) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: signals have no other name than their place
          key={place}
          className={clsx("px-3 py-2", active === place && "bg-hover/60")}
          onPointerEnter={() => onActive?.(place)}
          onPointerLeave={() => onActive?.(undefined)}
        >
          <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <code className="font-mono text-sm font-medium">{signal.id}</code>
            <span className="text-2xs text-subtle">
              {t("moderation.byFilter", { filter: signal.filter, version: signal.filterVersion })}
            </span>
            <span className="ml-auto flex items-center gap-2 text-sm">
              <span className="h-1.5 w-16 overflow-hidden rounded-full bg-line" aria-hidden="true">
                <span
                  className={clsx(
                    "block h-full rounded-full",
                    signal.confidence >= 0.9 ? "bg-danger" : "bg-warning",
                  )}
                  style={{ width: `${signal.confidence * 100}%` }}
                />
              </span>
              <span className="tabular min-w-20 text-right whitespace-nowrap text-muted">
                {percent(signal.confidence, i18n.language)}{" "}
                <span className="text-subtle">{t("moderation.confidence")}</span>
              </span>
            </span>
          </div>
          {signal.evidence.length > 0 && (
            <dl className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
              {signal.evidence.map((pair) => (
                <div key={pair.name} className="flex min-w-0 items-baseline gap-1.5">
                  <dt className="text-subtle">{pair.name}</dt>
                  <dd className="min-w-0 font-mono wrap-anywhere text-fg">{pair.value}</dd>
                </div>
              ))}
            </dl>
          )}
        </li>
      ))}
    </ul>
  );
}

type SignalsProps = {
  signals: readonly SignalRef[];
  active?: number;
  onActive?: (place: number | undefined) => void;
};
