import { useTranslation } from "react-i18next";
import { Skeleton } from "@/ui/feedback";

/** The application's outline while it is asked who is there. */
export function Splash() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")} className="flex h-full">
      <div className="hidden w-14 flex-col items-center gap-4 border-r bg-sunken p-3 md:flex lg:w-56 lg:items-stretch">
        <Skeleton className="h-8 w-8 lg:w-28" />
        {[1, 2, 3, 4, 5, 6].map((row) => (
          <Skeleton key={row} className="h-5 w-6 lg:w-40" />
        ))}
      </div>
      <div className="flex-1 space-y-5 p-6">
        <Skeleton className="h-6 w-40" />
        <Skeleton className="h-24" />
        <Skeleton className="h-64" />
      </div>
    </div>
  );
}
