import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { blurring } from "@/features/moderation/blur";
import { signOut, useViewer } from "@/features/session/session";
import { graphql } from "@/gql";
import { LANGUAGE_NAMES, LANGUAGES, language } from "@/i18n";
import { may } from "@/lib/access";
import { type Problem, useAct } from "@/lib/graphql/act";
import { THEMES, theme } from "@/lib/theme";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Page, Section } from "@/ui/page";
import { Switch } from "@/ui/switch";
import { Segments } from "@/ui/tabs";

const CHANGE_PASSWORD = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      done
      userErrors {
        code
        message
        field
      }
    }
  }
`);

const SIGN_OUT_EVERYWHERE = graphql(`
  mutation SignOutEverywhere {
    signOutEverywhere {
      done
      userErrors {
        code
        message
      }
    }
  }
`);

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
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
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
  const [problems, setProblems] = useState<Problem[]>([]);
  const [change, busy] = useAct(CHANGE_PASSWORD, { quiet: true });
  const [everywhere, ending] = useAct(SIGN_OUT_EVERYWHERE);
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
    const outcome = await change({
      input: { currentPassword: String(fields.get("current")), newPassword: String(fields.get("new")) },
    });
    setProblems(outcome.ok ? [] : outcome.problems);
    if (!outcome.ok) return;
    form.reset();
    toast({ tone: "success", text: t("shell.settings.changed") });
  }
  const wrong = problems.find((each) => each.code === "WRONG_PASSWORD");
  const other = problems.find((each) => each.code !== "WRONG_PASSWORD");
  return (
    <>
      <Section title={t("shell.settings.password")} lead={t("shell.settings.passwordLead")}>
        <form onSubmit={submit} className="flex max-w-sm flex-col gap-4">
          <input type="hidden" name="username" autoComplete="username" value={viewer.staff.email} readOnly />
          <Field label={t("shell.settings.current")} problem={wrong?.message}>
            {(wiring) => (
              <Input {...wiring} name="current" type="password" autoComplete="current-password" required />
            )}
          </Field>
          <Field label={t("shell.settings.new")} hint={t("session.passwordHint")} problem={other?.message}>
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
        <Button
          busy={ending}
          onClick={async () => {
            const outcome = await everywhere({});
            if (outcome.ok) void signOut();
          }}
        >
          {t("shell.settings.everywhere")}
        </Button>
      </Section>
    </>
  );
}
