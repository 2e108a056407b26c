import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import { Select } from "@/ui/field";

const SIGNALS = graphql(`
  query QueueSignals {
    filters {
      id
      name
      live {
        number
        signals {
          id
        }
      }
    }
  }
`);

/** Narrows the queue to one signal of a live filter; one that none of them gives any more can still be chosen. */
export function SignalChoice({ value, onChange }: { value?: string; onChange: (signal?: string) => void }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: SIGNALS });
  const groups = useMemo(() => {
    const live = (data?.filters ?? []).map((filter) => ({
      name: filter.name,
      signals: [...new Set(filter.live?.signals.map((signal) => signal.id))].sort(),
    }));
    return live.filter((group) => group.signals.length > 0);
  }, [data]);
  const known = groups.some((group) => group.signals.includes(value ?? ""));
  return (
    <Select
      aria-label={t("moderation.signal")}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
      className="max-w-48"
    >
      <option value="">{t("moderation.anySignal")}</option>
      {value && !known && <option value={value}>{value}</option>}
      {groups.map((group) => (
        <optgroup key={group.name} label={group.name}>
          {group.signals.map((signal) => (
            <option key={signal} value={signal}>
              {signal}
            </option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}
