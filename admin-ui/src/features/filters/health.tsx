import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { count, micros, percent } from "@/lib/format";
import { ACTION_COLORS, Bars } from "@/ui/bars";
import { Section } from "@/ui/page";
import { Tile } from "../overview/tile";

const FILTER_HEALTH = graphql(`
  fragment FilterHealthFacts on Filter {
    id
    health {
      live {
        version
        inspected
        flagged
        inspectedLastHour
        flaggedLastHour
        actedToday
        crashesLastHour
        logLinesDropped
        p50Micros
        p99Micros
        maxMicros
        faults {
          kind
          count
        }
        actions {
          action
          count
        }
      }
    }
  }
`);

/** How the live version does on this engine since it was made ready. */
export function Health({ filter: ref }: { filter: FragmentType<typeof FILTER_HEALTH> }) {
  const { t, i18n } = useTranslation();
  const { live } = readFragment(FILTER_HEALTH, ref).health;
  if (!live) return null;
  const number = (value: number) => count(value, i18n.language);
  const faults = live.faults.reduce((sum, fault) => sum + fault.count, 0);
  const actions = live.actions.filter((each) => each.count > 0);
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Tile
          name={t("filters.healthOf.inspected")}
          value={number(live.inspected)}
          hint={t("filters.healthOf.lastHour", { count: live.inspectedLastHour })}
        />
        <Tile
          name={t("filters.healthOf.flagged")}
          value={live.inspected > 0 ? percent(live.flagged / live.inspected, i18n.language) : "–"}
          hint={t("filters.healthOf.lastHour", { count: live.flaggedLastHour })}
        />
        <Tile
          name={t("filters.healthOf.speed")}
          value={micros(live.p50Micros, i18n.language)}
          hint={t("filters.healthOf.slowest", {
            p99: micros(live.p99Micros, i18n.language),
            max: micros(live.maxMicros, i18n.language),
          })}
        />
        <Tile
          name={t("filters.healthOf.faults")}
          value={number(faults)}
          tone={faults > 0 ? "danger" : "calm"}
          hint={
            faults > 0
              ? live.faults.map((fault) => `${fault.kind} ${number(fault.count)}`).join(", ")
              : t("filters.healthOf.crashes", { count: live.crashesLastHour })
          }
        />
      </div>
      {actions.length > 0 && (
        <Section
          title={t("filters.healthOf.actions")}
          lead={t("filters.healthOf.actedToday", { count: live.actedToday })}
        >
          <Bars
            format={number}
            rows={actions.map((each) => ({
              id: each.action,
              name: t(`words.action.${each.action}`),
              value: each.count,
              color: ACTION_COLORS[each.action],
            }))}
          />
        </Section>
      )}
    </div>
  );
}
