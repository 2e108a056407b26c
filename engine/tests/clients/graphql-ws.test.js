// The graphql-ws client, and the protocol's rules on a bare socket.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { EVENTS, SEND, START, marketplace, start } from "./engine.js";

let engine;
before(async () => (engine = await start()));
after(() => engine?.stop());

function client(token, more = {}) {
  return createClient({
    url: engine.ws,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    // Else the client hangs up between two operations.
    lazyCloseTimeout: 5_000,
    ...more,
  });
}

async function one(client, query, variables) {
  for await (const result of client.iterate({ query, variables })) return result;
  throw new Error("ended without a result");
}

/** Reads events until one of them is as wanted; gives all that came. */
async function until(events, wanted) {
  const seen = [];
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(!done, `the subscription ended after ${JSON.stringify(seen)}`);
    assert.ok(!value.errors, JSON.stringify(value.errors));
    seen.push(value.data.conversationEvents);
    if (wanted(seen.at(-1))) return seen;
  }
}

const subscribe = (client, conversationId, after) =>
  client.iterate({ query: EVENTS, variables: { conversationId, after } });
const posted = (body) => (event) => event.__typename === "MessagePosted" && event.message.body === body;

test("both sides talk, one drops its socket and resumes without a gap or a double", async () => {
  const market = await marketplace(engine, "ws");
  const buyer = client(market.buyer);
  const seller = client(market.seller);
  const { data } = await one(buyer, START, { input: { listingId: market.listing, clientId: "1", body: "Still there?" } });
  assert.deepEqual(data.startConversation.userErrors, []);
  const conversation = data.startConversation.conversation.id;
  assert.match(conversation, /^conversation:/);
  assert.equal(data.startConversation.message.sender.name, "Bo");

  const buying = subscribe(buyer, conversation);
  const selling = subscribe(seller, conversation, 0);
  const [snapshot] = await until(buying, (event) => event.__typename === "ConversationSnapshot");
  assert.deepEqual(snapshot.conversation.participants.map((p) => p.role).sort(), ["BUYER", "SELLER"]);
  const replayed = await until(selling, posted("Still there?"));
  assert.equal(replayed[0].__typename, "ConversationSnapshot", "the snapshot comes first");

  const send = (from, clientId, body) => one(from, SEND, { input: { conversationId: conversation, clientId, body } });
  const sent = await send(seller, "1", "Yes, it is");
  const received = (await until(buying, posted("Yes, it is"))).at(-1);
  assert.equal(received.seq, sent.data.sendMessage.message.seq);
  assert.equal(received.message.clientId, null, "nobody sees another's client id");
  const again = await send(seller, "1", "Yes, it is");
  assert.equal(again.data.sendMessage.message.id, sent.data.sendMessage.message.id, "a retry meets the first result");

  await seller.dispose();
  await send(buyer, "2", "one");
  await send(buyer, "3", "two");
  const back = client(market.seller);
  const resumed = subscribe(back, conversation, received.seq);
  await send(buyer, "4", "three");
  const events = (await until(resumed, posted("three"))).filter((event) => event.seq !== undefined);
  assert.deepEqual(events.map((event) => event.message?.body), ["one", "two", "three"]);
  assert.deepEqual(events.map((event) => event.seq), [1, 2, 3].map((n) => received.seq + n));
  await Promise.all([buyer.dispose(), back.dispose()]);
});

test("a viewer's own typing is not echoed, the other's is shown", async () => {
  const market = await marketplace(engine, "typing");
  const [buyer, seller] = [client(market.buyer), client(market.seller)];
  const { data } = await one(buyer, START, { input: { listingId: market.listing, clientId: "1", body: "Hello" } });
  const conversationId = data.startConversation.conversation.id;
  const events = subscribe(buyer, conversationId);
  await until(events, (event) => event.__typename === "ConversationSnapshot");
  const typing = "mutation T($input: SetTypingInput!) { setTyping(input: $input) { userErrors { code } } }";
  for (const from of [buyer, seller]) {
    const result = await one(from, typing, { input: { conversationId, typing: true } });
    assert.deepEqual(result.data.setTyping.userErrors, []);
  }
  const seen = await until(events, (event) => event.__typename === "TypingChanged");
  assert.deepEqual(seen.map((event) => event.user?.id), [market.sellerId]);
  await Promise.all([buyer.dispose(), seller.dispose()]);
});

test("a stranger learns nothing: what is not theirs looks as if it were not there", async () => {
  const market = await marketplace(engine, "privacy");
  const started = await engine.ask(market.buyer, START, { input: { listingId: market.listing, clientId: "1", body: "Hi" } });
  const real = started.data.startConversation.conversation.id;
  const invented = `conversation:${"0".repeat(32)}`;
  const stranger = await engine.token("stranger");
  const ws = client(stranger);
  const blank = (value, id) => JSON.parse(JSON.stringify(value).replaceAll(id, "ID"));
  const asked = async (id) => {
    const read = await engine.ask(stranger, `{ conversation(id: "${id}") { id } node(id: "${id}") { id }
      message: node(id: "${id.replace("conversation", "message")}:1") { id } }`);
    const sent = await engine.ask(stranger, SEND, { input: { conversationId: id, clientId: "1", body: "Hi" } });
    const watched = await one(ws, EVENTS, { conversationId: id }).catch((errors) => errors);
    return blank({ read, sent, watched }, id);
  };
  const [theirs, nobodys] = [await asked(real), await asked(invented)];
  assert.deepEqual(theirs, nobodys);
  assert.deepEqual(theirs.read.data, { conversation: null, node: null, message: null });
  assert.equal(theirs.sent.data.sendMessage.userErrors[0].code, "NOT_FOUND");
  assert.equal(theirs.watched[0].extensions.code, "NOT_FOUND");
  await ws.dispose();
});

