import { clsx } from "clsx";
import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useTranslation } from "react-i18next";
import { dismiss, type Toast, toasts } from "@/lib/toasts";
import { Dot } from "./badge";
import { Button, IconButton } from "./button";
import { Keys } from "./keys";

/** What was just done, with a way to take it back. */
export function ToastStack() {
  const { t } = useTranslation();
  const shown = toasts.use();
  return (
    <Radix.Provider label={t("shell.toasts")} swipeDirection="right">
      {shown.map((each) => (
        <ToastCard key={each.id} toast={each} />
      ))}
      <Radix.Viewport
        label={t("shell.toastsAt", { key: "{hotkey}" })}
        className="fixed right-4 bottom-4 z-[70] flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none max-md:bottom-18"
      />
    </Radix.Provider>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const { t } = useTranslation();
  const { action } = toast;
  const run = () => {
    dismiss(toast.id);
    action?.run();
  };
  return (
    <Radix.Root
      data-toast
      duration={toast.lasts}
      onOpenChange={(open) => !open && dismiss(toast.id)}
      type={toast.tone === "danger" ? "foreground" : "background"}
      className="flex items-center gap-3 rounded-lg border bg-raised py-2 pr-2 pl-3.5 text-sm shadow-float animate-rise"
    >
      <Dot tone={toast.tone} />
      <div className="min-w-0 flex-1 py-0.5">
        <Radix.Title className={clsx("font-medium", toast.tone === "danger" && "text-danger-fg")}>
          {toast.text}
        </Radix.Title>
        {toast.detail && (
          <Radix.Description className="text-pretty text-muted">{toast.detail}</Radix.Description>
        )}
      </div>
      {action && (
        <Radix.Action asChild altText={action.label}>
          <Button size="sm" onClick={run}>
            {action.label}
            {action.keys && <Keys keys={action.keys} />}
          </Button>
        </Radix.Action>
      )}
      <IconButton label={t("common.close")} size="sm" onClick={() => dismiss(toast.id)}>
        <X className="size-3.5" />
      </IconButton>
    </Radix.Root>
  );
}
