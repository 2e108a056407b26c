import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { Keys } from "./keys";

/** A menu under its button. */
export function Menu({ trigger, children, align = "end", side }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-52 overflow-y-auto rounded-lg border bg-raised p-1 shadow-float animate-fade"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type MenuProps = {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "center" | "end";
  side?: "top" | "bottom" | "left" | "right";
};

export function MenuItem({ icon, keys, children, onSelect, disabled, danger, checked }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={`flex h-8 items-center gap-2 rounded-md px-2 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-hover ${danger ? "text-danger-fg" : ""}`}
    >
      <span className="flex size-4 items-center justify-center text-subtle">{icon}</span>
      <span className="flex-1">{children}</span>
      {checked && <span aria-hidden="true">✓</span>}
      {keys && <Keys keys={keys} />}
    </DropdownMenu.Item>
  );
}

type MenuItemProps = {
  icon?: ReactNode;
  keys?: string;
  children: ReactNode;
  onSelect: () => void;
  disabled?: boolean;
  danger?: boolean;
  checked?: boolean;
};

export function MenuLabel({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-2xs font-medium text-subtle">
      {children}
    </DropdownMenu.Label>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}
