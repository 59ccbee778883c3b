// The figures of a test as reports and pages show them: its arms side by side, by assignment.
// Before the decision counts alone: a rate or an interval would name a winner early.

import { count } from "../common/numbers.ts";
import type { Interval } from "../common/proportion.ts";
import { wilson } from "../common/proportion.ts";
import { pointsText } from "../statistics/decision-text.ts";
import { BROKEN_SPLIT_P, splitP } from "../statistics/sample-ratio.ts";
import type { TestRule } from "./decide-test.ts";
import type { TestMetric } from "./split.ts";
import type { TestCourse, TestState } from "./test-state.ts";
import { courseOf } from "./test-state.ts";

/** What a decision keeps of its comparisons; see `decideTest`. */
interface KeptComparison {
  arm: string;
  /** Of the shares, 0 to 1. */
  difference: number;
  interval: Interval;
}

/** What a decision keeps of its arms. */
interface KeptArm {
  arm: string;
  people: number;
}

/** An arm in figures. */
export interface ArmFigures {
  name: string;
  /** From 0 to 1, as planned. */
  share: number;
  /** Everybody who was assigned and not skipped by planning: the base of the rate. */
  people: number;
  /** Of them, those whom the metric counts. */
  number: number;
  /** From 0 to 1, with its 95 % interval; null before the decision, or without people. */
  rate: number | null;
  interval: Interval | null;
  /** Against the first arm, as it was decided; null: of the first arm, or not known. */
  difference: { value: number; interval: Interval } | null;
  isWinner: boolean;
}

/** A test in figures: those that it was decided by, or the counts of now. */
export interface TestFigures {
  name: string;
  metric: TestMetric;
  course: TestCourse;
  /** `winner`, `cannot_tell`, `split_broken` or `by_hand`; null before the decision. */
  result: string | null;
  /** The name of the arm that won; null: none, or not decided. */
  winner: string | null;
  arms: ArmFigures[];
  /** The p-value of the sample-ratio check; null while nobody is assigned. */
  splitP: number | null;
  /** People in no arm who wait. */
  waiting: number;
  /** The arm that the rest gets; null: not known yet. */
  restArm: string | null;
}

/** The figures of a test. @param now instant */
export function testFigures(rule: TestRule, state: TestState, now: number): TestFigures {
  const course = courseOf(state, rule, now);
  const { decision } = state;
  const kept = (decision?.evidence.arms ?? []) as (KeptArm & Record<string, number>)[];
  const comparisons = (decision?.evidence.comparisons ?? []) as KeptComparison[];
  const arms = rule.arms.map(({ name, share }, at): ArmFigures => {
    const counted = state.arms.find(({ arm }) => arm === at + 1);
    const found = kept.find(({ arm }) => arm === name);
    const people = found?.people ?? counted?.people ?? 0;
    const number = found?.[rule.metric] ?? counted?.[rule.metric] ?? 0;
    const against = comparisons.find(({ arm }) => arm === name);
    const isShown = decision !== null && people > 0;
    return {
      ...{ name, share, people, number, isWinner: decision?.winner === at + 1 },
      rate: isShown ? number / people : null,
      interval: isShown ? wilson(number, people) : null,
      difference:
        against === undefined ? null : { value: against.difference, interval: against.interval },
    };
  });
  const split = arms.map(({ share, people }) => ({ planned: share, people }));
  const nameOf = (place: number | null | undefined) => rule.arms[(place ?? 0) - 1]?.name ?? null;
  const result = decision?.evidence.result;
  return {
    ...{ name: rule.name, metric: rule.metric, course, arms, waiting: state.rest },
    result: typeof result === "string" ? result : null,
    winner: nameOf(decision?.winner),
    splitP: split.some(({ people }) => people > 0) ? splitP(split) : null,
    restArm: nameOf(decision?.rest ?? rule.rest),
  };
}

/** `Test cta: b won`; of one that waits, until when. @param when an instant in words */
export function testHeading(test: TestFigures, when: (at: number) => string): string {
  const { name, course, winner } = test;
  const stands = {
    sending: "its arms are being sent to",
    waiting: course.kind === "waiting" ? `decides ${when(course.until)}` : "",
    unread: "waits for orders to be imported",
    due: "the next run decides",
    decided: winner === null ? withoutWinner(test) : `${winner} won`,
  }[course.kind];
  return `Test ${name}: ${stands}`;
}

function withoutWinner({ result, restArm }: TestFigures): string {
  if (result === "by_hand") return `${restArm ?? ""} goes on, by hand`;
  return result === "split_broken" ? "the split is broken" : "cannot tell";
}

/** What is known of it beside the table, a sentence each. */
export function testSentences(test: TestFigures, when: (at: number) => string): string[] {
  const { course, splitP: p } = test;
  const open = course.kind === "sending" ? course.open : 0;
  const stands = {
    sending: `${count(open)} of them are left to send to. There is no winner before the decision.`,
    waiting:
      course.kind === "waiting"
        ? `A run decides it from ${when(course.until)} on. There is no winner before.`
        : "",
    unread:
      course.kind === "unread"
        ? `Orders until ${when(course.at)} decide it: import them (\`campaign conversions import FILE\`), then run again.`
        : "",
    due: "The next run decides it. There is no winner before.",
    decided:
      course.kind === "decided"
        ? `Decided ${when(course.decision.decidedAt)}, for good, by everybody who was assigned. ${course.decision.sentence}`
        : "",
  }[course.kind];
  const rest =
    course.kind === "decided" || test.waiting === 0
      ? []
      : [
          `${count(test.waiting)} wait for ${test.restArm === null ? "what wins" : `arm ${test.restArm}`}.`,
        ];
  return [stands, ...rest, ...(p === null ? [] : [splitSentence(p)])];
}

/** The sample-ratio check: do the arms have as many people as their shares say? */
function splitSentence(p: number): string {
  return p < BROKEN_SPLIT_P
    ? "The split is broken (p < 0.001): the arms have not the people that their shares say."
    : `The split is sound (p = ${p.toFixed(2)}).`;
}

/** The difference to the first arm in points: `+1.2 (0.2 to 2.1)`; `–` where there is none. */
export function differenceText({ difference }: Pick<ArmFigures, "difference">): string {
  return difference === null ? "–" : pointsText(difference.value, difference.interval);
}

/** A test as `report --json` has it. */
export function testFiguresRecord(test: TestFigures): Record<string, unknown> {
  const { name, metric, course, result, winner, splitP: p, waiting, restArm } = test;
  const instant = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    ...{ name, metric, result, winner },
    decided_at: instant(course.kind === "decided" ? course.decision.decidedAt : null),
    decides_at: instant(course.kind === "waiting" ? course.until : null),
    sentence: course.kind === "decided" ? course.decision.sentence : null,
    arms: test.arms.map((arm) => ({
      ...{ arm: arm.name, share: arm.share, people: arm.people, [metric]: arm.number },
      ...{ rate: arm.rate, interval: arm.interval },
      difference: arm.difference?.value ?? null,
      difference_interval: arm.difference?.interval ?? null,
    })),
    ...{ split_p: p, rest_waiting: waiting, rest_gets: restArm },
  };
}
