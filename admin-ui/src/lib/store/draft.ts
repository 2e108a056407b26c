import { useCallback, useEffect, useState } from "react";
import { keep, readKept } from "./kept";

/** A text in the making. It outlives the page, and is gone once it is cleared. */
export function useDraft(key: string): [string, (text: string) => void, () => void] {
  const name = `draft.${key}`;
  const [text, setText] = useState(() => readKept(name) ?? "");
  useEffect(() => setText(readKept(name) ?? ""), [name]);
  const change = useCallback(
    (next: string) => {
      setText(next);
      keep(name, next === "" ? null : next);
    },
    [name],
  );
  const clear = useCallback(() => change(""), [change]);
  return [text, change, clear];
}

/** Whether a text is in the making there. */
export function hasDraft(key: string): boolean {
  return (readKept(`draft.${key}`) ?? "").trim() !== "";
}
