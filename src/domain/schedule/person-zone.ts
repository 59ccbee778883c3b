// The zone of a person: their country, and every clock that they may live by. It is never a guess:
// where several clocks are possible, all of them are in it.

import { isZoneName } from "../common/wall-clock.ts";
import { areaClocks } from "./area-clocks.ts";

/** A zone as the ledger keeps it, read. */
export interface PersonZone {
  /** ISO 3166-1 alpha-2; null when not known. */
  region: string | null;
  /**
   * IANA names, or offsets such as `-03:00`, in order; empty when nothing is known of the person's
   * clock.
   */
  clocks: readonly string[];
  /** The row names a clock that could not be read. */
  isUnread: boolean;
}

const NO_REGION = "-";
const UNREAD = "unread";

/** Regions with one clock that CLDR does not list: Ascension, Tristan da Cunha, Kosovo. */
const NOT_IN_CLDR: Readonly<Record<string, readonly string[]>> = {
  AC: ["Atlantic/St_Helena"],
  TA: ["Atlantic/St_Helena"],
  XK: ["Europe/Belgrade"],
};

/** Offsets from UTC that places have, in minutes. */
const OFFSET_MIN = -12 * 60;
const OFFSET_MAX = 14 * 60;

/**
 * The zone of a person as canonical text, such as `BR America/Manaus,America/Sao_Paulo`: the row's
 * own clock, else the clocks of the area code, else those of the country, else none. A text that
 * ends in `unread` is that of people whose row names a clock that could not be read.
 * @param own clock that the row gives, as `readClock` returns it
 */
export function zoneOfPerson(who: {
  own: string | null | undefined;
  region: string | null;
  phone: string | null;
}): string {
  const { own, region, phone } = who;
  if (typeof own === "string") return `${region ?? NO_REGION} ${own}`;
  const text = region === null ? NO_REGION : zoneByNumber(region, phone);
  return own === undefined ? `${text} ${UNREAD}` : text;
}

const regionTexts = new Map<string, string>();

function zoneByNumber(region: string, phone: string | null): string {
  const area = phone === null ? undefined : areaClocks(region, phone);
  if (area !== undefined) return `${region} ${area.join(",")}`;
  // Asked for each row of a list.
  const known = regionTexts.get(region);
  if (known !== undefined) return known;
  const text = `${region} ${clocksOfRegion(region).join(",")}`.trimEnd();
  regionTexts.set(region, text);
  return text;
}

/** Reads the text of a zone. */
export function readZone(text: string): PersonZone {
  const [region = NO_REGION, ...rest] = text.split(" ");
  const isUnread = rest.at(-1) === UNREAD;
  const [clocks = ""] = isUnread ? rest.slice(0, -1) : rest;
  return {
    region: region === NO_REGION ? null : region,
    clocks: clocks === "" ? [] : clocks.split(","),
    isUnread,
  };
}

/** The clocks of a country as CLDR lists them; empty where it lists none. */
function clocksOfRegion(region: string): readonly string[] {
  // A property up to Node 22, a function since.
  const locale = new Intl.Locale(`und-${region}`) as Intl.Locale & {
    getTimeZones?(): string[] | undefined;
    timeZones?: string[] | undefined;
  };
  const listed = locale.getTimeZones?.() ?? locale.timeZones ?? [];
  return (listed.length > 0 ? listed : (NOT_IN_CLDR[region] ?? [])).toSorted();
}

/**
 * Reads the cell of a row that says which clock a person lives by: an IANA name, or an offset from
 * UTC such as `-03:00`, `-3` or `UTC+05:30`.
 * @returns the clock; null for an empty cell; undefined for one that cannot be read, such as an
 *   abbreviation: `EST` means several clocks, and none with summer time
 */
export function readClock(cell: string): string | null | undefined {
  const text = cell.trim();
  if (text === "") return null;
  if (/^(?:Z|UTC|GMT|Etc\/UTC)$/i.test(text)) return "UTC";
  const offset = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?$/i.exec(text.replace("−", "-"));
  if (offset !== null) {
    const [, sign, hours, minutes = "0"] = offset;
    const size = Number(hours) * 60 + Number(minutes);
    const total = sign === "-" ? -size : size;
    if (total < OFFSET_MIN || total > OFFSET_MAX) return undefined;
    return total === 0 ? "UTC" : offsetText(total);
  }
  if (!/^[A-Z][\w+-]*\/[\w+/-]+$/i.test(text) || !isZoneName(text)) return undefined;
  return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
}

/** `-03:00` for -180 minutes. */
function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
