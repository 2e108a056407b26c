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

/** How long the engine may take to answer a ping, milliseconds. */
const PONG_MS = 5000;

export type Engine = { client: Client; close: () => void };

/** The way to the engine for one session: its cache and its socket end with it. */
export function connect({ token }: Credentials, onSessionOver: () => void): Engine {
  const authorization = token ? { authorization: `Bearer ${token}` } : undefined;
  let closing = false;
  let unanswered: ReturnType<typeof setTimeout> | undefined;
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
      // A network that goes away says nothing: what does not answer is taken for dead, and tried anew.
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => socket.terminate(), PONG_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(unanswered);
      },
      closed: (event) => {
        clearTimeout(unanswered);
        const code = (event as { code?: number }).code;
        // "Unauthorized" and "Forbidden": trying again would not help.
        if (code === 4401 || code === 4403) onSessionOver();
        disconnected(closing || code === 1000);
      },
    },
  });
  // Back on a network, an old socket is as good as none.
  const onOnline = () => socket.terminate();
  addEventListener("online", onOnline);
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
      removeEventListener("online", onOnline);
      clearTimeout(unanswered);
      void socket.dispose();
    },
  };
}

function socketAddress(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql/ws`;
}

/** So long, or until there is a network again. */
function wait(ms: number): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      done();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
  });
}
