import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { MessageSquareOff, Package } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import type { ListingStatus, ListingsQuery } from "@/gql/graphql";
import { count, money, percent } from "@/lib/format";
import { usePaged } from "@/lib/graphql/paged";
import { Badge, Dot } from "@/ui/badge";
import { type Column, DataTable } from "@/ui/data-table";
import { Callout, Empty, Failure, Skeleton, SkeletonRows } from "@/ui/feedback";
import { Input, Select } from "@/ui/field";
import { Page } from "@/ui/page";

const LISTINGS = graphql(`
  query Listings($first: Int, $after: String, $status: ListingStatus, $category: String, $sellerId: ID) {
    listings(first: $first, after: $after, status: $status, category: $category, sellerId: $sellerId) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        externalId
        title
        category
        priceMinor
        currency
        status
        messagingEnabled
        messagingException
        seller {
          id
          name
        }
      }
    }
  }
`);

const COVERAGE = graphql(`
  query Coverage {
    listingCoverage {
      active
      enabled
      percent
      exceptions {
        reason
        count
      }
    }
  }
`);

type Row = ListingsQuery["listings"]["nodes"][number];
const STATES: ListingStatus[] = ["ACTIVE", "SOLD", "INACTIVE"];

/** Which listings can be talked about, which can't, and what to do about it. */
export default function Listings() {
  const { t, i18n } = useTranslation();
  const search = useSearch({ from: "/listings" });
  const navigate = useNavigate({ from: "/listings" });
  const status = STATES.find((each) => each === search.status);
  const paged = usePaged({
    query: LISTINGS,
    variables: { first: 100, status, category: search.category, sellerId: search.seller },
    pick: (data) => data.listings,
  });
  const change = (part: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        id: "title",
        header: t("listings.listing"),
        className: "flex-1 min-w-0",
        cell: (row) => (
          <span className="block min-w-0">
            <span className="block truncate font-medium">{row.title}</span>
            <span className="block truncate font-mono text-2xs text-subtle">{row.externalId}</span>
          </span>
        ),
      },
      {
        id: "seller",
        header: t("listings.seller"),
        className: "w-36 shrink-0 truncate max-md:hidden",
        cell: (row) => row.seller?.name ?? <span className="text-subtle">–</span>,
      },
      {
        id: "category",
        header: t("listings.category"),
        className: "w-32 shrink-0 truncate max-lg:hidden",
        cell: (row) => row.category ?? <span className="text-subtle">–</span>,
      },
      {
        id: "price",
        header: t("listings.price"),
        className: "w-24 shrink-0 text-right tabular max-sm:hidden",
        cell: (row) =>
          row.priceMinor != null && row.currency ? money(row.priceMinor, row.currency, i18n.language) : "–",
      },
      {
        id: "status",
        header: t("listings.status"),
        className: "w-20 shrink-0 max-sm:hidden",
        cell: (row) => (
          <Badge tone={row.status === "ACTIVE" ? "success" : "neutral"}>
            {t(`words.listingStatus.${row.status}`)}
          </Badge>
        ),
      },
      {
        id: "messaging",
        header: t("listings.messaging"),
        className: "w-40 shrink-0 max-sm:w-32",
        cell: (row) => <Messaging row={row} />,
      },
    ],
    [t, i18n.language],
  );
  return (
    <Page
      title={t("listings.title")}
      lead={t("listings.lead")}
      scroll={false}
      actions={
        <>
          <Select
            aria-label={t("listings.status")}
            value={status ?? ""}
            onChange={(event) => change({ status: event.target.value || undefined })}
          >
            <option value="">
              {t("listings.status")}: {t("common.any")}
            </option>
            {STATES.map((each) => (
              <option key={each} value={each}>
                {t(`words.listingStatus.${each}`)}
              </option>
            ))}
          </Select>
          <Input
            aria-label={t("listings.category")}
            placeholder={t("listings.category")}
            defaultValue={search.category}
            onBlur={(event) => change({ category: event.target.value.trim() || undefined })}
            onKeyDown={(event) =>
              event.key === "Enter" && change({ category: event.currentTarget.value.trim() || undefined })
            }
            className="w-32!"
          />
        </>
      }
    >
      <Coverage />
      {paged.error && !paged.nodes ? (
        <Failure error={paged.error} onRetry={paged.again} />
      ) : !paged.nodes ? (
        <SkeletonRows />
      ) : paged.nodes.length === 0 ? (
        <Empty
          icon={<Package />}
          title={
            status || search.category || search.seller ? t("listings.emptyFiltered") : t("listings.empty")
          }
        >
          {!(status || search.category || search.seller) && t("listings.emptyLead")}
        </Empty>
      ) : (
        <DataTable
          rows={paged.nodes}
          columns={columns}
          idOf={(row) => row.id}
          label={t("listings.list")}
          onNearEnd={paged.more}
          rowHeight={53}
        />
      )}
    </Page>
  );
}

function Messaging({ row }: { row: Row }) {
  const { t } = useTranslation();
  if (row.messagingEnabled) {
    return (
      <Link
        to="/search"
        search={{ q: `listing:${row.externalId} `, in: "conversations" }}
        title={t("listings.conversations")}
        className="flex items-center gap-2 hover:underline"
      >
        <Dot tone="success" /> {t("listings.has")}
      </Link>
    );
  }
  if (row.messagingException) {
    return (
      <span
        className="flex items-center gap-2 text-warning-fg"
        title={t(`listings.cure.${row.messagingException}`)}
      >
        <MessageSquareOff className="size-4 shrink-0" aria-hidden="true" />
        <span className="truncate">{t(`listings.exception.${row.messagingException}`)}</span>
      </span>
    );
  }
  return (
    <span className="flex items-center gap-2 text-subtle">
      <Dot /> {t("listings.inactive")}
    </span>
  );
}

function Coverage() {
  const { t, i18n } = useTranslation();
  const [{ data }] = useQuery({ query: COVERAGE, requestPolicy: "cache-and-network" });
  const coverage = data?.listingCoverage;
  if (!coverage)
    return (
      <div className="border-b p-4 lg:px-6">
        <Skeleton className="h-12" />
      </div>
    );
  const missing = coverage.exceptions.filter((each) => each.count > 0);
  return (
    <div className="flex shrink-0 flex-col gap-3 border-b px-4 py-4 lg:px-6">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-1">
        <span className="tabular text-[26px] leading-8 font-semibold tracking-tight">
          {percent(coverage.percent / 100, i18n.language)}
        </span>
        <span className="pb-0.5 text-sm text-muted">
          {missing.length === 0
            ? t("listings.complete")
            : t("listings.covered", {
                enabled: count(coverage.enabled, i18n.language),
                active: count(coverage.active, i18n.language),
              })}
        </span>
      </div>
      <div
        role="img"
        aria-label={`${t("listings.coverage")} ${percent(coverage.percent / 100, i18n.language)}`}
        className="h-2 overflow-hidden rounded-full bg-warning"
      >
        <div className="h-full bg-success" style={{ width: `${coverage.percent}%` }} />
      </div>
      {missing.map((each) => (
        <Callout
          key={each.reason}
          tone="warning"
          title={`${count(each.count, i18n.language)} × ${t(`listings.exception.${each.reason}`)}`}
        >
          {t(`listings.cure.${each.reason}`)}
        </Callout>
      ))}
    </div>
  );
}
