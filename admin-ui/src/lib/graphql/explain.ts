import type { TFunction } from "i18next";
import type { CombinedError } from "urql";

/** A fault in words: what happened, and what to do. */
export function explain(
  error: CombinedError,
  t: TFunction,
): { title: string; advice: string; code?: string } {
  const code = codeOf(error);
  if (isUnreached(error)) {
    return { title: t("fault.network.title"), advice: t("fault.network.advice") };
  }
  switch (code) {
    case "UNAUTHENTICATED":
    case "TOKEN_EXPIRED":
      return { title: t("fault.session.title"), advice: t("fault.session.advice"), code };
    case "FORBIDDEN":
      return { title: t("fault.forbidden.title"), advice: t("fault.forbidden.advice"), code };
    case "BUSY":
    case "RATE_LIMITED":
    case "OVERLOADED":
      return { title: t("fault.busy.title"), advice: t("fault.busy.advice"), code };
    default: {
      const message = error.graphQLErrors[0]?.message;
      return { title: t("fault.other.title"), advice: message || t("fault.other.advice"), code };
    }
  }
}

/** Whether nobody knows what the engine would have said: it was not reached, or its answer did not arrive. */
export function isUnreached(error: CombinedError): boolean {
  return error.networkError !== undefined && !codeOf(error);
}

/** The first error's `extensions.code`. */
export function codeOf(error: CombinedError): string | undefined {
  const code = error.graphQLErrors[0]?.extensions?.code;
  return typeof code === "string" ? code : undefined;
}
