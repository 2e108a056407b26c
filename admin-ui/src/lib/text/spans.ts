/** A stretch of UTF-8 bytes, as the engine gives it. */
type ByteSpan = { start: number; end: number };

/** A piece of text, and which of the marks cover it. */
export type Piece = { text: string; marks: number[] };

/**
 * Cuts a text where marks begin and end. Spans are in UTF-8 bytes and may overlap; those that do not fit the text
 * are cut to it.
 */
export function cut(text: string, marks: ByteSpan[][]): Piece[] {
  const edges = new Set<number>([0]);
  const encoder = new TextEncoder();
  const total = encoder.encode(text).length;
  for (const span of marks.flat()) {
    edges.add(clamp(span.start, total));
    edges.add(clamp(span.end, total));
  }
  edges.add(total);
  const places = charPlaces(
    text,
    [...edges].sort((a, b) => a - b),
  );
  const pieces: Piece[] = [];
  for (const [at, from] of places.entries()) {
    const to = places[at + 1];
    if (!to) break;
    const piece = text.slice(from.char, to.char);
    if (!piece) continue;
    const covering = marks.flatMap((spans, mark) =>
      spans.some((span) => span.start < to.byte && span.end > from.byte) ? [mark] : [],
    );
    pieces.push({ text: piece, marks: covering });
  }
  return pieces;
}

function clamp(byte: number, total: number): number {
  return Math.max(0, Math.min(byte, total));
}

/** Where each byte offset is in the string; one inside a character moves to that character's start. */
function charPlaces(text: string, bytes: number[]): { byte: number; char: number }[] {
  const places: { byte: number; char: number }[] = [];
  const wanted = [...bytes].reverse();
  const place = (before: number, char: number) => {
    for (let byte = wanted.at(-1); byte !== undefined && byte < before; byte = wanted.at(-1)) {
      places.push({ byte, char });
      wanted.pop();
    }
  };
  let byte = 0;
  let char = 0;
  for (const letter of text) {
    byte += utf8Length(letter);
    place(byte, char);
    char += letter.length;
  }
  place(Number.POSITIVE_INFINITY, char);
  return places;
}

function utf8Length(letter: string): number {
  const point = letter.codePointAt(0) ?? 0;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}
