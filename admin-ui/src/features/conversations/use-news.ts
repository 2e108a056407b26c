import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useViewer } from "../session/session";
import type { ThreadEvent } from "./events";
import type { Thread } from "./thread";

/** What somebody else said last while one was there, for a live region: screen readers read it out. */
export function useNews(thread: Thread<ThreadEvent>): string {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [news, setNews] = useState("");
  const heard = useRef(0);
  useEffect(() => {
    const before = heard.current;
    heard.current = thread.lastSeq;
    // What was there when one came is read by going there.
    if (before === 0 || thread.lastSeq <= before) return;
    const said = thread.events.findLast(
      ({ seq, kind, message }) =>
        seq > before && kind === "MessagePosted" && message && message.sender.id !== viewer.id,
    )?.message;
    if (said) setNews(t("conversations.said", { name: said.sender.name, text: said.body }));
  }, [thread, viewer.id, t]);
  return news;
}
