import type { TFunction } from "i18next";

/** What a backtest tries, in words. */
export function backtestName(
  backtest: { filterName?: string | null; version?: number | null },
  t: TFunction,
): string {
  if (backtest.filterName) {
    return t("backtests.of.filter", { name: backtest.filterName, version: backtest.version ?? "?" });
  }
  return backtest.version == null
    ? t("backtests.of.text")
    : t("backtests.of.policy", { version: backtest.version });
}
