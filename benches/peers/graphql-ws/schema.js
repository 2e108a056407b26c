// The peer's GraphQL: the part of a chat that the load driver uses, in the shapes of Rialto's own schema.
import { buildSchema } from "graphql";

const REPLAYED = 10_000;
// One keyword filter per message.
const KEYWORDS = /\b(whats ?app|telegram|viber|western union|moneygram|gift ?cards?|bitcoin|paypal friends)\b/i;

export const schema = buildSchema(`
  type Query { conversation(id: ID!): Conversation }
  type Mutation {
    startConversation(sellerId: ID!): StartPayload!
    sendMessage(conversationId: ID!, clientId: String!, body: String!): SendPayload!
  }
  type Subscription { conversationEvents(conversationId: ID!, after: Int): ConversationEvent! }
  type Conversation { id: ID! lastSeq: Int! messages(after: Int, first: Int): [Message!]! }
  type StartPayload { conversation: Conversation }
  type SendPayload { message: Message userErrors: [UserError!]! }
  type UserError { code: String! }
  type User { id: ID! }
  type Message { seq: Int! clientId: String body: String! status: String! sender: User! }
  union ConversationEvent = ConversationSnapshot | MessagePosted
  type ConversationSnapshot { conversation: Conversation! }
  type MessagePosted { seq: Int! at: String! message: Message! }
`);

const message = (row, clientId) => ({
  seq: row.seq,
  clientId,
  body: row.body,
  status: "SENT",
  sender: { id: row.sender },
});
// An event as subscriptions give it, with its number beside.
const posted = (row) => ({
  seq: row.seq,
  conversationEvents: {
    __typename: "MessagePosted",
    seq: row.seq,
    at: row.at.toISOString(),
    message: message(row),
  },
});
const refused = (code) => ({ message: null, userErrors: [{ code }] });

export function resolvers(store, live) {
  const known = new Map();
  // Who is in a conversation never changes.
  async function conversationOf(id, viewer) {
    let found = known.get(id);
    if (!found) {
      found = await store.conversation(id);
      if (found) known.set(id, found);
    }
    return found && (found.buyer === viewer || found.seller === viewer) ? found : undefined;
  }
  const shown = (id) => ({
    id,
    lastSeq: async () => (await store.conversation(id)).last_seq,
    messages: async ({ after = 0, first = 50 }) =>
      (await store.after(id, after, Math.min(first, 100))).map((row) => message(row)),
  });

  async function send({ conversationId, clientId, body }, { viewer }) {
    if (body.length === 0) return refused("BODY_EMPTY");
    if (KEYWORDS.test(body)) return refused("REFUSED_BY_POLICY");
    const post = async () => {
      const stored = await store.post(conversationId, viewer, clientId, body);
      if (stored?.fresh) live.publish(conversationId, posted({ ...stored, sender: viewer, body }));
      return stored;
    };
    const stored = await (store.group ? post() : live.inTurn(conversationId, post));
    if (!stored) return refused("NOT_FOUND");
    return { message: message({ ...stored, sender: viewer, body }, clientId), userErrors: [] };
  }

  async function* conversationEvents({ conversationId, after }, { viewer }) {
    if (!(await conversationOf(conversationId, viewer))) throw new Error("There is no such conversation.");
    // Joined before the past is read, so that nothing falls between.
    const subscriber = live.join(conversationId);
    try {
      const conversation = shown(conversationId);
      yield { conversationEvents: { __typename: "ConversationSnapshot", conversation } };
      let last = after ?? 0;
      const missed = after == null ? [] : await store.after(conversationId, after, REPLAYED);
      for (const row of missed) {
        last = row.seq;
        yield posted(row);
      }
      for await (const event of subscriber) {
        if (event.seq > last) yield event;
      }
    } finally {
      subscriber.return();
    }
  }

  return {
    conversation: async ({ id }, { viewer }) => ((await conversationOf(id, viewer)) ? shown(id) : null),
    startConversation: async ({ sellerId }, { viewer }) => ({
      conversation: shown(String(await store.start(viewer, sellerId))),
    }),
    sendMessage: send,
    conversationEvents,
  };
}
