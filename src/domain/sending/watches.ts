// Watches what a running campaign waits for: takes its ramp from step to step, decides its test
// once and for good, and says when it has to stop.

import { decideEarly, decideTest, lookDue } from "../arms/decide-test.ts";
import type { TestMetric } from "../arms/split.ts";
import type { ArmCounts, TestCourse, TestDecision, TestState } from "../arms/test-state.ts";
import { courseOf } from "../arms/test-state.ts";
import type { Stop } from "../campaign/campaign.ts";
import { count, plural } from "../common/numbers.ts";
import type { RampVerdict } from "../limits/ramp.ts";
import { judgeRamp } from "../limits/ramp.ts";
import { stopped } from "./run-end.ts";
import type { RampCourse, RunEnd, RunOptions, RunPorts, TestOfRun } from "./run-ports.ts";
import type { State } from "./run-state.ts";
import { HOLD_WAIT_MS } from "./run-state.ts";

/** How often the settled messages are looked at at least, in milliseconds. */
const LOOK_MS = 5_000;
/** … and within the time in which messages settle. */
const LOOKS_A_SETTLE = 4;

/** After so long it is looked whether Meta still holds messages back, in milliseconds. */
const HELD_MS = 3_600_000;

/** The code of a halt by a ramp. */
const RAMP = "ramp";

/**
 * Looks at the ramp when it is time for it, at the start of a run first.
 * @returns how the run ends; null when it goes on
 */
export async function watchRamp(
  state: State,
  options: RunOptions,
  ports: RunPorts,
): Promise<RunEnd | null> {
  const { ramp = null } = options;
  const now = ports.clock.monotonic();
  if (ramp === null) return null;
  const everyMs = Math.min(LOOK_MS, ramp.rule.settle / LOOKS_A_SETTLE);
  if (now - state.rampLookAt < everyMs) return null;
  const { verdict, step } = await look(ramp, options, ports);
  state.rampLookAt = now;
  return stopOf(verdict, step, { options, ports });
}

/**
 * The step has no room for the next person: goes on to the next one, waits for its messages to
 * settle, or ends the run.
 */
export async function endOfStep(
  state: State,
  options: RunOptions,
  ports: RunPorts,
): Promise<RunEnd | null> {
  const { ramp = null } = options;
  if (ramp === null) return null;
  const { verdict, step, people } = await look(ramp, options, ports);
  const end = await stopOf(verdict, step, { options, ports });
  if (end !== null) return end;
  if (verdict.kind === "settle") {
    if (verdict.until - ports.clock.now() <= HOLD_WAIT_MS) {
      state.dueAt = verdict.until;
      return null;
    }
    const sentence = `Stopped: the messages of step ${step + 1} of the ramp settle.`;
    return stopped("ramp", sentence, verdict.until);
  }
  if (verdict.kind === "next") {
    const { ledger, clock } = ports;
    const { campaign } = options;
    // Another process may have taken it on in this moment.
    const isMoved = await ledger.moveRamp(campaign.id, step, step + 1, clock.now());
    const next = nextWords(ramp, step, people);
    if (isMoved) ports.notice({ kind: "ramp", sentence: next });
    if (isMoved && ramp.rule.after_step === "ask") {
      const stop = pauseAfter(next, clock.now());
      await ledger.askStop(campaign.id, stop, clock.now());
      return stopped("paused", stop.sentence, null);
    }
  }
  Object.assign(state, { full: null, claimable: true });
  return null;
}

async function look(
  { rule, sizes, isAssessed }: RampCourse,
  { campaign }: RunOptions,
  { ledger, clock }: RunPorts,
): Promise<{ verdict: RampVerdict; step: number; people: number }> {
  const now = clock.now();
  const state = await ledger.rampState(campaign.id, now - rule.settle);
  const { step, people } = state;
  const verdict = judgeRamp(rule, state, { sizes, isAssessed, now });
  if (verdict.kind === "renew") await ledger.moveRamp(campaign.id, step, step, now - rule.settle);
  return { verdict, step, people };
}

