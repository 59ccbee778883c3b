// How long a campaign takes with its schedule, rate and daily limit, played through: who is reached
// when, and who is not. As a run does it, whose hours close first goes first.

import { DAY_MS } from "../common/wall-clock.ts";
import type { Opening } from "./schedule.ts";

/** People who are sent to at the same times. */
export interface Group {
  people: number;
  /** Whether their schedule allows sending at an instant. */
  opening(at: number): Opening;
}

/** How fast a campaign may go. */
export interface Speed {
  messagesPerSecond: number;
  /** Most people in any 24 hours; null for no limit. */
  dailyLimit: number | null;
  /** Of the daily limit, used up in the last 24 hours; taken to be free again after 24 hours. */
  reached: number;
  /** Instant of the start, ms. */
  startAt: number;
  /** The fewest people first; left out: none. */
  pauses?: readonly Pause[];
}

/** Nothing is sent for a while, such as while the messages of a ramp's step settle. */
export interface Pause {
  /** It begins when so many people were sent to since the start. */
  after: number;
  ms: number;
}

/** What became of a group. */
export interface GroupEnd {
  /** People who are not reached before the schedule's end, or within a year. */
  left: number;
  /** When the first and the last of those who are reached are sent to, ms; null without one. */
  firstAt: number | null;
  lastAt: number | null;
}

export interface Simulated {
  groups: GroupEnd[];
  /** When the last of all is sent to; the start when nobody is. */
  lastAt: number;
  /** When the next could be sent to after that. */
  endAt: number;
}

/** Further ahead than this nothing is worked out. */
const HORIZON_MS = 366 * DAY_MS;
/** Smaller differences between two instants come from counting in fractions, in ms. */
const SAME_INSTANT_MS = 0.5;

/** Places under the daily limit that are free from an instant on, one after another at the rate. */
interface FreePlaces {
  from: number;
  count: number;
}

interface Waiting extends GroupEnd {
  group: Group;
}

/**
 * Plays a campaign through in which everybody gets one message and nothing fails.
 *
 * Under a daily limit of n the person n places later can only follow 24 hours after the first: so
 * each stretch of people that are sent to is put at the end of a queue of places, free again a day
 * later, and the next people take the places from the front.
 */
export function simulate(groups: readonly Group[], speed: Speed): Simulated {
  const { startAt } = speed;
  const eachMs = 1000 / speed.messagesPerSecond;
  const limit = speed.dailyLimit ?? Number.POSITIVE_INFINITY;
  const reached = Math.min(speed.reached, limit);
  const queue: FreePlaces[] = [{ from: startAt, count: limit - reached }];
  if (reached > 0) queue.push({ from: startAt + DAY_MS, count: reached });
  const all = groups.map((group) => ({ group, left: group.people, firstAt: null, lastAt: null }));
  let waiting: Waiting[] = all.filter(({ left }) => left > 0);
  const pauses = [...(speed.pauses ?? [])];
  let sent = 0;
  let now = startAt;
  let lastAt = startAt;
  while (waiting.length > 0) {
    const [pause] = pauses;
    if (pause !== undefined && sent >= pause.after) {
      now += pause.ms;
      pauses.shift();
      continue;
    }
    const places = queue[0];
    if (places === undefined || now > startAt + HORIZON_MS) break;
    if (places.count === 0) {
      queue.shift();
      continue;
    }
    now = Math.max(now, places.from);
    const { next, until, opensAt } = firstToClose(waiting, now);
    if (next === null) {
      if (opensAt === Number.POSITIVE_INFINITY) break;
      now = opensAt;
      continue;
    }
    // Another group that opens may close before this one does.
    const fits = Math.ceil((Math.min(until, opensAt) - now) / eachMs);
    const untilPause = (pause?.after ?? Number.POSITIVE_INFINITY) - sent;
    const count = Math.min(next.left, places.count, Math.max(fits, 1), untilPause);
    next.left -= count;
    sent += count;
    places.count -= count;
    if (limit !== Number.POSITIVE_INFINITY) freeAgain(queue, { from: now + DAY_MS, count }, eachMs);
    lastAt = now + (count - 1) * eachMs;
    next.firstAt ??= now;
    next.lastAt = lastAt;
    now += count * eachMs;
    if (next.left === 0) waiting = waiting.filter((one) => one !== next);
  }
  const ends = all.map(({ left, firstAt, lastAt: last }) => ({ left, firstAt, lastAt: last }));
  return { groups: ends, lastAt, endAt: now };
}

/** The open group that closes first; null without one. `opensAt`: when the next one opens. */
function firstToClose(
  waiting: readonly Waiting[],
  now: number,
): { next: Waiting | null; until: number; opensAt: number } {
  let next: Waiting | null = null;
  let until = Number.POSITIVE_INFINITY;
  let opensAt = Number.POSITIVE_INFINITY;
  for (const one of waiting) {
    const opening = one.group.opening(now);
    if (opening.kind === "closed") opensAt = Math.min(opensAt, opening.opensAt ?? opensAt);
    else if (opening.kind === "open" && (next === null || opening.until < until)) {
      [next, until] = [one, opening.until];
    }
  }
  return { next, until, opensAt };
}

/** Puts places at the end of the queue, joined to the last ones where they follow without a gap. */
function freeAgain(queue: FreePlaces[], places: FreePlaces, eachMs: number): void {
  const last = queue.at(-1);
  const isNext =
    last !== undefined &&
    queue.length > 1 &&
    Math.abs(last.from + last.count * eachMs - places.from) < SAME_INSTANT_MS;
  if (isNext) last.count += places.count;
  else queue.push(places);
}

/**
 * The longest time for which a group is open without a break, in ms.
 * @param from instant from which it is looked for, ms; or from its first opening on
 */
export function longestOpening(
  { opening }: Pick<Group, "opening">,
  from: number,
  spanMs: number,
): number {
  const first = opening(from);
  const begin = first.kind === "closed" && first.opensAt !== null ? first.opensAt : from;
  let longest = 0;
  for (let at = begin; at < begin + spanMs; ) {
    const found = opening(at);
    if (found.kind === "over") break;
    if (found.kind === "open") {
      longest = Math.max(longest, found.until - at);
      at = found.until;
    } else if (found.opensAt === null) break;
    else at = found.opensAt;
  }
  return longest;
}

/** Milliseconds for which a group is open between two instants. */
export function openTime({ opening }: Pick<Group, "opening">, from: number, to: number): number {
  let open = 0;
  for (let at = from; at < to; ) {
    const found = opening(at);
    if (found.kind === "over") break;
    if (found.kind === "open") {
      open += Math.min(found.until, to) - at;
      at = found.until;
    } else if (found.opensAt === null) break;
    else at = found.opensAt;
  }
  return open;
}
