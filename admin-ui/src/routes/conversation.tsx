import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, CircleCheck, PanelRight, RotateCcw } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useClient } from "urql";
import { partners } from "@/features/conversations/conversation-row";
import { ReasonGate } from "@/features/conversations/reason-gate";
import { ReplyBox } from "@/features/conversations/reply-box";
import { SidePanel } from "@/features/conversations/side-panel";
import { ThreadView } from "@/features/conversations/thread-view";
import { useSend } from "@/features/conversations/use-send";
import { useThread } from "@/features/conversations/use-thread";
import { useViewer } from "@/features/session/session";
import { graphql } from "@/gql";
import { may } from "@/lib/access";
import { named } from "@/lib/format";
import { useAct } from "@/lib/graphql/act";
import { useActions } from "@/lib/keys/actions";
import { keptStore } from "@/lib/store/kept";
import { toast } from "@/lib/toasts";
import { Avatar } from "@/ui/avatar";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Empty, Failure, Skeleton } from "@/ui/feedback";
import { usePageTitle } from "@/ui/page";

const CLOSE = graphql(`
  mutation CloseConversation($input: ConversationInput!) {
    closeConversation(input: $input) {
      conversation {
        id
        state
        viewerCanSend
      }
      userErrors {
        code
        message
      }
    }
  }
`);

const REOPEN = graphql(`
  mutation ReopenConversation($input: ConversationInput!) {
    reopenConversation(input: $input) {
      conversation {
        id
        state
        viewerCanSend
      }
      userErrors {
        code
        message
      }
    }
  }
`);

const MARK_READ = graphql(`
  mutation MarkRead($input: MarkReadInput!) {
    markRead(input: $input) {
      conversation {
        id
        lastRead
        unreadCount
      }
      userErrors {
        code
      }
    }
  }
`);

const side = keptStore<"open" | "closed">("side", "open", ["open", "closed"]);

/** One conversation: a fresh start whenever it is another one. */
export default function ConversationRoute() {
  const { id } = useParams({ from: "/conversations/$id" });
  return <Conversation key={id} id={id} />;
}

