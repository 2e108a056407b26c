// The GraphQL-over-HTTP specification, by the audit of graphql-http: nothing that it asks for with MUST or SHOULD may fail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serverAudits } from "graphql-http";
import { start } from "./engine.js";

let engine;
before(async () => (engine = await start()));
after(() => engine?.stop());

test("GraphQL over HTTP: every audit", async (t) => {
  const audits = serverAudits({ url: () => engine.url });
  assert.ok(audits.length > 50, `the audit suite has ${audits.length} audits, which can't be all`);
  for (const audit of audits) {
    await t.test(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn();
      assert.equal(result.status, "ok", result.reason);
    });
  }
});

test("GraphQL over HTTP: what the audit does not ask", async () => {
  const send = (init, query = "") => fetch(engine.url + query, init);
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ query: "{ __typename }" });
  const cases = [
    ["PUT", { method: "PUT", headers: json, body }, "", 405, "METHOD_NOT_ALLOWED"],
    ["a form", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "query=x" }, "", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["another encoding", { method: "POST", headers: { "content-type": "application/json; charset=latin1" }, body }, "", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["a picture, please", { method: "POST", headers: { ...json, accept: "image/png" }, body }, "", 406, "NOT_ACCEPTABLE"],
    ["a batch", { method: "POST", headers: json, body: `[${body}]` }, "", 400, "BATCHING_NOT_SUPPORTED"],
    ["a mutation by GET", {}, `?query=${encodeURIComponent("mutation { __typename }")}`, 405, "METHOD_NOT_ALLOWED"],
    ["too much", { method: "POST", headers: json, body: JSON.stringify({ query: " ".repeat(2 ** 21) }) }, "", 413, "PAYLOAD_TOO_LARGE"],
    ["a wrong token", { method: "POST", headers: { ...json, authorization: "Bearer nonsense" }, body }, "", 401, "UNAUTHENTICATED"],
    ["another scheme", { method: "POST", headers: { ...json, authorization: "Basic YTpi" }, body }, "", 401, "UNAUTHENTICATED"],
    ["a subscription without a stream", { method: "POST", headers: json, body: JSON.stringify({ query: "subscription { inboxEvents { __typename } }" }) }, "", 406, "SUBSCRIPTION_NEEDS_STREAM"],
  ];
  for (const [name, init, query, status, code] of cases) {
    const response = await send(init, query);
    assert.equal(response.status, status, name);
    const answer = await response.json();
    assert.equal(answer.errors[0].extensions.code, code, `${name}: ${JSON.stringify(answer)}`);
    assert.ok(!("data" in answer), `${name}: nothing was executed, so there is no data`);
  }
  const lost = await fetch(`${engine.origin}/nowhere`);
  assert.equal(lost.status, 404);
  assert.equal((await lost.json()).errors[0].extensions.code, "NOT_FOUND");
});

test("documents out of bounds are refused with a code", async () => {
  const wide = Array.from({ length: 31 }, (_, n) => `a${n}: __typename`).join(" ");
  const deep = `{ conversation(id: "x") { ${"lastMessage { conversation { ".repeat(8)} id ${"} }".repeat(8)} } }`;
  const bomb = Array.from({ length: 30 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(" ");
  const cases = [
    [`{ ${wide} }`, "TOO_MANY_ALIASES"],
    [deep, "TOO_DEEP"],
    [`{ ...F0 } ${bomb} fragment F30 on Query { __typename }`, /TOO_(DEEP|COMPLEX)/],
    ["{ viewer { conversations(first: 100) { nodes { messages(first: 100) { nodes { id } } } } } }", "TOO_COMPLEX"],
    ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["{", "GRAPHQL_PARSE_FAILED"],
    ["query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"],
  ];
  const token = await engine.token("ann");
  for (const [query, code] of cases) {
    const began = performance.now();
    const answer = await engine.ask(token, query);
    assert.equal(answer.status, 400, query.slice(0, 80));
    assert.match(answer.errors[0].extensions.code, new RegExp(code), query.slice(0, 80));
    assert.ok(performance.now() - began < 2_000, `refused at once: ${query.slice(0, 80)}`);
  }
});

test("a persisted query is registered once and then asked for by its digest", async () => {
  const { createHash } = await import("node:crypto");
  const query = "query NeverAskedBefore { __typename }";
  const sha256Hash = createHash("sha256").update(query).digest("hex");
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  const ask = async (params) => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(params) };
    return (await fetch(engine.url, init)).json();
  };
  assert.equal((await ask({ extensions })).errors[0].message, "PersistedQueryNotFound");
  assert.equal((await ask({ query, extensions })).data.__typename, "Query");
  assert.equal((await ask({ extensions })).data.__typename, "Query");
  assert.equal((await ask({ query: "{ viewer { id } }", extensions })).errors[0].extensions.code, "PERSISTED_QUERY_MISMATCH");
});

test("health", async () => {
  assert.equal((await fetch(`${engine.origin}/health/live`)).status, 200);
  assert.equal((await fetch(`${engine.origin}/health/ready`)).status, 200);
});
