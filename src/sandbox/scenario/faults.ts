// Which request meets which fault on the way, and what each fault is. Never touches a socket.

import { chance } from "./chance.ts";
import type { FaultKind, Scenario, ScenarioFault } from "./scenario.ts";
import { specialNumberOf } from "./special-numbers.ts";

interface FaultFact {
  /** Whether the message is accepted all the same, unless the scenario sets it. */
  accepts: boolean;
  /** What the client sees. */
  seen: string;
}

/** `drop_before_reading` never accepts, whatever the scenario sets: the request was not read. */
export const FAULT_FACTS: Record<FaultKind, FaultFact> = {
  drop_before_reading: { accepts: false, seen: "the connection is reset without an answer" },
  drop_after_accepting: { accepts: true, seen: "the connection ends without an answer" },
  hang: { accepts: true, seen: "no answer ever comes" },
  error_500: { accepts: false, seen: "HTTP 500 with an empty body" },
  error_500_meta: { accepts: false, seen: "HTTP 500 with Meta's code 131000" },
  error_503_meta: { accepts: false, seen: "HTTP 503 with Meta's code 131016" },
  slow_body: { accepts: true, seen: "headers at once, the body a byte at a time" },
  html_403: { accepts: false, seen: "HTTP 403 with a page of HTML" },
  html_429: { accepts: false, seen: "HTTP 429 with a page of HTML" },
  cut_answer: { accepts: true, seen: "half of the answer, then the connection ends" },
  garbage_answer: { accepts: true, seen: "HTTP 200 with a body that is not JSON" },
};

/** The fault that a request meets. */
export interface Fault {
  kind: FaultKind;
  accepts: boolean;
}

export interface Faults {
  /**
   * Called once for every request, in order of arrival; `digits` is undefined when `to` could not
   * be read, and `phoneNumberId` where no sending number is asked.
   */
  meet(digits: string | undefined, phoneNumberId?: string): Fault | undefined;
}

/**
 * Counts requests against the faults of a scenario and of the special numbers; the first that
 * matches is met.
 */
export function makeFaults({ seed, faults }: Pick<Scenario, "seed" | "faults">): Faults {
  const counted = faults.map((fault, index) => ({
    fault,
    index,
    to: fault.on.to?.replace(/\D/g, ""),
    requests: 0,
    met: 0,
  }));
  return {
    meet(digits, phoneNumberId) {
      const special = digits === undefined ? undefined : specialNumberOf(digits);
      let found: Fault | undefined;
      if (special?.fault !== undefined) found = faultOf(special.fault, undefined);
      for (const counter of counted) {
        if (counter.to !== undefined && counter.to !== digits) continue;
        const { phone_number_id: by } = counter.fault.on;
        if (by !== undefined && by !== phoneNumberId) continue;
        counter.requests += 1;
        if (found !== undefined || counter.met === counter.fault.times) continue;
        if (!isHit(seed, counter.fault, counter.index, counter.requests)) continue;
        counter.met += 1;
        found = faultOf(counter.fault.do, counter.fault.accepts);
      }
      return found;
    },
  };
}

function isHit(seed: string, fault: ScenarioFault, index: number, request: number): boolean {
  const { nth, every, share } = fault.on;
  if (nth !== undefined && request !== nth) return false;
  if (every !== undefined && request % every !== 0) return false;
  return share === undefined || chance(seed, `fault ${index}`, `${request}`) < share;
}

function faultOf(kind: FaultKind, accepts: boolean | undefined): Fault {
  if (kind === "drop_before_reading") return { kind, accepts: false };
  return { kind, accepts: accepts ?? FAULT_FACTS[kind].accepts };
}
