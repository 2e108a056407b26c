import { act, renderHook, waitFor } from "@testing-library/react";
import { cacheExchange } from "@urql/exchange-graphcache";
import { parse } from "graphql";
import type { ReactNode } from "react";
import { Client, fetchExchange, Provider, type TypedDocumentNode } from "urql";
import { expect, test } from "vitest";
import { cacheConfig } from "./cache";
import { usePaged } from "./paged";

type Row = { __typename: string; id: string };
type Rows = {
  audit: { __typename: string; nodes: Row[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
};

const QUERY = parse(`
  query Rows($actor: String, $first: Int, $after: String) {
    audit(actor: $actor, first: $first, after: $after) {
      nodes { id }
      pageInfo { hasNextPage endCursor }
    }
  }
`) as TypedDocumentNode<Rows, { actor?: string; first: number; after?: string | null }>;

/** An engine that has six rows, two a page; each says how often it was asked. */
function engine() {
  let asked = 0;
  const client = new Client({
    url: "http://engine.test/graphql",
    preferGetMethod: false,
    exchanges: [cacheExchange(cacheConfig), fetchExchange],
    fetch: async (_, init) => {
      asked++;
      const { actor = "", after = "0" } = JSON.parse(String(init?.body)).variables;
      const from = Number(after);
      const audit = {
        __typename: "AuditConnection",
        nodes: [from + 1, from + 2].map((n) => ({ __typename: "AuditEntry", id: `${actor}${n}` })),
        pageInfo: { __typename: "PageInfo", hasNextPage: from < 4, endCursor: String(from + 2) },
      };
      return new Response(JSON.stringify({ data: { audit } }), {
        headers: { "content-type": "application/json" },
      });
    },
  });
  return { client, asked: () => asked };
}

test("pages are put together, once each, until one asks again or for something else", async () => {
  const { client, asked } = engine();
  const wrapper = ({ children }: { children: ReactNode }) => <Provider value={client}>{children}</Provider>;
  const { result, rerender } = renderHook(
    ({ actor }: { actor?: string }) =>
      usePaged({ query: QUERY, variables: { actor, first: 2 }, pick: (data) => data.audit }),
    { wrapper, initialProps: {} },
  );
  const ids = () => result.current.nodes?.map((row) => row.id).join(" ");
  await waitFor(() => expect(ids()).toBe("1 2"));
  act(() => result.current.more());
  expect(ids(), "what is there stays while more is on its way").toBe("1 2");
  await waitFor(() => expect(ids()).toBe("1 2 3 4"));
  act(() => result.current.more());
  await waitFor(() => expect(ids()).toBe("1 2 3 4 5 6"));
  expect(result.current.hasMore).toBe(false);
  act(() => result.current.more());
  expect(ids()).toBe("1 2 3 4 5 6");

  const before = asked();
  act(() => result.current.again());
  await waitFor(() => expect(ids()).toBe("1 2"));
  await waitFor(() => expect(asked()).toBeGreaterThan(before));
  expect(result.current.hasMore).toBe(true);

  act(() => result.current.more());
  await waitFor(() => expect(ids()).toBe("1 2 3 4"));
  rerender({ actor: "x" });
  await waitFor(() => expect(ids()).toBe("x1 x2"));
});
