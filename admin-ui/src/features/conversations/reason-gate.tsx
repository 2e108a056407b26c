import { Eye } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";

/** Asks why somebody of the staff looks into what users said in private. */
export function ReasonGate({ onGive, lead }: { onGive: (reason: string) => void; lead?: string }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const [short, setShort] = useState(false);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (reason.trim().length < 3) setShort(true);
    else onGive(reason.trim());
  }
  return (
    <div className="flex h-full items-center justify-center overflow-y-auto p-6">
      <form onSubmit={submit} className="w-full max-w-md rounded-xl border bg-surface p-5">
        <h2 className="text-lg font-semibold">{t("conversations.reason.title")}</h2>
        <p className="mt-1 mb-4 text-base text-pretty text-muted">{lead ?? t("conversations.reason.lead")}</p>
        <Field label={t("conversations.reason.label")} problem={short && t("conversations.reason.short")}>
          {(wiring) => (
            <Input
              {...wiring}
              autoFocus
              value={reason}
              maxLength={500}
              placeholder={t("conversations.reason.placeholder")}
              onChange={(event) => {
                setReason(event.target.value);
                setShort(false);
              }}
            />
          )}
        </Field>
        <div className="mt-2.5 flex flex-wrap gap-2">
          {(["report", "held", "fraud"] as const).map((preset) => (
            <Button
              key={preset}
              size="sm"
              look="secondary"
              onClick={() => setReason(t(`conversations.reason.presets.${preset}`))}
            >
              {t(`conversations.reason.presets.${preset}`)}
            </Button>
          ))}
        </div>
        <Button type="submit" look="primary" className="mt-4" icon={<Eye className="size-4" />}>
          {t("conversations.reason.submit")}
        </Button>
      </form>
    </div>
  );
}
