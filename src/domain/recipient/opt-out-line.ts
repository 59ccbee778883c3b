// Reads a line of an opt-out list the other way round than a recipient: everybody whom it may mean
// counts, since a person who is missed is worse than one who is left out without need. It also says
// whether a person can be known at all, so that no line is lost in silence.

import { namedNumber, toAscii, visibleText } from "./phone-clean.ts";
import {
  numbering,
  readEightDigitMobile,
  readInternational,
  readNational,
  withoutRepeatedCode,
} from "./phone-plans.ts";
import { isDate, isRounded, WORD_BETWEEN, wholeNumber } from "./phone-text.ts";
import { isUserId } from "./user-id.ts";

export interface OptOutReading {
  /** `+` and digits, each one person's; not all of them need be in a numbering plan. */
  phones: string[];
  userIds: string[];
  /**
   * False when the text is no number that a person in the list can have, so that a person may be
   * missed; what it may mean all the same is in `phones`.
   */
  isUnderstood: boolean;
  /** True when `phones` are digits that no numbering plan has, kept as WhatsApp ids. */
  isUnplanned: boolean;
}

const E164 = /^\+[1-9][0-9]{6,14}$/;
/** Fewest and most digits of a number, country code included (ITU-T E.164). */
const DIGITS_MIN = 7;
const DIGITS_MAX = 15;
/** Fewer digits without a plus are more likely a national number than a WhatsApp id. */
const ID_MIN = 11;
/** What may separate two numbers of which the second has no area code. */
const BETWEEN = new RegExp(`[/;,|&]|${WORD_BETWEEN}`, "i");

/** A user id within other text; a word after a dot is none, so it has a digit. */
const USER_ID = /(?<![\w.])[A-Z]{2}\.(?=[A-Za-z]*\d)[A-Za-z0-9]{1,128}(?![\w.])/g;
/** A link or id of WhatsApp within other text. */
const NAMED =
  /(?:https?:\/\/|whatsapp:\/\/|(?:wa\.me|(?:api|web)\.whatsapp\.com)\/)\S+|\S+@[a-z.]+/gi;
