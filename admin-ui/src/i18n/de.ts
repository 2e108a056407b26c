import type { Texts } from ".";
import { audit } from "./de/audit";
import { common, fault, words } from "./de/common";
import { conversations } from "./de/conversations";
import { backtests, decisions, filters } from "./de/filters";
import { help } from "./de/help";
import { listings } from "./de/listings";
import { moderation } from "./de/moderation";
import { overview } from "./de/overview";
import { lists, policy, trial } from "./de/policy";
import { search } from "./de/search";
import { session } from "./de/session";
import { shell } from "./de/shell";
import { team } from "./de/team";

export const de: Texts = {
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
