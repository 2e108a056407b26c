import { clsx } from "clsx";
import { CircleAlert, CircleCheck, Info, RotateCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CombinedError } from "urql";
import { explain } from "@/lib/graphql/explain";
import { Button } from "./button";

/** A grey shape where something is about to be. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={clsx("skeleton block h-4", className)} />;
}

/** Rows of a list about to come; announced once. */
export function SkeletonRows({ rows = 8, tall = false }: { rows?: number; tall?: boolean }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")} className="flex flex-col">
      {Array.from({ length: rows }, (_, row) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: nothing tells them apart
          key={row}
          className="flex items-center gap-3 border-b px-4 py-3"
        >
          <Skeleton className="size-8 shrink-0 rounded-full!" />
          <div className="flex-1 space-y-2">
            <Skeleton className={row % 3 === 0 ? "w-2/5" : row % 3 === 1 ? "w-3/5" : "w-1/2"} />
            {tall && <Skeleton className="h-3 w-4/5" />}
          </div>
        </div>
      ))}
    </div>
  );
}

/** Nothing here: says why, what would come here, and what to do next. */
export function Empty({ icon, title, children, action, className }: EmptyProps) {
  return (
    <div className={clsx("mx-auto flex max-w-md flex-col items-center px-6 py-14 text-center", className)}>
      {icon && (
        <div className="mb-4 flex size-12 items-center justify-center rounded-2xl bg-sunken text-subtle ring-1 ring-line ring-inset [&_svg]:size-6">
          {icon}
        </div>
      )}
      <h2 className="text-lg font-semibold">{title}</h2>
      {children && <div className="mt-1.5 text-base text-pretty text-muted">{children}</div>}
      {action && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

type EmptyProps = {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
};

/** A fault, in words that say what to do. */
export function Failure({ error, onRetry, className }: FailureProps) {
  const { t } = useTranslation();
  const said = explain(error, t);
  return (
    <Empty
      className={className}
      icon={<TriangleAlert />}
      title={said.title}
      action={
        onRetry && (
          <Button icon={<RotateCw className="size-3.5" />} onClick={onRetry}>
            {t("common.retry")}
          </Button>
        )
      }
    >
      <span role="alert">{said.advice}</span>
    </Empty>
  );
}

type FailureProps = { error: CombinedError; onRetry?: () => void; className?: string };

const CALLOUTS = {
  info: { box: "bg-accent-soft text-accent-fg", icon: Info },
  success: { box: "bg-success-soft text-success-fg", icon: CircleCheck },
  warning: { box: "bg-warning-soft text-warning-fg", icon: TriangleAlert },
  danger: { box: "bg-danger-soft text-danger-fg", icon: CircleAlert },
} as const;

/** A few words beside the matter that need to be seen. */
export function Callout({ tone = "info", title, children, action, className }: CalloutProps) {
  const { box, icon: Icon } = CALLOUTS[tone];
  return (
    <div className={clsx("flex items-start gap-2.5 rounded-lg px-3 py-2.5 text-sm", box, className)}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
      <div className="min-w-0 flex-1 text-pretty">
        {title && <p className="font-semibold">{title}</p>}
        {children}
      </div>
      {action}
    </div>
  );
}

type CalloutProps = {
  tone?: keyof typeof CALLOUTS;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
};
