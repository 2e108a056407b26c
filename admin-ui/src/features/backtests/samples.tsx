import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql, readFragment } from "@/gql";
import type { BacktestReportFactsFragment } from "@/gql/graphql";
import { Badge } from "@/ui/badge";
import { Section } from "@/ui/page";
import { Segments } from "@/ui/tabs";
import { ActionBadge } from "../messages/badges";
import { MessageText } from "../messages/message-text";
import { marksOf } from "../moderation/signals";
import { bareId } from "../shell/jump";

const SAMPLE = graphql(`
  fragment BacktestSampleFacts on BacktestSample {
    conversationId
    seq
    line
    text
    before
    after
    unwanted
    signals {
      ...SignalFacts
    }
  }
`);

/** The messages behind the figures. */
export function Samples({ report }: { report: BacktestReportFactsFragment }) {
  const { t } = useTranslation();
  const [which, setWhich] = useState<"caught" | "released">(
    report.newlyCaughtCount === 0 && report.newlyReleasedCount > 0 ? "released" : "caught",
  );
  const samples = readFragment(SAMPLE, which === "caught" ? report.newlyCaught : report.newlyReleased);
  return (
    <Section
      title={which === "caught" ? t("backtests.caught") : t("backtests.released")}
      lead={which === "caught" ? t("backtests.caughtHint") : t("backtests.releasedHint")}
      flush
      actions={
        <Segments
          label={t("backtests.changed")}
          value={which}
          onChange={setWhich}
          options={[
            { id: "caught", label: t("backtests.caught") },
            { id: "released", label: t("backtests.released") },
          ]}
        />
      }
    >
      {samples.length === 0 && (
        <p className="p-5 text-center text-sm text-subtle">{t("backtests.samplesNone")}</p>
      )}
      <ul className="divide-y">
        {samples.map((sample) => (
          <li
            key={`${sample.conversationId} ${sample.seq} ${sample.line} ${sample.text}`}
            className="px-4 py-3"
          >
            <p className="text-base">
              <MessageText body={sample.text} marks={marksOf(sample.signals)} />
            </p>
            <p className="mt-1.5 flex flex-wrap items-center gap-2 text-sm text-subtle">
              <ActionBadge action={sample.before} />
              <ArrowRight className="size-3.5" aria-hidden="true" />
              <ActionBadge action={sample.after} />
              {sample.unwanted != null && (
                <Badge tone={sample.unwanted ? "danger" : "success"}>
                  {sample.unwanted ? t("backtests.unwanted") : t("backtests.wanted")}
                </Badge>
              )}
              {sample.line != null && <span>{t("backtests.line", { number: sample.line })}</span>}
              {sample.conversationId && sample.seq != null && (
                <Link
                  to="/conversations/$id"
                  params={{ id: bareId(sample.conversationId) }}
                  search={{ at: sample.seq }}
                  className="text-accent-fg hover:underline"
                >
                  {t("decisions.open")}
                </Link>
              )}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
