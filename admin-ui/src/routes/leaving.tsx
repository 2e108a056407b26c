import { useSearch } from "@tanstack/react-router";
import { ExternalLink, ShieldAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { safeHref } from "@/lib/text/links";
import { Button } from "@/ui/button";
import { Callout, Empty } from "@/ui/feedback";
import { Page } from "@/ui/page";

/** The page between a user's link and the web. */
export default function Leaving() {
  const { t } = useTranslation();
  const { to = "" } = useSearch({ from: "/leaving" });
  const href = safeHref(to);
  if (!href) return <Empty icon={<ShieldAlert />} title={t("shell.leaving.bad")} />;
  const url = new URL(href);
  const lookalike = url.hostname.includes("xn--");
  return (
    <Page title={t("shell.leaving.title")}>
      <div className="mx-auto flex w-full max-w-xl flex-col gap-4 px-4 py-10">
        <p className="text-muted">{t("shell.leaving.lead")}</p>
        <div className="rounded-xl border bg-surface p-4">
          <p className="text-xl font-semibold break-all">{url.hostname}</p>
          <p className="mt-1 font-mono text-sm break-all text-subtle">{href}</p>
        </div>
        {lookalike && (
          <Callout tone="danger">{t("shell.leaving.lookalike", { ascii: url.hostname })}</Callout>
        )}
        <p className="text-sm text-pretty text-muted">{t("shell.leaving.advice")}</p>
        <div className="flex flex-wrap gap-2">
          <Button look="primary" onClick={() => (history.length > 1 ? history.back() : window.close())}>
            {t("shell.leaving.stay")}
          </Button>
          <a
            href={href}
            rel="noopener noreferrer nofollow"
            referrerPolicy="no-referrer"
            className="inline-flex h-8 items-center gap-2 rounded-md border border-line-strong px-3 text-sm font-medium hover:bg-hover"
          >
            {t("shell.leaving.go", { host: url.hostname })}
            <ExternalLink className="size-3.5" aria-hidden="true" />
          </a>
        </div>
      </div>
    </Page>
  );
}
