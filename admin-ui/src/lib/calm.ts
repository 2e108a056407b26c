import { useEffect, useState } from "react";

/** A text for a live region: said once it has stood for a while, so that a busy hour does not talk without end. */
export function useCalm(text: string, ms = 3000): string {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return said;
}
