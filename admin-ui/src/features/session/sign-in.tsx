import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/feedback";
import { Field, Input, Textarea } from "@/ui/field";
import { usePageTitle } from "@/ui/page";
import { Frame } from "./frame";
import { type AuthFault, post, restore, takeToken, tokensAllowed } from "./session";

/** The way in. The address stays what it was, so that one lands where one wanted to go. */
export function SignIn({ because }: { because?: "ended" | "unreachable" }) {
  const { t } = useTranslation();
  usePageTitle(t("session.signIn"));
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    const answer = await post("/auth/sign-in", {
      email: fields.get("email"),
      password: fields.get("password"),
    });
    if (!answer.ok) setProblem(words(answer.fault));
    else if ((await restore()).state !== "signed-in") setProblem(t("session.unreachable"));
    setBusy(false);
  }

  function words(fault: AuthFault): string {
    if (fault.code === "WRONG_CREDENTIALS") return t("session.wrong");
    if (fault.code === "RATE_LIMITED")
      return t("session.limited", { seconds: fault.retryAfterSeconds ?? 60 });
    return fault.message || t("session.unreachable");
  }

  return (
    <Frame title={t("session.title")} lead={t("session.lead")}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {because === "ended" && <Callout tone="warning">{t("fault.session.title")}</Callout>}
        {because === "unreachable" && <Callout tone="danger">{t("session.unreachable")}</Callout>}
        <Field label={t("session.email")}>
          {(wiring) => (
            <Input
              {...wiring}
              name="email"
              type="email"
              autoComplete="username"
              required
              autoFocus
              className="h-10!"
            />
          )}
        </Field>
        <Field label={t("session.password")} problem={problem}>
          {(wiring) => (
            <Input
              {...wiring}
              name="password"
              type="password"
              autoComplete="current-password"
              required
              className="h-10!"
            />
          )}
        </Field>
        <Button type="submit" look="primary" size="lg" busy={busy}>
          {t("session.signIn")}
        </Button>
        <p className="text-sm text-pretty text-subtle">{t("session.forgot")}</p>
      </form>
      {tokensAllowed && <TokenForm />}
    </Frame>
  );
}

function TokenForm() {
  const { t } = useTranslation();
  const [token, setToken] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <details className="mt-4 border-t pt-3 text-sm">
      <summary className="text-muted">{t("session.token")}</summary>
      <form
        className="mt-3 flex flex-col gap-2"
        onSubmit={async (event) => {
          event.preventDefault();
          setWrong(!(await takeToken(token)));
        }}
      >
        <Field
          label={t("session.token")}
          hint={t("session.tokenLead")}
          problem={wrong && t("session.tokenWrong")}
        >
          {(wiring) => (
            <Textarea {...wiring} rows={3} value={token} onChange={(event) => setToken(event.target.value)} />
          )}
        </Field>
        <Button type="submit" disabled={!token.trim()}>
          {t("session.tokenUse")}
        </Button>
      </form>
    </details>
  );
}
