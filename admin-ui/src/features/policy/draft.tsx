import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import { type Problem, useAct } from "@/lib/graphql/act";
import { diffLines } from "@/lib/text/diff";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { DiffView } from "@/ui/diff-view";
import { Callout } from "@/ui/feedback";
import { Input } from "@/ui/field";
import { Segments } from "@/ui/tabs";
import { CodeArea } from "./code-area";

const VALIDATE = graphql(`
  mutation ValidatePolicy($input: ValidatePolicyInput!) {
    validatePolicy(input: $input) {
      valid
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const SAVE = graphql(`
  mutation SavePolicy($input: SavePolicyInput!) {
    savePolicy(input: $input) {
      policy {
        version
        text
        note
        createdAt
        createdBy
        active
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** A policy in the making: checked by the engine, compared with what it came from, and kept until saved. */
export function Draft({ text, base, onText, onSaved, onDiscard, maySave }: DraftProps) {
  const { t } = useTranslation();
  const [view, setView] = useState<"text" | "diff">("text");
  const [note, setNote] = useState("");
  const [problems, setProblems] = useState<Problem[]>();
  const [validate, checking] = useAct(VALIDATE, { quiet: true });
  const [save, saving] = useAct(SAVE, { quiet: true });
  const lines = useMemo(() => (view === "diff" ? diffLines(base, text) : []), [view, base, text]);
  const wrong = (problems ?? []).flatMap((problem) => lineOf(problem) ?? []);

  async function check() {
    const outcome = await validate({ input: { text } });
    setProblems(outcome.ok ? [] : outcome.problems);
  }

  async function keep() {
    const outcome = await save({ input: { text, note: note.trim() || undefined } });
    if (!outcome.ok) return setProblems(outcome.problems);
    const version = outcome.data.savePolicy.policy?.version;
    if (version === undefined) return;
    toast({ tone: "success", text: t("policy.saved", { number: version }) });
    onSaved(version);
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label={t("policy.editor")}
          value={view}
          onChange={setView}
          options={[
            { id: "text", label: t("policy.text") },
            { id: "diff", label: t("policy.diff") },
          ]}
        />
        <span className="ml-auto flex flex-wrap gap-2">
          <Button look="ghost" onClick={onDiscard}>
            {t("policy.discard")}
          </Button>
          <Button onClick={() => void check()} busy={checking}>
            {t("policy.validate")}
          </Button>
        </span>
      </div>
      {problems?.length === 0 && <Callout tone="success" title={t("policy.valid")} />}
      {problems && problems.length > 0 && (
        <Callout tone="danger" title={t("policy.invalid")}>
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
      <div className="min-h-80 flex-1">
        {view === "text" ? (
          <CodeArea
            label={t("policy.editor")}
            value={text}
            wrong={wrong}
            onChange={(next) => {
              onText(next);
              setProblems(undefined);
            }}
          />
        ) : lines.length === 0 ? (
          <p className="text-sm text-subtle">{t("policy.same")}</p>
        ) : (
          <DiffView lines={lines} label={t("policy.diff")} />
        )}
      </div>
      {maySave && (
        <div className="flex gap-2 max-sm:flex-col">
          <Input
            aria-label={t("common.note")}
            placeholder={t("policy.noteHint")}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <Button look="primary" busy={saving} disabled={text === base} onClick={() => void keep()}>
            {t("policy.save")}
          </Button>
        </div>
      )}
    </div>
  );
}

type DraftProps = {
  text: string;
  /** What it is compared with. */
  base: string;
  onText: (text: string) => void;
  onSaved: (version: number) => void;
  onDiscard: () => void;
  maySave: boolean;
};

/** The line a problem names, if it names one. */
function lineOf(problem: Problem): number | undefined {
  const found = /\bline (\d+)/i.exec(problem.message);
  return found?.[1] ? Number(found[1]) : undefined;
}
