// Lines whose number was changed by their country while WhatsApp kept the old one as their id: the
// old form, today's form, and which belong together. Digits begin with the country code. Knows no
// numbering plans, and so costs nothing to load; the person who uses a new form checks it against
// one.

/** A number form that a country has given up. */
interface OldForm {
  /** The whole number, with the country code. */
  pattern: RegExp;
  /** Today's form; null where the table does not say which. */
  today(digits: string): string | null;
}

/**
 * Ivory Coast, 2021-01-31: two digits of the operator were put before each number of eight. Mobiles
 * show their operator in the second digit, landlines (2x and 3x) in the third. (ARTCI, press
 * conference of 2020-07-28, and its list of prefixes by operator; fr.wikipedia, "Liste des
 * indicatifs téléphoniques en Côte d'Ivoire", 2021.) Prefixes that no operator had are left out.
 */
const IVORY_COAST: readonly { old: RegExp; prefix: string }[] = [
  { old: /^(?:0[1-3]|[457][0-3])/, prefix: "01" },
  { old: /^[04-9][4-6]/, prefix: "05" },
  { old: /^(?:[04-8][7-9]|9[78])/, prefix: "07" },
  { old: /^2[0-3]8/, prefix: "21" },
  { old: /^(?:2[0-4]|3[0-6])0/, prefix: "25" },
  { old: /^(?:2(?:0[23]|1[2357]|2[245]|3[45]|4[3-5])|3(?:06|1[69]|[2-4]7|59|68))/, prefix: "27" },
];

/**
 * Vietnam, 2018-09-15 to 2018-11-14: mobiles of eleven digits (0 1…) became mobiles of ten.
 * (Ministry of Information and Communications, plan of 2018-05-25.) By the three digits after the
 * 84.
 */
const VIETNAM: ReadonlyMap<string, string> = new Map([
  ["120", "70"],
  ["121", "79"],
  ["122", "77"],
  ["123", "83"],
  ["124", "84"],
  ["125", "85"],
  ["126", "76"],
  ["127", "81"],
  ["128", "78"],
  ["129", "82"],
  ["162", "32"],
  ["163", "33"],
  ["164", "34"],
  ["165", "35"],
  ["166", "36"],
  ["167", "37"],
  ["168", "38"],
  ["169", "39"],
  ["186", "56"],
  ["188", "58"],
  ["199", "59"],
]);

const OLD_FORMS: Readonly<Record<string, OldForm>> = {
  /** Benin, 2024-11-30: 01 before every number. (ARCEP Bénin, 2024.) */
  "229": { pattern: /^229\d{8}$/, today: (digits) => `22901${digits.slice(3)}` },
  "225": { pattern: /^225\d{8}$/, today: ivoryCoast },
  /** Brazil, 2012 to 2016: a 9 before each mobile, which began with 6 to 9. (Anatel.) */
  "55": {
    pattern: /^55\d\d[6-9]\d{7}$/,
    today: (digits) => `${digits.slice(0, 4)}9${digits.slice(4)}`,
  },
  /** Mexico, 2019-08-03: the prefixes 01, 044, 045 and the 1 of mobiles were dropped. (IFT.) */
  "52": { pattern: /^52(?:01|04[45]|1)\d{10}$/, today: (digits) => `52${digits.slice(-10)}` },
  "84": {
    pattern: /^841\d{9}$/,
    today(digits) {
      const prefix = VIETNAM.get(digits.slice(2, 5));
      return prefix === undefined ? null : `84${prefix}${digits.slice(5)}`;
    },
  },
};

/**
 * Today's form of a number in a form that its country has given up. Takes digits with the country
 * code, gives digits; null where they are in no such form.
 */
export function todaysForm(digits: string): string | null {
  const form = OLD_FORMS[digits.slice(0, 3)] ?? OLD_FORMS[digits.slice(0, 2)];
  return form?.pattern.test(digits) ? form.today(digits) : null;
}

function ivoryCoast(digits: string): string | null {
  const old = digits.slice(3);
  const prefix = ivoryCoastPrefix(old);
  return prefix === undefined ? null : `225${prefix}${old}`;
}

/** The two digits that today stand before an Ivorian number of eight digits. */
export function ivoryCoastPrefix(old: string): string | undefined {
  return IVORY_COAST.find((range) => range.old.test(old))?.prefix;
}
