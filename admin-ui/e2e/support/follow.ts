import { createClient } from "graphql-ws";
import WebSocket from "ws";
import type { Engine } from "./engine";

type Event = { __typename: string; seq?: number; message?: { body: string; status: string } | null };

/** A user's own subscription to a conversation, as their app would have it. */
export async function follow(engine: Engine, token: string, conversationId: string) {
  const events: Event[] = [];
  const client = createClient({
    url: `${engine.origin.replace("http", "ws")}/graphql/ws`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  let ready = () => {};
  const opened = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const stop = client.subscribe<{ conversationEvents: Event }>(
    {
      query: `subscription($id: ID!) { conversationEvents(conversationId: $id) { __typename
        ... on DurableEvent { seq } ... on MessagePosted { message { body status } }
        ... on MessageDecided { message { body status } } } }`,
      variables: { id: conversationId },
    },
    {
      next: ({ data }) => {
        if (data) events.push(data.conversationEvents);
        ready();
      },
      error: (error) => events.push({ __typename: `Error ${JSON.stringify(error)}` }),
      complete: () => {},
    },
  );
  await opened;
  return {
    events,
    /** The texts of messages that arrived. */
    bodies: () => events.flatMap((event) => (event.message ? [event.message.body] : [])),
    stop: async () => {
      stop();
      await client.dispose();
    },
  };
}
