import { clsx } from "clsx";
import type { ReactNode } from "react";

const TONES = {
  neutral: "bg-sunken text-muted ring-line",
  accent: "bg-accent-soft text-accent-fg ring-transparent",
  danger: "bg-danger-soft text-danger-fg ring-transparent",
  warning: "bg-warning-soft text-warning-fg ring-transparent",
  success: "bg-success-soft text-success-fg ring-transparent",
  violet: "bg-violet-soft text-violet-fg ring-transparent",
} as const;

export type Tone = keyof typeof TONES;

/** A word about something's state. */
export function Badge({ tone = "neutral", icon, children, className }: BadgeProps) {
  return (
    <span
      className={clsx(
        "inline-flex h-5 shrink-0 items-center gap-1 rounded-[5px] px-1.5 text-2xs font-medium whitespace-nowrap ring-1 ring-inset",
        TONES[tone],
        className,
      )}
    >
      {icon}
      {children}
    </span>
  );
}

type BadgeProps = { tone?: Tone; icon?: ReactNode; children: ReactNode; className?: string };

const DOTS: Record<Tone, string> = {
  neutral: "bg-line-strong",
  accent: "bg-accent",
  danger: "bg-danger",
  warning: "bg-warning",
  success: "bg-success",
  violet: "bg-violet",
};

/** A coloured dot beside a word that says the same. */
export function Dot({ tone = "neutral", className }: { tone?: Tone; className?: string }) {
  return <span aria-hidden="true" className={clsx("size-2 shrink-0 rounded-full", DOTS[tone], className)} />;
}
