import { useTranslation } from "react-i18next";
import { count } from "@/lib/format";
import { Callout } from "@/ui/feedback";
import { useSearchIndex } from "./search-index";

/** Says when the index does not know everything, so that nobody trusts an empty result. */
export function IndexState() {
  const { t, i18n } = useTranslation();
  const { index } = useSearchIndex();
  if (!index || index.state === "READY") return null;
  return (
    <Callout tone={index.state === "UNAVAILABLE" ? "danger" : "warning"} className="mx-4 mt-3 lg:mx-6">
      {index.state === "UNAVAILABLE"
        ? t("search.unavailable", { problem: index.problem ?? t("common.unknown") })
        : t("search.building", {
            done: count(index.build?.conversationsDone ?? 0, i18n.language),
            total: count(index.build?.conversationsTotal ?? 0, i18n.language),
          })}
    </Callout>
  );
}
