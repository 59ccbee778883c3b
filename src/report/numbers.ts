// Numbers, instants and spans of time as people read them. English, with the zone said.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A rate or a small quantity, to three figures at most: `79.9`, `0.25`, `1,000`. */
export function quantity(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: value >= 1_000 ? 4 : 3 });
}

/** Money with its currency: `USD 1,234.56`. */
export function money(value: number, currency: string): string {
  return `${currency} ${amount(value)}`;
}

/** The same without the currency. */
export function amount(value: number): string {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return value.toLocaleString("en-US", digits);
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

/** Instants in one time zone. */
export interface Calendar {
  /** Such as `UTC` or `America/Sao_Paulo`. */
  zone: string;
  /** `20 Nov 2026, 15:04`. */
  minute(at: number): string;
  /** `15:04`. */
  time(at: number): string;
  /** `15:04:05`. */
  second(at: number): string;
  /** `20 Nov`. */
  day(at: number): string;
}

/** Makes a calendar of a zone by its IANA name; UTC for one that is not known here. */
export function calendarOf(zone: string): Calendar {
  const known = isZone(zone) ? zone : "UTC";
  const format = (options: Intl.DateTimeFormatOptions): ((at: number) => string) => {
    const made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: known });
    return (at) => made.format(at);
  };
  const hour = "2-digit" as const;
  return {
    zone: known,
    minute: format({ day: "numeric", month: "short", year: "numeric", hour, minute: hour }),
    time: format({ hour, minute: hour }),
    second: format({ hour, minute: hour, second: hour }),
    day: format({ day: "numeric", month: "short" }),
  };
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** A waiting time; Meta reports its instants by the whole second. */
export function waitText(ms: number): string {
  return ms < SECOND ? "a second" : duration(ms);
}
