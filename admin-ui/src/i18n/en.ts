import { audit } from "./en/audit";
import { common, fault, words } from "./en/common";
import { conversations } from "./en/conversations";
import { backtests, decisions, filters } from "./en/filters";
import { help } from "./en/help";
import { listings } from "./en/listings";
import { moderation } from "./en/moderation";
import { overview } from "./en/overview";
import { lists, policy, trial } from "./en/policy";
import { search } from "./en/search";
import { session } from "./en/session";
import { shell } from "./en/shell";
import { team } from "./en/team";

export const en = {
  audit,
  backtests,
  common,
  conversations,
  decisions,
  fault,
  filters,
  help,
  listings,
  lists,
  moderation,
  overview,
  policy,
  search,
  session,
  shell,
  team,
  trial,
  words,
};
