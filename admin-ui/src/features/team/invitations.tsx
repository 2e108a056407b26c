import { Link as LinkIcon } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useQuery } from "urql";
import { graphql } from "@/gql";
import { useAct } from "@/lib/graphql/act";
import { relative, useNow } from "@/lib/time";
import { toast } from "@/lib/toasts";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";

const INVITATIONS = graphql(`
  query StaffInvitations {
    staffInvitations {
      id
      role
      email
      createdAt
      expiresAt
    }
  }
`);

const REVOKE = graphql(`
  mutation RevokeInvitation($input: RevokeInvitationInput!) {
    revokeInvitation(input: $input) {
      id
      userErrors {
        code
        message
      }
    }
  }
`);

/** Links that still work, and the way to make them worthless. Another `stamp` asks for them anew. */
export function Invitations({ stamp }: { stamp: number }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const [{ data }, ask] = useQuery({
    query: INVITATIONS,
    requestPolicy: "cache-and-network",
  });
  const [revoke] = useAct(REVOKE);
  useEffect(() => {
    if (stamp > 0) ask({ requestPolicy: "network-only" });
  }, [stamp, ask]);
  const open = data?.staffInvitations ?? [];
  return (
    <Section title={t("team.invitations")} flush>
      {open.length === 0 && <p className="p-4 text-sm text-subtle">{t("team.invitationsNone")}</p>}
      <ul className="divide-y">
        {open.map((each) => (
          <li key={each.id} className="flex items-center gap-3 px-4 py-2.5 text-sm">
            <LinkIcon className="size-4 text-subtle" aria-hidden="true" />
            <span className="min-w-0 flex-1 truncate">{each.email ?? t("team.anyone")}</span>
            <Badge>{t(`words.role.${each.role}`)}</Badge>
            <span className="text-subtle max-sm:hidden">
              {t("team.expires", { time: relative(each.expiresAt, now, i18n.language) })}
            </span>
            <Button
              size="sm"
              onClick={async () => {
                const outcome = await revoke({ input: { id: each.id } });
                if (!outcome.ok) return;
                toast({ tone: "success", text: t("team.revoked") });
                ask({ requestPolicy: "network-only" });
              }}
            >
              {t("team.revoke")}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
