import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { dayName, useNow } from "@/lib/time";
import { IconButton } from "@/ui/button";
import { Bubble, PendingBubble } from "./bubble";
import type { ConversationHead } from "./conversation-head";
import type { ThreadEvent } from "./events";
import type { Pending } from "./outbox";
import { type Row, rowsOf } from "./rows";
import { SystemLine } from "./system-line";
import type { Thread } from "./thread";
import { useNews } from "./use-news";

/** The messages. It stays at the end while one is there, and where one is while older ones come. */
export function ThreadView({
  thread,
  head,
  pending,
  at,
  typing,
  onOlder,
  onRetry,
  onDiscard,
}: ThreadViewProps) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(thread, pending), [thread, pending]);
  const news = useNews(thread);
  const [atEnd, setAtEnd] = useState(true);
  // A new function would have it measure the whole conversation anew.
  const getItemKey = useCallback((place: number) => rows[place]?.key ?? place, [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (place) => (rows[place]?.kind === "message" ? 62 : 36),
    getItemKey,
    overscan: 10,
    anchorTo: "end",
    followOnAppend: true,
    paddingStart: 12,
    paddingEnd: 12,
  });

  const began = useRef(false);
  useEffect(() => {
    if (began.current || rows.length === 0) return;
    began.current = true;
    if (at === undefined) virtual.scrollToIndex(rows.length - 1, { align: "end" });
  }, [rows.length, at, virtual]);

  const target = useMemo(
    () => (at === undefined ? -1 : rows.findIndex((row) => row.kind === "message" && row.message.seq === at)),
    [rows, at],
  );
  // Whenever the target comes into being or is another one, but not whenever a row comes before it.
  const place = useRef(target);
  place.current = target;
  const found = target >= 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another target asks for another scroll
  useEffect(() => {
    if (found) virtual.scrollToIndex(place.current, { align: "center" });
  }, [at, found, virtual]);

  const seen = virtual.getVirtualItems();
  const first = seen[0]?.index ?? 0;
  useEffect(() => {
    if (first < 8 && rows.length > 0 && thread.hasOlder) onOlder();
  }, [first, rows.length, thread.hasOlder, onOlder]);

  function onScroll() {
    const element = box.current;
    if (element) setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < 80);
  }

  const right = useMemo(() => rightSide(head), [head]);
  const lastRead = useMemo(() => {
    const readUpTo = Math.max(
      0,
      ...head.participants.filter((each) => each.role === "CUSTOMER").map((each) => each.lastReadSeq),
    );
    if (readUpTo === 0) return undefined;
    return rows.findLast(
      (row) => row.kind === "message" && right(row.message.sender.id) && row.message.seq <= readUpTo,
    )?.key;
  }, [rows, head, right]);

  function render(row: Row) {
    switch (row.kind) {
      case "day":
        return <DayLine name={dayName(row.at, now, i18n.language)} />;
      case "line":
        return <SystemLine event={row.event} />;
      case "pending":
        return (
          <PendingBubble
            body={row.pending.body}
            failed={row.pending.failed}
            waits={row.pending.tries !== undefined}
            onRetry={() => onRetry(row.pending)}
            onDiscard={() => onDiscard(row.pending)}
          />
        );
      default:
        return (
          <Bubble
            message={row.message}
            staff={right(row.message.sender.id)}
            follows={row.follows}
            target={row.message.seq === at}
            read={row.key === lastRead}
          />
        );
    }
  }

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        onScroll={onScroll}
        className="h-full overflow-y-auto px-4 outline-offset-[-2px]! lg:px-6"
        tabIndex={0}
        role="log"
        // Rows come and go while one scrolls; what is new is said below, once.
        aria-live="off"
        aria-label={t("conversations.thread")}
      >
        {!thread.hasOlder && (
          <p className="pt-4 text-center text-sm text-subtle">{t("conversations.beginning")}</p>
        )}
        <div className="relative mx-auto w-full max-w-3xl" style={{ height: virtual.getTotalSize() }}>
          {seen.map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={row.key}
                  data-index={item.index}
                  ref={virtual.measureElement}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {render(row)}
                </div>
              )
            );
          })}
        </div>
        {typing.length > 0 && (
          <p className="mx-auto max-w-3xl pb-2 text-sm text-subtle" aria-live="polite">
            {t("conversations.typing", { count: typing.length, names: typing.join(", ") })}
          </p>
        )}
      </div>
      <p role="status" className="sr-only">
        {news}
      </p>
      {!atEnd && (
        <IconButton
          label={t("conversations.newest")}
          look="secondary"
          className="absolute right-5 bottom-4 rounded-full! shadow-float"
          onClick={() => virtual.scrollToIndex(rows.length - 1, { align: "end" })}
        >
          <ArrowDown className="size-4" />
        </IconButton>
      )}
    </div>
  );
}

type ThreadViewProps = {
  thread: Thread<ThreadEvent>;
  head: ConversationHead;
  pending: Pending[];
  /** The message one was sent here for. */
  at?: number;
  typing: string[];
  onOlder: () => void;
  onRetry: (pending: Pending) => void;
  onDiscard: (pending: Pending) => void;
};

/** Who stands at the right: staff and whoever is no customer, or the seller. */
function rightSide(head: ConversationHead): (id: string) => boolean {
  const ids = (role: string) =>
    new Set(head.participants.filter((each) => each.role === role).map((each) => each.user.id));
  if (head.kind !== "SUPPORT") {
    const sellers = ids("SELLER");
    return (id) => sellers.has(id);
  }
  const [staff, customers] = [ids("STAFF"), ids("CUSTOMER")];
  return (id) => staff.has(id) || !customers.has(id);
}

function DayLine({ name }: { name: string }) {
  return (
    <div className="flex items-center gap-3 pt-4 pb-1 text-2xs font-medium text-subtle">
      <span className="h-px flex-1 bg-line" />
      {name}
      <span className="h-px flex-1 bg-line" />
    </div>
  );
}
