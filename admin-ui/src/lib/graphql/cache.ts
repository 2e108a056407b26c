import type { CacheExchangeOpts } from "@urql/exchange-graphcache";
import { keyless, possibleTypes } from "@/gql/cache";

/** What identifies things. */
export const cacheConfig: CacheExchangeOpts = {
  possibleTypes,
  keys: {
    ...Object.fromEntries(keyless.map((type) => [type, () => null])),
    FilterList: (list) => `${list.name}`,
    Policy: (policy) => `${policy.version}`,
  },
};
