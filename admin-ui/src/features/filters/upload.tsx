import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { CheckFilterMutation, FilterGrant } from "@/gql/graphql";
import { bytes } from "@/lib/format";
import { type Problem, useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Callout, Skeleton } from "@/ui/feedback";
import { Field, Input } from "@/ui/field";
import { Facts } from "@/ui/page";
import { Grants } from "./grants";

const CHECK = graphql(`
  mutation CheckFilter($input: CheckFilterInput!) {
    checkFilter(input: $input) {
      report {
        name
        semver
        digest
        bytes
        compileMillis
        wants
        warnings
        imports
        signals {
          id
          description
          defaultWeight
        }
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const UPLOAD = graphql(`
  mutation UploadFilter($input: UploadFilterInput!) {
    uploadFilter(input: $input) {
      filter {
        id
        name
        revision
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

type Report = NonNullable<CheckFilterMutation["checkFilter"]["report"]>;
type Found = { file: File; report?: Report; problems?: Problem[] };

/** Takes a component by button or by drag, says what the engine thinks of it, and keeps it if one wants. */
export function Upload() {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const [found, setFound] = useState<Found>();
  const [check] = useAct(CHECK, { quiet: true });
  const take = async (file: File | undefined) => {
    if (!file) return;
    setFound({ file });
    const outcome = await check({ input: { component: file } });
    if (!outcome.ok) setFound({ file, problems: outcome.problems });
    else setFound({ file, report: outcome.data.checkFilter.report ?? undefined });
  };
  const over = useFileDrag((file) => void take(file));
  return (
    <>
      <input
        ref={picker}
        type="file"
        accept=".wasm"
        className="sr-only"
        tabIndex={-1}
        aria-label={t("filters.check.choose")}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <Button look="primary" icon={<FileUp className="size-4" />} onClick={() => picker.current?.click()}>
        {t("filters.upload")}
      </Button>
      {over && (
        <div className="pointer-events-none fixed inset-3 z-50 flex flex-col items-center justify-center rounded-2xl border-2 border-dashed border-accent bg-canvas/90 text-center">
          <FileUp className="size-10 text-accent-fg" aria-hidden="true" />
          <p className="mt-3 text-xl font-semibold">{t("filters.drop")}</p>
          <p className="mt-1 text-muted">{t("filters.dropLead")}</p>
        </div>
      )}
      {found && (
        <Admission
          found={found}
          onClose={() => setFound(undefined)}
          onAnother={() => picker.current?.click()}
        />
      )}
    </>
  );
}

/** Whether a file is held over the page, and what is let go of. */
function useFileDrag(onFile: (file: File | undefined) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFile);
  latest.current = onFile;
  useEffect(() => {
    const holds = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const drop = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setOver(false);
      latest.current(event.dataTransfer?.files[0]);
    };
    addEventListener("dragover", enter);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return over;
}

function Admission({
  found,
  onClose,
  onAnother,
}: {
  found: Found;
  onClose: () => void;
  onAnother: () => void;
}) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const [upload, busy] = useAct(UPLOAD, { quiet: true });
  const [grants, setGrants] = useState<FilterGrant[]>();
  const [note, setNote] = useState("");
  const [problems, setProblems] = useState<Problem[]>();
  const { file, report } = found;
  const refused = problems ?? found.problems;

  async function keep() {
    const outcome = await upload({ input: { component: file, grants, note: note.trim() || undefined } });
    if (!outcome.ok) return setProblems(outcome.problems);
    const { filter, version } = outcome.data.uploadFilter;
    if (!filter || !version) return;
    toast({ tone: "success", text: t("filters.check.kept", { name: filter.name, number: version.number }) });
    onClose();
    void navigate({ to: "/filters/$name", params: { name: filter.name }, search: { tab: "versions" } });
  }

  return (
    <Dialog
      open
      onClose={onClose}
      width="max-w-xl"
      title={report ? `${report.name} ${report.semver}` : t("filters.check.title")}
      description={`${file.name}, ${bytes(file.size, i18n.language)}`}
      footer={
        <>
          <Button onClick={onAnother}>{t("filters.check.another")}</Button>
          {report && (
            <Button look="primary" busy={busy} onClick={() => void keep()}>
              {t("filters.check.keep")}
            </Button>
          )}
        </>
      }
    >
      {refused && (
        <Callout tone="danger" title={t("filters.check.refused")} className="mb-4">
          <ul>
            {refused.map((problem) => (
              <li key={problem.message}>{problem.message}</li>
            ))}
          </ul>
        </Callout>
      )}
      {!report && !refused && (
        <div
          role="status"
          aria-label={t("filters.check.checking", { file: file.name })}
          className="space-y-3"
        >
          <Skeleton className="w-2/3" />
          <Skeleton className="h-20" />
          <Skeleton className="h-12" />
        </div>
      )}
      {report && (
        <div className="flex flex-col gap-5">
          {!refused && <Callout tone="success" title={t("filters.check.ok")} />}
          {report.warnings.map((warning) => (
            <Callout key={warning} tone="warning">
              {warning}
            </Callout>
          ))}
          <Facts
            facts={[
              [t("filters.version.size"), bytes(report.bytes, i18n.language)],
              [
                t("filters.version.digest"),
                <code key="digest" title={report.digest}>
                  {report.digest.slice(0, 16)}…
                </code>,
              ],
              [t("filters.check.compiled", { ms: report.compileMillis }), ""],
            ]}
          />
          <section>
            <h3 className="mb-1.5 text-sm font-semibold">{t("filters.check.signals")}</h3>
            <ul className="divide-y rounded-lg border text-sm">
              {report.signals.map((signal) => (
                <li key={signal.id} className="flex gap-3 px-3 py-1.5">
                  <code className="shrink-0 font-mono">{signal.id}</code>
                  <span className="min-w-0 flex-1 text-muted">{signal.description}</span>
                </li>
              ))}
            </ul>
          </section>
          <Grants wants={report.wants} value={grants ?? []} onChange={setGrants} />
          <Field label={t("common.note")} hint={t("common.noteHint")}>
            {(wiring) => <Input {...wiring} value={note} onChange={(event) => setNote(event.target.value)} />}
          </Field>
        </div>
      )}
    </Dialog>
  );
}
