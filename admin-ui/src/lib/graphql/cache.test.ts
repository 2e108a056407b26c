import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { expect, test } from "vitest";
import { cacheConfig } from "./cache";

const answer = {
  viewer: {
    __typename: "Viewer",
    id: "v",
    messages: [message("m1", { start: 0, end: 4 }), message("m2", { start: 7, end: 14 })],
  },
};

function message(id: string, span: { start: number; end: number }) {
  const signal = { __typename: "Signal", id: "wordlist.denied", spans: [{ __typename: "Span", ...span }] };
  return { __typename: "Message", id, verdict: { __typename: "Verdict", signals: [signal] } };
}

test("signals of one name in two messages stay apart", async () => {
  const client = new Client({
    url: "http://engine.test/graphql",
    exchanges: [cacheExchange(cacheConfig), fetchExchange],
    preferGetMethod: false,
    fetch: async () =>
      new Response(JSON.stringify({ data: answer }), { headers: { "content-type": "application/json" } }),
  });
  const query = "{ viewer { id messages { id verdict { signals { id spans { start end } } } } } }";
  await client.query(query, {}).toPromise();
  const { data } = await client.query(query, {}, { requestPolicy: "cache-only" }).toPromise();
  const spans = data.viewer.messages.map(
    (each: ReturnType<typeof message>) => each.verdict.signals[0]?.spans[0]?.start,
  );
  expect(spans).toEqual([0, 7]);
});
