// Virtual time: events in a queue, and a clock that jumps to the next of them. Nothing in here
// waits.

import { nextTick } from "node:process";

import type { Clock } from "../../src/domain/sending/pace.ts";

/** Wall clock at the start of every simulated world. */
const BEGIN = Date.UTC(2026, 10, 22, 10, 0, 0);
/**
 * What `sleep(0)` costs: the turn of an event loop. Time must go on, or a loop that waits for it
 * never ends.
 */
const LOOP_TURN_MS = 0.05;
/** A timer of less than this is one of this, in Node. */
const TIMER_LEAST_MS = 1;

/**
 * A process of the simulated machine. Of a dead one nothing happens any more, and what waits for it
 * waits for ever.
 */
export interface Process {
  /** From 1 in each world. */
  readonly id: number;
  isAlive: boolean;
  /** Events so far. */
  steps: number;
  /** Until then nothing of it happens: it is stopped, or waits for the processor. */
  stalledUntil: number;
  /** Until then nothing that it asks of the ledger arrives there. */
  cutUntil: number;
  /** Called before each of its events; may kill it. */
  onStep: ((process: Process) => void) | null;
}

interface Event {
  at: number;
  order: number;
  process: Process | null;
  /** Null: cancelled. */
  act: (() => void) | null;
}

/** The time of one simulated world. */
export class Time {
  /** Monotonic milliseconds. */
  now = 0;
  /** What the wall clock was set forward by. */
  offset = 0;
  private order = 0;
  private readonly queue: Event[] = [];

  /** The wall clock, in whole milliseconds as everywhere. */
  wall(): number {
    return BEGIN + Math.floor(this.now) + this.offset;
  }

  /**
   * Something happens after a while.
   * @param process whose it is; null: the world's
   * @returns takes it back
   */
  after(delayMs: number, act: () => void, process: Process | null = null): () => void {
    this.order += 1;
    const event: Event = { at: this.now + delayMs, order: this.order, process, act };
    this.push(event);
    return () => {
      event.act = null;
    };
  }

  /** Waits as a process does; never ends when that is killed meanwhile. */
  pass(delayMs: number, process: Process | null): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve, process));
  }

  /** The next event, with all that follows from it at once. False when there is none. */
  async step(): Promise<boolean> {
    const event = this.pop();
    if (event === undefined) return false;
    const { process, act, at } = event;
    if (act === null) return true;
    if (process !== null) {
      if (!process.isAlive) return true;
      if (process.stalledUntil > at) {
        event.at = process.stalledUntil;
        this.push(event);
        return true;
      }
      process.steps += 1;
      process.onStep?.(process);
    }
    if (process?.isAlive !== false) {
      this.now = at;
      act();
    }
    // Ticks come once no promise has anything to do.
    await new Promise<void>(nextTick);
    return true;
  }

  /**
   * Lets the world go on until some work is done.
   * @returns false when nothing happens any more, and it is not
   */
  async drive(work: Promise<void>): Promise<boolean> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    // It fails below.
    over.catch(() => {});
    await new Promise<void>(nextTick);
    while (!isOver) if (!(await this.step())) return false;
    await over;
    return true;
  }

  /** The clock as a process sees it. */
  clockOf(process: Process): Clock {
    return {
      now: () => this.wall(),
      monotonic: () => this.now,
      sleep: (delayMs, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          const done = (): void => {
            cancel();
            signal?.removeEventListener("abort", done);
            resolve();
          };
          const waitMs = delayMs === 0 ? LOOP_TURN_MS : Math.max(TIMER_LEAST_MS, delayMs);
          const cancel = this.after(waitMs, done, process);
          signal?.addEventListener("abort", done, { once: true });
        }),
      timer: (delayMs, wake) => this.after(Math.max(TIMER_LEAST_MS, delayMs), wake, process),
    };
  }

  private push(event: Event): void {
    const { queue } = this;
    let at = queue.length;
    queue.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = queue[above] as Event;
      if (!isBefore(event, parent)) break;
      queue[at] = parent;
      at = above;
    }
    queue[at] = event;
  }

  private pop(): Event | undefined {
    const { queue } = this;
    const first = queue[0];
    const last = queue.pop();
    if (last === undefined || queue.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= queue.length) break;
      const right = queue[below + 1];
      if (right !== undefined && isBefore(right, queue[below] as Event)) below += 1;
      const child = queue[below] as Event;
      if (!isBefore(child, last)) break;
      queue[at] = child;
      at = below;
    }
    queue[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}

/** A process that has just begun. */
export function startProcess(id: number): Process {
  return { id, isAlive: true, steps: 0, stalledUntil: 0, cutUntil: 0, onStep: null };
}
