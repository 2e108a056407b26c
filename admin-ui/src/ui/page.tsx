import { clsx } from "clsx";
import { type ReactNode, useEffect } from "react";

/** A screen's heading with what can be done on it, and the screen below. */
export function Page({ title, name, lead, actions, children, scroll = true, headless }: PageProps) {
  usePageTitle(name ?? (typeof title === "string" ? title : undefined));
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header
        className={clsx(
          "flex min-h-13 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b bg-canvas px-4 py-2 lg:px-6",
          headless && "max-lg:hidden",
        )}
      >
        <div className="min-w-0 flex-1 basis-32">
          <h1 className="flex min-w-0 items-center gap-2 truncate text-lg font-semibold">{title}</h1>
          {lead && <p className="truncate text-sm text-muted max-sm:hidden">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className={clsx("flex min-h-0 flex-1 flex-col", scroll && "overflow-y-auto")}>{children}</div>
    </div>
  );
}

type PageProps = {
  title: ReactNode;
  /** For the browser's tab, where the title is more than text. */
  name?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  scroll?: boolean;
  /** Without its heading where there is little room: what is shown has one of its own. */
  headless?: boolean;
};

/** Names the browser's tab. */
export function usePageTitle(name: string | undefined) {
  useEffect(() => {
    document.title = name ? `${name} · Rialto` : "Rialto";
  }, [name]);
}

/** A titled part of a screen. */
export function Section({ title, lead, actions, children, className, flush }: SectionProps) {
  return (
    <section className={clsx("min-w-0 rounded-xl border bg-surface", className)}>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 pt-3 pb-2.5">
        <div className="min-w-0 flex-1 basis-56">
          <h2 className="font-semibold">{title}</h2>
          {lead && <p className="text-sm text-pretty text-muted">{lead}</p>}
        </div>
        {actions}
      </header>
      <div className={flush ? "overflow-hidden rounded-b-xl border-t" : "px-4 pb-4"}>{children}</div>
    </section>
  );
}

type SectionProps = {
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  flush?: boolean;
};

/** Names and values. */
export function Facts({ facts, className }: { facts: [ReactNode, ReactNode][]; className?: string }) {
  return (
    <dl className={clsx("grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm", className)}>
      {facts.map(([name, value], row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list
        <div key={row} className="contents">
          <dt className="text-subtle">{name}</dt>
          <dd className="min-w-0 truncate text-fg">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
