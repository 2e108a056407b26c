import { Link } from "@tanstack/react-router";
import { ArrowLeft, ExternalLink, Highlighter } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql, readFragment } from "@/gql";
import type { DecideInput, ModerationDecision } from "@/gql/graphql";
import { money } from "@/lib/format";
import { useActions } from "@/lib/keys/actions";
import { useDraft } from "@/lib/store/draft";
import { toast } from "@/lib/toasts";
import { Avatar } from "@/ui/avatar";
import { Button, IconButton } from "@/ui/button";
import { Empty, Failure, Skeleton } from "@/ui/feedback";
import { Time } from "@/ui/time";
import { bareId } from "../shell/jump";
import { blurring } from "./blur";
import { DECISIONS, DecisionBar } from "./decision-bar";
import { type ByteSpan, EVIDENCE, Evidence } from "./evidence";
import { selectedBytes } from "./selection";
import { SIGNAL } from "./signals";
import { SenderHistory, Surroundings } from "./surroundings";

const HELD_MESSAGE = graphql(`
  query HeldMessage($id: ID!) {
    queueItem(messageId: $id) {
      id
      heldAt
      message {
        id
        sender {
          id
          name
        }
      }
      conversation {
        id
        kind
        category
        participants {
          role
          user {
            id
            name
          }
        }
        listing {
          id
          title
          priceMinor
          currency
        }
      }
      ...Evidence
      ...Surroundings
      ...SenderHistory
    }
  }
`);

