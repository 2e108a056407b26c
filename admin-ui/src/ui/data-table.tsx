import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { type ReactNode, useEffect, useMemo, useRef } from "react";

export type Column<T> = {
  id: string;
  header: ReactNode;
  cell: (row: T) => ReactNode;
  /** Its width and when it is shown, such as `w-40 max-md:hidden`. */
  className?: string;
};

const features = tableFeatures({});

/** Rows and columns of any length; only the rows that are seen exist. Columns must be stable. */
export function DataTable<T extends object>({
  rows,
  columns,
  idOf,
  label,
  onNearEnd,
  onOpen,
  rowHeight = 44,
  footer,
}: DataTableProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  const defined = useMemo(() => {
    const helper = createColumnHelper<typeof features, T>();
    return columns.map((column) =>
      helper.display({
        id: column.id,
        header: () => column.header,
        cell: ({ row }) => column.cell(row.original),
      }),
    );
  }, [columns]);
  const table = useTable({ features, columns: defined, data: rows, getRowId: (row: T) => idOf(row) });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const seen = virtual.getVirtualItems();
  const lastSeen = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastSeen >= rows.length - 8) onNearEnd?.();
  }, [lastSeen, rows.length, onNearEnd]);
  const classOf = (id: string) => columns.find((column) => column.id === id)?.className ?? "flex-1";
  return (
    <section
      ref={box}
      className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]!"
      tabIndex={0}
      aria-label={label}
    >
      <table aria-label={label} aria-rowcount={rows.length} className="block w-full text-sm">
        <thead className="sticky top-0 z-10 block border-b bg-canvas">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="flex h-9 items-center gap-4 px-4 lg:px-6">
              {group.headers.map((header) => (
                <th
                  key={header.id}
                  scope="col"
                  className={clsx("truncate text-left font-medium text-subtle", classOf(header.column.id))}
                >
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
          {seen.map((place) => {
            const row = model[place.index];
            if (!row) return null;
            return (
              <tr
                key={row.id}
                ref={virtual.measureElement}
                data-index={place.index}
                aria-rowindex={place.index + 1}
                onClick={onOpen && (() => onOpen(row.original))}
                className={clsx(
                  "absolute inset-x-0 top-0 flex min-h-11 items-center gap-4 border-b px-4 py-2 lg:px-6",
                  onOpen && "cursor-pointer hover:bg-hover/60",
                )}
                style={{ transform: `translateY(${place.start}px)` }}
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} className={clsx("min-w-0", classOf(cell.column.id))}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {footer}
    </section>
  );
}

type DataTableProps<T> = {
  rows: T[];
  columns: Column<T>[];
  idOf: (row: T) => string;
  label: string;
  onNearEnd?: () => void;
  /** Besides a link in one of the cells, for the pointer's sake. */
  onOpen?: (row: T) => void;
  rowHeight?: number;
  footer?: ReactNode;
};
