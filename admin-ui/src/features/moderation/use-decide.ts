import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useClient } from "urql";
import { graphql } from "@/gql";
import type { DecideInput } from "@/gql/graphql";
import { explain } from "@/lib/graphql/explain";
import { toast } from "@/lib/toasts";

const DECIDE = graphql(`
  mutation Decide($input: DecideInput!) {
    decide(input: $input) {
      message {
        id
        status
        revision
        decision {
          decision
          seq
        }
      }
      decision {
        decision
        seq
        by {
          id
          name
        }
      }
      userErrors {
        code
        message
      }
    }
  }
`);

const UNDO = graphql(`
  mutation UndoDecision($input: UndoDecisionInput!) {
    undoDecision(input: $input) {
      message {
        id
        status
        revision
        decision {
          decision
          seq
        }
      }
      userErrors {
        code
        message
      }
    }
  }
`);

type Hooks = {
  /** Before the engine was asked. */
  onTaken: (id: string) => void;
  /** The engine refused, or it was taken back. */
  onBack: (id: string) => void;
};

/** Decides at once on the screen, then at the engine; a toast can take it back, and a refusal does. */
export function useDecide({ onTaken, onBack }: Hooks) {
  const { t } = useTranslation();
  const client = useClient();

  const undo = useCallback(
    async (messageId: string, decisionSeq: number) => {
      const result = await client.mutation(UNDO, { input: { messageId, decisionSeq } }).toPromise();
      const problem = result.data?.undoDecision.userErrors[0]?.message;
      if (result.error || problem) {
        const detail = result.error ? explain(result.error, t).advice : problem;
        toast({ tone: "danger", text: t("fault.notDone"), detail });
        return;
      }
      onBack(messageId);
      toast({ text: t("moderation.undone"), lasts: 2500 });
    },
    [client, onBack, t],
  );

  const send = useCallback(
    /** The decision's sequence number, if it was made. */
    async (input: DecideInput): Promise<number | undefined> => {
      onTaken(input.messageId);
      const result = await client.mutation(DECIDE, { input }).toPromise();
      const answer = result.data?.decide;
      const problem = answer?.userErrors[0];
      if (result.error || !answer) {
        onBack(input.messageId);
        const said = result.error && explain(result.error, t);
        toast({
          tone: "danger",
          text: t("fault.notDone"),
          detail: said ? `${said.title}. ${said.advice}` : undefined,
        });
        return undefined;
      }
      if (problem?.code === "ALREADY_DECIDED") {
        // It is decided, only not by us: it stays out of the queue.
        const by = answer.decision;
        toast({
          text: by
            ? t("moderation.already", { name: by.by.name, decision: t(`words.decision.${by.decision}`) })
            : t("moderation.alreadySomebody"),
        });
        return undefined;
      }
      if (problem) {
        onBack(input.messageId);
        toast({ tone: "danger", text: t("fault.notDone"), detail: problem.message });
        return undefined;
      }
      const seq = answer.decision?.seq;
      toast({
        tone: "success",
        text: t(`moderation.done.${input.decision}`),
        action:
          seq === undefined
            ? undefined
            : { label: t("moderation.undo"), keys: "z", run: () => void undo(input.messageId, seq) },
      });
      return seq;
    },
    [client, onTaken, onBack, t, undo],
  );

  const last = useRef<{ messageId: string; made: Promise<number | undefined> }>(undefined);
  const decide = useCallback(
    (input: DecideInput) => {
      last.current = { messageId: input.messageId, made: send(input) };
    },
    [send],
  );
  /** Takes the latest decision back, also while the engine has not answered yet. */
  const undoLast = useCallback(async () => {
    const taken = last.current;
    if (!taken) return;
    last.current = undefined;
    const seq = await taken.made;
    if (seq !== undefined) await undo(taken.messageId, seq);
  }, [undo]);
  return { decide, undoLast };
}
