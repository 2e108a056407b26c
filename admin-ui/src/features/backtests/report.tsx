import { ArrowRight, CircleCheckBig } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import type { BacktestReportFactsFragment } from "@/gql/graphql";
import { count, micros, percent } from "@/lib/format";
import { ACTION_COLORS } from "@/ui/bars";
import { Empty } from "@/ui/feedback";
import { Facts, Section } from "@/ui/page";
import { ActionBadge } from "../messages/badges";
import { Tile } from "../overview/tile";
import { Samples } from "./samples";

export const REPORT = graphql(`
  fragment BacktestReportFacts on BacktestReport {
    messages
    changedCount
    newlyCaughtCount
    newlyReleasedCount
    transitions {
      before
      after
      messages
    }
    signals {
      signalId
      before
      after
    }
    newlyCaught {
      ...BacktestSampleFacts
    }
    newlyReleased {
      ...BacktestSampleFacts
    }
    truthBefore {
      precision
      recall
      f1
      falsePositives
      falseNegatives
    }
    truthAfter {
      precision
      recall
      f1
      falsePositives
      falseNegatives
    }
    timing {
      p50Micros
      p99Micros
      maxMicros
    }
    faults {
      kind
      messages
    }
  }
`);

type ReportFacts = BacktestReportFactsFragment;

/** What a backtest found: figures first, then the messages behind them. */
export function Report({ report: ref }: { report: FragmentType<typeof REPORT> }) {
  const { t, i18n } = useTranslation();
  const report = readFragment(REPORT, ref);
  const share = (value: number) =>
    report.messages > 0 ? percent(value / report.messages, i18n.language) : "–";
  const number = (value: number) => count(value, i18n.language);
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Tile
          name={t("backtests.judged")}
          value={number(report.messages)}
          hint={
            report.timing
              ? t("filters.medianOf", {
                  p50: micros(report.timing.p50Micros, i18n.language),
                  p99: micros(report.timing.p99Micros, i18n.language),
                })
              : " "
          }
        />
        <Tile
          name={t("backtests.changed")}
          value={number(report.changedCount)}
          hint={share(report.changedCount)}
        />
        <Tile
          name={t("backtests.caught")}
          value={number(report.newlyCaughtCount)}
          hint={share(report.newlyCaughtCount)}
          tone={report.newlyCaughtCount > 0 ? "warning" : "calm"}
        />
        <Tile
          name={t("backtests.released")}
          value={number(report.newlyReleasedCount)}
          hint={share(report.newlyReleasedCount)}
        />
      </div>
      {report.changedCount === 0 && (
        <Empty icon={<CircleCheckBig />} title={t("backtests.unchanged")} className="py-6!">
          {t("backtests.unchangedLead")}
        </Empty>
      )}
      <div className="grid gap-4 xl:grid-cols-2">
        <div className="flex flex-col gap-4">
          {report.transitions.length > 0 && <Transitions report={report} />}
          {(report.timing || report.faults.length > 0) && <Costs report={report} />}
        </div>
        <div className="flex flex-col gap-4">
          {report.signals.length > 0 && <SignalChanges report={report} />}
          {(report.truthBefore || report.truthAfter) && <Truth report={report} />}
        </div>
      </div>
      <Samples report={report} />
    </div>
  );
}

function Transitions({ report }: { report: ReportFacts }) {
  const { t, i18n } = useTranslation();
  const most = Math.max(1, ...report.transitions.map((each) => each.messages));
  return (
    <Section title={t("backtests.transitions")}>
      <ul className="flex flex-col gap-2 text-sm">
        {[...report.transitions]
          .sort((a, b) => b.messages - a.messages)
          .map((each) => (
            <li
              key={`${each.before} ${each.after}`}
              className="grid grid-cols-[5rem_1rem_5rem_minmax(0,1fr)_auto] items-center gap-2"
            >
              <span className="justify-self-start">
                <ActionBadge action={each.before} />
              </span>
              <ArrowRight className="size-3.5 text-subtle" aria-hidden="true" />
              <span className="justify-self-start">
                <ActionBadge action={each.after} />
              </span>
              <span className="h-2 rounded-full bg-sunken" aria-hidden="true">
                <span
                  className="block h-full min-w-1 rounded-full"
                  style={{ width: `${(each.messages / most) * 100}%`, background: ACTION_COLORS[each.after] }}
                />
              </span>
              <span className="tabular font-medium">{count(each.messages, i18n.language)}</span>
            </li>
          ))}
      </ul>
    </Section>
  );
}

