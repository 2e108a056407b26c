import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import type { FilterGrant } from "@/gql/graphql";
import { type Problem, useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Callout, Failure, Skeleton } from "@/ui/feedback";
import { Field, Input, Select, Textarea } from "@/ui/field";
import { Segments } from "@/ui/tabs";
import type { FilterHeadFacts } from "./filter-head";
import { SchemaForm } from "./form/schema-form";
import { Grants } from "./grants";
import { ModeDialog } from "./mode-dialog";

const CONFIGURATION = graphql(`
  query FilterConfiguration($name: String!, $number: Int!) {
    filter(name: $name) {
      id
      version(number: $number) {
        number
        semver
        config
        configSchema
        grants
      }
      versions(first: 20) {
        nodes {
          number
          semver
        }
      }
    }
  }
`);

const CONFIGURE = graphql(`
  mutation ConfigureFilter($input: ConfigureFilterInput!) {
    configureFilter(input: $input) {
      filter {
        id
        ...FilterHead
      }
      version {
        number
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** Makes a new version of another configuration, by a form made from the filter's own schema. */
export default function Configuration({
  filter,
  mayChange,
}: {
  filter: FilterHeadFacts;
  mayChange: boolean;
}) {
  const { t } = useTranslation();
  const [base, setBase] = useState(filter.live?.number ?? filter.candidate?.version.number ?? 1);
  const [{ data, error }, again] = useQuery({
    query: CONFIGURATION,
    variables: { name: filter.name, number: base },
  });
  const version = data?.filter?.version;
  if (error && !data)
    return <Failure error={error} onRetry={() => again({ requestPolicy: "network-only" })} />;
  if (!data?.filter || !version || version.number !== base) return <Skeleton className="h-80 max-w-3xl" />;
  return (
    <div className="flex max-w-3xl flex-col gap-5">
      <div className="flex flex-wrap items-end gap-3">
        <Field label={t("filters.config.base")}>
          {(wiring) => (
            <Select
              {...wiring}
              value={base}
              onChange={(event) => setBase(Number(event.target.value))}
              className="w-56"
            >
              {data.filter?.versions.nodes.map((each) => (
                <option key={each.number} value={each.number}>
                  {t("filters.version.number", { number: each.number })} ({each.semver})
                  {each.number === filter.live?.number ? `, ${t("filters.version.isLive")}` : ""}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {mayChange && (
          <p className="flex-1 basis-64 pb-1 text-sm text-pretty text-subtle">{t("filters.config.lead")}</p>
        )}
      </div>
      <Editor key={base} filter={filter} version={version} mayChange={mayChange} />
    </div>
  );
}

type EditorProps = {
  filter: FilterHeadFacts;
  version: { number: number; config: unknown; configSchema: unknown; grants: readonly FilterGrant[] };
  mayChange: boolean;
};

function Editor({ filter, version, mayChange }: EditorProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [shape, setShape] = useState<"form" | "raw">("form");
  const [config, setConfig] = useState<unknown>(version.config);
  const [raw, setRaw] = useState("");
  const [rawProblem, setRawProblem] = useState<string>();
  const [grants, setGrants] = useState<FilterGrant[]>([...version.grants]);
  const [note, setNote] = useState("");
  const [problems, setProblems] = useState<Problem[]>([]);
  const [made, setMade] = useState<number>();
  const [configure, busy] = useAct(CONFIGURE, { quiet: true });
  const changed = useMemo(
    () =>
      JSON.stringify(config) !== JSON.stringify(version.config) ||
      [...grants].sort().join() !== [...version.grants].sort().join(),
    [config, grants, version],
  );

  function show(next: "form" | "raw") {
    if (next === "raw") setRaw(JSON.stringify(config, null, 2));
    else if (rawProblem) return;
    setShape(next);
  }

  function typeRaw(text: string) {
    setRaw(text);
    try {
      setConfig(JSON.parse(text));
      setRawProblem(undefined);
    } catch (problem) {
      setRawProblem(problem instanceof Error ? problem.message : String(problem));
    }
  }

  async function save() {
    setProblems([]);
    const outcome = await configure({
      input: {
        name: filter.name,
        baseVersion: version.number,
        config,
        grants,
        note: note.trim() || undefined,
      },
    });
    if (!outcome.ok) return setProblems(outcome.problems);
    const number = outcome.data.configureFilter.version?.number;
    if (number === undefined) return;
    setMade(number);
    toast({ tone: "success", text: t("filters.config.saved", { number }) });
  }

  return (
    <>
      <Segments
        label={t("filters.tab.configuration")}
        className="self-start"
        value={shape}
        onChange={show}
        options={[
          { id: "form", label: t("filters.config.form") },
          { id: "raw", label: t("filters.config.raw") },
        ]}
      />
      {shape === "form" ? (
        <div className="rounded-xl border bg-surface p-4 lg:p-5">
          {hasFields(version.configSchema) ? (
            <SchemaForm
              schema={version.configSchema}
              value={config}
              onChange={setConfig}
              disabled={!mayChange}
            />
          ) : (
            <p className="text-sm text-muted">{t("filters.config.none")}</p>
          )}
        </div>
      ) : (
        <Field
          label={t("filters.config.raw")}
          hideLabel
          problem={rawProblem && t("filters.config.rawProblem", { problem: rawProblem })}
        >
          {(wiring) => (
            <Textarea
              {...wiring}
              rows={18}
              spellCheck={false}
              value={raw}
              readOnly={!mayChange}
              onChange={(event) => typeRaw(event.target.value)}
              className="font-mono text-sm!"
            />
          )}
        </Field>
      )}
      <Grants value={grants} onChange={setGrants} disabled={!mayChange} />
      {mayChange && (
        <>
          <Field label={t("common.note")} hint={t("common.noteHint")}>
            {(wiring) => <Input {...wiring} value={note} onChange={(event) => setNote(event.target.value)} />}
          </Field>
          {problems.length > 0 && (
            <Callout tone="danger" title={t("filters.config.problems")}>
              <ul className="list-disc pl-4">
                {problems.map((problem) => (
                  <li key={`${problem.field} ${problem.message}`}>
                    {problem.field && <code className="mr-1.5 font-mono">{problem.field}</code>}
                    {problem.message}
                  </li>
                ))}
              </ul>
            </Callout>
          )}
          <div className="flex items-center gap-3">
            <Button
              look="primary"
              busy={busy}
              disabled={!changed || rawProblem !== undefined}
              onClick={() => void save()}
            >
              {t("filters.config.save")}
            </Button>
            {!changed && <span className="text-sm text-subtle">{t("filters.config.same")}</span>}
          </div>
        </>
      )}
      {made !== undefined && (
        <ModeDialog
          name={filter.name}
          revision={filter.revision}
          number={made}
          start="SHADOW"
          onClose={() => {
            setMade(undefined);
            void navigate({
              to: "/filters/$name",
              params: { name: filter.name },
              search: { tab: "versions" },
            });
          }}
        />
      )}
    </>
  );
}

function hasFields(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  const { properties, additionalProperties } = schema as {
    properties?: object;
    additionalProperties?: unknown;
  };
  return Object.keys(properties ?? {}).length > 0 || typeof additionalProperties === "object";
}
