import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useClient } from "urql";
import { graphql } from "@/gql";
import { explain } from "@/lib/graphql/explain";
import { outboxOf, type Pending } from "./outbox";

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

/** Sends answers: seen at once, said to have failed if they did, and never twice. */
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
      outbox.set((before) => [
        ...before.filter((each) => each.clientId !== message.clientId),
        { ...message, failed: undefined },
      ]);
      const input = { conversationId: conversation, clientId: message.clientId, body: message.body };
      const result = await client.mutation(SEND, { input }).toPromise();
      const problem = result.error
        ? explain(result.error, t).title
        : result.data?.sendMessage.userErrors[0]?.message;
      if (problem === undefined) return forget(message.clientId);
      outbox.set((before) =>
        before.map((each) => (each.clientId === message.clientId ? { ...each, failed: problem } : each)),
      );
    },
    [client, conversation, forget, outbox, t],
  );

  const send = useCallback(
    (body: string) => void attempt({ clientId: crypto.randomUUID(), body, at: new Date().toISOString() }),
    [attempt],
  );
  return { pending, send, retry: (message: Pending) => void attempt(message), forget };
}
