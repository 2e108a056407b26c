import { Check, EyeOff, Trash2 } from "lucide-react";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import type { ModerationDecision } from "@/gql/graphql";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Keys } from "@/ui/keys";
import { Tip } from "@/ui/tip";

/** The three decisions, always at the same place, each with its key. */
export function DecisionBar({ onDecide, reason, onReason, reasonRef }: DecisionBarProps) {
  const { t } = useTranslation();
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-t bg-surface px-4 py-2.5 lg:px-6">
      <Input
        ref={reasonRef}
        value={reason}
        onChange={(event) => onReason(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        placeholder={t("moderation.reason")}
        aria-label={t("moderation.reason")}
        maxLength={500}
        className="h-9! min-w-40 flex-1 max-sm:basis-full"
      />
      <div className="flex gap-2 max-sm:w-full">
        {DECISIONS.map(({ decision, look, keys, icon: Icon }) => (
          <Tip key={decision} text={t(`moderation.actHint.${decision}`)} side="top">
            <Button
              look={look}
              onClick={() => onDecide(decision)}
              className="h-9! max-sm:h-11! max-sm:flex-1"
            >
              <Icon className="size-4" aria-hidden="true" />
              {t(`moderation.act.${decision}`)}
              <Keys keys={keys} className="max-sm:hidden" />
            </Button>
          </Tip>
        ))}
      </div>
    </div>
  );
}

type DecisionBarProps = {
  onDecide: (decision: ModerationDecision) => void;
  reason: string;
  onReason: (reason: string) => void;
  reasonRef: Ref<HTMLInputElement>;
};

export const DECISIONS = [
  { decision: "RELEASE", look: "success-soft", keys: "r", icon: Check },
  { decision: "MASK", look: "secondary", keys: "m", icon: EyeOff },
  { decision: "REMOVE", look: "danger-soft", keys: "x", icon: Trash2 },
] as const;
