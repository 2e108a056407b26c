import type { LinkProps } from "@tanstack/react-router";
import {
  ChartNoAxesColumn,
  CircleHelp,
  Filter,
  Inbox,
  type LucideIcon,
  Package,
  ScrollText,
  Search,
  ShieldCheck,
  Users,
} from "lucide-react";
import type { Ability } from "@/lib/access";

type PlaceId =
  | "overview"
  | "moderation"
  | "conversations"
  | "search"
  | "filters"
  | "listings"
  | "audit"
  | "team"
  | "help";

export type Place = {
  id: PlaceId;
  to: NonNullable<LinkProps["to"]>;
  icon: LucideIcon;
  keys: string;
  needs?: Ability;
  /** Addresses that belong to it, besides its own. */
  also?: string[];
};

/** The main screens, in the order of the sidebar. */
export const PLACES: Place[] = [
  { id: "overview", to: "/overview", icon: ChartNoAxesColumn, keys: "g o", needs: "see overview" },
  { id: "moderation", to: "/moderation", icon: ShieldCheck, keys: "g m", needs: "moderate" },
  { id: "conversations", to: "/conversations", icon: Inbox, keys: "g c", needs: "see conversations" },
  { id: "search", to: "/search", icon: Search, keys: "g s", needs: "search" },
  {
    id: "filters",
    to: "/filters",
    icon: Filter,
    keys: "g f",
    needs: "see filters",
    also: ["/policy", "/backtests", "/lists", "/decisions", "/try"],
  },
  { id: "listings", to: "/listings", icon: Package, keys: "g l", needs: "see listings" },
  { id: "audit", to: "/audit", icon: ScrollText, keys: "g a", needs: "see audit" },
  { id: "team", to: "/team", icon: Users, keys: "g t", needs: "see team" },
  { id: "help", to: "/help", icon: CircleHelp, keys: "g h" },
];