async function stopOf(
  verdict: RampVerdict,
  step: number,
  { options, ports }: { options: RunOptions; ports: RunPorts },
): Promise<RunEnd | null> {
  const { ledger, clock } = ports;
  switch (verdict.kind) {
    case "halt": {
      const sentence = `Step ${step + 1} of the ramp: ${verdict.sentence}`;
      // Other processes that send it stop, too, and later ones.
      const stop: Stop = { kind: RAMP, code: RAMP, sentence, at: clock.now() };
      await ledger.askStop(options.campaign.id, stop, stop.at);
      return { kind: "halted", halt: { code: RAMP, sentence } };
    }
    case "blind":
      return stopped("ramp_blind", verdict.sentence, null);
    case "held":
      return stopped("ramp_held", verdict.sentence, clock.now() + HELD_MS);
    default:
      return null;
  }
}

function nextWords({ sizes }: RampCourse, step: number, people: number): string {
  const next = sizes[step + 1];
  const then = next === undefined ? "everybody else" : `${count(next)} in all`;
  return `step ${step + 1} of the ramp is sound after ${plural(people, "person", "people")}; next: ${then}`;
}

function pauseAfter(next: string, now: number): Stop {
  const sentence = `Paused by the ramp: ${next}. \`campaign unpause <manifest>\` goes on; then run the same command again.`;
  return { kind: "paused", code: "paused", sentence, at: now };
}

/**
 * Looks at a test before its end when a look is due, at the start of a run first: an arm that wins
 * for sure wins now, and the rest goes on.
 * @returns null always: a look ends no run
 */
export async function watchTest(
  state: State,
  { test = null, campaign }: RunOptions,
  ports: RunPorts,
): Promise<null> {
  const { ledger, clock } = ports;
  if (test === null || (test.rule.looks ?? 1) < 2) return null;
  if (clock.monotonic() - state.testLookAt < LOOK_MS) return null;
  state.testLookAt = clock.monotonic();
  const now = clock.now();
  const seen = await ledger.testState(campaign.id, now);
  if (seen === undefined || seen.decision !== null) return null;
  const arms = await ledger.testLook(campaign.id, now - test.rule.waitMs, now);
  const look = lookDue(test.rule, seen.looks, peopleOf(arms) / Math.max(1, peopleOf(seen.arms)));
  if (look === null) return null;
  const decision = decideEarly(test.rule, { arms, rest: seen.rest }, { look, now });
  if (decision !== null) {
    await writeDecision(decision, { test, campaign }, ports);
    state.claimable = true;
  }
  // Kept last: a look that ends between the two is taken again, by the same people and a few more.
  const { fractions } = look;
  await ledger.keepTestLook(campaign.id, fractions.length, fractions.at(-1) ?? 0, now);
  return null;
}

function peopleOf(arms: readonly Pick<ArmCounts, "people">[]): number {
  return arms.reduce((sum, { people }) => sum + people, 0);
}

/** What a run that has nobody else to claim does about its test. */
type AfterArms =
  /** There is no test, or nobody waits for it. */
  | "none"
  /** It goes on at once, or in a moment. */
  | "goes_on"
  | RunEnd;

/**
 * Nobody of the arms is left to claim. Decides the test when it is due, waits for that when it is
 * soon, or ends the run.
 * @param nextDueAt when a person of an arm who is held is tried again; null: nobody is
 */
export async function afterArms(
  state: State,
  options: RunOptions,
  ports: RunPorts,
  nextDueAt: number | null,
): Promise<AfterArms> {
  const { test = null, campaign } = options;
  const { ledger, clock } = ports;
  if (test === null) return "none";
  const now = clock.now();
  const seen = await ledger.testState(campaign.id, now);
  if (seen === undefined) return "none";
  const { rest } = seen;
  const course = courseOf(seen, test.rule, now);
  if (course.kind === "unread") {
    return stopped("test", unreadSentence(test.rule.name), nextDueAt);
  }
  if (course.kind === "due" && isBlind(seen, test.rule.metric)) {
    return stopped("test", blindSentence(test.rule.name), null);
  }
  if (course.kind === "decided" || course.kind === "due") {
    if (course.kind === "due") await decideNow(course.at, options, ports);
    // Once the decision is known, those who are left of the rest are other numbers' people.
    if (rest === 0 || state.isTestDecided) return "none";
    Object.assign(state, { isTestDecided: true, claimable: true });
    return "goes_on";
  }
  if (rest === 0 && course.kind === "sending") return "none";
  // Another number has people of the arms left: they will have waited no earlier than this.
  const until = course.kind === "waiting" ? course.until : now + test.rule.waitMs;
  const goOnAt = nextDueAt === null ? until : Math.min(until, nextDueAt);
  if (course.kind === "waiting" && goOnAt - now <= HOLD_WAIT_MS) {
    state.dueAt = goOnAt;
    state.isDueByTest = true;
    return "goes_on";
  }
  return stopped("test", `Stopped: ${waitSentence(test.rule.name, course, rest)}`, goOnAt);
}

