import { useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { FilterMode } from "@/gql/graphql";
import { percent as shareOf } from "@/lib/format";
import { useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Confirm } from "@/ui/confirm";
import { Slider } from "@/ui/switch";
import { ModeBadge } from "../messages/badges";

const SET_MODE = graphql(`
  mutation SetFilterMode($input: SetFilterModeInput!) {
    setFilterMode(input: $input) {
      filter {
        id
        ...FilterHead
        ...FilterRow
      }
      userErrors {
        code
        message
      }
    }
  }
`);

const MODES: FilterMode[] = ["DRAFT", "SHADOW", "CANARY", "LIVE"];

/** Says what a version should do from now on: nothing, watch, judge a share, or judge all. */
export function ModeDialog({ name, revision, number, start, percent = 10, onClose }: ModeDialogProps) {
  const { t, i18n } = useTranslation();
  const [mode, setMode] = useState<FilterMode>(start);
  const [share, setShare] = useState(percent);
  const [act, busy] = useAct(SET_MODE);
  async function confirm(reason: string | undefined) {
    const canaryPercent = mode === "CANARY" ? share : undefined;
    const outcome = await act({
      input: { name, version: number, mode, canaryPercent, reason, expectedRevision: revision },
    });
    if (!outcome.ok) return;
    toast({ tone: "success", text: t("filters.modeDone", { number, mode: t(`words.mode.${mode}`) }) });
    onClose();
  }
  return (
    <Confirm
      title={t("filters.modeTitle", { name, number })}
      lead={t("filters.modeLead")}
      action={t("filters.setMode")}
      busy={busy}
      onConfirm={(reason) => void confirm(reason)}
      onClose={onClose}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="sr-only">{t("filters.setMode")}</legend>
        {MODES.map((each) => (
          <label
            key={each}
            className="flex items-center gap-3 rounded-lg border px-3 py-2 has-checked:border-accent has-checked:bg-accent-soft/50"
          >
            <input
              type="radio"
              name="mode"
              className="accent-(--accent)"
              checked={mode === each}
              onChange={() => setMode(each)}
            />
            <span className="w-24 shrink-0">
              <ModeBadge mode={each} />
            </span>
            <span className="text-sm text-muted">{t(`words.modeHint.${each}`)}</span>
          </label>
        ))}
      </fieldset>
      {mode === "CANARY" && (
        <div>
          <p className="mb-1 flex justify-between text-sm font-medium">
            {t("filters.canaryShare")}{" "}
            <span className="tabular whitespace-nowrap">{shareOf(share / 100, i18n.language)}</span>
          </p>
          <Slider label={t("filters.canaryShare")} value={share} min={1} onChange={setShare} />
          <p className="mt-1 text-sm text-subtle">{t("filters.canaryHint")}</p>
        </div>
      )}
    </Confirm>
  );
}

type ModeDialogProps = {
  name: string;
  revision: number;
  number: number;
  /** Which mode is chosen at first. */
  start: FilterMode;
  percent?: number;
  onClose: () => void;
};
