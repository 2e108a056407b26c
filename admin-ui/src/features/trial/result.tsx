import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { micros } from "@/lib/format";
import { ActionBadge } from "../messages/badges";
import { MessageText } from "../messages/message-text";
import { marksOf, Signals } from "../moderation/signals";

export const TRIAL_RESULT = graphql(`
  fragment TrialResult on TryResult {
    action
    policyVersion
    notice
    verdict {
      signals {
        ...SignalFacts
      }
    }
    runs {
      filter
      version
      micros
      signals
      fault
    }
    sender {
      body
      notice
    }
    recipient {
      body
      warning
    }
    staff {
      body
    }
  }
`);

/** What would become of a text: the verdict, why, and what each side would see. */
export function TrialResult({
  result: ref,
  text,
}: {
  result: FragmentType<typeof TRIAL_RESULT>;
  text: string;
}) {
  const { t, i18n } = useTranslation();
  const result = readFragment(TRIAL_RESULT, ref);
  const signals = result.verdict?.signals ?? [];
  return (
    <div className="flex flex-col gap-5" aria-live="polite">
      <div className="flex flex-wrap items-center gap-3 rounded-xl border bg-surface px-4 py-3">
        <ActionBadge action={result.action} />
        <span className="text-muted">{t(`words.actionHint.${result.action}`)}</span>
        <span className="ml-auto text-sm text-subtle">
          {t("moderation.policyVersion", { number: result.policyVersion })}
        </span>
      </div>
      <div className="grid gap-3 lg:grid-cols-3">
        <Side
          title={t("trial.sender")}
          body={result.sender?.body}
          words={result.sender?.notice ?? result.notice}
          nothing={t("trial.notSent")}
        />
        <Side
          title={t("trial.recipient")}
          body={result.recipient?.body}
          words={result.recipient?.warning}
          nothing={result.action === "HOLD" ? t("trial.waits") : t("trial.notShown")}
        />
        <section className="rounded-xl border bg-surface p-4">
          <h3 className="mb-2 text-sm font-semibold text-muted">{t("trial.staff")}</h3>
          <p>
            <MessageText body={result.staff?.body ?? text} marks={marksOf(signals)} />
          </p>
        </section>
      </div>
      {signals.length > 0 ? (
        <Signals signals={signals} />
      ) : (
        <p className="text-sm text-subtle">{t("trial.nothing")}</p>
      )}
      {result.runs.length > 0 && (
        <section>
          <h3 className="mb-2 text-sm font-semibold text-muted">{t("trial.runs")}</h3>
          <ul className="grid gap-x-6 text-sm sm:grid-cols-2 xl:grid-cols-3">
            {result.runs.map((run) => (
              <li key={run.filter} className="flex items-center gap-2 border-b py-1.5">
                <span className="font-medium">{run.filter}</span>
                <span className="text-subtle">v{run.version}</span>
                {run.fault && <span className="text-danger-fg">{run.fault}</span>}
                <span className="tabular ml-auto text-subtle">{micros(run.micros, i18n.language)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Side({
  title,
  body,
  words,
  nothing,
}: {
  title: string;
  body?: string;
  words?: string | null;
  nothing: string;
}) {
  return (
    <section className="rounded-xl border bg-surface p-4">
      <h3 className="mb-2 text-sm font-semibold text-muted">{title}</h3>
      {body === undefined ? (
        <p className="text-subtle">{nothing}</p>
      ) : (
        <p>
          <MessageText body={body} />
        </p>
      )}
      {words && (
        <p className="mt-2 rounded-md bg-warning-soft px-2.5 py-1.5 text-sm text-warning-fg">{words}</p>
      )}
    </section>
  );
}
