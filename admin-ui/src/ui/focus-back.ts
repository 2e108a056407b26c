import { useRef } from "react";

/** For a dialog that no button of its own opens: the focus goes back to where it was, or to the page if that is gone. */
export function useFocusBack() {
  const before = useRef<HTMLElement>(null);
  return {
    /** To be called while the dialog opens, before the focus moves. */
    remember() {
      before.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    },
    onCloseAutoFocus(event: Event) {
      event.preventDefault();
      // What was chosen in it may have taken the focus to where it belongs.
      if (document.activeElement && document.activeElement !== document.body) return;
      const there = before.current?.isConnected && before.current !== document.body;
      (there ? before.current : document.getElementById("content"))?.focus({ preventScroll: true });
    },
  };
}
