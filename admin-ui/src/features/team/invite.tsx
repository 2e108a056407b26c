import { Copy, UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { graphql } from "@/gql";
import type { Role } from "@/gql/graphql";
import { useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Callout } from "@/ui/feedback";
import { Field, Input } from "@/ui/field";

const INVITE = graphql(`
  mutation InviteStaff($input: InviteStaffInput!) {
    inviteStaff(input: $input) {
      invitation {
        id
      }
      link
      userErrors {
        code
        message
        field
      }
    }
  }
`);

export const STAFF_ROLES = ["AGENT", "SENIOR", "MODERATOR", "ADMIN"] as const satisfies Role[];
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Invites somebody: a role, perhaps an address, and a link that is shown once. */
export function Invite({ onClose, onInvited }: { onClose: () => void; onInvited: () => void }) {
  const { t } = useTranslation();
  const [role, setRole] = useState<StaffRole>("AGENT");
  const [email, setEmail] = useState("");
  const [link, setLink] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [invite, busy] = useAct(INVITE, { quiet: true });

  async function submit(event: FormEvent) {
    event.preventDefault();
    const outcome = await invite({ input: { role, email: email.trim() || undefined } });
    if (!outcome.ok) return setProblem(outcome.problems[0]?.message);
    const path = outcome.data.inviteStaff.link;
    if (!path) return;
    setLink(new URL(path, location.origin).href);
    onInvited();
  }

  async function copy() {
    await navigator.clipboard.writeText(link ?? "");
    toast({ tone: "success", text: t("team.copied") });
  }

  if (link) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={t("team.linkTitle")}
        description={t("team.linkLead")}
        footer={
          <>
            <Button onClick={onClose}>{t("common.done")}</Button>
            <Button look="primary" icon={<Copy className="size-4" />} onClick={() => void copy()}>
              {t("team.copyLink")}
            </Button>
          </>
        }
      >
        <Input
          readOnly
          value={link}
          aria-label={t("team.linkTitle")}
          onFocus={(event) => event.target.select()}
          className="font-mono text-sm!"
        />
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={t("team.invite")} description={t("team.inviteLead")}>
      <form onSubmit={submit} className="flex flex-col gap-5">
        <RoleChoice value={role} onChange={setRole} />
        <Field label={`${t("team.email")} (${t("common.optional")})`} hint={t("team.emailHint")}>
          {(wiring) => (
            <Input
              {...wiring}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        {problem && <Callout tone="danger">{problem}</Callout>}
        <Button
          type="submit"
          look="primary"
          busy={busy}
          icon={<UserPlus className="size-4" />}
          className="self-end"
        >
          {t("team.makeLink")}
        </Button>
      </form>
    </Dialog>
  );
}

/** A role, with what it means. */
export function RoleChoice({ value, onChange }: { value: StaffRole; onChange: (role: StaffRole) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">{t("team.role")}</legend>
      {STAFF_ROLES.map((role) => (
        <label
          key={role}
          className="flex items-center gap-3 rounded-lg border px-3 py-2 has-checked:border-accent has-checked:bg-accent-soft/50"
        >
          <input
            type="radio"
            name="role"
            className="accent-(--accent)"
            checked={value === role}
            onChange={() => onChange(role)}
          />
          <span className="min-w-0 flex-1 sm:flex sm:items-baseline sm:gap-3">
            <span className="block shrink-0 text-sm font-medium sm:w-28">{t(`words.role.${role}`)}</span>
            <span className="block text-sm text-muted">{t(`team.roleHint.${role}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