test("a wrong token and no token end the socket with 4403", async () => {
  for (const connectionParams of [{ authorization: "Bearer nonsense" }, { authorization: 7 }, {}]) {
    const closed = new Promise((resolve) => {
      const refused = client("", { connectionParams, lazy: false, onNonLazyError: () => {} });
      refused.on("closed", resolve);
    });
    assert.equal((await closed).code, 4403, JSON.stringify(connectionParams));
  }
});

test("a token in the upgrade's header is enough", async () => {
  const token = await engine.token("header-user");
  class WithHeader extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { headers: { authorization: `Bearer ${token}` } });
    }
  }
  const signedIn = client("", { webSocketImpl: WithHeader, connectionParams: undefined });
  const { data } = await one(signedIn, "{ viewer { id role } }");
  assert.deepEqual(data.viewer, { id: "header-user", role: "USER" });
  await signedIn.dispose();
});

test("a token that expires ends the socket with 4403 at that moment", async () => {
  const token = await engine.token("brief", "user", "3s");
  const connected = client(token);
  const closed = new Promise((resolve) => connected.on("closed", resolve));
  const { data } = await one(connected, "{ viewer { id } }");
  assert.equal(data.viewer.id, "brief");
  const watching = connected.iterate({ query: "subscription { inboxEvents { __typename } }" });
  const began = Date.now();
  await assert.rejects(watching.next());
  assert.equal((await closed).code, 4403);
  assert.ok(Date.now() - began < 5_000, "it took too long");
  const late = client(token, { lazy: false, onNonLazyError: () => {} });
  assert.equal((await new Promise((resolve) => late.on("closed", resolve))).code, 4403, "expired before connecting");
});

/** A bare socket that says these things; gives the code it is closed with. */
async function closedAfter(messages, protocol = "graphql-transport-ws") {
  const socket = new WebSocket(engine.ws, protocol ? [protocol] : []);
  const closed = once(socket, "close");
  await once(socket, "open");
  for (const message of messages) {
    socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }
  const [code] = await closed;
  return code;
}

test("breaches of the protocol are answered with its close codes", async () => {
  const init = { type: "connection_init", payload: { Authorization: `Bearer ${await engine.token("rules")}` } };
  const watch = { id: "1", type: "subscribe", payload: { query: "subscription { inboxEvents { __typename } }" } };
  assert.equal(await closedAfter([watch]), 4401, "subscribe before the acknowledgement");
  assert.equal(await closedAfter([init, init]), 4429, "two initialisations");
  assert.equal(await closedAfter([init, watch, watch]), 4409, "one id twice");
  assert.equal(await closedAfter(["nonsense"]), 4400, "no JSON");
  assert.equal(await closedAfter([{ type: "start" }]), 4400, "another protocol's message");
  assert.equal(await closedAfter([Buffer.from([1, 2])]), 4400, "a binary frame");
  assert.equal(await closedAfter(["x".repeat(2 ** 21)]), 1009, "a message too big");
  assert.equal(await closedAfter([], null), 4406, "no subprotocol");
});

test("a client's goodbye is answered", async () => {
  const polite = client(await engine.token("polite"), { lazyCloseTimeout: 0 });
  const closed = new Promise((resolve) => polite.on("closed", resolve));
  await one(polite, "{ viewer { id } }");
  const { code, wasClean } = await closed;
  assert.deepEqual([code, wasClean], [1000, true]);
});

test("a client that never signs in is closed with 4408", { timeout: 20_000 }, async () => {
  assert.equal(await closedAfter([]), 4408);
});

test("an id can be used again after complete, and too many operations are refused one by one", async () => {
  const socket = new WebSocket(engine.ws, ["graphql-transport-ws"]);
  const seen = [];
  socket.on("message", (data) => seen.push(JSON.parse(data)));
  await once(socket, "open");
  const say = (message) => socket.send(JSON.stringify(message));
  say({ type: "connection_init", payload: { authorization: `Bearer ${await engine.token("many")}` } });
  const watch = (id) => ({ id, type: "subscribe", payload: { query: "subscription { inboxEvents { __typename } }" } });
  say(watch("a"));
  say({ id: "a", type: "complete" });
  for (let n = 0; n < 129; n += 1) say(watch(n === 0 ? "a" : `n${n}`));
  say({ type: "ping" });
  while (!seen.some((message) => message.type === "pong")) await once(socket, "message");
  const errors = seen.filter((message) => message.type === "error");
  assert.deepEqual(errors.map((message) => message.id), ["n128"]);
  assert.equal(errors[0].payload[0].extensions.code, "TOO_MANY_OPERATIONS");
  socket.close();
});

test("a soft stop says goodbye with 1001", async (t) => {
  const other = await start();
  t.after(() => other.terminate());
  const token = await other.token("leaving");
  const connected = client(token, { url: other.ws });
  const closed = new Promise((resolve) => connected.on("closed", resolve));
  await one(connected, "{ viewer { id } }");
  const watching = connected.iterate({ query: "subscription { inboxEvents { __typename } }" }).next();
  watching.catch(() => {});
  await one(connected, "{ viewer { id } }");
  const code = other.stop();
  assert.equal((await closed).code, 1001);
  await assert.rejects(watching, "the subscription did not end as if it were complete");
  assert.equal(await code, 0, "the engine's exit code");
});
