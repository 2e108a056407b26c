import type { Role } from "@/gql/graphql";

/** What the application asks about a role; the engine decides for itself, this only hides what it would refuse. */
const WHO = {
  "see overview": ["AGENT", "SENIOR", "MODERATOR", "ADMIN"],
  moderate: ["MODERATOR", "ADMIN"],
  "see conversations": ["AGENT", "SENIOR", "MODERATOR", "ADMIN"],
  "see private conversations": ["MODERATOR", "ADMIN"],
  search: ["AGENT", "SENIOR", "MODERATOR", "ADMIN"],
  "rebuild search": ["ADMIN"],
  "see filters": ["MODERATOR", "ADMIN"],
  "change filters": ["ADMIN"],
  "see listings": ["AGENT", "SENIOR", "MODERATOR", "ADMIN"],
  "see audit": ["ADMIN"],
  "see team": ["AGENT", "SENIOR", "MODERATOR", "ADMIN"],
  "manage team": ["ADMIN"],
} as const satisfies Record<string, readonly Role[]>;

export type Ability = keyof typeof WHO;

export function may(role: Role, what: Ability): boolean {
  return (WHO[what] as readonly Role[]).includes(role);
}

export function isStaff(role: Role): boolean {
  return may(role, "see overview");
}
