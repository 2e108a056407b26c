/** A line of a comparison: in both, only in the newer, only in the older, or left out. */
export type DiffLine =
  | { kind: "same" | "added" | "removed"; text: string; from?: number; to?: number }
  | { kind: "gap"; lines: number };

/** Compares two texts line by line; lines that are the same and far from a change are left out. */
export function diffLines(older: string, newer: string, context = 3): DiffLine[] {
  const a = older.split("\n");
  const b = newer.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end++;
  const middle = compare(a.slice(start, a.length - end), b.slice(start, b.length - end), start);
  const lines: DiffLine[] = [
    ...a
      .slice(0, start)
      .map((text, place) => ({ kind: "same" as const, text, from: place + 1, to: place + 1 })),
    ...middle,
    ...a.slice(a.length - end).map((text, place) => ({
      kind: "same" as const,
      text,
      from: a.length - end + place + 1,
      to: b.length - end + place + 1,
    })),
  ];
  return fold(lines, context);
}

/** The longest common subsequence of the middle parts, by the usual table: policies have some hundred lines. */
function compare(a: string[], b: string[], offset: number): DiffLine[] {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] =
        a[i] === b[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i] ?? "", from: offset + ++i, to: offset + ++j });
    } else if (
      i < a.length &&
      (j >= b.length || (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0))
    ) {
      lines.push({ kind: "removed", text: a[i] ?? "", from: offset + ++i });
    } else {
      lines.push({ kind: "added", text: b[j] ?? "", to: offset + ++j });
    }
  }
  return lines;
}

function fold(lines: DiffLine[], context: number): DiffLine[] {
  const near = lines.map(() => false);
  lines.forEach((line, place) => {
    if (line.kind === "same") return;
    for (let at = Math.max(0, place - context); at <= Math.min(lines.length - 1, place + context); at++)
      near[at] = true;
  });
  const folded: DiffLine[] = [];
  for (const [place, line] of lines.entries()) {
    if (near[place]) {
      folded.push(line);
      continue;
    }
    const last = folded.at(-1);
    if (last?.kind === "gap") last.lines++;
    else folded.push({ kind: "gap", lines: 1 });
  }
  return folded.some((line) => line.kind !== "gap") ? folded : [];
}