function SignalChanges({ report }: { report: ReportFacts }) {
  const { t, i18n } = useTranslation();
  return (
    <Section title={t("backtests.signals")}>
      <table className="w-full text-sm">
        <thead>
          <tr className="text-left text-subtle [&>th]:pb-1.5 [&>th]:font-medium">
            <th scope="col">{t("decisions.signal")}</th>
            <th scope="col" className="text-right">
              {t("backtests.before")}
            </th>
            <th scope="col" className="text-right">
              {t("backtests.after")}
            </th>
            <th scope="col" className="w-20 text-right">
              ±
            </th>
          </tr>
        </thead>
        <tbody>
          {report.signals.map((each) => (
            <tr key={each.signalId} className="border-t [&>td]:py-1.5">
              <td className="font-mono text-2xs">{each.signalId}</td>
              <td className="tabular text-right text-muted">{count(each.before, i18n.language)}</td>
              <td className="tabular text-right">{count(each.after, i18n.language)}</td>
              <td className="tabular text-right font-medium">
                {each.after > each.before ? "+" : ""}
                {count(each.after - each.before, i18n.language)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Truth({ report }: { report: ReportFacts }) {
  const { t, i18n } = useTranslation();
  const share = (value: number | null | undefined) => (value == null ? "–" : percent(value, i18n.language));
  const rows = [
    {
      name: t("backtests.precision"),
      hint: t("backtests.precisionHint"),
      pick: (truth: ReportFacts["truthAfter"]) => share(truth?.precision),
    },
    {
      name: t("backtests.recall"),
      hint: t("backtests.recallHint"),
      pick: (truth: ReportFacts["truthAfter"]) => share(truth?.recall),
    },
    { name: t("backtests.f1"), pick: (truth: ReportFacts["truthAfter"]) => share(truth?.f1) },
    {
      name: t("backtests.falsePositives"),
      pick: (truth: ReportFacts["truthAfter"]) => (truth ? count(truth.falsePositives, i18n.language) : "–"),
    },
    {
      name: t("backtests.falseNegatives"),
      pick: (truth: ReportFacts["truthAfter"]) => (truth ? count(truth.falseNegatives, i18n.language) : "–"),
    },
  ];
  return (
    <Section title={t("backtests.truth")} lead={t("backtests.truthHint")}>
      <table className="w-full text-sm">
        <thead>
          <tr className="text-left text-subtle [&>th]:pb-1.5 [&>th]:font-medium">
            <th />
            <th scope="col" className="text-right">
              {t("backtests.before")}
            </th>
            <th scope="col" className="text-right">
              {t("backtests.after")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} className="border-t [&>td]:py-1.5">
              <td title={row.hint}>{row.name}</td>
              <td className="tabular text-right text-muted">{row.pick(report.truthBefore)}</td>
              <td className="tabular text-right font-medium">{row.pick(report.truthAfter)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Costs({ report }: { report: ReportFacts }) {
  const { t, i18n } = useTranslation();
  const { timing } = report;
  return (
    <Section title={t("backtests.timing")}>
      {timing && (
        <Facts
          facts={[
            [t("backtests.p50"), micros(timing.p50Micros, i18n.language)],
            [t("backtests.p99"), micros(timing.p99Micros, i18n.language)],
            [t("backtests.max"), micros(timing.maxMicros, i18n.language)],
          ]}
        />
      )}
      {report.faults.length > 0 && (
        <p className="mt-2 text-sm text-danger-fg">
          {t("backtests.faults")}:{" "}
          {report.faults.map((fault) => `${fault.kind} ${count(fault.messages, i18n.language)}`).join(", ")}
        </p>
      )}
    </Section>
  );
}
