// urql and Apollo as an application would set them up: no special treatment.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as apollo from "@apollo/client/core/index.js";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions/index.js";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { EVENTS, SEND, START, marketplace, start } from "./engine.js";

let engine;
before(async () => (engine = await start()));
after(() => engine?.stop());

const LIST = `query List {
  viewer {
    id name role unreadCount
    conversations(first: 10) {
      edges { cursor node { id unreadCount lastSeq lastRead viewerCanSend listing { title price { amountMinor currency } } lastMessage { body status } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`;

const sockets = (token) =>
  createClient({ url: engine.ws, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } });

test("urql: mutation, query, subscription", async () => {
  const market = await marketplace(engine, "urql");
  const ws = sockets(market.seller);
  const make = (token, ...more) =>
    new Client({
      url: engine.url,
      preferGetMethod: false,
      exchanges: [...more, fetchExchange],
      fetchOptions: () => ({ headers: { authorization: `Bearer ${token}` } }),
    });
  const live = subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: ws.subscribe({ query, variables }, sink) }),
    }),
  });
  const [buyer, seller] = [make(market.buyer), make(market.seller, live)];
  const started = await buyer.mutation(START, { input: { listingId: market.listing, clientId: "1", body: "Hello" } }).toPromise();
  assert.equal(started.error, undefined);
  const id = started.data.startConversation.conversation.id;

  const listed = await seller.query(LIST, {}).toPromise();
  assert.equal(listed.error, undefined);
  const [{ node }] = listed.data.viewer.conversations.edges;
  assert.equal(node.id, id);
  assert.deepEqual(node.lastMessage, { body: "Hello", status: "SENT" });
  assert.equal(node.listing.price.amountMinor, 9900);
  assert.equal(node.unreadCount, 1);
  assert.equal(listed.data.viewer.unreadCount, 1);

  const arrived = new Promise((resolve, reject) => {
    seller.subscription(EVENTS, { conversationId: id }).subscribe(({ data, error }) => {
      if (error) reject(error);
      if (data?.conversationEvents.__typename === "ConversationSnapshot") {
        buyer.mutation(SEND, { input: { conversationId: id, clientId: "2", body: "Anyone?" } }).toPromise();
      }
      if (data?.conversationEvents.__typename === "MessagePosted") resolve(data.conversationEvents);
    });
  });
  assert.equal((await arrived).message.body, "Anyone?");
  await ws.dispose();
});

test("urql: subscriptions over fetch", async () => {
  const market = await marketplace(engine, "urql-sse");
  const started = await engine.ask(market.buyer, START, { input: { listingId: market.listing, clientId: "1", body: "Hello" } });
  const client = new Client({
    url: engine.url,
    preferGetMethod: false,
    exchanges: [fetchExchange],
    fetchSubscriptions: true,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${market.seller}` } }),
  });
  const conversationId = started.data.startConversation.conversation.id;
  const event = await new Promise((resolve, reject) => {
    const { unsubscribe } = client.subscription(EVENTS, { conversationId, after: 0 }).subscribe(({ data, error }) => {
      if (error) reject(error);
      if (data?.conversationEvents.__typename !== "MessagePosted") return;
      resolve(data.conversationEvents);
      setTimeout(() => unsubscribe());
    });
  });
  assert.equal(event.message.body, "Hello");
});

test("Apollo: mutation, query, subscription, cache by id", async () => {
  const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql, split } = apollo;
  const market = await marketplace(engine, "apollo");
  const ws = sockets(market.buyer);
  const http = new HttpLink({ uri: engine.url, headers: { authorization: `Bearer ${market.buyer}` } });
  const isSubscription = ({ query }) => query.definitions.some((definition) => definition.operation === "subscription");
  const link = split(isSubscription, new GraphQLWsLink(ws), http);
  assert.ok(link instanceof ApolloLink);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const started = await client.mutate({
    mutation: gql(START),
    variables: { input: { listingId: market.listing, clientId: "1", body: "Hello" } },
  });
  const { conversation, message } = started.data.startConversation;
  const listed = await client.query({ query: gql(LIST) });
  assert.equal(listed.data.viewer.conversations.edges[0].node.id, conversation.id);
  assert.ok(`Message:${message.id}` in client.cache.extract(), "messages are cached by their global id");
  const event = await new Promise((resolve, reject) => {
    client.subscribe({ query: gql(EVENTS), variables: { conversationId: conversation.id, after: 0 } }).subscribe({
      error: reject,
      next: ({ data }) => data.conversationEvents.__typename === "MessagePosted" && resolve(data.conversationEvents),
    });
  });
  assert.equal(event.message.body, "Hello");
  client.stop();
  await ws.dispose();
});

test("paging through a conversation in both directions meets every message once", async () => {
  const market = await marketplace(engine, "pages");
  const started = await engine.ask(market.buyer, START, { input: { listingId: market.listing, clientId: "0", body: "0" } });
  const conversationId = started.data.startConversation.conversation.id;
  for (let n = 1; n < 12; n += 1) {
    const sent = await engine.ask(market.buyer, SEND, { input: { conversationId, clientId: `${n}`, body: `${n}` } });
    assert.deepEqual(sent.data.sendMessage.userErrors, []);
  }
  const expected = Array.from({ length: 12 }, (_, n) => `${n}`);
  const walk = async (args, next) => {
    const found = [];
    for (let cursor = null, more = true; more; ) {
      const query = `query P($id: ID!, $cursor: String) { conversation(id: $id) { messages(${args}) {
        edges { node { body } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
      const answer = await engine.ask(market.seller, query, { id: conversationId, cursor });
      const { edges, pageInfo } = answer.data.conversation.messages;
      assert.ok(edges.length > 0 && edges.length <= 5, `a page of ${edges.length}`);
      const bodies = edges.map((edge) => edge.node.body);
      found[next === "Next" ? "push" : "unshift"](...bodies);
      [cursor, more] = next === "Next" ? [pageInfo.endCursor, pageInfo.hasNextPage] : [pageInfo.startCursor, pageInfo.hasPreviousPage];
    }
    return found;
  };
  assert.deepEqual(await walk("first: 5, after: $cursor", "Next"), expected);
  assert.deepEqual(await walk("last: 5, before: $cursor", "Previous"), expected);
  const wrong = await engine.ask(market.seller, `{ conversation(id: "${conversationId}") { messages(first: 1, last: 1) { edges { cursor } } } }`);
  assert.equal(wrong.errors[0].extensions.code, "BAD_USER_INPUT");
});
