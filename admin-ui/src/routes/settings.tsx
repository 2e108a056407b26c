import { clsx } from "clsx";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { blurring } from "@/features/moderation/blur";
import { type AuthFault, post, signOut, useViewer } from "@/features/session/session";
import { LANGUAGE_NAMES, LANGUAGES, language } from "@/i18n";
import { may } from "@/lib/access";
import { THEMES, theme } from "@/lib/theme";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Page, Section } from "@/ui/page";
import { Switch } from "@/ui/switch";
import { Segments } from "@/ui/tabs";

/** The viewer's own settings. */
export default function Settings() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const chosen = theme.use();
  const spoken = language.use();
  const blur = blurring.use() === "on";
  return (
    <Page title={t("shell.settings.title")}>
      <div className="mx-auto flex w-full max-w-2xl flex-col gap-4 p-4 lg:p-6">
        <Section title={t("shell.settings.appearance")} lead={t("shell.settings.lead")}>
          <div className="flex flex-col gap-4">
            <Row label={t("shell.theme.label")}>
              <Segments
                label={t("shell.theme.label")}
                value={chosen}
                onChange={theme.set}
                options={THEMES.map((id) => ({ id, label: t(`shell.theme.${id}`) }))}
              />
            </Row>
            <Row label={t("shell.language")}>
              <Segments
                label={t("shell.language")}
                value={spoken}
                onChange={language.set}
                options={LANGUAGES.map((id) => ({ id, label: LANGUAGE_NAMES[id] }))}
              />
            </Row>
            {may(viewer.role, "moderate") && (
              <Row label={t("shell.settings.reveal")} hint={t("shell.settings.revealHint")}>
                <Switch
                  checked={blur}
                  onChange={(on) => blurring.set(on ? "on" : "off")}
                  label={t("shell.settings.reveal")}
                />
              </Row>
            )}
          </div>
        </Section>
        <Account />
      </div>
    </Page>
  );
}

function Row({ label, hint, children }: { label: string; hint?: string; children: React.ReactNode }) {
  return (
    <div className={clsx("flex items-center justify-between gap-x-6 gap-y-2", !hint && "flex-wrap")}>
      <span className="min-w-0">
        <span className="block text-sm font-medium">{label}</span>
        {hint && <span className="block text-sm text-subtle">{hint}</span>}
      </span>
      {children}
    </div>
  );
}

function Account() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [fault, setFault] = useState<AuthFault>();
  const [busy, setBusy] = useState(false);
  if (!viewer.staff) {
    return (
      <Section title={t("shell.settings.password")}>
        <p className="text-sm text-muted">{t("shell.settings.noAccount")}</p>
      </Section>
    );
  }
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    setBusy(true);
    const answer = await post("/auth/password", {
      currentPassword: fields.get("current"),
      newPassword: fields.get("new"),
    });
    setBusy(false);
    setFault(answer.ok ? undefined : answer.fault);
    if (!answer.ok) return;
    form.reset();
    toast({ tone: "success", text: t("shell.settings.changed") });
  }
  async function everywhere() {
    const answer = await post("/auth/sign-out-everywhere", {});
    if (answer.ok) void signOut();
    else toast({ tone: "danger", text: t("fault.notDone"), detail: answer.fault.message });
  }
  const words = fault && (fault.message || t("session.unreachable"));
  const wrong = fault?.code === "WRONG_PASSWORD" || fault?.field === "currentPassword";
  return (
    <>
      <Section title={t("shell.settings.password")} lead={t("shell.settings.passwordLead")}>
        <form onSubmit={submit} className="flex max-w-sm flex-col gap-4">
          <input
            type="hidden"
            name="username"
            autoComplete="username"
            value={viewer.staff.email ?? ""}
            readOnly
          />
          <Field label={t("shell.settings.current")} problem={wrong && words}>
            {(wiring) => (
              <Input {...wiring} name="current" type="password" autoComplete="current-password" required />
            )}
          </Field>
          <Field label={t("shell.settings.new")} hint={t("session.passwordHint")} problem={!wrong && words}>
            {(wiring) => (
              <Input
                {...wiring}
                name="new"
                type="password"
                autoComplete="new-password"
                minLength={12}
                maxLength={256}
                required
              />
            )}
          </Field>
          <Button type="submit" look="primary" busy={busy} className="self-start">
            {t("shell.settings.change")}
          </Button>
        </form>
      </Section>
      <Section title={t("shell.settings.everywhere")} lead={t("shell.settings.everywhereLead")}>
        <Button onClick={() => void everywhere()}>{t("shell.settings.everywhere")}</Button>
      </Section>
    </>
  );
}
