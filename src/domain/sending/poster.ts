// Posts what was claimed, as fast as the pace allows, and takes what came of it.

import type { AttemptRecord, Claim } from "../campaign/attempt.ts";
import { observe } from "./halt.ts";
import type { Exchange, Outcome } from "./outcome.ts";
import { readExchange } from "./outcome.ts";
import { recordOf } from "./retry.ts";
import type { RunOptions, RunPorts, RunProgress } from "./run-ports.ts";
import type { Bell, State, Waiting } from "./run-state.ts";
import { claimRoom, isPaused, isStale, release, releaseRegion } from "./run-state.ts";
import { ringIfUrgent } from "./stop-reasons.ts";

interface Poster {
  /** Posts what may be posted now; called after every turn and every answer. */
  pump(): void;
  /** Waits until it is not waiting for a permit any more. */
  idle(): Promise<void>;
}

/**
 * Takes claims that are on disk, in order, as fast as permits come. Only waiting for a permit takes
 * a promise.
 */
export function makePoster(
  state: State,
  options: RunOptions,
  ports: RunPorts,
  committer: Bell,
): Poster {
  const { clock, pacer } = ports;
  let asking: Promise<void> | null = null;
  const mayPost = () =>
    state.ready.length > 0 &&
    state.end === null &&
    state.watch.halt === null &&
    state.watch.giveUp === null &&
    state.asked === null &&
    state.bug === undefined &&
    !state.closed &&
    !ports.stop.aborted &&
    !isPaused(state, clock) &&
    (state.watch.mode === "probe" ? pacer.inFlight() === 0 : pacer.room() > 0);
  const failed = (error: unknown): void => {
    state.bug ??= error;
    committer.ring();
  };
  /** Uses one permit. */
  const postNext = (): void => {
    const next = mayPost() ? state.ready.shift() : undefined;
    if (next === undefined) {
      pacer.giveBack();
      return;
    }
    if (isStale(next, ports.ledger.claimWaitMs, clock)) {
      // The next turn looks at its opt-out again, and fails where the lane is another's by now.
      release(state, next.claim);
      pacer.giveBack();
      return;
    }
    options.progress.posted += 1;
    // At a low rate nobody else would notice that claims run low before the next answer comes.
    if (claimRoom(state, options, ports) > 0) committer.ring();
    postOne(next, { state, options, ports }, (wasPosted) => {
      if (wasPosted) pump();
      ringIfUrgent(state, options, ports, committer);
    });
  };
  const ask = async (): Promise<void> => {
    let isPermitted = false;
    try {
      isPermitted = await pacer.permit(ports.stop);
      if (isPermitted) postNext();
    } catch (error) {
      failed(error);
    }
    asking = null;
    if (isPermitted) pump();
  };
  const pump = (): void => {
    if (asking !== null) return;
    try {
      while (mayPost()) {
        if (!pacer.permitNow()) {
          asking = ask();
          return;
        }
        postNext();
      }
    } catch (error) {
      failed(error);
    }
  };
  return { pump, idle: async () => void (await asking) };
}

interface PostingContext {
  state: State;
  options: RunOptions;
  ports: RunPorts;
}

/**
 * Posts one claim; what came of it is in the state when `done` is called. Callbacks, since this is
 * done for every message.
 * @param done receives whether a request was made at all
 */
function postOne(next: Waiting, running: PostingContext, done: (wasPosted: boolean) => void): void {
  const { state, ports } = running;
  const { claim } = next;
  const { clock, pacer } = ports;
  const passage = pacer.enter();
  let startedAt: number | null = null;
  let isTooLate = false;
  const begins = (): boolean => {
    // It may have waited for its connection, and the process may have been stopped meanwhile.
    isTooLate = isStale(next, ports.ledger.claimWaitMs, clock) || !isOpenFor(claim, ports);
    if (isTooLate) return false;
    startedAt = clock.now();
    state.paceDirty = true;
    passage.begins();
    return true;
  };
  const ended = (exchange: Exchange): void => {
    try {
      if (isTooLate) release(state, claim);
      else take(claim, exchange, { startedAt, endedAt: clock.now() }, running);
    } catch (error) {
      state.bug ??= error;
    }
    passage.leaves();
    done(true);
  };
  try {
    void ports.post(ports.bodyOf(claim), begins, ports.endpointOf(claim)).then(ended);
  } catch (error) {
    state.bug ??= error;
    passage.leaves();
    done(false);
  }
}

/** Hours may have ended since it was claimed. */
function isOpenFor({ zone = 0 }: Claim, { clock, opening, zones }: RunPorts): boolean {
  const now = clock.now();
  return zones === undefined ? opening(now).kind === "open" : zones.book.isOpen(zone, now);
}

/**
 * Takes what came of a request into the state. Must not throw before the record is kept: the
 * dispatch would be left in doubt.
 */
function take(
  claim: Claim,
  exchange: Exchange,
  when: { startedAt: number | null; endedAt: number },
  { state, options, ports }: PostingContext,
): void {
  const outcome = readExchange(exchange, claim.region);
  const record = recordOf({
    claim,
    outcome,
    endpoint: ports.endpointOf(claim),
    ...when,
    acceptedBefore: state.watch.accepted,
    cappedTries: options.cappedTries,
  });
  state.done.push(record);
  if (record.next.to === "pending" && claim.zone !== undefined) state.refilled.add(claim.zone);
  if (record.refusesRegion) releaseRegion(state, record.refusesRegion);
  add(options.progress, record);
  react(state, ports, outcome);
  tell(ports, claim, outcome);
}

function react(state: State, ports: RunPorts, outcome: Outcome): void {
  const now = ports.clock.monotonic();
  const waitedFor = state.watch.notBefore;
  observe(state.watch, outcome, now);
  if (state.watch.notBefore > waitedFor && state.watch.waiting !== null) {
    ports.notice({ kind: "waiting", why: state.watch.waiting, forMs: state.watch.notBefore - now });
  }
  if (outcome.kind === "refused" && outcome.rule.action === "throttle") {
    const factor = ports.pacer.throttled();
    ports.notice({ kind: "throttled", factor, code: outcome.answer.code });
  }
}

function tell(ports: RunPorts, claim: Claim, outcome: Outcome): void {
  if (outcome.kind === "unknown" && outcome.isForeign) {
    const { httpStatus } = outcome.answer;
    ports.notice({ kind: "foreign_answer", httpStatus, cause: outcome.cause });
  }
  ports.notice({
    kind: "attempt",
    row: claim.row,
    attempt: claim.attempt,
    outcome: outcome.kind,
    code: outcome.answer.code,
    cause: outcome.kind === "unknown" || outcome.kind === "not_sent" ? outcome.cause : null,
  });
}

function add(progress: RunProgress, record: AttemptRecord): void {
  const { to } = record.next;
  if (to === "accepted") progress.accepted += 1;
  else if (to === "failed") progress.failed += 1;
  else if (to === "held") progress.held += 1;
  else if (to === "unknown") progress.unknown += 1;
}
