import { UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { useViewer } from "@/features/session/session";
import { Invitations } from "@/features/team/invitations";
import { Invite } from "@/features/team/invite";
import { MEMBER, MemberRow } from "@/features/team/member-row";
import { graphql, readFragment } from "@/gql";
import { may } from "@/lib/access";
import { useActions } from "@/lib/keys/actions";
import { Button } from "@/ui/button";
import { Empty, Failure, SkeletonRows } from "@/ui/feedback";
import { Page, Section } from "@/ui/page";

const TEAM = graphql(`
  query Team {
    team {
      id
      ...MemberFacts
    }
  }
`);

/** Who works here; admins invite, give roles, and switch accounts off. */
export default function Team() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const mayManage = may(viewer.role, "manage team");
  const [inviting, setInviting] = useState(false);
  const [stamp, setStamp] = useState(0);
  const [{ data, error }, again] = useQuery({ query: TEAM, requestPolicy: "cache-and-network" });
  useActions([
    mayManage && {
      id: "invite",
      title: t("team.invite"),
      group: t("shell.group.here"),
      keys: "n",
      run: () => setInviting(true),
    },
  ]);
  return (
    <Page
      title={t("team.title")}
      lead={t("team.lead")}
      actions={
        mayManage && (
          <Button look="primary" icon={<UserPlus className="size-4" />} onClick={() => setInviting(true)}>
            {t("team.invite")}
          </Button>
        )
      }
    >
      <div className="mx-auto flex w-full max-w-4xl flex-col gap-4 p-4 lg:p-6">
        {error && !data ? (
          <Failure error={error} onRetry={() => again({ requestPolicy: "network-only" })} />
        ) : !data?.team ? (
          <SkeletonRows rows={4} />
        ) : (
          <Section title={t("team.members")} flush>
            {data.team.length === 0 && <Empty icon={<Users />} title={t("team.empty")} />}
            <ul className="divide-y">
              {data.team.map((member) => (
                <MemberRow
                  key={member.id}
                  member={member}
                  self={readFragment(MEMBER, member).id === viewer.staff?.id}
                  mayManage={mayManage}
                />
              ))}
            </ul>
          </Section>
        )}
        {mayManage && <Invitations stamp={stamp} />}
      </div>
      {inviting && (
        <Invite onClose={() => setInviting(false)} onInvited={() => setStamp((before) => before + 1)} />
      )}
    </Page>
  );
}
