import { clsx } from "clsx";
import { ChevronDown } from "lucide-react";
import type {
  InputHTMLAttributes,
  ReactNode,
  Ref,
  SelectHTMLAttributes,
  TextareaHTMLAttributes,
} from "react";
import { useId } from "react";

const BOX =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 text-fg transition-colors hover:border-subtle focus:border-focus focus:outline-2 focus:outline-offset-0 focus:outline-focus/35 disabled:opacity-60 aria-invalid:border-danger";

export function Input({
  className,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return (
    <input
      {...rest}
      className={clsx(BOX, "h-8 text-base max-sm:text-[16px] max-sm:placeholder:text-sm", className)}
    />
  );
}

export function Textarea({
  className,
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return (
    <textarea
      {...rest}
      className={clsx(BOX, "py-1.5 text-base max-sm:text-[16px] max-sm:placeholder:text-base", className)}
    />
  );
}

/** The browser's own choice, which every phone and screen reader knows, in our looks. */
export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={clsx("relative inline-flex", className)}>
      <select {...rest} className={clsx(BOX, "h-8 appearance-none pr-7! text-sm")}>
        {children}
      </select>
      <ChevronDown
        className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-subtle"
        aria-hidden="true"
      />
    </span>
  );
}

/** A label, what it labels, a hint and a problem, wired up for screen readers. */
export function Field({ label, hint, problem, children, className, hideLabel }: FieldProps) {
  const id = useId();
  const hintId = hint ? `${id}-hint` : undefined;
  const problemId = problem ? `${id}-problem` : undefined;
  const describedBy = [hintId, problemId].filter(Boolean).join(" ") || undefined;
  return (
    <div className={clsx("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium"}>
        {label}
      </label>
      {children({ id, "aria-describedby": describedBy, "aria-invalid": problem ? true : undefined })}
      {hint && (
        <p id={hintId} className="text-sm text-subtle">
          {hint}
        </p>
      )}
      {problem && (
        <p id={problemId} role="alert" className="text-sm text-danger-fg">
          {problem}
        </p>
      )}
    </div>
  );
}

type FieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  problem?: ReactNode;
  hideLabel?: boolean;
  className?: string;
  children: (wiring: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": true | undefined;
  }) => ReactNode;
};
