import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Crash } from "./features/shell/crash";
import { NotFound } from "./features/shell/not-found";
import { Shell } from "./features/shell/shell";
import { PageSkeleton } from "./ui/page-skeleton";

/** A value of the address's `?…` that is a text, or nothing. */
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const whole = (value: unknown) =>
  Number.isInteger(Number(value)) && value !== "" && value != null ? Number(value) : undefined;

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Crash });

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/overview" });
  },
});

const overview = createRoute({
  getParentRoute: () => root,
  path: "/overview",
  component: lazyRouteComponent(() => import("./routes/overview")),
});

const moderation = createRoute({
  getParentRoute: () => root,
  path: "/moderation",
  component: lazyRouteComponent(() => import("./routes/moderation")),
  validateSearch: (raw): { item?: string; order?: "severity"; signal?: string; sender?: string } => ({
    item: text(raw.item),
    order: raw.order === "severity" ? "severity" : undefined,
    signal: text(raw.signal),
    sender: text(raw.sender),
  }),
});

type ConversationSearch = { tab?: "unanswered" | "closed"; at?: number };
const conversationSearch = (raw: Record<string, unknown>): ConversationSearch => ({
  tab: raw.tab === "unanswered" || raw.tab === "closed" ? raw.tab : undefined,
  at: whole(raw.at),
});

const conversations = createRoute({
  getParentRoute: () => root,
  path: "/conversations",
  component: lazyRouteComponent(() => import("./routes/conversations")),
  validateSearch: conversationSearch,
});

const conversation = createRoute({
  getParentRoute: () => conversations,
  path: "$id",
  component: lazyRouteComponent(() => import("./routes/conversation")),
});

const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  component: lazyRouteComponent(() => import("./routes/search")),
  validateSearch: (raw): { q?: string; order?: "newest"; in?: "conversations" } => ({
    q: text(raw.q),
    order: raw.order === "newest" ? "newest" : undefined,
    in: raw.in === "conversations" ? "conversations" : undefined,
  }),
});

const filters = createRoute({
  getParentRoute: () => root,
  path: "/filters",
  component: lazyRouteComponent(() => import("./routes/filters")),
});

const FILTER_TABS = ["versions", "configuration", "shadow", "logs", "settings"] as const;
export type FilterTab = (typeof FILTER_TABS)[number];

const filter = createRoute({
  getParentRoute: () => root,
  path: "/filters/$name",
  component: lazyRouteComponent(() => import("./routes/filter")),
  validateSearch: (raw): { tab?: FilterTab } => ({ tab: FILTER_TABS.find((tab) => tab === raw.tab) }),
});

const policy = createRoute({
  getParentRoute: () => root,
  path: "/policy",
  component: lazyRouteComponent(() => import("./routes/policy")),
  validateSearch: (raw): { version?: number; compare?: number } => ({
    version: whole(raw.version),
    compare: whole(raw.compare),
  }),
});

const backtests = createRoute({
  getParentRoute: () => root,
  path: "/backtests",
  component: lazyRouteComponent(() => import("./routes/backtests")),
  validateSearch: (raw): { filter?: string; version?: number; policy?: number } => ({
    filter: text(raw.filter),
    version: whole(raw.version),
    policy: whole(raw.policy),
  }),
});

const backtest = createRoute({
  getParentRoute: () => root,
  path: "/backtests/$id",
  component: lazyRouteComponent(() => import("./routes/backtest")),
});

const lists = createRoute({
  getParentRoute: () => root,
  path: "/lists",
  component: lazyRouteComponent(() => import("./routes/lists")),
  validateSearch: (raw): { list?: string } => ({ list: text(raw.list) }),
});

const decisions = createRoute({
  getParentRoute: () => root,
  path: "/decisions",
  component: lazyRouteComponent(() => import("./routes/decisions")),
  validateSearch: (
    raw,
  ): { action?: string; filter?: string; signal?: string; sender?: string; conversation?: string } => ({
    action: text(raw.action),
    conversation: text(raw.conversation),
    filter: text(raw.filter),
    signal: text(raw.signal),
    sender: text(raw.sender),
  }),
});

const trial = createRoute({
  getParentRoute: () => root,
  path: "/try",
  component: lazyRouteComponent(() => import("./routes/try")),
  validateSearch: (raw): { filter?: string; version?: number; policy?: number } => ({
    filter: text(raw.filter),
    version: whole(raw.version),
    policy: whole(raw.policy),
  }),
});

const listings = createRoute({
  getParentRoute: () => root,
  path: "/listings",
  component: lazyRouteComponent(() => import("./routes/listings")),
  validateSearch: (raw): { status?: string; category?: string; seller?: string } => ({
    status: text(raw.status),
    category: text(raw.category),
    seller: text(raw.seller),
  }),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  component: lazyRouteComponent(() => import("./routes/audit")),
  validateSearch: (raw): { actor?: string; action?: string; target?: string } => ({
    actor: text(raw.actor),
    action: text(raw.action),
    target: text(raw.target),
  }),
});

const team = createRoute({
  getParentRoute: () => root,
  path: "/team",
  component: lazyRouteComponent(() => import("./routes/team")),
});

const help = createRoute({
  getParentRoute: () => root,
  path: "/help",
  component: lazyRouteComponent(() => import("./routes/help")),
  validateSearch: (raw): { guide?: string } => ({ guide: text(raw.guide) }),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./routes/settings")),
});

const leaving = createRoute({
  getParentRoute: () => root,
  path: "/leaving",
  component: lazyRouteComponent(() => import("./routes/leaving")),
  validateSearch: (raw): { to?: string } => ({ to: text(raw.to) }),
});

const routeTree = root.addChildren([
  index,
  overview,
  moderation,
  conversations.addChildren([conversation]),
  search,
  filters,
  filter,
  policy,
  backtests,
  backtest,
  lists,
  decisions,
  trial,
  listings,
  audit,
  team,
  help,
  settings,
  leaving,
]);

export const router = createRouter({
  routeTree,
  basepath: "/admin",
  defaultPreload: "intent",
  defaultPendingComponent: PageSkeleton,
  defaultPendingMs: 120,
  defaultErrorComponent: Crash,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
