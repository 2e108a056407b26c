/** What a chart shows where one points. */
export function ChartTip({
  title,
  rows,
}: {
  title: string;
  rows: { name: string; value: string; color: string }[];
}) {
  return (
    <div className="rounded-md border bg-raised px-2.5 py-1.5 text-sm shadow-float">
      <p className="tabular mb-0.5 text-2xs text-subtle">{title}</p>
      {rows.map((row) => (
        <p key={row.name} className="flex items-center gap-2">
          <span className="size-2 rounded-full" style={{ background: row.color }} />
          <span className="flex-1 text-muted">{row.name}</span>
          <span className="tabular font-medium">{row.value}</span>
        </p>
      ))}
    </div>
  );
}
