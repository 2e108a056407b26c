import type { ReactNode } from "react";
import { Mark } from "@/ui/mark";

/** What stands around sign-in and joining: the same calm page. */
export function Frame({
  title,
  lead,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="flex h-full flex-col items-center overflow-y-auto bg-canvas px-4 py-10">
      <main className="my-auto w-full max-w-[23rem]">
        <div className="mb-6 flex flex-col items-center text-center">
          <Mark className="size-11" />
          <h1 className="mt-4 text-xl font-semibold tracking-tight">{title}</h1>
          {lead && <p className="mt-1 text-base text-balance text-muted">{lead}</p>}
        </div>
        <div className="rounded-xl border bg-surface p-5 shadow-[0_1px_3px_rgb(0_0_0/0.05)]">{children}</div>
      </main>
    </div>
  );
}
