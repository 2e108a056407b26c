import type { ByteSpan } from "./evidence";

/** What of the element's text is selected, as UTF-8 bytes; nothing if the selection reaches beyond it. */
export function selectedBytes(element: HTMLElement | null): ByteSpan | undefined {
  const selection = getSelection();
  if (!element || !selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  if (!element.contains(range.commonAncestorContainer)) return undefined;
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(range.startContainer, range.startOffset);
  const start = byteLength(before.toString());
  return { start, end: start + byteLength(range.toString()) };
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
