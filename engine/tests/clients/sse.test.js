// Server-sent events: the graphql-sse client in its distinct connections mode, and the bare stream.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "graphql-sse";
import { EVENTS, SEND, START, marketplace, start } from "./engine.js";

let engine;
before(async () => (engine = await start()));
after(() => engine?.stop());

test("graphql-sse: a subscription replays and goes live", async () => {
  const market = await marketplace(engine, "sse");
  const started = await engine.ask(market.buyer, START, { input: { listingId: market.listing, clientId: "1", body: "Hello" } });
  const conversationId = started.data.startConversation.conversation.id;
  const client = createClient({ url: engine.url, headers: { authorization: `Bearer ${market.seller}` }, retryAttempts: 0 });
  const bodies = [];
  for await (const { data, errors } of client.iterate({ query: EVENTS, variables: { conversationId, after: 0 } })) {
    assert.equal(errors, undefined);
    const event = data.conversationEvents;
    if (event.__typename !== "MessagePosted") continue;
    bodies.push(event.message.body);
    if (bodies.length === 1) await engine.ask(market.buyer, SEND, { input: { conversationId, clientId: "2", body: "Still there?" } });
    if (bodies.length === 2) break;
  }
  assert.deepEqual(bodies, ["Hello", "Still there?"]);
  client.dispose();
});

async function stream(token, query, variables) {
  const response = await fetch(engine.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return { response, text: response.headers.get("content-type").startsWith("text/event-stream") ? await response.text() : await response.json() };
}

test("a query comes as one event and complete", async () => {
  const { response, text } = await stream(await engine.token("reader"), "{ viewer { id } }");
  assert.equal(response.status, 200);
  const events = text.split("\n\n").filter((event) => event && !event.startsWith(":"));
  assert.deepEqual(events, ['event: next\ndata: {"data":{"viewer":{"id":"reader"}}}', "event: complete\ndata:"]);
});

test("errors in the document come through the stream, a wrong token does not get one", async () => {
  const invalid = await stream(undefined, "{ nothing }");
  assert.equal(invalid.response.status, 200);
  assert.match(invalid.text, /^event: next\ndata: \{"errors":\[.*GRAPHQL_VALIDATION_FAILED.*\n\nevent: complete\ndata:\n\n$/);
  const refused = await stream("nonsense", "{ viewer { id } }");
  assert.equal(refused.response.status, 401);
  assert.equal(refused.text.errors[0].extensions.code, "UNAUTHENTICATED");
});

test("a stream ends when the token expires, and says so", async () => {
  const { text } = await stream(await engine.token("brief", "user", "2s"), "subscription { inboxEvents { __typename } }");
  assert.match(text, /TOKEN_EXPIRED/);
  assert.match(text, /event: complete/);
});

test("what is not the viewer's and what does not exist look alike", async () => {
  const market = await marketplace(engine, "sse-privacy");
  const started = await engine.ask(market.buyer, START, { input: { listingId: market.listing, clientId: "1", body: "Hello" } });
  const stranger = await engine.token("stranger");
  const theirs = await stream(stranger, EVENTS, { conversationId: started.data.startConversation.conversation.id });
  const nobodys = await stream(stranger, EVENTS, { conversationId: "0".repeat(32) });
  const told = (text) => text.split("\n").filter((line) => line.startsWith("data:"));
  assert.deepEqual(told(theirs.text), told(nobodys.text));
  assert.match(theirs.text, /NOT_FOUND/);
});
