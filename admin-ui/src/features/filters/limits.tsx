import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { FailMode } from "@/gql/graphql";
import { percent } from "@/lib/format";
import { useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { Slider } from "@/ui/switch";
import type { FilterHeadFacts } from "./filter-head";

const SET_LIMITS = graphql(`
  mutation SetFilterLimits($input: SetFilterLimitsInput!) {
    setFilterLimits(input: $input) {
      filter {
        id
        ...FilterHead
      }
      userErrors {
        code
        message
        field
      }
    }
  }
`);

/** When a filter is switched off by itself, and what becomes of messages it fails on. */
export function Limits({ filter, mayChange }: { filter: FilterHeadFacts; mayChange: boolean }) {
  const { t, i18n } = useTranslation();
  const [failMode, setFailMode] = useState<FailMode>(filter.failMode);
  const [share, setShare] = useState(Math.round(filter.limits.maxFlaggedShare * 100));
  const [actions, setActions] = useState(filter.limits.maxActionsPerDay?.toString() ?? "");
  const [act, busy] = useAct(SET_LIMITS);
  async function save(event: FormEvent) {
    event.preventDefault();
    const outcome = await act({
      input: {
        name: filter.name,
        failMode,
        maxFlaggedShare: share / 100,
        maxActionsPerDay: actions.trim() === "" ? null : Number(actions),
        expectedRevision: filter.revision,
      },
    });
    if (outcome.ok) toast({ tone: "success", text: t("filters.limits.saved") });
  }
  return (
    <form onSubmit={save} className="flex max-w-xl flex-col gap-6">
      <Field label={t("filters.limits.failMode")} hint={t("filters.limits.failModeHint")}>
        {(wiring) => (
          <Select
            {...wiring}
            disabled={!mayChange}
            value={failMode}
            onChange={(event) => setFailMode(event.target.value as FailMode)}
            className="w-64"
          >
            <option value="OPEN">{t("words.failMode.OPEN")}</option>
            <option value="HOLD">{t("words.failMode.HOLD")}</option>
          </Select>
        )}
      </Field>
      <div>
        <p className="mb-2 flex justify-between gap-3 text-sm font-medium">
          {t("filters.limits.maxFlagged")}{" "}
          <span className="tabular whitespace-nowrap">{percent(share / 100, i18n.language)}</span>
        </p>
        <Slider
          label={t("filters.limits.maxFlagged")}
          value={share}
          onChange={setShare}
          min={1}
          disabled={!mayChange}
        />
        <p className="mt-1.5 text-sm text-subtle">{t("filters.limits.maxFlaggedHint")}</p>
      </div>
      <Field label={t("filters.limits.maxActions")} hint={t("filters.limits.maxActionsHint")}>
        {(wiring) => (
          <Input
            {...wiring}
            type="number"
            min={1}
            disabled={!mayChange}
            value={actions}
            onChange={(event) => setActions(event.target.value)}
            className="w-40!"
          />
        )}
      </Field>
      {mayChange && (
        <Button type="submit" look="primary" busy={busy} className="self-start">
          {t("filters.limits.save")}
        </Button>
      )}
    </form>
  );
}
