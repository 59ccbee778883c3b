// What a seed stands for: the people of a campaign, the weather at Meta, and what happens to the
// runners. The same seed gives the same.

import type { Chance } from "../support/chance.ts";
import { makeChance } from "../support/chance.ts";

/** How Meta answers for one person, whatever else is the matter. */
export type Nature =
  /** Every message is taken. */
  | { kind: "fine" }
  /** Refused with this code, so many times. */
  | { kind: "refused"; code: number; times: number }
  /** Taken, and reported as failed with this code, so many times. */
  | { kind: "fails_later"; code: number; times: number };

export interface Person {
  row: number;
  /** E.164 with `+`. */
  phone: string;
  region: string;
  nature: Nature;
}

/** What is the matter at Meta, or on the way to it, for a while. Virtual milliseconds. */
export interface Spell {
  from: number;
  to: number;
  fault: WireFault | CodeFault;
  /** Place of the lane that alone has it; null: every one. */
  lane: number | null;
}

/** What goes wrong with one request on the wire. */
export const WIRE_FAULTS = [
  "connection refused",
  "no safe connection",
  "request lost",
  "answer lost",
  "timeout",
  "accepted after the timeout",
  "answer cut off",
  "200 without an id",
  "502 of a gateway, before",
  "502 of a gateway, after",
  "500 of Meta's, before",
  "500 of Meta's, after",
  "429 of a gateway",
] as const;
export type WireFault = (typeof WIRE_FAULTS)[number];

/** Codes that Meta answers everybody with, for a while. */
const CODE_FAULTS = [4, 131057, 130429, 134101, 131042, 132015, 131031, 190, 131048] as const;
export type CodeFault = (typeof CODE_FAULTS)[number];

/** How a runner ends, if it does not end by itself before. */
export interface Ending {
  kind: "kill" | "stop" | "stop, then kill" | "by itself";
  /** Its event before which that happens. */
  step: number;
  /** Virtual milliseconds until the next runner begins. */
  pauseMs: number;
  /** It does nothing for a while: from this event on, so long. */
  stall: { step: number; ms: number } | null;
  /**
   * It is stopped before this event until its lease has run out, and so much longer; the next
   * runner begins when the lease has run out.
   */
  handOver: { step: number; ms: number } | null;
  /** The ledger is out of its reach: from this event on, so long. */
  cut: { step: number; ms: number } | null;
  /** Places of the lanes that it asks for at its start; null: every one. */
  wants: number[] | null;
  /** It waits until it gets one of them; otherwise it ends at once. */
  isWaiting: boolean;
  /** Whether it takes lanes that become free later. */
  takesOver: "never" | "while_sending" | "until_through";
}

/** Shares of the ledger's verbs that fail. */
export interface LedgerFaults {
  /** Nothing was written. */
  refused: number;
  /** Written, and not known to be. */
  lost: number;
  /** The process dies before the commit, or right after it. */
  cut: number;
  /** The disk takes long. */
  slow: number;
}

/** What happens to the campaign from outside. Virtual milliseconds. */
export type Happening = { at: number } & (
  | { kind: "opt-out"; person: Person }
  | { kind: "pause" | "halt"; forMs: number }
  | { kind: "cancel" }
  | { kind: "clock"; byMs: number }
  /** Places of lanes. */
  | { kind: "move"; from: number; to: number }
);

/** A machine: its runners one after the other. */
export interface Machine {
  /** Virtual milliseconds until the first one begins. */
  startMs: number;
  endings: Ending[];
}

export interface Scenario {
  people: Person[];
  /** Of a second campaign on the same number; nobody: there is none. */
  others: Person[];
  /** Messages a second of each lane. */
  rates: number[];
  maxInFlight: number;
  /** Most people in 24 hours; null: any number. */
  dailyLimit: number | null;
  /** Instant, in virtual milliseconds, from which the campaign is over; null: never. */
  endsAt: number | null;
  spells: Spell[];
  /** Share of the requests with a fault of their own. */
  wire: number;
  ledger: LedgerFaults;
  happenings: Happening[];
  machines: Machine[];
  /** What a dead process has is free at once, as the locks of a file are; else with its lease. */
  freesAtDeath: boolean;
  /** Receipts come in. */
  receives: boolean;
  /** Null: everybody at once. */
  ramp: { sizes: number[]; settleMs: number } | null;
}

const RATES = [2, 7, 20, 50, 80, 200, 500, 1000] as const;
const IN_FLIGHT = [1, 2, 5, 10, 40] as const;
const SECOND = 1000;
const DAY = 86_400_000;
/** People in a row of whom Meta says the same: enough to halt a campaign. */
const BLOCK = 14;
/** Ramps are drawn apart: the other seeds stay what they are. */
const RAMP_SEEDS = 7_919;
/** So are several lanes and machines. */
const LANE_SEEDS = 104_729;
/** Share of the seeds that have them. */
const MANIFOLD = 0.35;
const FINE: Nature = { kind: "fine" };
/** A runner that has nobody beside it. */
const ALONE = { cut: null, wants: null, isWaiting: true, takesOver: "never" } as const;
/** A runner that nothing happens to. */
export const CALM: Ending = {
  ...{ kind: "by itself", step: 0, pauseMs: 0, stall: null, handOver: null },
  ...ALONE,
};

