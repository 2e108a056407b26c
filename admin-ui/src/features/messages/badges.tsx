import { useTranslation } from "react-i18next";
import type { Action, FilterMode, MessageStatus, ModerationDecision } from "@/gql/graphql";
import { percent as share } from "@/lib/format";
import { Badge, Dot, type Tone } from "@/ui/badge";

const ACTION_TONES: Record<Action, Tone> = {
  DELIVER: "success",
  LABEL: "neutral",
  WARN: "warning",
  MASK: "accent",
  HOLD: "warning",
  REFUSE: "danger",
  SHADOW: "violet",
};

export function ActionBadge({ action }: { action: Action }) {
  const { t } = useTranslation();
  return (
    <Badge tone={ACTION_TONES[action]}>
      <span title={t(`words.actionHint.${action}`)}>{t(`words.action.${action}`)}</span>
    </Badge>
  );
}

const MODE_TONES: Record<FilterMode, Tone> = {
  DRAFT: "neutral",
  SHADOW: "violet",
  CANARY: "warning",
  LIVE: "success",
  QUARANTINED: "danger",
};

export function ModeBadge({ mode, percent }: { mode: FilterMode; percent?: number | null }) {
  const { t, i18n } = useTranslation();
  return (
    <Badge tone={MODE_TONES[mode]} icon={<Dot tone={MODE_TONES[mode]} className="size-1.5!" />}>
      <span title={t(`words.modeHint.${mode}`)}>
        {t(`words.mode.${mode}`)}
        {percent != null && ` ${share(percent / 100, i18n.language)}`}
      </span>
    </Badge>
  );
}

const STATUS_TONES: Record<MessageStatus, Tone> = {
  SENT: "success",
  MASKED: "accent",
  HELD: "warning",
  RETRACTED: "neutral",
  REMOVED: "danger",
};

export function StatusBadge({ status }: { status: MessageStatus }) {
  const { t } = useTranslation();
  return <Badge tone={STATUS_TONES[status]}>{t(`words.status.${status}`)}</Badge>;
}

const DECISION_TONES: Record<ModerationDecision, Tone> = {
  RELEASE: "success",
  MASK: "accent",
  REMOVE: "danger",
};

export function DecisionBadge({ decision }: { decision: ModerationDecision }) {
  const { t } = useTranslation();
  return <Badge tone={DECISION_TONES[decision]}>{t(`words.decision.${decision}`)}</Badge>;
}
