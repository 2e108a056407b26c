// JavaScript counts UTF-16 units, a signal's spans are UTF-8 bytes: "🙂" is 2 of the former and 4 of the latter.

// Turns ranges of string indices, sorted and not overlapping, into spans. Reads the text once.
export function byteSpans(text, ranges) {
  let index = 0;
  let byte = 0;
  const byteAt = (target) => {
    while (index < target) {
      const codePoint = text.codePointAt(index);
      index += codePoint > 0xffff ? 2 : 1;
      byte += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }
    return byte;
  };
  return ranges.map(([start, end]) => ({ start: byteAt(start), end: byteAt(end) }));
}