/**
 * Decides the test of a campaign whose people have all been sent to: nobody waits for it, and it is
 * known all the same. Does nothing before it is due, and without receipts.
 */
export async function decideDue(
  options: Pick<RunOptions, "test" | "campaign">,
  ports: DecidingPorts,
): Promise<void> {
  const { test = null, campaign } = options;
  if (test === null) return;
  const now = ports.clock.now();
  const seen = await ports.ledger.testState(campaign.id, now);
  if (seen === undefined) return;
  const course = courseOf(seen, test.rule, now);
  if (course.kind !== "due" || isBlind(seen, test.rule.metric)) return;
  await decideNow(course.at, options, ports);
}

/** What a decision is written with. */
interface DecidingPorts {
  ledger: Pick<RunPorts["ledger"], "testState" | "decideTest">;
  clock: Pick<RunPorts["clock"], "now">;
  notice: RunPorts["notice"];
}

async function decideNow(
  at: number,
  { test, campaign }: Pick<RunOptions, "test" | "campaign">,
  { ledger, clock, notice }: DecidingPorts,
): Promise<void> {
  const counted = await ledger.testState(campaign.id, at);
  if (counted === undefined || counted.decision !== null || test === null || test === undefined) {
    return;
  }
  const decision = decideTest(test.rule, counted, { at, now: clock.now() });
  await writeDecision(decision, { test, campaign }, { ledger, clock, notice });
}

async function writeDecision(
  decision: TestDecision,
  { test, campaign }: { test: TestOfRun; campaign: RunOptions["campaign"] },
  { ledger, notice }: DecidingPorts,
): Promise<void> {
  const { arms } = test.rule;
  const isMine = await ledger.decideTest(campaign.id, decision, {
    ...{ at: decision.decidedAt, actor: test.actor },
    ...{ action: "test_decided", subject: campaign.name },
    detail: {
      ...{ test: test.rule.name, sentence: decision.sentence },
      ...{ rest: arms[decision.rest - 1]?.name, ...decision.evidence },
    },
  });
  // Another process may have done it in this moment.
  if (isMine) notice({ kind: "test", sentence: decision.sentence });
}

/** No receipt came of anybody: nothing is known of the arms. Orders need no receipt. */
function isBlind({ arms }: TestState, metric: TestMetric): boolean {
  if (metric === "converted") return false;
  const all = (of: "people" | "delivered") => arms.reduce((sum, arm) => sum + arm[of], 0);
  return all("people") > 0 && all("delivered") === 0;
}

function blindSentence(name: string): string {
  return (
    `Stopped: no receipt came for any message of the test ${name}, so it cannot be decided. Start ` +
    "the receiver, or import what it stored (`campaign receipts import`)."
  );
}

function unreadSentence(name: string): string {
  return (
    `Stopped: the test ${name} is decided by what people ordered, and no file of orders was imported ` +
    "since its wait ended. Import one (`campaign conversions import FILE`), then run the same command again."
  );
}

/** What is waited for: `the test cta waits for answers; 42,000 people get what wins.` */
function waitSentence(name: string, course: TestCourse, rest: number): string {
  const what =
    course.kind === "sending"
      ? `the test ${name} has ${plural(course.open, "person", "people")} left to send to`
      : `the test ${name} waits for answers`;
  if (rest === 0) return `${what}.`;
  return `${what}; ${plural(rest, "person gets", "people get")} what wins.`;
}
