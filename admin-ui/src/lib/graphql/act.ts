import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AnyVariables, type TypedDocumentNode, useClient } from "urql";
import { toast } from "../toasts";
import { explain } from "./explain";

/** Why the engine did not do it, for the user to handle. */
export type Problem = { code: string; message: string; field?: string | null };
export type Outcome<T> = { ok: true; data: T } | { ok: false; problems: Problem[] };

/**
 * A mutation as a function. Faults and refusals come back as problems, never as exceptions, and are shown at the
 * page's edge unless `quiet`.
 */
export function useAct<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { quiet = false }: { quiet?: boolean } = {},
): [(variables: Variables) => Promise<Outcome<Data>>, boolean] {
  const client = useClient();
  const { t } = useTranslation();
  const [busy, setBusy] = useState(0);
  const act = useCallback(
    async (variables: Variables): Promise<Outcome<Data>> => {
      setBusy((count) => count + 1);
      const result = await client.mutation(document, variables).toPromise();
      setBusy((count) => count - 1);
      const problems = result.error ? [faultOf(explain(result.error, t))] : userErrors(result.data);
      if (problems.length === 0 && result.data) return { ok: true, data: result.data };
      if (!quiet) toast({ tone: "danger", text: t("fault.notDone"), detail: problems[0]?.message });
      return { ok: false, problems };
    },
    [client, document, t, quiet],
  );
  return [act, busy > 0];
}

function faultOf(said: ReturnType<typeof explain>): Problem {
  return { code: said.code ?? "FAULT", message: `${said.title}. ${said.advice}` };
}

function userErrors(data: unknown): Problem[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.values(data).flatMap(
    (payload) => (payload as { userErrors?: Problem[] } | null)?.userErrors ?? [],
  );
}
