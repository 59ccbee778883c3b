// What the conditions of a campaign hold back: its hours, cap, ramp, budget and daily limit, and
// the holds of single people. One answer, for every face. No I/O, no clock.
//
// Each condition is looked at by itself: a person may wait for the hours and for the ramp too, and
// is counted in both lines.

import type { TestRule } from "../arms/decide-test.ts";
import type { TestState } from "../arms/test-state.ts";
import { courseOf } from "../arms/test-state.ts";
import type { DailyLimit } from "../campaign/campaign.ts";
import { count, money, plural } from "../common/numbers.ts";
import { settledIn } from "../cost/money.ts";
import type { Budget } from "../limits/budget.ts";
import { inUnits } from "../limits/budget.ts";
import type { Cap } from "../limits/cap.ts";
import { capText } from "../limits/cap.ts";
import type { RampRule, RampState } from "../limits/ramp.ts";
import { rampStanding, stepSizes } from "../limits/ramp.ts";
import type { HoursNow } from "../schedule/hours-now.ts";
import type { CampaignStanding, When } from "./campaign-standing.ts";
import { isEnded } from "./campaign-standing.ts";
import type { LedgerTally } from "./counts.ts";
import { skippedOf } from "./open-items.ts";

/** The one reason for which rows are skipped, and held too. */
const FREQUENCY_CAP = "frequency_cap";

/** What the answer follows from. */
export interface ConditionFacts {
  now: number;
  standing: CampaignStanding;
  tally: Pick<LedgerTally, "counts" | "reasons" | "failures" | "holds" | "money"> & {
    reached: Pick<LedgerTally["reached"], "toSend">;
  };
  budget: Budget | null;
  dailyLimit: DailyLimit | null;
  found: RulesNow;
}

/** How the rules of the manifest stand now; null each where there is none, or it was not read. */
export interface RulesNow {
  hours: HoursNow | null;
  cap: Cap | null;
  ramp: { rule: RampRule; state: RampState } | null;
  test?: { rule: TestRule; state: TestState } | null | undefined;
}

/** Of a campaign whose manifest was not read. */
export const NO_RULES: RulesNow = { hours: null, cap: null, ramp: null, test: null };

type ConditionName =
  | "hours"
  | "frequency_cap"
  | "ramp"
  | "test"
  | "budget"
  | "daily_limit"
  | "holds";

/** A condition that is on, and what it does to the campaign now. */
export interface Condition {
  condition: ConditionName;
  /** Whom it holds back: people who wait for it, and those whom it skipped. */
  people: number;
  /** Ms. When the first of those who wait may go on; null: at once, never, or not known. */
  until: number | null;
  /** `Frequency cap`. */
  name: string;
  /** What it holds back, how many and until when; no full stop. */
  words: string;
}

/**
 * Each condition that is on, in the order in which they stand in a manifest. Of a campaign that
 * ended those that left a mark.
 */
export function conditionsOf(facts: ConditionFacts, when: When): Condition[] {
  const all = isEnded(facts.standing)
    ? [capCondition(facts, when), testCondition(facts, when), budgetCondition(facts)]
    : [
        hoursCondition(facts, when),
        capCondition(facts, when),
        rampCondition(facts, when),
        testCondition(facts, when),
        budgetCondition(facts),
        dailyCondition(facts, when),
        holdsCondition(facts, when),
      ];
  return all.filter((one) => one !== null);
}

/** `Frequency cap: 3,410 skipped, 12 wait, the first until Fri 14:10.` */
export function conditionSentence({ name, words }: Condition): string {
  return `${name}: ${words}.`;
}

/** A condition as `--json` has it. */
export interface ConditionRecord {
  condition: ConditionName;
  people: number;
  /** ISO 8601 UTC. */
  until: string | null;
  sentence: string;
}

/** The same facts for `--json`. */
export function conditionRecord(one: Condition): ConditionRecord {
  const { condition, people, until } = one;
  return {
    ...{ condition, people },
    until: until === null ? null : new Date(until).toISOString(),
    sentence: conditionSentence(one),
  };
}

const waits = (people: number): string => plural(people, "person waits", "people wait");

