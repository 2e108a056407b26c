import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";
import { CircleCheckBig, Inbox, MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ConversationRow } from "@/features/conversations/conversation-row";
import { type InboxTab, useInbox } from "@/features/conversations/use-inbox";
import { useViewer } from "@/features/session/session";
import { bareId } from "@/features/shell/jump";
import { useActions } from "@/lib/keys/actions";
import { readable } from "@/lib/keys/parse";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { usePageTitle } from "@/ui/page";
import { Segments } from "@/ui/tabs";
import { VirtualList } from "@/ui/virtual-list";

/** The desk: conversations with support at the left, the chosen one beside them. */
export default function Conversations() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const { id } = useParams({ strict: false });
  const { tab } = useSearch({ from: "/conversations" });
  const navigate = useNavigate();
  const shown: InboxTab = tab ?? "open";
  const inbox = useInbox(shown);
  const { items } = inbox;
  usePageTitle(t("conversations.title"));

  const place = items?.findIndex((each) => bareId(each.id) === id) ?? -1;
  const move = (by: number) => {
    const next = items?.[Math.max(0, Math.min((items?.length ?? 1) - 1, place + by))];
    if (next) void navigate({ to: "/conversations/$id", params: { id: bareId(next.id) }, search: { tab } });
  };
  const here = t("shell.group.here");
  useActions([
    {
      id: "next",
      title: t("conversations.nextOne"),
      group: here,
      keys: "j",
      onlyKey: true,
      run: () => move(1),
    },
    {
      id: "previous",
      title: t("conversations.previousOne"),
      group: here,
      keys: "k",
      onlyKey: true,
      run: () => move(-1),
    },
    {
      id: "next.typing",
      title: t("conversations.nextTyping"),
      group: here,
      keys: "alt+j",
      whileTyping: true,
      onlyKey: true,
      run: () => move(1),
    },
    {
      id: "previous.typing",
      title: t("conversations.previousTyping"),
      group: here,
      keys: "alt+k",
      whileTyping: true,
      onlyKey: true,
      run: () => move(-1),
    },
  ]);

  const open = (next: InboxTab) =>
    void navigate({
      to: ".",
      search: (before) => ({ ...before, at: undefined, tab: next === "open" ? undefined : next }),
    });

  return (
    <div className="flex h-full min-h-0">
      <div className={clsx("flex min-h-0 w-full flex-col lg:w-80 lg:border-r", id && "max-lg:hidden")}>
        <header className="flex min-h-13 shrink-0 flex-wrap items-center justify-between gap-2 border-b px-4 py-2">
          <h1 className="text-lg font-semibold">{t("conversations.title")}</h1>
          <Segments
            label={t("conversations.tab.label")}
            value={shown}
            onChange={open}
            className="max-lg:w-full [&>button]:max-lg:flex-1"
            options={[
              { id: "open", label: t("conversations.tab.open") },
              { id: "unanswered", label: t("conversations.tab.unanswered") },
              { id: "closed", label: t("conversations.tab.closed") },
            ]}
          />
        </header>
        {inbox.error && !items ? (
          <Failure error={inbox.error} onRetry={inbox.again} />
        ) : !items ? (
          <SkeletonRows tall />
        ) : items.length === 0 ? (
          <Empty
            icon={shown === "unanswered" ? <CircleCheckBig /> : <Inbox />}
            title={t(`conversations.empty.${shown}`)}
          >
            {t(`conversations.empty.${shown}Lead`)}
          </Empty>
        ) : (
          <VirtualList
            items={items}
            idOf={(each) => each.id}
            estimate={84}
            label={t("conversations.list")}
            active={place}
            onNearEnd={inbox.more}
            render={(each) => <ConversationRow item={each} tab={tab} viewerId={viewer.id} />}
          />
        )}
      </div>
      <div className={clsx("min-w-0 flex-1", !id && "max-lg:hidden")}>
        {id ? (
          <Outlet />
        ) : (
          <Empty icon={<MessagesSquare />} title={t("conversations.pick")} className="h-full justify-center">
            {t("conversations.pickLead", { key: readable("mod+k").join(" ") })}
          </Empty>
        )}
      </div>
    </div>
  );
}
