import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import type { PolicyChangeKind } from "@/gql/graphql";
import { Badge, type Tone } from "@/ui/badge";
import { Skeleton } from "@/ui/feedback";

const COMPARE = graphql(`
  query ComparePolicies($from: Int!, $to: Int!) {
    comparePolicies(from: $from, to: $to) {
      changes {
        kind
        table
        name
        fromNumber
        toNumber
        fields {
          field
          from
          to
        }
      }
    }
  }
`);

const TONES: Record<PolicyChangeKind, Tone> = {
  ADDED: "success",
  REMOVED: "danger",
  CHANGED: "warning",
  MOVED: "neutral",
};
const TABLES = ["row", "sum", "group", "weight", "words", "setting"] as const;

/** What is different between two policies, in the policy's own terms rather than in lines. */
export function Changes({ from, to }: { from: number; to: number }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: COMPARE, variables: { from, to } });
  if (!data) return <Skeleton className="h-16" />;
  const changes = data.comparePolicies?.changes ?? [];
  if (changes.length === 0) return <p className="text-sm text-subtle">{t("policy.same")}</p>;
  return (
    <ul className="divide-y rounded-lg border bg-surface">
      {changes.map((change) => (
        <li
          key={`${change.kind} ${change.table} ${change.name} ${change.toNumber} ${change.fromNumber}`}
          className="px-3 py-2 text-sm"
        >
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={TONES[change.kind]}>{t(`policy.change.${change.kind}`)}</Badge>
            <span className="text-subtle">
              {TABLES.some((table) => table === change.table)
                ? t(`policy.table.${change.table as (typeof TABLES)[number]}`)
                : change.table}{" "}
              {change.toNumber ?? change.fromNumber}
            </span>
            <code className="font-mono">{change.name}</code>
          </p>
          {change.fields.length > 0 && (
            <dl className="mt-1.5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 font-mono text-2xs">
              {change.fields.map((field) => (
                <div key={field.field} className="contents">
                  <dt className="text-subtle">{field.field}</dt>
                  <dd className="min-w-0 break-words">
                    {field.from != null && <del className="mr-2 text-danger-fg">{field.from}</del>}
                    {field.to != null && <ins className="text-success-fg no-underline">{field.to}</ins>}
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </li>
      ))}
    </ul>
  );
}
