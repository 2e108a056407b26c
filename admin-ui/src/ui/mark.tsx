import { clsx } from "clsx";

/** The bridge. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={clsx("shrink-0", className)} aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M5 22h3.200a7.800 7.800 0 0 1 15.600 0H27" />
        <path d="M5 17.500C9.500 10.500 12.500 8.500 16 8.500s6.500 2 11 9" />
      </g>
    </svg>
  );
}
