import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { Avatar } from "@/ui/avatar";
import { Time } from "@/ui/time";
import { StatusBadge } from "../messages/badges";
import { bareId } from "../shell/jump";

const SNIPPET = graphql(`
  fragment SnippetFacts on SnippetPart {
    text
    match
  }
`);

/** Text with what was sought in it: parts, never markup. */
function Snippet({ parts: refs }: { parts: readonly FragmentType<typeof SNIPPET>[] }) {
  return readFragment(SNIPPET, refs).map((part, place) =>
    part.match ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name than their place
      <mark key={place} className="rounded-sm bg-warning-soft px-px font-medium text-fg">
        {part.text}
      </mark>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the same
      <span key={place}>{part.text}</span>
    ),
  );
}

export const MESSAGE_HIT = graphql(`
  fragment MessageHitFacts on MessageHit {
    conversationId
    seq
    snippet {
      ...SnippetFacts
    }
    message {
      id
      sentAt
      status
      sender {
        id
        name
      }
    }
  }
`);

export function MessageHit({ hit: ref }: { hit: FragmentType<typeof MESSAGE_HIT> }) {
  const { message, ...hit } = readFragment(MESSAGE_HIT, ref);
  return (
    <Link
      to="/conversations/$id"
      params={{ id: bareId(hit.conversationId) }}
      search={{ at: hit.seq }}
      className="mx-auto flex max-w-5xl gap-3 border-b px-4 py-3 -outline-offset-2! hover:bg-hover/60 focus-visible:bg-hover/60 lg:px-6"
    >
      <Avatar id={message.sender.id} name={message.sender.name} size={30} className="mt-0.5" />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className="truncate font-medium">{message.sender.name}</span>
          {message.status !== "SENT" && <StatusBadge status={message.status} />}
          <span className="ml-auto text-2xs text-subtle">
            <Time at={message.sentAt} />
          </span>
        </span>
        <span className="block text-base break-words whitespace-pre-wrap">
          <Snippet parts={hit.snippet} />
        </span>
      </span>
    </Link>
  );
}

export const CONVERSATION_HIT = graphql(`
  fragment ConversationHitFacts on ConversationHit {
    conversationId
    title {
      ...SnippetFacts
    }
    names {
      user {
        id
        name
      }
      name {
        ...SnippetFacts
      }
    }
  }
`);

export function ConversationHit({ hit: ref }: { hit: FragmentType<typeof CONVERSATION_HIT> }) {
  const { t } = useTranslation();
  const hit = readFragment(CONVERSATION_HIT, ref);
  return (
    <Link
      to="/conversations/$id"
      params={{ id: bareId(hit.conversationId) }}
      className="mx-auto block max-w-5xl border-b px-4 py-3 -outline-offset-2! hover:bg-hover/60 focus-visible:bg-hover/60 lg:px-6"
    >
      <span className="flex items-baseline gap-2">
        <span className="truncate font-medium">
          {hit.title ? <Snippet parts={hit.title} /> : t("words.kind.SUPPORT")}
        </span>
      </span>
      <span className="mt-0.5 flex flex-wrap gap-x-3 text-sm text-muted">
        {hit.names.map((name) => (
          <span key={name.user.id} className="flex items-center gap-1.5">
            <Avatar id={name.user.id} name={name.user.name} size={18} />
            <span>
              <Snippet parts={name.name} />
            </span>
          </span>
        ))}
      </span>
    </Link>
  );
}
