import { Link } from "@tanstack/react-router";
import { ExternalLink, Search } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import { money, named } from "@/lib/format";
import { leavingPath, safeHref } from "@/lib/text/links";
import { Avatar } from "@/ui/avatar";
import { Badge } from "@/ui/badge";
import { Facts } from "@/ui/page";
import { Time } from "@/ui/time";
import { bareId } from "../shell/jump";
import type { ConversationHead } from "./conversation-head";

/** What one wants to know beside the messages: listing, people, and what was before. */
export function SidePanel({ head, canFilter }: { head: ConversationHead; canFilter: boolean }) {
  const { t } = useTranslation();
  const customer = head.participants.find((each) => each.role === "CUSTOMER");
  return (
    <div className="flex flex-col gap-6 px-4 py-4">
      <Part title={t("conversations.side.listing")}>
        {head.listing ? (
          <Listing listing={head.listing} />
        ) : (
          <p className="text-sm text-subtle">{t("conversations.side.noListing")}</p>
        )}
      </Part>
      <Part title={t("conversations.side.participants")}>
        <ul className="flex flex-col gap-2">
          {head.participants.map((each) => (
            <li key={each.user.id} className="flex items-center gap-2.5">
              <Avatar id={each.user.id} name={each.user.name} size={28} />
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm font-medium">{each.user.name}</span>
                <span className="flex items-center gap-1.5 text-2xs text-subtle">
                  {t(`words.participant.${each.role}`)}
                  {each.blocked && <Badge tone="danger">{t("conversations.side.blocked")}</Badge>}
                </span>
              </span>
              <Link
                to="/search"
                search={{ q: `from:${each.user.id} ` }}
                title={t("conversations.side.messagesOf", { name: each.user.name })}
                aria-label={t("conversations.side.messagesOf", { name: each.user.name })}
                className="flex size-7 items-center justify-center rounded-md text-subtle hover:bg-hover hover:text-fg"
              >
                <Search className="size-3.5" aria-hidden="true" />
              </Link>
            </li>
          ))}
        </ul>
      </Part>
      {customer && <History customerId={customer.user.id} except={head.id} />}
      <Part title={t("conversations.side.facts")}>
        <Facts
          facts={[
            [t("conversations.side.state"), t(`words.state.${head.state}`)],
            ...(head.category
              ? [[t("conversations.side.category"), named(head.category)] as [ReactNode, ReactNode]]
              : []),
            [t("conversations.side.started"), <Time key="started" at={head.createdAt} style="short" />],
            ...(head.waitingSince
              ? [
                  [t("conversations.side.waiting"), <Time key="waiting" at={head.waitingSince} />] as [
                    ReactNode,
                    ReactNode,
                  ],
                ]
              : []),
            [
              t("conversations.side.id"),
              <code key="id" className="text-2xs">
                {bareId(head.id)}
              </code>,
            ],
          ]}
        />
        {canFilter && (
          <Link
            to="/decisions"
            search={{ conversation: bareId(head.id) }}
            className="mt-2 inline-block text-sm text-accent-fg hover:underline"
          >
            {t("conversations.side.decisions")}
          </Link>
        )}
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold text-muted">{title}</h3>
      {children}
    </section>
  );
}

function Listing({ listing }: { listing: NonNullable<ConversationHead["listing"]> }) {
  const { t, i18n } = useTranslation();
  const href = listing.url ? safeHref(listing.url) : undefined;
  return (
    <div className="overflow-hidden rounded-lg border bg-surface">
      {listing.imageUrl && safeHref(listing.imageUrl)?.startsWith("https:") && (
        <img
          src={listing.imageUrl}
          alt=""
          loading="lazy"
          referrerPolicy="no-referrer"
          className="aspect-[16/9] w-full object-cover"
        />
      )}
      <div className="p-3">
        <p className="font-medium text-pretty">{listing.title}</p>
        <p className="mt-0.5 flex flex-wrap items-center gap-2 text-sm text-muted">
          {listing.priceMinor != null && listing.currency && (
            <span className="tabular font-medium text-fg">
              {money(listing.priceMinor, listing.currency, i18n.language)}
            </span>
          )}
          <Badge tone={listing.status === "ACTIVE" ? "success" : "neutral"}>
            {t(`words.listingStatus.${listing.status}`)}
          </Badge>
          {listing.category && <span>{named(listing.category)}</span>}
        </p>
        {href && (
          <a
            href={leavingPath(href)}
            target="_blank"
            rel="noopener noreferrer"
            className="mt-2 inline-flex items-center gap-1 text-sm text-accent-fg hover:underline"
          >
            {listing.externalId} <ExternalLink className="size-3" aria-hidden="true" />
          </a>
        )}
      </div>
    </div>
  );
}

const CUSTOMER_HISTORY = graphql(`
  query CustomerHistory($customerId: ID!) {
    supportConversations(filter: { customerId: $customerId }, first: 10) {
      nodes {
        id
        category
        state
        createdAt
        lastMessage {
          id
          body
        }
      }
    }
  }
`);

function History({ customerId, except }: { customerId: string; except: string }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: CUSTOMER_HISTORY, variables: { customerId } });
  const earlier = data?.supportConversations?.nodes.filter((each) => each.id !== except);
  return (
    <Part title={t("conversations.side.history")}>
      {earlier?.length === 0 && (
        <p className="text-sm text-subtle">{t("conversations.side.historyNothing")}</p>
      )}
      <ul className="flex flex-col gap-1">
        {earlier?.map((each) => (
          <li key={each.id}>
            <Link
              to="/conversations/$id"
              params={{ id: bareId(each.id) }}
              className="-mx-2 block rounded-md px-2 py-1.5 text-sm hover:bg-hover"
            >
              <span className="flex items-center gap-2">
                {each.category && <Badge>{named(each.category)}</Badge>}
                <span className="text-2xs text-subtle">
                  {t(`words.state.${each.state}`)} · <Time at={each.createdAt} />
                </span>
              </span>
              <span className="mt-0.5 block truncate text-muted">{each.lastMessage?.body}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Part>
  );
}
