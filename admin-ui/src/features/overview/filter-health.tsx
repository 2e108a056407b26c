import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { count, micros, percent } from "@/lib/format";
import { Badge, Dot } from "@/ui/badge";
import { ModeBadge } from "../messages/badges";
import type { LiveFigures } from "./use-live-stats";

/** Every filter with how it does, worst news visible first. */
export function FilterHealth({ filters }: { filters: NonNullable<LiveFigures["filters"]> }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b text-left text-subtle [&>th]:px-4 [&>th]:py-2 [&>th]:font-medium">
            <th scope="col">{t("overview.filter")}</th>
            <th scope="col">{t("overview.mode")}</th>
            <th scope="col" className="text-right">
              {t("overview.flagged")}
            </th>
            <th scope="col" className="text-right max-sm:hidden">
              {t("overview.p50")}
            </th>
            <th scope="col" className="text-right max-sm:hidden">
              {t("overview.p99")}
            </th>
            <th scope="col">{t("overview.problems")}</th>
          </tr>
        </thead>
        <tbody>
          {filters.map(({ name, mode, health: { live, problem } }) => (
            <tr key={name} className="border-b last:border-0 hover:bg-hover/50 [&>td]:px-4 [&>td]:py-2">
              <td>
                <Link
                  to="/filters/$name"
                  params={{ name }}
                  className="font-medium whitespace-nowrap hover:underline"
                >
                  {name}
                </Link>
              </td>
              <td>
                <ModeBadge mode={mode} />
              </td>
              <td className="tabular text-right whitespace-nowrap">
                {live ? (
                  <>
                    {count(live.flaggedLastHour, i18n.language)}{" "}
                    <span className="text-subtle">
                      {live.inspectedLastHour > 0 &&
                        percent(live.flaggedLastHour / live.inspectedLastHour, i18n.language)}
                    </span>
                  </>
                ) : (
                  "–"
                )}
              </td>
              <td className="tabular text-right max-sm:hidden">
                {live ? micros(live.p50Micros, i18n.language) : "–"}
              </td>
              <td className="tabular text-right max-sm:hidden">
                {live ? micros(live.p99Micros, i18n.language) : "–"}
              </td>
              <td>
                {problem ? (
                  <Badge tone="danger">
                    <span title={problem}>{problem}</span>
                  </Badge>
                ) : live && live.crashesLastHour > 0 ? (
                  <Badge tone="warning">{t("overview.crashes", { count: live.crashesLastHour })}</Badge>
                ) : (
                  <span className="flex items-center gap-1.5 text-muted">
                    <Dot tone="success" className="size-1.5!" /> {t("overview.fine")}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
