import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/feedback";

/** A screen that broke takes only itself down. */
export function Crash({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<TriangleAlert />}
      title={t("fault.crash.title")}
      action={
        <Button look="primary" onClick={() => location.reload()}>
          {t("fault.crash.reload")}
        </Button>
      }
    >
      <p role="alert">{t("fault.crash.advice")}</p>
      <p className="mt-2 font-mono text-2xs break-words text-subtle">
        {error instanceof Error ? error.message : ""}
      </p>
    </Empty>
  );
}
