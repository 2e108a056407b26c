import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field, Input } from "./field";

/** Asks before something that others feel, and why, for the audit log. */
export function Confirm({
  title,
  lead,
  action,
  danger,
  busy,
  onConfirm,
  onClose,
  children,
  withReason = true,
}: ConfirmProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={lead}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            look={danger ? "danger" : "primary"}
            busy={busy}
            onClick={() => onConfirm(reason.trim() || undefined)}
          >
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {children}
        {withReason && (
          <Field label={t("common.reason")} hint={t("common.reasonHint")}>
            {(wiring) => (
              <Input
                {...wiring}
                value={reason}
                maxLength={500}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
        )}
      </div>
    </Dialog>
  );
}

type ConfirmProps = {
  title: ReactNode;
  lead?: ReactNode;
  action: ReactNode;
  danger?: boolean;
  busy?: boolean;
  onConfirm: (reason: string | undefined) => void;
  onClose: () => void;
  children?: ReactNode;
  withReason?: boolean;
};
