import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { FILTER_HEAD, FilterTitle, RollBack, Trouble } from "@/features/filters/filter-head";
import { Health } from "@/features/filters/health";
import { Limits } from "@/features/filters/limits";
import { Logs } from "@/features/filters/logs";
import { Shadow } from "@/features/filters/shadow";
import { Versions } from "@/features/filters/versions";
import { useViewer } from "@/features/session/session";
import { NotFound } from "@/features/shell/not-found";
import { graphql, readFragment } from "@/gql";
import { may } from "@/lib/access";
import type { FilterTab } from "@/router";
import { Failure, Skeleton } from "@/ui/feedback";
import { Page } from "@/ui/page";
import { PageSkeleton } from "@/ui/page-skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";

const Configuration = lazy(() => import("@/features/filters/configuration"));

const FILTER = graphql(`
  query Filter($name: String!) {
    filter(name: $name) {
      id
      name
      ...FilterHead
      ...FilterHealthFacts
    }
  }
`);

/** One filter: its versions, its configuration, its trial, its log and its limits. */
export default function FilterRoute() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const { name } = useParams({ from: "/filters/$name" });
  const { tab = "versions" } = useSearch({ from: "/filters/$name" });
  const navigate = useNavigate({ from: "/filters/$name" });
  const [{ data, error }, again] = useQuery({
    query: FILTER,
    variables: { name },
    requestPolicy: "cache-and-network",
  });
  if (error && !data)
    return <Failure error={error} onRetry={() => again({ requestPolicy: "network-only" })} />;
  if (!data) return <PageSkeleton />;
  if (!data.filter) return <NotFound />;
  const filter = readFragment(FILTER_HEAD, data.filter);
  const mayChange = may(viewer.role, "change filters");
  return (
    <Page
      title={<FilterTitle filter={data.filter} />}
      name={name}
      scroll={false}
      actions={mayChange && <RollBack filter={filter} />}
    >
      <Trouble filter={filter} mayChange={mayChange} />
      <Tabs
        label={t("filters.tab.label")}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next as FilterTab }, replace: true })}
        tabs={[
          { id: "versions", label: t("filters.tab.versions") },
          { id: "configuration", label: t("filters.tab.configuration") },
          { id: "shadow", label: t("filters.tab.shadow") },
          { id: "logs", label: t("filters.tab.logs") },
          { id: "settings", label: t("filters.tab.settings") },
        ]}
      >
        <TabPanel id="versions">
          <div className="flex flex-col gap-5">
            <Health filter={data.filter} />
            <Versions filter={filter} mayChange={mayChange} />
          </div>
        </TabPanel>
        <TabPanel id="configuration">
          <Suspense fallback={<Skeleton className="h-80 max-w-3xl" />}>
            <Configuration filter={filter} mayChange={mayChange} />
          </Suspense>
        </TabPanel>
        <TabPanel id="shadow">
          <Shadow filter={filter} mayChange={mayChange} />
        </TabPanel>
        <TabPanel id="logs">
          <Logs name={name} />
        </TabPanel>
        <TabPanel id="settings">
          <Limits key={filter.revision} filter={filter} mayChange={mayChange} />
        </TabPanel>
      </Tabs>
    </Page>
  );
}
