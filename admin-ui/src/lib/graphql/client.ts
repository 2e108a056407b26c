import { Client, fetchExchange, mapExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { createClient as createSocket } from "graphql-ws";
import { cacheConfig } from "./cache";
import { connected, connecting, disconnected } from "./connection";
import { codeOf } from "./explain";
import { refreshExchange } from "./refresh";
import { keepSubscribed } from "./resume";

/** How a client says who is asking: nothing where the session's cookie does, or a development token. */
export type Credentials = { token?: string };

export type Engine = { client: Client; close: () => void };

/** The way to the engine for one session: its cache and its socket end with it. */
export function connect({ token }: Credentials, onSessionOver: () => void): Engine {
  const authorization = token ? { authorization: `Bearer ${token}` } : undefined;
  let closing = false;
  const socket = createSocket({
    url: socketAddress(),
    connectionParams: authorization,
    lazy: true,
    keepAlive: 12_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) => wait(Math.min(8000, 300 * 2 ** retries) * (0.7 + Math.random() * 0.6)),
    on: {
      connecting,
      connected,
      closed: (event) => {
        const code = (event as { code?: number }).code;
        // "Unauthorized" and "Forbidden": trying again would not help.
        if (code === 4401 || code === 4403) onSessionOver();
        disconnected(closing || code === 1000);
      },
    },
  });
  const client = new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetchOptions: { credentials: "same-origin", headers: { ...authorization, "x-rialto-csrf": "1" } },
    exchanges: [
      mapExchange({
        onError(error) {
          const code = codeOf(error);
          if (code === "UNAUTHENTICATED" || code === "TOKEN_EXPIRED") onSessionOver();
        },
      }),
      refreshExchange,
      cacheExchange(cacheConfig),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription(request) {
          const payload = { query: request.query ?? "", variables: request.variables };
          return {
            subscribe: (sink) => ({
              unsubscribe: keepSubscribed(socket, payload, {
                next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
                error: (problem) => sink.error(problem),
                complete: () => sink.complete(),
              }),
            }),
          };
        },
      }),
    ],
  });
  return {
    client,
    close: () => {
      closing = true;
      void socket.dispose();
    },
  };
}

function socketAddress(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql/ws`;
}

function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