function hoursCondition({ found, now }: ConditionFacts, when: When): Condition | null {
  if (found.hours === null) return null;
  const { hours, isOwnClock, people, opensAt, opensWhere, closesAt, isOver } = found.hours;
  const until = people > 0 && opensAt !== null && opensAt > now ? opensAt : null;
  const about = {
    ...{ condition: "hours" as const, people, until },
    name: hours === null ? "Schedule" : "Hours",
  };
  if (isOver) return { ...about, words: `the end has passed; ${waits(people)}` };
  if (people === 0) {
    const open = closesAt === null || isOwnClock ? "open" : `open until ${when(closesAt)}`;
    return { ...about, words: isOwnClock ? `${open} for everybody who waits` : open };
  }
  if (!isOwnClock) {
    const then = until === null ? ", and no opening is known" : ` until ${when(until)}`;
    return { ...about, words: `${waits(people)}${then}` };
  }
  const day = hours === null ? "their day" : `${hours.from} to ${hours.to}`;
  const first =
    until === null
      ? ", and no opening is known"
      : `, the first until ${when(until)}: ${opensWhere}`;
  return { ...about, words: `${waits(people)} for ${day} by their own clock${first}` };
}

/** How many wait for their frequency cap, and how many are skipped for it. */
export function cappedOf(tally: Pick<LedgerTally, "reasons" | "failures" | "holds">): {
  skipped: number;
  held: number;
  /** When the first of the held is free, in ms; null for nobody. */
  nextAt: number | null;
} {
  const held = tally.holds.find(({ reason }) => reason === FREQUENCY_CAP);
  const { [FREQUENCY_CAP]: skipped = 0 } = skippedOf(tally);
  return { skipped, held: held?.number ?? 0, nextAt: held?.nextAt ?? null };
}

function capCondition({ found, tally, now }: ConditionFacts, when: When): Condition | null {
  const { cap } = found;
  const { skipped, held, nextAt } = cappedOf(tally);
  const people = skipped + held;
  if (cap === null && people === 0) return null;
  const until = nextAt !== null && nextAt > now ? nextAt : null;
  const first = until === null ? "" : `, the first until ${when(until)}`;
  const parts = [
    ...(skipped > 0 ? [`${count(skipped)} skipped`] : []),
    ...(held > 0 ? [`${waits(held)}${first}`] : []),
  ];
  const rule = cap === null ? "" : ` (${capText(cap)})`;
  return {
    ...{ condition: "frequency_cap", people, until, name: `Frequency cap${rule}` },
    words: people === 0 ? "nobody is over it so far" : parts.join(", "),
  };
}

/** People whom a run may still send to. */
function waiting({ tally: { counts } }: ConditionFacts): number {
  return (counts.pending ?? 0) + (counts.held ?? 0);
}

function rampCondition(facts: ConditionFacts, when: When): Condition | null {
  const { found, tally, now } = facts;
  if (found.ramp === null) return null;
  const { rule, state } = found.ramp;
  const sizes = stepSizes(rule, tally.reached.toSend);
  const standing = rampStanding(state, sizes);
  const about = { condition: "ramp" as const, name: "Ramp" };
  if (standing === null) {
    const steps = sizes.length === 1 ? "its step is" : `all ${sizes.length} steps are`;
    return { ...about, people: 0, until: null, words: `${steps} through; its limits still hold` };
  }
  const size = sizes[state.step] ?? 0;
  const people = Math.min(waiting(facts), tally.reached.toSend - size);
  const isThrough = state.people >= size && state.lastClaimAt !== null;
  const settledAt = isThrough ? (state.lastClaimAt ?? 0) + rule.settle : null;
  const until = settledAt !== null && settledAt > now ? settledAt : null;
  const then = until === null ? "" : `, until ${when(until)} at the latest`;
  const rest = people === 0 ? "" : `; ${waits(people)} for the next step${then}`;
  return { ...about, people, until, words: `${standing}${rest}` };
}

