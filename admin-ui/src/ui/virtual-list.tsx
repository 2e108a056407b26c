import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { type ReactNode, useCallback, useEffect, useRef } from "react";

/** A list of any length of which only what is seen exists. It asks for more as its end comes near. */
export function VirtualList<T>({
  items,
  idOf,
  estimate,
  render,
  label,
  active,
  onNearEnd,
  footer,
  className,
}: VirtualListProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  // A new function would have it measure the whole list anew; `idOf` tells the same of the same items.
  const told = useRef(idOf);
  told.current = idOf;
  const getItemKey = useCallback((place: number) => told.current(items[place] as T), [items]);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => estimate,
    getItemKey,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const lastSeen = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && lastSeen >= items.length - 6) onNearEnd?.();
  }, [lastSeen, items.length, onNearEnd]);
  useEffect(() => {
    if (active !== undefined && active >= 0) virtual.scrollToIndex(active, { align: "auto" });
  }, [active, virtual]);
  return (
    <section
      ref={box}
      className={clsx("min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]!", className)}
      tabIndex={0}
      aria-label={label}
    >
      <ul className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {rows.map((row) => (
          <li
            key={row.key}
            data-index={row.index}
            ref={virtual.measureElement}
            aria-setsize={items.length}
            aria-posinset={row.index + 1}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${row.start}px)` }}
          >
            {render(items[row.index] as T, row.index)}
          </li>
        ))}
      </ul>
      {footer}
    </section>
  );
}

type VirtualListProps<T> = {
  items: T[];
  idOf: (item: T) => string;
  /** About how high a row is, pixels. */
  estimate: number;
  render: (item: T, place: number) => ReactNode;
  label: string;
  /** The row to keep in view. */
  active?: number;
  onNearEnd?: () => void;
  footer?: ReactNode;
  className?: string;
};
