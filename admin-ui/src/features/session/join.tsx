import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "@/gql/graphql";
import { Button } from "@/ui/button";
import { Empty, Skeleton } from "@/ui/feedback";
import { Field, Input } from "@/ui/field";
import { usePageTitle } from "@/ui/page";
import { Frame } from "./frame";
import { type AuthFault, post, restore } from "./session";

type Link = { purpose: "FIRST_ADMIN" | "INVITATION"; role: Role; email?: string; expiresAt: string };

/** Where a one-time link leads: the first admin's set-up, or an invitation. */
export function Join({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  // The token stands in the fragment, which no server's log sees.
  const [token] = useState(() => location.hash.slice(1));
  const [link, setLink] = useState<Link | "invalid" | "unreachable">();
  useEffect(() => {
    void post<Link>("/auth/link", { token }).then((answer) => {
      if (answer.ok) setLink(answer.data);
      else setLink(answer.fault.code === "UNREACHABLE" ? "unreachable" : "invalid");
    });
  }, [token]);
  const first = typeof link === "object" && link.purpose === "FIRST_ADMIN";
  usePageTitle(first ? t("session.join.firstTitle") : t("session.signIn"));

  if (link === "invalid" || link === "unreachable") {
    const lost = link === "unreachable";
    return (
      <Frame title={lost ? t("fault.network.title") : t("session.join.invalid")}>
        <Empty title="" className="py-2!">
          {lost ? t("fault.network.advice") : t("session.join.invalidAdvice")}
        </Empty>
      </Frame>
    );
  }
  if (!link) {
    return (
      <Frame title={t("session.join.checking")}>
        <div className="space-y-4" role="status">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      </Frame>
    );
  }
  return (
    <Frame
      title={
        first ? t("session.join.firstTitle") : t("session.join.title", { role: t(`words.role.${link.role}`) })
      }
      lead={first ? t("session.join.firstLead") : t("session.join.lead")}
    >
      <JoinForm token={token} link={link} onDone={onDone} />
    </Frame>
  );
}

function JoinForm({ token, link, onDone }: { token: string; link: Link; onDone: () => void }) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<AuthFault>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget));
    setBusy(true);
    const answer = await post("/auth/join", { token, ...fields });
    setFault(answer.ok ? undefined : answer.fault);
    if (answer.ok && (await restore()).state === "signed-in") onDone();
    setBusy(false);
  }

  const at = (field: string) => (fault?.field === field ? fault.message : undefined);
  const emailProblem = fault?.code === "EMAIL_TAKEN" ? t("session.join.taken") : at("email");
  const other =
    fault && !fault.field && fault.code !== "EMAIL_TAKEN" && (fault.message || t("session.unreachable"));
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={t("session.join.name")} hint={t("session.join.nameHint")} problem={at("name")}>
        {(wiring) => (
          <Input {...wiring} name="name" autoComplete="name" required autoFocus className="h-10!" />
        )}
      </Field>
      <Field label={t("session.email")} problem={emailProblem}>
        {(wiring) => (
          <Input
            {...wiring}
            name="email"
            type="email"
            autoComplete="username"
            required
            defaultValue={link.email}
            readOnly={link.email !== undefined && link.email !== null}
            className="h-10!"
          />
        )}
      </Field>
      <Field label={t("session.password")} hint={t("session.passwordHint")} problem={at("password") ?? other}>
        {(wiring) => (
          <Input
            {...wiring}
            name="password"
            type="password"
            autoComplete="new-password"
            minLength={12}
            maxLength={256}
            required
            className="h-10!"
          />
        )}
      </Field>
      <Button type="submit" look="primary" size="lg" busy={busy}>
        {t("session.join.submit")}
      </Button>
    </form>
  );
}