/** One held message with all there is to decide by. */
export function HeldMessage({ id, onDecide, onBack, onSender, takesFocus }: HeldMessageProps) {
  const { t, i18n } = useTranslation();
  const [{ data, fetching, error }, again] = useQuery({
    query: HELD_MESSAGE,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  const blur = blurring.use() === "on";
  const [shown, setShown] = useState(false);
  const [own, setOwn] = useState<ByteSpan[]>([]);
  const [reason, setReason, clearReason] = useDraft(`decision.${id}`);
  const bodyRef = useRef<HTMLElement>(null);
  const reasonRef = useRef<HTMLInputElement>(null);
  const pane = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another message starts anew
  useEffect(() => {
    setShown(false);
    setOwn([]);
    pane.current?.scrollTo(0, 0);
  }, [id]);
  const item = data?.queueItem?.id === id ? data.queueItem : undefined;
  const there = item !== undefined;
  useEffect(() => {
    if (takesFocus && there) heading.current?.focus({ preventScroll: true });
  }, [takesFocus, there]);
  const evidence = item && readFragment(EVIDENCE, item);
  const revealed = shown || !blur;

  function decide(decision: ModerationDecision) {
    if (!item || !evidence) return;
    const found = readFragment(SIGNAL, evidence.message.verdict?.signals ?? []).flatMap(
      (signal) => signal.spans,
    );
    const selected = selectedBytes(bodyRef.current);
    const marked = selected ? [...own, selected] : own;
    const spans = [...found.map(({ start, end }) => ({ start, end })), ...marked];
    if (decision === "MASK" && spans.length === 0) {
      toast({ text: t("moderation.nothingToMask", { key: "M" }) });
      return;
    }
    clearReason();
    onDecide({
      messageId: id,
      decision,
      reason: reason.trim() || undefined,
      spans: decision === "MASK" && marked.length > 0 ? spans : undefined,
      expectedRevision: evidence.message.revision ?? undefined,
    });
  }

  const here = t("shell.group.here");
  useActions([
    ...DECISIONS.map(({ decision, keys }) => ({
      id: `decide.${decision}`,
      title: t(`moderation.act.${decision}`),
      group: here,
      keys,
      run: () => decide(decision),
    })),
    {
      id: "reveal",
      title: t("moderation.reveal"),
      group: here,
      keys: "space",
      run: () => setShown((before) => !before),
    },
    {
      id: "reason",
      title: t("moderation.reasonKey"),
      group: here,
      keys: "e",
      run: () => reasonRef.current?.focus(),
    },
    { id: "mark", title: t("moderation.hideSelection"), group: here, keys: "h", run: markSelection },
  ]);

  function markSelection() {
    const selected = selectedBytes(bodyRef.current);
    if (selected) setOwn((before) => [...before, selected]);
  }

  if (error && !item)
    return <Failure error={error} onRetry={() => again({ requestPolicy: "network-only" })} />;
  if (!item && !fetching && data) {
    return (
      <Empty
        title={t("moderation.gone.title")}
        action={
          <Link
            to="/conversations/$id"
            params={{ id: conversationOf(id) }}
            search={{ at: Number(id.split(":").at(-1)) || undefined }}
            className="text-accent-fg underline"
          >
            {t("moderation.gone.open")}
          </Link>
        }
      >
        {t("moderation.gone.lead")}
      </Empty>
    );
  }
  if (!item) return <HeldSkeleton />;

  const { sender } = item.message;
  const role = item.conversation.participants.find((each) => each.user.id === sender.id)?.role;
  const { listing } = item.conversation;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex items-center gap-3 border-b px-4 py-2.5 lg:px-6">
        <IconButton label={t("moderation.back")} onClick={onBack} className="lg:hidden">
          <ArrowLeft className="size-4" />
        </IconButton>
        <Avatar id={sender.id} name={sender.name} size={34} />
        <div className="min-w-0 flex-1">
          <h2 ref={heading} tabIndex={-1} className="truncate font-semibold outline-none">
            <button
              type="button"
              className="hover:underline"
              onClick={() => onSender(sender.id)}
              title={t("moderation.onlySender", { name: sender.name })}
            >
              {sender.name}
            </button>
            {role && (
              <span className="ml-2 text-sm font-normal text-subtle">{t(`words.participant.${role}`)}</span>
            )}
          </h2>
          <p className="truncate text-sm text-muted">
            {listing ? listing.title : t(`words.kind.${item.conversation.kind}`)}
            {listing?.priceMinor != null && listing.currency && (
              <span className="tabular text-subtle">
                {" "}
                · {money(listing.priceMinor, listing.currency, i18n.language)}
              </span>
            )}
          </p>
        </div>
        <span className="text-sm text-subtle max-sm:hidden">
          <Time at={item.heldAt} />
        </span>
        <Link
          to="/conversations/$id"
          params={{ id: bareId(item.conversation.id) }}
          search={{ at: Number(id.split(":").at(-1)) || undefined }}
          aria-label={t("moderation.openConversation")}
          title={t("moderation.openConversation")}
          className="flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-fg"
        >
          <ExternalLink className="size-4" aria-hidden="true" />
        </Link>
      </header>
      <section
        ref={pane}
        className="min-h-0 flex-1 overflow-y-auto -outline-offset-2!"
        tabIndex={0}
        aria-label={t("moderation.evidence")}
      >
        <div className="mx-auto grid max-w-6xl gap-x-8 gap-y-6 px-4 py-5 lg:px-6 wide:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="flex min-w-0 flex-col gap-6">
            <Evidence
              item={item}
              revealed={revealed}
              onReveal={() => setShown(true)}
              own={own}
              bodyRef={bodyRef}
            />
            {own.length > 0 && (
              <Button
                size="sm"
                look="ghost"
                className="self-start"
                icon={<Highlighter className="size-3.5" />}
                onClick={() => setOwn([])}
              >
                {t("moderation.clearMarks")}
              </Button>
            )}
            <section>
              <h3 className="mb-2.5 text-sm font-semibold text-muted">{t("moderation.context")}</h3>
              <Surroundings item={item} revealed={revealed} />
            </section>
          </div>
          <aside className="min-w-0 wide:border-l wide:pl-6" aria-label={t("moderation.sender")}>
            <SenderHistory item={item} revealed={revealed} />
          </aside>
        </div>
      </section>
      <DecisionBar onDecide={decide} reason={reason} onReason={setReason} reasonRef={reasonRef} />
    </div>
  );
}

type HeldMessageProps = {
  id: string;
  onDecide: (input: DecideInput) => void;
  onBack: () => void;
  onSender: (id: string) => void;
  /** It comes after a decision: the focus begins at its heading. */
  takesFocus: boolean;
};

/** The conversation's bare id out of a message's: `message:<conversation>:<seq>`. */
function conversationOf(message: string): string {
  return message.replace(/^message:/, "").replace(/:\d+$/, "");
}

function HeldSkeleton() {
  return (
    <div className="space-y-5 p-6">
      <div className="flex gap-3">
        <Skeleton className="size-9 rounded-full!" />
        <div className="flex-1 space-y-2">
          <Skeleton className="w-40" />
          <Skeleton className="h-3 w-64" />
        </div>
      </div>
      <Skeleton className="h-28" />
      <Skeleton className="h-20" />
      <Skeleton className="h-40" />
    </div>
  );
}
