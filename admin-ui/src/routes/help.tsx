import { Link, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useTranslation } from "react-i18next";
import { tour } from "@/features/help/tour";
import { useViewer } from "@/features/session/session";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";

const GUIDES = ["agent", "moderator", "admin"] as const;
const STEPS = ["one", "two", "three", "four"] as const;
type Guide = (typeof GUIDES)[number];

/** Short guides; the viewer's own comes first. */
export default function Help() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const { guide } = useSearch({ from: "/help" });
  const own: Guide = viewer.role === "ADMIN" ? "admin" : viewer.role === "MODERATOR" ? "moderator" : "agent";
  const shown = GUIDES.find((each) => each === guide) ?? own;
  return (
    <Page
      title={t("help.title")}
      lead={t("help.lead")}
      actions={<Button onClick={() => tour.set("new")}>{t("help.tourAgain")}</Button>}
    >
      <div className="mx-auto grid w-full max-w-4xl gap-x-10 gap-y-6 p-4 lg:grid-cols-[13rem_minmax(0,1fr)] lg:p-8">
        <nav aria-label={t("help.title")} className="flex gap-1 max-lg:flex-wrap lg:flex-col">
          {GUIDES.map((each) => (
            <Link
              key={each}
              to="/help"
              search={{ guide: each }}
              aria-current={each === shown ? "page" : undefined}
              className={clsx(
                "rounded-md px-3 py-2 whitespace-nowrap",
                each === shown ? "bg-hover font-medium" : "text-muted hover:bg-hover/60",
              )}
            >
              {t(`help.guides.${each}.title`)}
            </Link>
          ))}
        </nav>
        <article>
          <h2 className="text-xl font-semibold tracking-tight">{t(`help.guides.${shown}.title`)}</h2>
          <p className="mt-1 text-lg text-muted">{t(`help.guides.${shown}.lead`)}</p>
          <ol className="mt-6 flex flex-col gap-6">
            {STEPS.map((step, place) => (
              <li key={step} className="flex gap-4">
                <span className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent-fg">
                  {place + 1}
                </span>
                <div>
                  <h3 className="font-semibold">{t(`help.guides.${shown}.steps.${step}.title`)}</h3>
                  <p className="mt-1 max-w-prose text-pretty text-muted">
                    {t(`help.guides.${shown}.steps.${step}.text`)}
                  </p>
                </div>
              </li>
            ))}
          </ol>
        </article>
      </div>
    </Page>
  );
}
