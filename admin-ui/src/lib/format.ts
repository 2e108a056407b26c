/** 12,345 in the language's own way. */
export function count(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

/** 12.3K: for tiles. */
export function compact(value: number, language: string): string {
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A share from 0 to 1 as a percentage; small ones keep their digits. */
export function percent(share: number, language: string): string {
  const digits = share > 0 && share < 0.1 ? 2 : share < 0.995 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** A small number such as a threshold, with two decimals at most. */
export function decimal(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value);
}

/** Microseconds, as they are read best: 340 µs, 1.2 ms. */
export function micros(value: number, language: string): string {
  const format = (number: number) =>
    new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(number);
  if (value < 1000) return `${format(value)} µs`;
  if (value < 1_000_000) return `${format(value / 1000)} ms`;
  return `${format(value / 1_000_000)} s`;
}

export function bytes(value: number, language: string): string {
  const format = (number: number) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(number);
  if (value < 1024) return `${value} B`;
  if (value < 1024 * 1024) return `${format(value / 1024)} KiB`;
  return `${format(value / 1024 / 1024)} MiB`;
}

/** An amount in a currency's minor unit. */
export function money(amountMinor: number, currency: string, language: string): string {
  try {
    const format = new Intl.NumberFormat(language, { style: "currency", currency });
    const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    return format.format(amountMinor / 10 ** digits);
  } catch {
    return `${amountMinor} ${currency}`;
  }
}

/** A category's id as people read it: `real-estate` is "Real estate". */
export function named(id: string): string {
  const words = id.replace(/[-_.]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