/** Whether a seed has several lanes, or several machines at the same time. */
export function isManifold(seed: number): boolean {
  return makeChance(seed + LANE_SEEDS).share(MANIFOLD);
}

/** The scenario of a seed. */
export function scenarioOf(seed: number): { scenario: Scenario; chance: Chance } {
  const chance = makeChance(seed);
  const { whole, share, oneOf } = chance;
  const rate = oneOf(RATES);
  const number = rate < 10 ? whole(8, 20) : whole(12, 45);
  const people = peopleOf(seed, number, chance);
  // A person's number may not be in two of the lists.
  const others = share(0.15) ? peopleOf(seed, whole(2, 8), chance, number) : [];
  // Everything happens while there is something to do: about so long.
  const span = (number / rate) * SECOND + 500;
  const isRough = share(0.6);
  const scenario: Scenario = {
    people,
    others,
    rates: [rate],
    maxInFlight: oneOf(IN_FLIGHT),
    // Of two campaigns together; the oracle counts one.
    dailyLimit: others.length === 0 && share(0.06) ? whole(Math.ceil(number / 4), number) : null,
    endsAt: share(0.03) ? whole(0, 2 * span) : null,
    spells: share(0.35) ? some(1, 3, chance, () => spellOf(span, chance)) : [],
    wire: isRough ? oneOf([0.02, 0.05, 0.15]) : 0,
    ledger: ledgerFaultsOf(chance),
    happenings: happeningsOf(people, span, chance),
    machines: [{ startMs: 0, endings: some(1, 4, chance, () => endingOf(chance)) }],
    freesAtDeath: true,
    receives: share(0.35),
    ramp: null,
  };
  scenario.ramp = rampOf(scenario, makeChance(seed + RAMP_SEEDS));
  if (isManifold(seed)) addLanes(scenario, makeChance(seed + LANE_SEEDS + 1));
  return { scenario, chance };
}

/** Makes several lanes of the one, or several machines that run the campaign at the same time. */
function addLanes(scenario: Scenario, chance: Chance): void {
  const { whole, share, oneOf } = chance;
  const { people, spells, happenings } = scenario;
  const lanes = oneOf([1, 2, 2, 3, 3]);
  const [rate] = scenario.rates as [number];
  const slower = RATES.filter((one) => one <= Math.max(rate, 20));
  scenario.rates = [oneOf(slower), oneOf(slower), oneOf(slower)].slice(0, lanes);
  const most = people.length / scenario.rates.reduce((sum, one) => sum + one, 0);
  const span = most * SECOND + 2_000;
  for (const spell of spells) if (share(0.7)) spell.lane = whole(0, lanes - 1);
  // A lane that halts keeps its people.
  if (lanes > 1 && share(0.2)) {
    const fault = oneOf([132_015, 131_031, 190, 131_042] as const);
    const from = whole(0, span);
    spells.push({ from, to: from + whole(20, 3_000), fault, lane: whole(0, lanes - 1) });
  }
  if (lanes > 1 && share(0.35)) {
    happenings.push(
      ...some(1, 3, chance, (): Happening => {
        const from = whole(0, lanes - 1);
        const to = (from + whole(1, lanes - 1)) % lanes;
        return { at: whole(0, span), kind: "move", from, to };
      }),
    );
  }
  const machines = lanes === 1 ? whole(2, 3) : oneOf([1, 2, 2, 3]);
  scenario.machines = some(machines, machines, chance, () => ({
    startMs: share(0.5) ? 0 : whole(0, span),
    endings: some(1, 3, chance, () => oneOfSeveral(lanes, chance)),
  }));
  scenario.freesAtDeath = share(0.5);
}

/** A runner beside others. */
function oneOfSeveral(lanes: number, chance: Chance): Ending {
  const { whole, share, oneOf } = chance;
  const places = Array.from({ length: lanes }, (_, place) => place);
  const some = places.filter(() => share(0.5));
  return {
    ...endingOf(chance),
    handOver: share(0.35) ? { step: whole(1, 300), ms: whole(1, 4_000) } : null,
    cut: share(0.12) ? { step: whole(1, 200), ms: oneOf([500, 6_000, 14_000]) } : null,
    wants: some.length === 0 || share(0.5) ? null : some,
    isWaiting: share(0.7),
    takesOver: oneOf(["never", "while_sending", "until_through"] as const),
  };
}

