import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";
import { PartyPopper, ShieldCheck, X } from "lucide-react";
import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { HeldMessage } from "@/features/moderation/held-message";
import { nextAfter } from "@/features/moderation/queue";
import { QueueRow } from "@/features/moderation/queue-row";
import { SignalChoice } from "@/features/moderation/signal-choice";
import { useDecide } from "@/features/moderation/use-decide";
import { useQueue } from "@/features/moderation/use-queue";
import { useCalm } from "@/lib/calm";
import { useActions } from "@/lib/keys/actions";
import { Button } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Page } from "@/ui/page";
import { Segments } from "@/ui/tabs";
import { VirtualList } from "@/ui/virtual-list";

/** The queue at the left, the message and why it waits at the right, and the next one after each decision. */
export default function Moderation() {
  const { t } = useTranslation();
  const { item, order = "oldest", signal, sender } = useSearch({ from: "/moderation" });
  const navigate = useNavigate({ from: "/moderation" });
  const queue = useQueue(order, { signalId: signal, senderId: sender });
  const { items, take, restore } = queue;
  const chosen = item ?? items?.[0]?.id;
  const place = items?.findIndex((each) => each.id === chosen) ?? -1;
  const now = useRef({ items, item, chosen });
  now.current = { items, item, chosen };

  const select = useCallback(
    (id: string | undefined) =>
      void navigate({ search: (before) => ({ ...before, item: id }), replace: true }),
    [navigate],
  );
  // What had the focus leaves the page with the decision: the next message takes it, so that one hears what it is.
  const decided = useRef(false);
  const onTaken = useCallback(
    (id: string) => {
      decided.current = true;
      const ids = now.current.items?.map((each) => each.id) ?? [];
      const next = nextAfter(ids, id);
      take(id);
      // On a phone, where nothing was chosen by address, one goes on as well.
      select(next);
      if (next === undefined) document.getElementById("content")?.focus({ preventScroll: true });
    },
    [take, select],
  );
  const onBack = useCallback(
    (id: string) => {
      restore(id);
      select(id);
    },
    [restore, select],
  );
  const { decide, undoLast } = useDecide({ onTaken, onBack });

  const move = (by: number) => {
    const ids = items?.map((each) => each.id) ?? [];
    select(ids[Math.max(0, Math.min(ids.length - 1, place + by))]);
  };
  const said = useCalm(queue.total === undefined ? "" : t("moderation.lead", { count: queue.total }));
  const here = t("shell.group.here");
  useActions([
    {
      id: "next",
      title: t("moderation.nextItem"),
      group: here,
      keys: "j",
      onlyKey: true,
      run: () => move(1),
    },
    {
      id: "previous",
      title: t("moderation.previousItem"),
      group: here,
      keys: "k",
      onlyKey: true,
      run: () => move(-1),
    },
    {
      id: "undo",
      title: t("moderation.undoLast"),
      group: here,
      keys: "z",
      run: () => void undoLast(),
    },
  ]);

  const narrow = (part: { sender?: string; signal?: string }) =>
    void navigate({ search: (before) => ({ ...before, item: undefined, ...part }) });
  const filtered = signal ?? sender;
  const senderName = items?.find((each) => each.message.sender.id === sender)?.message.sender.name;
  return (
    <Page
      title={t("moderation.title")}
      lead={queue.total !== undefined ? t("moderation.lead", { count: queue.total }) : undefined}
      scroll={false}
      headless={item !== undefined}
      actions={
        <>
          {sender && (
            <Button size="sm" icon={<X className="size-3.5" />} onClick={() => narrow({ sender: undefined })}>
              <span className="max-w-40 truncate">
                {t("moderation.filtered", { what: senderName ?? sender })}
              </span>
            </Button>
          )}
          <SignalChoice value={signal} onChange={(next) => narrow({ signal: next })} />
          <Segments
            label={t("moderation.order")}
            value={order}
            onChange={(next) =>
              void navigate({
                search: (before) => ({
                  ...before,
                  item: undefined,
                  order: next === "severity" ? next : undefined,
                }),
              })
            }
            options={[
              { id: "oldest", label: t("moderation.oldest") },
              { id: "severity", label: t("moderation.severity") },
            ]}
          />
        </>
      }
    >
      <p role="status" className="sr-only">
        {said}
      </p>
      <div className="flex min-h-0 flex-1">
        <div
          className={clsx(
            "flex min-h-0 w-full flex-col lg:w-80 lg:border-r",
            item && "max-lg:hidden",
            items?.length === 0 && !item && "lg:w-full! lg:border-r-0",
          )}
        >
          {queue.error && !items ? (
            <Failure error={queue.error} onRetry={queue.again} />
          ) : !items ? (
            <SkeletonRows tall />
          ) : items.length === 0 ? (
            <NothingWaits
              onAll={
                filtered === undefined ? undefined : () => narrow({ sender: undefined, signal: undefined })
              }
            />
          ) : (
            <VirtualList
              items={items}
              idOf={(each) => each.id}
              estimate={80}
              label={t("moderation.queue")}
              active={place}
              onNearEnd={queue.more}
              render={(each) => <QueueRow item={each} active={each.id === chosen} onOpen={select} />}
            />
          )}
        </div>
        {chosen && (
          <div className={clsx("min-w-0 flex-1", !item && "max-lg:hidden")}>
            <HeldMessage
              key={chosen}
              id={chosen}
              onDecide={decide}
              onBack={() => select(undefined)}
              onSender={(id) => narrow({ sender: id })}
              takesFocus={decided.current}
            />
          </div>
        )}
      </div>
    </Page>
  );
}

function NothingWaits({ onAll }: { onAll: (() => void) | undefined }) {
  const { t } = useTranslation();
  if (onAll) {
    return (
      <Empty
        icon={<ShieldCheck />}
        title={t("moderation.filteredEmpty")}
        action={<Button onClick={onAll}>{t("moderation.showAll")}</Button>}
        className="my-auto"
      >
        {t("moderation.filteredEmptyLead")}
      </Empty>
    );
  }
  return (
    <Empty
      icon={<PartyPopper />}
      title={t("moderation.empty.title")}
      className="my-auto"
      action={
        <>
          <Link to="/try" className="text-sm font-medium text-accent-fg underline-offset-4 hover:underline">
            {t("moderation.empty.try")}
          </Link>
          <Link
            to="/policy"
            className="text-sm font-medium text-accent-fg underline-offset-4 hover:underline"
          >
            {t("moderation.empty.policy")}
          </Link>
        </>
      }
    >
      {t("moderation.empty.lead")}
    </Empty>
  );
}