/** A run of digits and of what stands within a number. */
const RUN = /[+(]*\d[\d+\-. ()/]*/g;
/** The number of an item in a list: `1) `, `12. `. */
const ITEM = /^\s*\(?\d{1,4}[.)]\s+(?=\D*\d)/;
/** As numbers are written in North America. */
const AMERICAN = /^\(?\d{3}\)?[ .-]*\d{3}[ .-]*\d{4}$/;
/** What may separate two numbers of a run that is too long for one. */
const SEPARATORS = [/(?=\()/, /\s+/, /[\s\-/.]+/];

/**
 * Reads a text as every number and user id that it may mean: all of them where there are several,
 * at home and abroad, in the form of today and in older ones.
 * @param region whose national form may be meant, ISO 3166-1 alpha-2
 * @param options.explicit only numbers with a plus or 00, links and ids: the text may be anything
 */
export function readOptOut(
  text: string,
  region?: string,
  options: { explicit?: boolean } = {},
): OptOutReading {
  const sure = { isUnderstood: true, isUnplanned: false };
  // Most lines are one of these two.
  if (E164.test(text)) {
    const number = readInternational(text.slice(1));
    if (number !== null && withoutRepeatedCode(number.e164) === null) {
      return { phones: [number.e164], userIds: [], ...sure };
    }
  }
  if (isUserId(text)) return { phones: [], userIds: [text], ...sure };
  const found = new Readings(region, options.explicit === true);
  let rest = toAscii(visibleText(text)).replace(USER_ID, (id) => {
    found.userIds.add(id);
    return " ; ";
  });
  rest = rest.replace(NAMED, (name) => {
    const named = namedNumber(name);
    if (named?.kind === "number") found.international(named.digits);
    return named === null ? name : " ; ";
  });
  // An extension is too short for a number of its own, and letters separate it from the one before.
  for (const [run] of wholeNumber(rest).matchAll(RUN)) readRun(run.trim(), found);
  const parts = rest.split(BETWEEN);
  if (parts.every((part) => /^[\d+\-. ()]*$/.test(part))) readEndings(parts, found);
  const item = ITEM.exec(rest);
  if (item !== null) {
    for (const [run] of rest.slice(item[0].length).matchAll(RUN)) readRun(run.trim(), found);
  }
  return found.all();
}

/** Reads a run of digits as one number, and as the several that it may be. */
function readRun(run: string, found: Readings): void {
  const digits = run.replace(/\D/g, "");
  if (digits.length <= DIGITS_MAX + 2) found.number(run);
  const bySlash = run.split("/");
  if (bySlash.length > 1) {
    for (const part of bySlash) found.number(part);
    readEndings(bySlash, found);
  }
  const byPlus = run.split(/(?=\+)/).filter((part) => part !== "");
  if (byPlus.length > 1) for (const part of byPlus) found.number(part);
  if (digits.length <= DIGITS_MAX) return;
  for (const separator of SEPARATORS) for (const part of run.split(separator)) found.number(part);
  const words = run.split(/\s+/);
  for (let at = 1; at < words.length; at++) {
    found.number(words.slice(0, at).join(" "));
    found.number(words.slice(at).join(" "));
  }
}

/**
 * Reads digits that stand for the end of the first number: `98765-0001 / 0002`, or all but its area
 * code: `(31) 98765-0001 / 98765-0002`.
 */
function readEndings(parts: readonly string[], found: Readings): void {
  const [first = "", ...others] = parts.map((part) => part.replace(/[^\d+]/g, ""));
  others.forEach((ending, at) => {
    const isEnding = /^\d+$/.test(ending) && ending.length < first.replace("+", "").length;
    if (isEnding && !isDate((parts[at + 1] as string).trim())) {
      found.number(first.slice(0, -ending.length) + ending);
    }
  });
}

/** What was found so far. */
class Readings {
  readonly userIds = new Set<string>();
  readonly #phones = new Set<string>();
  readonly #region: string | undefined;
  readonly #explicit: boolean;
  /** Digits that no plan has; they count where nothing else does. */
  readonly #unknown = new Set<string>();
  #isUnderstood = false;

  constructor(region: string | undefined, explicit: boolean) {
    this.#region = region;
    this.#explicit = explicit;
  }

  all(): OptOutReading {
    const isUnplanned = this.#phones.size === 0;
    const phones = [...(isUnplanned ? this.#unknown : this.#phones)];
    const isUnderstood = this.#isUnderstood || this.userIds.size > 0;
    return { phones, userIds: [...this.userIds], isUnderstood, isUnplanned };
  }

  /** One number, however it is written. */
  number(text: string): void {
    const digits = text.replace(/\D/g, "");
    if (digits.length < DIGITS_MIN || digits.length > DIGITS_MAX + 4) return;
    const optionalZero = /\(0\)/.exec(text);
    const before = optionalZero && text.slice(0, optionalZero.index).replace(/\D/g, "");
    const forms = before ? [digits, before + digits.slice(before.length + 1)] : [digits];
    for (const form of forms) {
      if (/^\s*\(?\s*\+/.test(text)) this.international(form.replace(/^00/, ""));
      else if (!this.#explicit || form.startsWith("00")) this.#withoutPlus(form, text.trim());
    }
  }

  /** Digits that begin with a country code for sure. */
  international(digits: string): void {
    if (this.#add(readInternational(digits)?.e164)) this.#isUnderstood = true;
    else this.#keep(digits);
  }

  #withoutPlus(digits: string, text: string): void {
    const bare = digits.replace(/^0+/, "");
    const isDialled = bare !== digits && !digits.startsWith("00");
    const region = this.#region;
    const atHome = region !== undefined && this.#atHome(digits, bare, region);
    const abroad = !(isDialled && atHome) && this.#add(readInternational(bare)?.e164);
    if (digits.length === 10 && AMERICAN.test(text) && text !== digits) {
      this.#add(readInternational(`1${digits}`)?.e164);
    }
    if (!atHome && !abroad) this.#keep(bare);
    if (isRounded(text)) return;
    const isId = text === bare && bare.length >= ID_MIN && bare.length <= DIGITS_MAX;
    const isLong = digits.startsWith("00") || bare.length >= ID_MIN;
    const isAbroad = abroad && (isLong || region === undefined);
    if (atHome || isAbroad || isId) this.#isUnderstood = true;
  }

  /** Every reading in the region: as dialled, behind its code, and without Brazil's ninth digit. */
  #atHome(digits: string, bare: string, region: string): boolean {
    const isBehindCode = bare.startsWith(numbering.codeOf(region) ?? " ");
    const readings = [
      readNational(digits, region),
      digits.startsWith("00") ? readNational(digits.slice(1), region) : null,
      bare === digits ? null : readNational(bare, region),
      isBehindCode ? readInternational(bare) : null,
      region === "BR" ? readEightDigitMobile(bare) : null,
    ];
    return readings.map((reading) => this.#add(reading?.e164)).includes(true);
  }

  #add(phone: string | undefined): boolean {
    if (phone === undefined) return false;
    this.#phones.add(phone);
    const mobile = withoutRepeatedCode(phone);
    if (mobile !== null) this.#phones.add(mobile.e164);
    return true;
  }

  #keep(digits: string): void {
    if (/^[1-9]/.test(digits) && digits.length <= DIGITS_MAX) this.#unknown.add(`+${digits}`);
  }
}
