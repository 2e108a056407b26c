import { clsx } from "clsx";
import { Tabs as Radix } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";

type Tab = { id: string; label: ReactNode; count?: number };

/** Tabs under a heading; the chosen one lives in the address, so it comes from outside. */
export function Tabs({ tabs, value, onChange, label, children }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  // Where there is no room for all, the chosen one is in view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice is another element
  useEffect(() => {
    list.current
      ?.querySelector("[data-state=active]")
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [value]);
  return (
    <Radix.Root value={value} onValueChange={onChange} className="flex min-h-0 flex-1 flex-col">
      <Radix.List
        ref={list}
        aria-label={label}
        className="flex shrink-0 gap-1 overflow-x-auto overflow-y-hidden border-b px-4 [scrollbar-width:none] lg:px-6"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className="-mb-px flex h-10 items-center gap-1.5 border-b-2 border-transparent px-2 text-sm font-medium whitespace-nowrap text-muted -outline-offset-2! hover:text-fg data-[state=active]:border-accent data-[state=active]:text-fg"
          >
            {tab.label}
            {tab.count !== undefined && (
              <span className="tabular rounded bg-sunken px-1 text-2xs text-subtle">{tab.count}</span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

type TabsProps = {
  tabs: Tab[];
  value: string;
  onChange: (value: string) => void;
  label: string;
  children: ReactNode;
};

export function TabPanel({
  id,
  children,
  className,
}: {
  id: string;
  children: ReactNode;
  className?: string;
}) {
  return (
    <Radix.Content
      value={id}
      className={clsx(
        "min-h-0 flex-1 overflow-y-auto px-4 py-5 focus-visible:outline-none lg:px-6",
        className,
      )}
    >
      <div className="mx-auto max-w-6xl">{children}</div>
    </Radix.Content>
  );
}

/** A few choices side by side, one of them on. */
export function Segments<T extends string>({ options, value, onChange, label, className }: SegmentsProps<T>) {
  return (
    <fieldset className={clsx("inline-flex shrink-0 rounded-md border bg-sunken p-0.5", className)}>
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          aria-pressed={option.id === value}
          onClick={() => onChange(option.id)}
          className="h-6.5 rounded-[5px] px-2.5 text-sm font-medium whitespace-nowrap text-muted hover:text-fg aria-pressed:bg-surface aria-pressed:text-fg aria-pressed:shadow-[0_1px_2px_rgb(0_0_0/0.12)] dark:aria-pressed:bg-hover"
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}

type SegmentsProps<T extends string> = {
  options: { id: T; label: ReactNode }[];
  value: T;
  onChange: (value: T) => void;
  label: string;
  className?: string;
};