function Conversation({ id }: { id: string }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const client = useClient();
  const navigate = useNavigate();
  const { at, tab } = useSearch({ from: "/conversations" });
  const { status, head, thread, error, typing, loadOlder, reload, giveReason } = useThread(id, at);
  const globalId = head?.id ?? `conversation:${id}`;
  const { pending, send, retry, forget } = useSend(globalId);
  const [close] = useAct(CLOSE);
  const [reopen] = useAct(REOPEN);
  const sideShape = side.use();
  const [drawer, setDrawer] = useState(false);

  const people = useMemo(() => (head ? partners(head) : []), [head]);
  const name = people.map((each) => each.name).join(", ");
  usePageTitle(name || t("conversations.title"));

  const readable = head?.kind === "SUPPORT" && status === "ready";
  const lastSeq = thread.lastSeq;
  useEffect(() => {
    if (!readable || lastSeq === 0) return;
    const mark = () => {
      if (document.visibilityState !== "visible") return;
      void client.mutation(MARK_READ, { input: { conversationId: id, seq: lastSeq } }).toPromise();
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [client, id, lastSeq, readable]);

  const closed = head?.state === "CLOSED";
  const mayClose = head !== undefined && (head.kind === "SUPPORT" || may(viewer.role, "moderate"));
  async function toggle() {
    const done = closed
      ? await reopen({ input: { conversationId: id } })
      : await close({ input: { conversationId: id } });
    if (done.ok)
      toast({
        tone: "success",
        text: closed ? t("conversations.reopenedNow") : t("conversations.closedNow"),
      });
  }
  const showSide = () =>
    matchMedia("(min-width: 80rem)").matches
      ? side.set(sideShape === "open" ? "closed" : "open")
      : setDrawer(true);
  const here = t("shell.group.here");
  useActions([
    mayClose && {
      id: "close",
      title: closed ? t("conversations.reopen") : t("conversations.close"),
      group: here,
      keys: "c",
      run: () => void toggle(),
    },
    head && { id: "side", title: t("conversations.details"), group: here, keys: "i", run: showSide },
    {
      id: "back",
      title: t("conversations.back"),
      group: here,
      keys: "u",
      run: () => void navigate({ to: "/conversations", search: { tab } }),
    },
  ]);

  if (status === "reason") return <ReasonGate onGive={giveReason} />;
  if (status === "missing")
    return <Empty title={t("conversations.notFound.title")}>{t("conversations.notFound.lead")}</Empty>;
  if (status === "failed" && error) return <Failure error={error} onRetry={reload} />;
  if (!head) return <ThreadSkeleton />;

  return (
    <div className="flex h-full min-h-0">
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-13 shrink-0 items-center gap-3 border-b px-4 lg:px-6">
          <IconButton
            label={t("conversations.back")}
            keys="u"
            className="lg:hidden"
            onClick={() => void navigate({ to: "/conversations", search: { tab } })}
          >
            <ArrowLeft className="size-4" />
          </IconButton>
          <Avatar
            id={people[0]?.id ?? id}
            name={people[0]?.name ?? "?"}
            size={30}
            className="max-sm:hidden"
          />
          <div className="min-w-0 flex-1">
            <h2 className="flex items-center gap-2 truncate leading-5 font-semibold">
              <span className="truncate">{name}</span>
              {closed && <Badge>{t("words.state.CLOSED")}</Badge>}
            </h2>
            <p className="truncate text-sm leading-4 text-muted">
              {head.listing?.title ?? (head.category ? named(head.category) : t(`words.kind.${head.kind}`))}
            </p>
          </div>
          {mayClose && (
            <Button
              onClick={() => void toggle()}
              icon={closed ? <RotateCcw className="size-4" /> : <CircleCheck className="size-4" />}
              aria-label={closed ? t("conversations.reopen") : t("conversations.close")}
            >
              <span className="max-sm:hidden">
                {closed ? t("conversations.reopen") : t("conversations.closeShort")}
              </span>
            </Button>
          )}
          <IconButton label={t("conversations.details")} keys="i" onClick={showSide}>
            <PanelRight className="size-4" />
          </IconButton>
        </header>
        <ThreadView
          thread={thread}
          head={head}
          pending={pending}
          at={at}
          typing={typing}
          onOlder={() => void loadOlder()}
          onRetry={retry}
          onDiscard={(each) => forget(each.clientId)}
        />
        {head.viewerCanSend ? (
          <ReplyBox conversationId={head.id} to={people[0]?.name ?? ""} onSend={send} />
        ) : (
          <p className="border-t bg-surface px-6 py-4 text-center text-sm text-muted">
            {closed && head.kind === "SUPPORT"
              ? t("conversations.reply.closed")
              : t("conversations.reply.reading")}
          </p>
        )}
      </div>
      {sideShape === "open" && (
        <aside
          className="w-72 shrink-0 overflow-y-auto border-l max-xl:hidden wide:w-80"
          aria-label={t("conversations.details")}
        >
          <SidePanel head={head} canFilter={may(viewer.role, "see filters")} />
        </aside>
      )}
      <Dialog open={drawer} onClose={() => setDrawer(false)} title={t("conversations.details")} shape="side">
        <SidePanel head={head} canFilter={may(viewer.role, "see filters")} />
      </Dialog>
    </div>
  );
}

function ThreadSkeleton() {
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-13 items-center gap-3 border-b px-6">
        <Skeleton className="size-8 rounded-full!" />
        <Skeleton className="w-40" />
      </div>
      <div className="flex-1 space-y-4 p-6">
        <Skeleton className="h-12 w-2/5" />
        <Skeleton className="ml-auto h-16 w-1/2" />
        <Skeleton className="h-10 w-1/3" />
      </div>
    </div>
  );
}
