import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import { Keys } from "./keys";

/** A word on hover and focus, with the key that does the same. */
export function Tip({ text, keys, children, side = "bottom" }: TipProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-60 flex max-w-72 items-center gap-2 rounded-md border bg-raised px-2 py-1 text-sm text-fg shadow-float animate-fade"
        >
          {text}
          {keys && <Keys keys={keys} />}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

type TipProps = {
  text: ReactNode;
  keys?: string;
  children: ReactNode;
  side?: "top" | "bottom" | "left" | "right";
};
