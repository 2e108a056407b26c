import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type FragmentType, graphql, readFragment } from "@/gql";
import { useAct } from "@/lib/graphql/act";
import { toast } from "@/lib/toasts";
import { Avatar } from "@/ui/avatar";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Menu, MenuItem } from "@/ui/menu";
import { Time } from "@/ui/time";
import { RoleChoice, STAFF_ROLES, type StaffRole } from "./invite";

export const MEMBER = graphql(`
  fragment MemberFacts on StaffMember {
    id
    name
    email
    role
    active
    lastSignInAt
  }
`);

const CHANGE_ROLE = graphql(`
  mutation ChangeStaffRole($input: ChangeStaffRoleInput!) {
    changeStaffRole(input: $input) {
      member {
        ...MemberFacts
      }
      userErrors {
        code
        message
      }
    }
  }
`);

const SET_ACTIVE = graphql(`
  mutation SetStaffActive($input: SetStaffActiveInput!) {
    setStaffActive(input: $input) {
      member {
        ...MemberFacts
      }
      userErrors {
        code
        message
      }
    }
  }
`);

/** Somebody of the team, and for admins what can be done about them. */
export function MemberRow({ member: ref, self, mayManage }: MemberRowProps) {
  const { t } = useTranslation();
  const member = readFragment(MEMBER, ref);
  const [asked, setAsked] = useState<"role" | "active">();
  const [role, setRole] = useState<StaffRole>(STAFF_ROLES.find((each) => each === member.role) ?? "AGENT");
  const [changeRole, changing] = useAct(CHANGE_ROLE);
  const [setActive, setting] = useAct(SET_ACTIVE);

  async function confirmRole() {
    const outcome = await changeRole({ input: { id: member.id, role } });
    if (outcome.ok)
      toast({
        tone: "success",
        text: t("team.roleChanged", { name: member.name, role: t(`words.role.${role}`) }),
      });
    setAsked(undefined);
  }
  async function toggle(reason: string | undefined) {
    const outcome = await setActive({ input: { id: member.id, active: !member.active, reason } });
    if (outcome.ok) {
      toast({
        tone: "success",
        text: t(member.active ? "team.deactivated" : "team.activated", { name: member.name }),
      });
    }
    setAsked(undefined);
  }

  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Avatar id={member.id} name={member.name} size={34} />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{member.name}</span>
          {self && <span className="text-sm text-subtle">({t("team.you")})</span>}
          {!member.active && <Badge tone="danger">{t("team.inactive")}</Badge>}
        </span>
        <span className="block truncate text-sm text-muted">{member.email}</span>
      </span>
      <span className="text-right text-sm text-subtle max-sm:hidden">
        {member.lastSignInAt ? (
          <>
            {t("team.lastSeen")} <Time at={member.lastSignInAt} />
          </>
        ) : (
          t("team.neverSeen")
        )}
      </span>
      <span className="text-right sm:w-28">
        <Badge tone={member.role === "ADMIN" ? "violet" : member.role === "MODERATOR" ? "accent" : "neutral"}>
          {t(`words.role.${member.role}`)}
        </Badge>
      </span>
      {mayManage && (
        <Menu
          trigger={
            <Button look="ghost" aria-label={t("team.actions", { name: member.name })} className="w-8 px-0!">
              <Ellipsis className="size-4" />
            </Button>
          }
        >
          <MenuItem onSelect={() => setAsked("role")}>{t("team.changeRole")}</MenuItem>
          <MenuItem danger={member.active} onSelect={() => setAsked("active")}>
            {member.active ? t("team.deactivate") : t("team.activate")}
          </MenuItem>
        </Menu>
      )}
      {asked === "role" && (
        <Confirm
          title={t("team.roleTitle", { name: member.name })}
          lead={t("team.roleLead")}
          action={t("team.changeRole")}
          busy={changing}
          withReason={false}
          onConfirm={() => void confirmRole()}
          onClose={() => setAsked(undefined)}
        >
          <RoleChoice value={role} onChange={setRole} />
        </Confirm>
      )}
      {asked === "active" && (
        <Confirm
          title={member.active ? t("team.deactivateTitle", { name: member.name }) : t("team.activate")}
          lead={member.active ? t("team.deactivateLead") : undefined}
          action={member.active ? t("team.deactivate") : t("team.activate")}
          danger={member.active}
          busy={setting}
          onConfirm={(reason) => void toggle(reason)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </li>
  );
}

type MemberRowProps = { member: FragmentType<typeof MEMBER>; self: boolean; mayManage: boolean };
