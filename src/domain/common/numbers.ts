// Counts, shares and spans of time as people read them, in English, the same on every machine.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `1,234,567` */
export function count(value: number): string {
  // By hand: a number format of Intl takes some 8 ms to make, at each start of the program.
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 row`, `1,234 rows`. */
export function plural(value: number, singular: string, pluralForm = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : pluralForm}`;
}

/**
 * A share with one decimal, such as `90.5%`: `0%` for none, never for some; `100%` for all, never
 * for not quite all; `–` of nothing.
 */
export function percent(part: number, of: number): string {
  if (of <= 0) return "–";
  const share = (100 * part) / of;
  if (part <= 0) return "0%";
  if (share < 0.1) return "< 0.1%";
  if (part < of && share > 99.9) return "> 99.9%";
  return `${decimal(share)}%`;
}

/** `91.2`, `0`, `100`. */
export function decimal(share: number): string {
  return share === 0 || share === 100 ? String(share) : share.toFixed(1);
}

/** Money without its currency: `1,234.56`. */
export function money(amount: number): string {
  return amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Messages a second, to three figures: `79.9`, `0.25`, `1,000`. */
export function rateText(rate: number): string {
  return rate.toLocaleString("en-US", { maximumSignificantDigits: rate >= 1_000 ? 4 : 3 });
}

/** A span of time in its two largest units: `3 h 22 min`, `45 s`. */
export function duration(ms: number): string {
  if (ms < SECOND) return "under 1 s";
  const units: [number, string][] = [
    [DAY, "d"],
    [HOUR, "h"],
    [MINUTE, "min"],
    [SECOND, "s"],
  ];
  const first = units.findIndex(([size]) => ms >= size);
  const [size, unit] = units[first] as [number, string];
  const whole = Math.floor(ms / size);
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((ms - whole * size) / next[0]);
  return rest === 0 || next === undefined
    ? `${whole} ${unit}`
    : `${whole} ${unit} ${rest} ${next[1]}`;
}