/** A ramp needs receipts, and is the only thing that makes a run wait. */
function rampOf(scenario: Scenario, { whole, share, oneOf }: Chance): Scenario["ramp"] {
  const { people, others, dailyLimit, endsAt, receives } = scenario;
  const isAlone = others.length === 0 && dailyLimit === null && endsAt === null;
  if (!receives || !isAlone || !share(0.5)) return null;
  const first = whole(3, Math.ceil(people.length / 2));
  const sizes = share(0.5) ? [first] : [first, whole(first, people.length)];
  return { sizes, settleMs: oneOf([500, 3_000, 30_000]) };
}

function some<T>(least: number, most: number, chance: Chance, make: () => T): T[] {
  return Array.from({ length: chance.whole(least, most) }, make);
}

function peopleOf(seed: number, number: number, chance: Chance, taken = 0): Person[] {
  const { share } = chance;
  const odd = share(0.5) ? chance.oneOf([0.1, 0.3]) : 0;
  const hasIndia = share(0.15);
  const refusesIndia = share(0.3);
  // A list that was sorted has its odd ones in a row.
  const block = share(0.08) ? refused(chance.oneOf([131_999, 131_008, 131_026]), 99) : null;
  const blockFrom = chance.whole(1, number);
  return Array.from({ length: number }, (_, at): Person => {
    const row = at + 1;
    const digits = String((seed % 1_000_000) * 64 + taken + row).padStart(8, "0");
    const region = hasIndia && share(0.4) ? "IN" : "GB";
    const isInBlock = block !== null && row >= blockFrom && row < blockFrom + BLOCK;
    const own = share(odd) ? natureOf(chance) : FINE;
    const nature = region === "IN" && refusesIndia ? refused(130_497, 99) : isInBlock ? block : own;
    return { row, phone: `+4477${digits}`, region, nature };
  });
}

function refused(code: number, times: number): Nature {
  return { kind: "refused", code, times };
}

function natureOf({ oneOf, whole }: Chance): Nature {
  return oneOf<Nature>([
    refused(131_026, 99),
    refused(130_472, 99),
    refused(131_050, 99),
    refused(131_008, 99),
    refused(131_999, 99),
    refused(131_009, 1),
    refused(131_049, whole(1, 4)),
    refused(131_056, whole(1, 4)),
    { kind: "fails_later", code: 131_026, times: 99 },
    { kind: "fails_later", code: 131_049, times: whole(1, 3) },
    { kind: "fails_later", code: 131_042, times: 1 },
    { kind: "fails_later", code: 130_429, times: 1 },
    { kind: "fails_later", code: 131_000, times: 99 },
    { kind: "fails_later", code: 131_050, times: 99 },
  ]);
}

function spellOf(span: number, { whole, share, oneOf }: Chance): Spell {
  const from = whole(0, span);
  const lasts = share(0.02)
    ? whole(600, 1_500) * SECOND
    : oneOf([whole(20, 500), whole(500, 8_000)]);
  const fault = share(0.5) ? oneOf(CODE_FAULTS) : oneOf(WIRE_FAULTS);
  return { from, to: from + lasts, fault, lane: null };
}

function ledgerFaultsOf({ share, oneOf }: Chance): LedgerFaults {
  const some = () => (share(0.3) ? oneOf([0.01, 0.04, 0.12]) : 0);
  return { refused: some(), lost: some(), cut: some() / 4, slow: some() };
}

function endingOf({ whole, share, oneOf }: Chance): Ending {
  return {
    kind: oneOf(["kill", "kill", "stop", "stop, then kill", "by itself"] as const),
    step: share(0.7) ? whole(1, 250) : whole(1, 1_200),
    pauseMs: oneOf([1, whole(1, 900), whole(900, 5_000)]),
    stall: share(0.1) ? { step: whole(1, 200), ms: oneOf([300, 3_000, 15_000]) } : null,
    handOver: share(0.15) ? { step: whole(1, 300), ms: whole(1, 4_000) } : null,
    ...ALONE,
  };
}

function happeningsOf(people: readonly Person[], span: number, chance: Chance): Happening[] {
  const { whole, share, oneOf } = chance;
  const at = () => whole(0, span);
  const happenings: Happening[] = [];
  if (share(0.45)) {
    const optOut = (): Happening => ({ at: at(), kind: "opt-out", person: oneOf(people) });
    happenings.push(...some(1, 5, chance, optOut));
  }
  if (share(0.06)) happenings.push({ at: at(), kind: "pause", forMs: whole(100, 8_000) });
  if (share(0.06)) happenings.push({ at: at(), kind: "halt", forMs: whole(100, 8_000) });
  if (share(0.02)) happenings.push({ at: at(), kind: "cancel" });
  if (share(0.1)) {
    const jump = (): Happening => ({
      at: at(),
      kind: "clock",
      byMs: oneOf([-1, 1]) * oneOf([whole(1, 3_000), 3_600_000, 2 * DAY]),
    });
    happenings.push(...some(1, 2, chance, jump));
  }
  return happenings;
}
