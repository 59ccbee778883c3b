// What the oracles of one world share: what was broken, and how fast each lane was.

const SECOND_MS = 1000;

/** Requests that began to be written on a lane: virtual instants, and which runner's. */
type Begun = { at: number; runner: number }[];

/** One world as its oracles see it. */
export class Watch {
  /** Promises that were broken, as sentences. */
  readonly broken: string[] = [];
  /** The wall clock was set. */
  hasJumped = false;
  private readonly begun = new Map<string, Begun>();

  /** Lane and code. */
  private readonly codes = new Set<string>();

  /** Graph answered or reported a code on a lane. */
  met(lane: string, code: string): void {
    this.codes.add(`${lane} ${code}`);
  }

  hasMet(lane: string, code: string): boolean {
    return this.codes.has(`${lane} ${code}`);
  }

  /** A request begins to be written. */
  began(lane: string, at: number, runner: number): void {
    const begun = this.begun.get(lane);
    if (begun === undefined) this.begun.set(lane, [{ at, runner }]);
    else begun.push({ at, runner });
  }

  /** Requests of a lane that begin in any second, over all runners. */
  judgeRate(lane: string, rate: number): void {
    const begun = this.begun.get(lane) ?? [];
    for (const [at, first] of begun.entries()) {
      const last = begun[at + rate];
      if (last === undefined) return;
      const apart = last.at - first.at;
      // Two runners share nothing but the wall clock.
      const haveOneClock = first.runner === last.runner || !this.hasJumped;
      if (apart >= SECOND_MS || !haveOneClock) continue;
      const [within, from] = [apart.toFixed(2), first.at.toFixed(2)];
      this.broken.push(
        `${rate + 1} requests of ${lane} began within ${within} ms, from ${from} on`,
      );
      return;
    }
  }
}
