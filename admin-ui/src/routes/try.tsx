import { useSearch } from "@tanstack/react-router";
import { WandSparkles } from "lucide-react";
import { useDeferredValue, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { FiltersNav } from "@/features/filters/filters-nav";
import { TrialResult } from "@/features/trial/result";
import { graphql } from "@/gql";
import type { ConversationKind, TryMessageInput } from "@/gql/graphql";
import { useDraft } from "@/lib/store/draft";
import { Empty, Failure, Skeleton } from "@/ui/feedback";
import { Field, Input, Select, Textarea } from "@/ui/field";
import { Page } from "@/ui/page";
import { Switch } from "@/ui/switch";

const TRY = graphql(`
  query TryMessage($input: TryMessageInput!) {
    tryMessage(input: $input) {
      ...TrialResult
    }
  }
`);

const CHOICES = graphql(`
  query TrialChoices {
    filters {
      id
      name
      versions(first: 10) {
        nodes {
          number
        }
      }
    }
    policies(first: 10) {
      nodes {
        version
        active
      }
    }
  }
`);

/** A message is tried as it is typed: nothing is sent, recorded or counted. */
export default function Try() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/try" });
  const [text, setText] = useDraft("try");
  const [choice, setChoice] = useState(
    search.filter && search.version ? `${search.filter} ${search.version}` : "",
  );
  const [policy, setPolicy] = useState(search.policy?.toString() ?? "");
  const [kind, setKind] = useState<ConversationKind>("DIRECT");
  const [firstContact, setFirstContact] = useState(true);
  const [accountAge, setAccountAge] = useState("");
  const [category, setCategory] = useState("");
  const settled = useSettled(text.trim(), 250);
  const [filter, version] = choice.split(" ");
  const input: TryMessageInput = {
    text: settled,
    filter: filter || undefined,
    version: version ? Number(version) : undefined,
    policyVersion: policy ? Number(policy) : undefined,
    kind,
    firstContact,
    messageCount: firstContact ? 0 : 5,
    accountAgeDays: accountAge ? Number(accountAge) : undefined,
    category: category.trim() || undefined,
  };
  const [{ data: choices }] = useQuery({ query: CHOICES });
  const [{ data, error, fetching }, again] = useQuery({
    query: TRY,
    variables: { input },
    pause: settled === "",
    requestPolicy: "network-only",
  });
  const shown = useDeferredValue(data?.tryMessage);
  return (
    <Page title={t("trial.title")} lead={t("trial.lead")} scroll={false}>
      <FiltersNav />
      <div className="grid min-h-0 flex-1 content-start gap-6 overflow-y-auto p-4 lg:p-6 xl:grid-cols-[24rem_minmax(0,1fr)]">
        <div className="flex flex-col gap-4">
          <Field label={t("trial.text")}>
            {(wiring) => (
              <Textarea
                {...wiring}
                autoFocus
                rows={6}
                value={text}
                onChange={(event) => setText(event.target.value)}
                placeholder={t("trial.placeholder")}
              />
            )}
          </Field>
          <fieldset className="grid grid-cols-2 gap-3">
            <legend className="mb-2 text-sm font-semibold text-muted">{t("trial.circumstances")}</legend>
            <Field label={t("trial.filter")}>
              {(wiring) => (
                <Select
                  {...wiring}
                  value={choice}
                  onChange={(event) => setChoice(event.target.value)}
                  className="w-full"
                >
                  <option value="">{t("trial.asLive")}</option>
                  {choices?.filters?.flatMap((each) =>
                    each.versions.nodes.map(({ number }) => (
                      <option key={`${each.name} ${number}`} value={`${each.name} ${number}`}>
                        {each.name} v{number}
                      </option>
                    )),
                  )}
                </Select>
              )}
            </Field>
            <Field label={t("trial.policy")}>
              {(wiring) => (
                <Select
                  {...wiring}
                  value={policy}
                  onChange={(event) => setPolicy(event.target.value)}
                  className="w-full"
                >
                  <option value="">{t("trial.asActive")}</option>
                  {choices?.policies?.nodes.map((each) => (
                    <option key={each.version} value={each.version}>
                      {t("common.version", { number: each.version })}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t("trial.kind")}>
              {(wiring) => (
                <Select
                  {...wiring}
                  value={kind}
                  onChange={(event) => setKind(event.target.value as ConversationKind)}
                  className="w-full"
                >
                  <option value="DIRECT">{t("words.kind.DIRECT")}</option>
                  <option value="SUPPORT">{t("words.kind.SUPPORT")}</option>
                </Select>
              )}
            </Field>
            <Field label={t("trial.category")}>
              {(wiring) => (
                <Input
                  {...wiring}
                  value={category}
                  onChange={(event) => setCategory(event.target.value)}
                  placeholder="car"
                />
              )}
            </Field>
            <Field label={t("trial.accountAge")}>
              {(wiring) => (
                <Input
                  {...wiring}
                  type="number"
                  min={0}
                  value={accountAge}
                  onChange={(event) => setAccountAge(event.target.value)}
                />
              )}
            </Field>
            <Field label={t("trial.firstContact")}>
              {(wiring) => (
                <span className="flex h-8 items-center">
                  <Switch id={wiring.id} checked={firstContact} onChange={setFirstContact} />
                </span>
              )}
            </Field>
          </fieldset>
        </div>
        <div className="min-w-0">
          {error ? (
            <Failure error={error} onRetry={() => again({ requestPolicy: "network-only" })} />
          ) : settled === "" ? (
            <Empty icon={<WandSparkles />} title={t("trial.idle")}>
              {t("trial.idleLead")}
            </Empty>
          ) : shown ? (
            <div className={fetching ? "opacity-70 transition-opacity" : undefined}>
              <TrialResult result={shown} text={settled} />
            </div>
          ) : (
            <div className="space-y-4">
              <Skeleton className="h-14 rounded-xl!" />
              <Skeleton className="h-32 rounded-xl!" />
            </div>
          )}
        </div>
      </div>
    </Page>
  );
}

/** A value once it has not changed for a while. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
