// How an instant reads to a person: in one time zone, in English, the same on every machine. JSON,
// SQL and logs have ISO 8601 UTC.

const DAY_MS = 86_400_000;
/** Names by which systems call UTC. */
const UTC_NAMES = /^(Etc\/)?(UTC|UCT|GMT|Unknown|Universal|Zulu)$/;

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
  /** `20 Nov 2026`. */
  date(at: number): string;
}

/** Makes a calendar of a zone by its IANA name; UTC for one that is not known here. */
export function calendarOf(zone: string): Calendar {
  const known = isZone(zone) && !UTC_NAMES.test(zone) ? zone : "UTC";
  const format = (options: Intl.DateTimeFormatOptions): ((at: number) => string) => {
    let made: Intl.DateTimeFormat | undefined;
    return (at) => {
      made ??= new Intl.DateTimeFormat("en-GB", { ...options, timeZone: known });
      return made.format(at);
    };
  };
  const hour = "2-digit" as const;
  const day = { day: "numeric", month: "short" } as const;
  const date = { ...day, year: "numeric" } as const;
  return {
    zone: known,
    minute: format({ ...date, hour, minute: hour }),
    time: format({ hour, minute: hour }),
    second: format({ hour, minute: hour, second: hour }),
    day: format(day),
    date: format(date),
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

/**
 * `today 14:40`, `tomorrow 14:40`, `27 Nov, 11:02`, and with the year where it is another one.
 * @param now null: nothing is known of when it is read, so that the whole date stands there
 */
export function instant(at: number, calendar: Calendar, now: number | null): string {
  if (now === null) return calendar.minute(at);
  const days = dayOf(at, calendar) - dayOf(now, calendar);
  const word = { "-1": "yesterday", "0": "today", "1": "tomorrow" }[String(days)];
  if (word !== undefined) return `${word} ${calendar.time(at)}`;
  return dayAndTime(at, calendar, now);
}

/** `27 Nov, 11:02`, and with the year where it is not that of `now`. */
export function dayAndTime(at: number, calendar: Calendar, now: number): string {
  const isSameYear = calendar.date(at).slice(-4) === calendar.date(now).slice(-4);
  return isSameYear ? `${calendar.day(at)}, ${calendar.time(at)}` : calendar.minute(at);
}

/** Number of a day, the next one's being one more. */
function dayOf(at: number, calendar: Calendar): number {
  return Date.parse(`${calendar.date(at)} UTC`) / DAY_MS;
}

/** A text with the zone that its instants are in. */
export function inZone(text: string, zone: string): string {
  return zone === "UTC" ? `${text} UTC` : `${text} (${zone})`;
}

/** An instant that stands alone: `27 Nov 2026, 11:02 UTC`. */
export function stamp(at: number, zone = "UTC"): string {
  const calendar = calendarOf(zone);
  return inZone(calendar.minute(at), calendar.zone);
}
