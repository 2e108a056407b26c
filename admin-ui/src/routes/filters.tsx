import { Filter } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { FilterColumns, FilterRow } from "@/features/filters/filter-row";
import { FiltersNav } from "@/features/filters/filters-nav";
import { Upload } from "@/features/filters/upload";
import { useViewer } from "@/features/session/session";
import { graphql } from "@/gql";
import { may } from "@/lib/access";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Page } from "@/ui/page";

const FILTERS = graphql(`
  query Filters {
    filters {
      id
      ...FilterRow
    }
  }
`);

/** Every filter, in the order they run. */
export default function Filters() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [{ data, error }, again] = useQuery({ query: FILTERS, requestPolicy: "cache-and-network" });
  return (
    <Page
      title={t("filters.title")}
      lead={t("filters.lead")}
      actions={may(viewer.role, "change filters") && <Upload />}
      scroll={false}
    >
      <FiltersNav />
      <div className="min-h-0 flex-1 overflow-y-auto p-4 lg:p-6">
        {error && !data ? (
          <Failure error={error} onRetry={() => again({ requestPolicy: "network-only" })} />
        ) : !data?.filters ? (
          <SkeletonRows rows={7} tall />
        ) : data.filters.length === 0 ? (
          <Empty icon={<Filter />} title={t("filters.empty")}>
            {t("filters.emptyLead")}
          </Empty>
        ) : (
          <div className="mx-auto max-w-6xl overflow-hidden rounded-xl border bg-surface">
            <FilterColumns />
            {data.filters.map((filter) => (
              <FilterRow key={filter.id} filter={filter} />
            ))}
          </div>
        )}
      </div>
    </Page>
  );
}
