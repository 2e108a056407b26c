import { useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useClient } from "urql";
import { graphql } from "@/gql";
import { connection } from "@/lib/graphql/connection";
import { explain, isUnreached } from "@/lib/graphql/explain";
import { outboxOf, type Pending, pauseAfter } from "./outbox";

const SEND = graphql(`
  mutation SendAnswer($input: SendMessageInput!) {
    sendMessage(input: $input) {
      message {
        id
        clientId
      }
      userErrors {
        code
        message
      }
    }
  }
`);

/** Sends answers: seen at once, kept while the engine is away, said to have failed if they did, and never twice. */
export function useSend(conversation: string) {
  const client = useClient();
  const { t } = useTranslation();
  const outbox = useMemo(() => outboxOf(conversation), [conversation]);
  const pending = outbox.use();

  const forget = useCallback(
    (clientId: string) => outbox.set((before) => before.filter((each) => each.clientId !== clientId)),
    [outbox],
  );

  const attempt = useCallback(
    async (message: Pending) => {
      const change = (part: Partial<Pending>) =>
        outbox.set((before) =>
          before.map((each) => (each.clientId === message.clientId ? { ...each, ...part } : each)),
        );
      change({ failed: undefined });
      const input = { conversationId: conversation, clientId: message.clientId, body: message.body };
      const result = await client.mutation(SEND, { input }).toPromise();
      if (result.error && isUnreached(result.error)) return change({ tries: (message.tries ?? 0) + 1 });
      const problem = result.error
        ? explain(result.error, t).title
        : result.data?.sendMessage.userErrors[0]?.message;
      if (problem === undefined) return forget(message.clientId);
      change({ failed: problem, tries: undefined });
    },
    [client, conversation, forget, outbox, t],
  );

  // One after another, so that they arrive in the order in which they were written.
  const live = connection.use() === "live";
  const sending = useRef(false);
  const waiting = pending.flatMap((each) => (each.tries ? [`${each.clientId} ${each.tries}`] : [])).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever waits anew, or again, asks for another try
  useEffect(() => {
    const tries = outbox.get().find((each) => each.tries)?.tries;
    if (!live || tries === undefined) return;
    const timer = setTimeout(async () => {
      if (sending.current) return;
      sending.current = true;
      for (const each of outbox.get()) if (each.tries) await attempt(each);
      sending.current = false;
    }, pauseAfter(tries));
    return () => clearTimeout(timer);
  }, [live, waiting, outbox, attempt]);

  const send = useCallback(
    (body: string) => {
      const message = { clientId: crypto.randomUUID(), body, at: new Date().toISOString() };
      outbox.set((before) => [...before, message]);
      void attempt(message);
    },
    [attempt, outbox],
  );
  return { pending, send, retry: (message: Pending) => void attempt(message), forget };
}
