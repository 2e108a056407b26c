import { clsx } from "clsx";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./button";
import { useFocusBack } from "./focus-back";

const SHAPES = {
  middle:
    "top-[12vh] left-1/2 max-h-[80dvh] w-[calc(100vw-1.5rem)] -translate-x-1/2 rounded-xl border animate-rise max-sm:top-auto max-sm:bottom-3",
  side: "inset-y-0 right-0 h-dvh w-full max-w-2xl border-l animate-drawer",
} as const;

const BEGIN =
  "[data-begin], input:not([type=hidden], [type=file], :disabled), textarea:not(:disabled), select:not(:disabled)";

/** A window over the page: in the middle, or a drawer at the side. The focus stays in it. */
export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  footer,
  width,
  shape = "middle",
}: DialogProps) {
  const { t } = useTranslation();
  const focus = useFocusBack();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/35 animate-fade dark:bg-black/55" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={(event) => {
            // Where one wants to begin, which is not the cross.
            event.preventDefault();
            focus.remember();
            const content = event.currentTarget as HTMLElement;
            (content.querySelector<HTMLElement>(BEGIN) ?? content).focus();
          }}
          onCloseAutoFocus={focus.onCloseAutoFocus}
          onKeyDown={(event) => {
            // A toast above it would keep the key to itself.
            if (event.key === "Escape" && event.currentTarget.contains(event.target as Node)) onClose();
          }}
          className={clsx(
            "fixed z-50 flex flex-col bg-raised shadow-float focus:outline-none",
            SHAPES[shape],
            shape === "middle" && (width ?? "max-w-lg"),
          )}
        >
          <header className="flex items-start gap-3 border-b px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-0.5 text-sm text-muted">{description}</Radix.Description>
              )}
            </div>
            <IconButton label={t("common.close")} keys="escape" size="sm" onClick={onClose}>
              <X className="size-4" />
            </IconButton>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4 -outline-offset-2!" tabIndex={0}>
            {children}
          </div>
          {footer && (
            <footer className="flex items-center justify-end gap-2 border-t px-4 py-3">{footer}</footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  width?: string;
  shape?: keyof typeof SHAPES;
};
