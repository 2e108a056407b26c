import { clsx } from "clsx";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Tip } from "./tip";

const LOOKS = {
  primary: "bg-accent text-white hover:bg-accent-hover border-transparent",
  secondary: "bg-surface border-line-strong hover:bg-hover text-fg",
  ghost: "border-transparent text-muted hover:bg-hover hover:text-fg",
  danger: "bg-danger text-white border-transparent hover:brightness-110",
  "danger-soft":
    "bg-danger-soft text-danger-fg border-transparent hover:brightness-97 dark:hover:brightness-125",
  "success-soft":
    "bg-success-soft text-success-fg border-transparent hover:brightness-97 dark:hover:brightness-125",
  "violet-soft":
    "bg-violet-soft text-violet-fg border-transparent hover:brightness-97 dark:hover:brightness-125",
} as const;

const SIZES = {
  sm: "h-7 px-2 text-sm gap-1.5 rounded-md",
  md: "h-8 px-3 text-sm gap-2 rounded-md",
  lg: "h-10 px-4 text-base gap-2 rounded-lg",
} as const;

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: keyof typeof LOOKS;
  size?: keyof typeof SIZES;
  busy?: boolean;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
};

/** A button. `busy` keeps its width and the focus, does nothing meanwhile, and says so to screen readers. */
export function Button({
  look = "secondary",
  size = "md",
  busy = false,
  icon,
  className,
  children,
  disabled,
  type = "button",
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={clsx(
        "inline-flex shrink-0 items-center justify-center border font-medium whitespace-nowrap transition-[background,filter] duration-100 select-none disabled:cursor-not-allowed disabled:opacity-55 aria-busy:cursor-not-allowed aria-busy:opacity-55",
        LOOKS[look],
        SIZES[size],
        className,
      )}
    >
      {icon}
      {children}
    </button>
  );
}

/** A square button with a picture; its name is read out and shown on hover, with its key. */
export function IconButton({
  label,
  keys,
  size = "md",
  look = "ghost",
  className,
  children,
  ...rest
}: Omit<ButtonProps, "icon"> & { label: string; keys?: string }) {
  const square = { sm: "w-7 px-0!", md: "w-8 px-0!", lg: "w-10 px-0!" }[size];
  return (
    <Tip text={label} keys={keys}>
      <Button {...rest} look={look} size={size} aria-label={label} className={clsx(square, className)}>
        {children}
      </Button>
    </Tip>
  );
}
