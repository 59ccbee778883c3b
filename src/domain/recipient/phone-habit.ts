// Whether the way a number is written is the habit of another country: a number without its country
// code that is punctuated as in North America, in a list of another region, and the other way
// round.

import type { PlanNumber } from "./phone-plans.ts";
import { numbering, readInternational, usualGroups } from "./phone-plans.ts";
import type { WrittenDigits } from "./phone-text.ts";

/** How a text speaks against the reading at home. */
export type ForeignHabit =
  /** It is a number of another country as it stands. */
  | { kind: "number"; number: PlanNumber }
  /** No number of a country that writes so, but nobody at home does. */
  | { kind: "punctuation" };

const NANP = "1";

/** Groups by which a country is known, the trunk zero included. */
const HABITS: readonly { codes: readonly [string, ...string[]]; groups: string; starts: RegExp }[] =
  [
    /** France, the Netherlands and Algeria: `06 12 34 56 78`. */
    { codes: ["33", "31", "213"], groups: "2,2,2,2,2", starts: /^0/ },
    /** United Kingdom: `07911 123456`. */
    { codes: ["44"], groups: "5,6", starts: /^07/ },
    /** Brazil: `(11) 98765-4321`. */
    { codes: ["55"], groups: "2,5,4", starts: /^[1-9]/ },
  ];

/**
 * What speaks against reading digits at home.
 * @param number the reading at home
 * @param region of the list, ISO 3166-1 alpha-2
 * @returns null when nothing does
 */
export function foreignHabit(
  number: PlanNumber,
  written: WrittenDigits,
  region: string,
): ForeignHabit | null {
  const home = numbering.codeOf(region);
  if (home === NANP) return strangeInNorthAmerica(number, written);
  // Mexico's own 1 stands before the very digits of a number of the United States.
  const isMexican = region === "MX" && written.readings[0]?.length === 11;
  if (isPaired(written) && isGroupedAtHome(number, written.groups)) return null;
  if (isMexican || isNorthAmerican(written)) return northAmerican(number, written, isMexican);
  if (written.groups.length === 1) return null;
  const shape = written.groups.join();
  for (const { groups, codes, starts } of HABITS) {
    const [digits] = written.readings as [string];
    if (groups !== shape || !starts.test(digits) || codes.includes(home ?? "")) continue;
    const other = readInternational(codes[0] + digits.replace(/^0/, ""));
    // Overseas France writes its numbers as France does, and they are the same ones.
    if (other === null || other.e164 === number.e164) continue;
    return isGroupedAtHome(number, written.groups) ? null : { kind: "number", number: other };
  }
  return null;
}

/**
 * `(212) 555-0123`, `212-555-0123`, `1 212 555 0123`: three, three, four; or three in parentheses.
 */
function isNorthAmerican({ groups, inParentheses, readings }: WrittenDigits): boolean {
  const [digits] = readings as [string];
  if (inParentheses.length === 3 && digits.length === 10) return /^[2-9]/.test(digits);
  return groups.length > 2 && ["3,3,4", "1,3,3,4"].includes(groups.join());
}

/**
 * `(212) 555 01 23`, as Turkey and Russia write seven digits behind an area code, and no American.
 */
function isPaired({ groups }: WrittenDigits): boolean {
  return groups.at(-1) === 2 && groups.at(-2) === 2;
}

/**
 * With blanks alone it may be the way at home, too; with hyphens, dots or parentheses it is not
 * sure.
 */
function northAmerican(
  number: PlanNumber,
  written: WrittenDigits,
  isMexican: boolean,
): ForeignHabit | null {
  const [digits] = written.readings as [string];
  const whole = digits.length === 10 ? NANP + digits : digits;
  const american = whole.startsWith(NANP) ? readInternational(whole) : null;
  const { groups, isMarked, inParentheses } = written;
  const isOwnWay = () => groups.length > 1 && isGroupedAtHome(number, groups);
  if (american === null) return inParentheses === "" || isOwnWay() ? null : { kind: "punctuation" };
  if (isMexican) {
    return !isNorthAmerican(written) && isOwnWay() ? null : { kind: "number", number: american };
  }
  // Colombia's own `(601) 2345678` is nobody's in North America.
  const isHome = groups.length === 2 ? isExactlyAtHome(number, groups) : !isMarked && isOwnWay();
  return isHome ? null : { kind: "number", number: american };
}

/** There an area code has three digits, so a group ends behind them wherever there are groups. */
function strangeInNorthAmerica(
  { e164 }: PlanNumber,
  { groups }: WrittenDigits,
): ForeignHabit | null {
  if (groups.length === 1 || !e164.startsWith(`+${NANP}`)) return null;
  return endsFromRight(groups).includes(7) ? null : { kind: "punctuation" };
}

/** True when every group ends where one ends in the number as it is written at home or abroad. */
function isGroupedAtHome({ e164 }: PlanNumber, groups: readonly number[]): boolean {
  return usualGroups(e164).some((usual) => {
    const ends = endsFromRight(usual);
    return endsFromRight(groups).every((end) => ends.includes(end));
  });
}

/** True when the groups are those of the number as it is written at home. */
function isExactlyAtHome({ e164 }: PlanNumber, groups: readonly number[]): boolean {
  const [atHome = []] = usualGroups(e164);
  return atHome.join() === groups.slice(-atHome.length).join();
}

/** Digits that are left where each group but the first begins: `[3, 3, 4]` gives `[7, 4]`. */
function endsFromRight(groups: readonly number[]): number[] {
  return groups
    .slice(1)
    .map((_, at) => groups.slice(at + 1).reduce((sum, length) => sum + length, 0));
}
