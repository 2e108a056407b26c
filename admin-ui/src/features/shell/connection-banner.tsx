import { CloudOff, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { connection, onReconnected } from "@/lib/graphql/connection";
import { toast } from "@/lib/toasts";

/** Says when what is seen may be old, after a moment: short breaks are nobody's business. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const now = connection.use();
  const broken = now === "reconnecting" || now === "offline";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!broken) return setShown(false);
    const timer = setTimeout(() => setShown(true), 900);
    return () => clearTimeout(timer);
  }, [broken]);
  useEffect(
    () => onReconnected(() => toast({ tone: "success", text: t("shell.connection.back"), lasts: 2500 })),
    [t],
  );

  return (
    <div aria-live="polite">
      {shown && (
        <p className="flex items-center justify-center gap-2 bg-warning-soft px-4 py-1.5 text-sm font-medium text-warning-fg">
          {now === "offline" ? (
            <CloudOff className="size-4" aria-hidden="true" />
          ) : (
            <LoaderCircle className="size-4 animate-spin" aria-hidden="true" />
          )}
          {now === "offline" ? t("shell.connection.offline") : t("shell.connection.reconnecting")}
        </p>
      )}
    </div>
  );
}
