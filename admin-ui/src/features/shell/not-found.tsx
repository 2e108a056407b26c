import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { readable } from "@/lib/keys/parse";
import { Empty } from "@/ui/feedback";

/** An address that leads nowhere, or to what is not open to the viewer: alike, so that nothing is revealed. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty icon={<Compass />} title={t("fault.notFound.title")}>
      {t("fault.notFound.advice", { key: readable("mod+k").join(" ") })}
    </Empty>
  );
}
