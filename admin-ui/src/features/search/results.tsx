import { SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { CombinedError } from "urql";
import { graphql, readFragment } from "@/gql";
import { codeOf } from "@/lib/graphql/explain";
import { usePaged } from "@/lib/graphql/paged";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { VirtualList } from "@/ui/virtual-list";
import { ReasonGate } from "../conversations/reason-gate";
import { Chips } from "./chips";
import { CONVERSATION_HIT, ConversationHit, MESSAGE_HIT, MessageHit } from "./hits";
import { without } from "./query-text";
import { searchReason } from "./reason";

const SEARCH_MESSAGES = graphql(`
  query SearchMessages($query: String!, $order: SearchOrder!, $reason: String, $first: Int, $after: String) {
    searchMessages(query: $query, order: $order, reason: $reason, first: $first, after: $after) {
      terms {
        ...TermFacts
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...MessageHitFacts
      }
    }
  }
`);

const SEARCH_CONVERSATIONS = graphql(`
  query SearchConversations($query: String!, $reason: String, $first: Int, $after: String) {
    searchConversations(query: $query, reason: $reason, first: $first, after: $after) {
      terms {
        ...TermFacts
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...ConversationHitFacts
      }
    }
  }
`);

type ResultsProps = { query: string; onQuery: (query: string) => void };

/** Messages that fit, with what fits in them marked. */
export function MessageResults({ query, order, onQuery }: ResultsProps & { order: "RELEVANCE" | "NEWEST" }) {
  const { t } = useTranslation();
  const reason = searchReason.use();
  const paged = usePaged({
    query: SEARCH_MESSAGES,
    variables: { query, order, reason, first: 30 },
    pick: (data) => data.searchMessages,
    requestPolicy: "cache-and-network",
  });
  const terms = paged.data?.searchMessages?.terms;
  const hits = paged.nodes;
  return (
    <Frame error={paged.error} waiting={!hits} empty={hits?.length === 0} again={paged.again}>
      {terms && (
        <div className="mx-auto w-full max-w-5xl px-4 pt-3 pb-2 lg:px-6">
          <Chips terms={terms} onRemove={(text) => onQuery(without(query, text))} />
        </div>
      )}
      {hits && hits.length > 0 && (
        <VirtualList
          items={hits}
          idOf={(hit) => readFragment(MESSAGE_HIT, hit).message.id}
          estimate={88}
          label={t("search.results")}
          onNearEnd={paged.more}
          className={paged.fetching ? "opacity-70" : undefined}
          render={(hit) => <MessageHit hit={hit} />}
        />
      )}
    </Frame>
  );
}

/** Conversations by their listing's title and who is in them. */
export function ConversationResults({ query, onQuery }: ResultsProps) {
  const { t } = useTranslation();
  const reason = searchReason.use();
  const paged = usePaged({
    query: SEARCH_CONVERSATIONS,
    variables: { query, reason, first: 30 },
    pick: (data) => data.searchConversations,
    requestPolicy: "cache-and-network",
  });
  const terms = paged.data?.searchConversations?.terms;
  const hits = paged.nodes;
  return (
    <Frame error={paged.error} waiting={!hits} empty={hits?.length === 0} again={paged.again}>
      {terms && (
        <div className="mx-auto w-full max-w-5xl px-4 pt-3 pb-2 lg:px-6">
          <Chips terms={terms} onRemove={(text) => onQuery(without(query, text))} />
        </div>
      )}
      {hits && hits.length > 0 && (
        <VirtualList
          items={hits}
          idOf={(hit) => readFragment(CONVERSATION_HIT, hit).conversationId}
          estimate={68}
          label={t("search.results")}
          onNearEnd={paged.more}
          render={(hit) => <ConversationHit hit={hit} />}
        />
      )}
    </Frame>
  );
}

type FrameProps = {
  error: CombinedError | undefined;
  waiting: boolean;
  empty: boolean | undefined;
  again: () => void;
  children: React.ReactNode;
};

function Frame({ error, waiting, empty, again, children }: FrameProps) {
  const { t } = useTranslation();
  if (error && codeOf(error) === "REASON_REQUIRED") {
    return <ReasonGate lead={t("search.reason")} onGive={(reason) => searchReason.set(reason)} />;
  }
  if (error && waiting) return <Failure error={error} onRetry={again} />;
  if (waiting) return <SkeletonRows rows={6} tall />;
  return (
    <>
      {children}
      {empty && (
        <Empty icon={<SearchX />} title={t("search.nothing")}>
          {t("search.nothingLead")}
        </Empty>
      )}
    </>
  );
}
