import type { CacheExchangeOpts } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { keyless, possibleTypes } from "@/gql/cache";

const pages = relayPagination();

/** What identifies things, and which lists are read page by page. */
export const cacheConfig: CacheExchangeOpts = {
  possibleTypes,
  keys: {
    ...Object.fromEntries(keyless.map((type) => [type, () => null])),
    FilterList: (list) => `${list.name}`,
    Policy: (policy) => `${policy.version}`,
  },
  resolvers: {
    Query: { decisions: pages, listings: pages, policies: pages },
    Viewer: { conversations: pages },
    Filter: { versions: pages, shadow: pages },
    FilterList: { entries: pages },
  },
};
