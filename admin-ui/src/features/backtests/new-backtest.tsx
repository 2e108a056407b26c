import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import type { BacktestFileFormat } from "@/gql/graphql";
import { percent } from "@/lib/format";
import { useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select } from "@/ui/field";
import { Slider } from "@/ui/switch";
import { Segments } from "@/ui/tabs";

const CANDIDATES = graphql(`
  query BacktestCandidates {
    filters {
      id
      name
      versions(first: 10) {
        nodes {
          number
          semver
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

const START = graphql(`
  mutation StartBacktest($input: StartBacktestInput!) {
    startBacktest(input: $input) {
      backtest {
        id
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** Asks what is to be tried on what, and starts it. */
export function NewBacktest({ filter, version, policy, onStarted, onClose }: NewBacktestProps) {
  const { t, i18n } = useTranslation();
  const [{ data }] = useQuery({ query: CANDIDATES });
  const [kind, setKind] = useState<"filter" | "policy">(policy === undefined ? "filter" : "policy");
  const [choice, setChoice] = useState(
    filter && version ? `${filter} ${version}` : policy ? `policy ${policy}` : "",
  );
  const [source, setSource] = useState<"history" | "file">("history");
  const [limit, setLimit] = useState("10000");
  const [file, setFile] = useState<File>();
  const [format, setFormat] = useState<BacktestFileFormat>("TSV");
  const [share, setShare] = useState(25);
  const [start, busy] = useAct(START);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const [name = "", number] = choice.split(" ");
    const outcome = await start({
      input: {
        candidate:
          kind === "filter"
            ? { filter: { name, version: Number(number) } }
            : { policyVersion: Number(number) },
        source:
          source === "history"
            ? { history: { limit: Number(limit) || undefined } }
            : { file: { upload: file as File, format } },
        share: share / 100,
      },
    });
    const id = outcome.ok && outcome.data.startBacktest.backtest?.id;
    if (!id) return;
    toast({ tone: "success", text: t("backtests.started") });
    onStarted(id);
  }

  const ready = choice !== "" && (source === "history" || file !== undefined);
  return (
    <Dialog open onClose={onClose} title={t("backtests.new")} description={t("backtests.lead")}>
      <form onSubmit={submit} className="flex flex-col gap-5">
        <div className="flex flex-col gap-2">
          <Segments
            label={t("backtests.what")}
            className="self-start"
            value={kind}
            onChange={(next) => {
              setKind(next);
              setChoice("");
            }}
            options={[
              { id: "filter", label: t("backtests.filter") },
              { id: "policy", label: t("backtests.policy") },
            ]}
          />
          <Field label={t("backtests.what")} hideLabel>
            {(wiring) => (
              <Select
                {...wiring}
                required
                value={choice}
                onChange={(event) => setChoice(event.target.value)}
                className="w-full"
              >
                <option value="">…</option>
                {kind === "filter"
                  ? data?.filters?.flatMap((each) =>
                      each.versions.nodes.map((one) => (
                        <option key={`${each.name} ${one.number}`} value={`${each.name} ${one.number}`}>
                          {each.name}, {t("common.version", { number: one.number })} ({one.semver})
                        </option>
                      )),
                    )
                  : data?.policies?.nodes.map((each) => (
                      <option key={each.version} value={`policy ${each.version}`}>
                        {t("common.version", { number: each.version })}
                        {each.active ? `, ${t("policy.active")}` : ""}
                      </option>
                    ))}
              </Select>
            )}
          </Field>
        </div>
        <div className="flex flex-col gap-3">
          <Segments
            label={t("backtests.on")}
            className="self-start"
            value={source}
            onChange={setSource}
            options={[
              { id: "history", label: t("backtests.history") },
              { id: "file", label: t("backtests.file") },
            ]}
          />
          {source === "history" ? (
            <Field label={t("backtests.historyLimit")}>
              {(wiring) => (
                <Input
                  {...wiring}
                  type="number"
                  min={1}
                  max={1_000_000}
                  value={limit}
                  onChange={(event) => setLimit(event.target.value)}
                  className="w-40!"
                />
              )}
            </Field>
          ) : (
            <div className="flex flex-wrap gap-3">
              <Field label={t("backtests.file")} className="flex-1">
                {(wiring) => (
                  <input
                    {...wiring}
                    type="file"
                    onChange={(event) => setFile(event.target.files?.[0])}
                    className="text-sm file:mr-3 file:h-8 file:rounded-md file:border file:border-solid file:border-line-strong file:bg-surface file:px-3 file:text-sm file:font-medium file:text-fg"
                  />
                )}
              </Field>
              <Field label={t("backtests.format")}>
                {(wiring) => (
                  <Select
                    {...wiring}
                    value={format}
                    onChange={(event) => setFormat(event.target.value as BacktestFileFormat)}
                  >
                    <option value="TSV">{t("backtests.TSV")}</option>
                    <option value="JSON_LINES">{t("backtests.JSON_LINES")}</option>
                  </Select>
                )}
              </Field>
            </div>
          )}
        </div>
        <div>
          <p className="mb-1.5 flex justify-between text-sm font-medium">
            {t("backtests.share")}{" "}
            <span className="tabular whitespace-nowrap">{percent(share / 100, i18n.language)}</span>
          </p>
          <Slider label={t("backtests.share")} value={share} min={1} onChange={setShare} />
        </div>
        <Button type="submit" look="primary" busy={busy} disabled={!ready} className="self-end">
          {t("backtests.start")}
        </Button>
      </form>
    </Dialog>
  );
}

type NewBacktestProps = {
  filter?: string;
  version?: number;
  policy?: number;
  onStarted: (id: string) => void;
  onClose: () => void;
};