/** While it waits it shows counts and no winner. */
function testCondition({ found, now }: ConditionFacts, when: When): Condition | null {
  if (found.test === null || found.test === undefined) return null;
  const { rule, state } = found.test;
  const course = courseOf(state, rule, now);
  const about = { condition: "test" as const, people: state.rest, until: null };
  const name = `Test ${rule.name}`;
  if (course.kind === "decided") {
    return { ...about, people: 0, name, words: course.decision.sentence.replace(/\.$/, "") };
  }
  const arms = state.arms.map((arm) => `${arm.name} ${count(arm.people)}`).join(", ");
  const what = rule.rest === null ? "what wins" : `arm ${rule.arms[rule.rest - 1]?.name ?? ""}`;
  const rest = state.rest === 0 ? "" : `; ${waits(state.rest)} for ${what}`;
  const until = course.kind === "waiting" ? course.until : null;
  const then = {
    sending: course.kind === "sending" ? `, ${count(course.open)} left to send to` : "",
    waiting: until === null ? "" : `, decided by a run from ${when(until)} on`,
    unread: ", decided once their orders are imported",
    due: ", decided by the next run",
  }[course.kind];
  return { ...about, until, name, words: `${arms} people${then}${rest}` };
}

function budgetCondition(facts: ConditionFacts): Condition | null {
  const { budget, tally, standing } = facts;
  if (budget === null) return null;
  const { reserved } = tally.money;
  const settled = settledIn(tally.money, budget.currency);
  const [paid, aside, most] = [settled, reserved, budget.most].map((one) => money(inUnits(one)));
  const set = reserved === 0 ? "" : `, ${aside} set aside for messages on their way`;
  const left = Math.max(0, budget.most - settled - reserved);
  const { people, isExact } = isEnded(standing)
    ? { people: 0, isExact: true }
    : unaffordable(tally.money.waiting, left);
  const beyond =
    people === 0
      ? ""
      : `; ${isExact ? "" : "about "}${plural(people, "person does", "people do")} not fit`;
  return {
    ...{ condition: "budget", people, until: null, name: "Budget" },
    words: `${paid} of ${most} ${budget.currency} delivered${set}${beyond}`,
  };
}

/** How many of those who wait a budget does not allow. @param left millionths */
function unaffordable(
  groups: LedgerTally["money"]["waiting"],
  left: number,
): { people: number; isExact: boolean } {
  const priced = groups.filter(({ price }) => price !== null);
  const unpriced = groups.reduce(
    (all, { price, people }) => all + (price === null ? people : 0),
    0,
  );
  const cost = priced.reduce((all, { price, people }) => all + (price ?? 0) * people, 0);
  if (cost <= left) return { people: unpriced, isExact: true };
  const number = priced.reduce((all, { people }) => all + people, 0);
  // Where prices differ it depends on who comes first: as many as at the average price.
  const fitting = Math.floor((left / cost) * number);
  const isExact = new Set(priced.map(({ price }) => price)).size === 1;
  return { people: unpriced + number - fitting, isExact };
}

function dailyCondition(facts: ConditionFacts, when: When): Condition | null {
  const { dailyLimit, now } = facts;
  if (dailyLimit === null) return null;
  const { limit, people: used, freeAt } = dailyLimit;
  const people = Math.max(0, waiting(facts) - Math.max(0, limit - used));
  const until = people > 0 && used >= limit && freeAt !== null && freeAt > now ? freeAt : null;
  const first = until === null ? "" : `, the first until ${when(until)}`;
  const rest = people === 0 ? "" : `; ${waits(people)} for room${first}`;
  return {
    ...{ condition: "daily_limit", people, until, name: "Daily limit" },
    words: `${count(used)} of ${plural(limit, "person", "people")} used (rolling 24 h)${rest}`,
  };
}

/** Those whom Meta refused for now; who waits for the frequency cap stands with it. */
function holdsCondition({ tally, now }: ConditionFacts, when: When): Condition | null {
  const holds = tally.holds.filter(({ reason }) => reason !== FREQUENCY_CAP);
  if (holds.length === 0) return null;
  const people = holds.reduce((all, { number }) => all + number, 0);
  const nextAt = Math.min(...holds.map((one) => one.nextAt));
  const until = nextAt > now ? nextAt : null;
  const first = until === null ? ", and is due" : `, the first until ${when(until)}`;
  return {
    ...{ condition: "holds", people, until, name: "Held" },
    words: `${waits(people)} for another try${first}`,
  };
}
