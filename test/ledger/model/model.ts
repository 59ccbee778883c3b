// Random histories of a campaign, held to a model that is simple enough to be believed, and to the
// table of arrows.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { AttemptRecord, Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import type { Stop } from "../../../src/domain/campaign/campaign.ts";
import type { Status } from "../../../src/domain/campaign/dispatch.ts";
import { isTransition } from "../../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  skip,
  statuses,
  T0,
  turn,
} from "../conformance/builders.ts";
import type { Expiry, ExpiryCommand } from "./expiry.ts";
import { expireAsTold, expiryCommand } from "./expiry.ts";
import type { LostCommand } from "./lost.ts";
import { loseAsTold, lostCommand } from "./lost.ts";
import type { Made, ReceiptCommand, Reported } from "./receipts.ts";
import { bodyOfTold, DAY_MS, giveAway, modelReceive, receiptCommand, toldBy } from "./receipts.ts";
import { modelStop, type StopCommand, stopAsTold, stopCommand } from "./stops.ts";

const ROWS = 10;
const PERSONS = 6;
/** The model's people, apart from those of the other tests on the same ledger. */
const FIRST_PERSON = 900;
const HOLD_MS = 1_000;
/** Longer than any history takes by its own clock. */
const HISTORY_MS = 100 * DAY_MS;

export interface Dispatch {
  person: number | null;
  status: Status;
  reason: string | null;
  attempts: number;
  until: number;
  messageId: string | null;
  claimedAt: number;
  acceptedAt: number | null;
  /** Failed by the operator's word, and not by Meta's. */
  givenUp: boolean;
  /** Refusals for Meta's limit per person. */
  capped: number;
  /** A receipt says that its time to live passed; else the clock. */
  isExpiredByMeta?: boolean;
}

type Command =
  | { do: "plan"; rows: [row: number, person: number | null][] }
  | { do: "remove"; row: number }
  | { do: "turn"; claim: number; ends: string[]; late: boolean }
  | { do: "suppress" | "unsuppress"; person: number }
  | ReceiptCommand
  | ExpiryCommand
  | LostCommand
  | StopCommand
  | { do: "retry" | "recover" | "end" | "cancel" | "resend" | "give-up" | "wait" | "sleep" };

const person = fc.integer({ min: FIRST_PERSON, max: FIRST_PERSON + PERSONS - 1 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .dictionary(fc.integer({ min: 1, max: ROWS }).map(String), fc.option(person, { freq: 6 }), {
        minKeys: 1,
      })
      .map(
        (rows): Command => ({
          do: "plan",
          rows: Object.entries(rows).map(([row, who]): [number, number | null] => [
            Number(row),
            who,
          ]),
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("remove" as const),
      row: fc.integer({ min: 1, max: ROWS }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("turn" as const),
      claim: fc.integer({ min: 0, max: 4 }),
      ends: fc.array(
        fc.constantFrom("accepted", "pending", "held", "failed", "unknown", "release", "wait"),
        { maxLength: ROWS },
      ),
      late: fc.boolean(),
    }),
  },
  { weight: 7, arbitrary: receiptCommand },
  { weight: 2, arbitrary: lostCommand },
  { weight: 3, arbitrary: expiryCommand },
  { weight: 3, arbitrary: stopCommand },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("suppress", "unsuppress"), person }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("retry", "recover", "resend", "give-up", "wait", "sleep"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("end", "cancel") }) },
);

/** What is claimed by the runner of the model, and its clock. */
export interface World {
  /** The history's own, so that no other history's people are mistaken for its own. */
  lane: string;
  rows: Map<number, Dispatch>;
  /** The attempts of every row, in order. */
  made: Map<number, Made[]>;
  parked: { reported: Reported; at: number }[];
  /** When a person was last heard to want no marketing. */
  heard: Map<number, number>;
  suppressed: Set<number>;
  flying: Claim[];
  settled: Claim[];
  cancelled: boolean;
  /** Instants at which a person wanted it stopped; null when nobody does. */
  stops: Record<Stop["kind"], number | null>;
  /** No event of until then stops it. */
  checkedAt: number;
  /** A receipt proved that the ledger is older than what was sent; null without one. */
  proof: { overriddenAt: number | null } | null;
  now: number;
  expiry: Expiry;
}

/**
 * Adds the property to the suite; the ledger is made before the first test runs.
 * @param histories how many are tried
 */
export function describeLedgerModel(ledger: () => Ledger, histories: number): void {
  it("does what the model does, along the arrows only, in any history", async () => {
    const history = fc.array(command, { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(history, (commands) => live(ledger(), commands)),
      { numRuns: histories },
    );
    expect(await ledger().violations()).toEqual([]);
  });
}

let histories = 0;

async function live(ledger: Ledger, commands: Command[]): Promise<void> {
  histories += 1;
  const lane = `model-${histories}`;
  const persons = Array.from({ length: PERSONS }, (_, index) => FIRST_PERSON + index);
  await ledger.unsuppress(persons.map((who) => ({ person: personKey(who) })));
  const id = await planned(
    ledger,
    Array.from({ length: ROWS }, (_, i) => skip(i + 1, "invalid_number")),
    lane,
  );
  const world: World = {
    lane,
    rows: new Map(),
    made: new Map(),
    parked: [],
    heard: new Map(),
    suppressed: new Set(),
    flying: [],
    settled: [],
    cancelled: false,
    stops: { paused: null, halted: null, ramp: null, plan: null },
    checkedAt: T0,
    proof: null,
    // The ledger remembers when people said what: each history is later than the one before it.
    now: T0 + histories * HISTORY_MS,
    expiry: { ttls: [], lookAt: null, receives: false },
  };
  for (let row = 1; row <= ROWS; row += 1) {
    world.made.set(row, []);
    world.rows.set(row, skipped(null, "invalid_number", 0));
  }
  // Proof from another history's lane stops this one, too.
  await ledger.overrideWentBack(lane, world.now);
  for (const each of commands) {
    const before = statusesOf(world);
    await carryOut(ledger, id, world, each);
    const seen = await statuses(ledger, id);
    expect(seen, JSON.stringify(each)).toEqual(expectedOf(world));
    const after = statusesOf(world);
    for (const [row, to] of after) {
      const from = before.get(row) as Status;
      expect(isAllowed(each.do, from, to), `${each.do}: ${from} → ${to}`).toBe(true);
    }
    const { counts } = await ledger.tally(id);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(ROWS);
  }
}

function skipped(who: number | null, reason: string, attempts: number): Dispatch {
  const status = "skipped";
  const times = { until: 0, claimedAt: 0, acceptedAt: null };
  return {
    person: who,
    status,
    reason,
    attempts,
    ...times,
    messageId: null,
    givenUp: false,
    capped: 0,
  };
}

function statusesOf(world: World): Map<number, Status> {
  return new Map([...world.rows].map(([row, dispatch]) => [row, dispatch.status]));
}

function expectedOf(world: World): Record<number, string> {
  const entries = [...world.rows].map(([row, { status, reason }]) => [
    row,
    reason === null ? status : `${status}/${reason}`,
  ]);
  return Object.fromEntries(entries) as Record<number, string>;
}

/**
 * A turn may take several arrows, since it records first and claims then; planning judges again
 * what was never sent.
 */
function isAllowed(verb: Command["do"], from: Status, to: Status): boolean {
  if (from === to || isTransition(from, to)) return true;
  const planned: Status[] = ["pending", "held", "skipped"];
  if (verb === "plan") return planned.includes(from) && [...planned, "cancelled"].includes(to);
  if (verb === "lost") return isTransition(from, "unknown") && isTransition("unknown", to);
  if (verb !== "turn") return false;
  const stops: Status[] = ["pending", "held"];
  return stops.some((stop) => isTransition(from, stop) && isTransition(stop, to));
}

async function carryOut(ledger: Ledger, id: number, world: World, each: Command): Promise<void> {
  const { now } = world;
  switch (each.do) {
    case "plan":
      await ledger.plan(
        id,
        each.rows.map(([row, who]) => (who === null ? skip(row, "ragged_row") : send(row, who))),
        now,
      );
      for (const [row, who] of each.rows) modelPlan(world, row, who);
      if (world.cancelled) cancelOpen(world);
      return;
    case "remove": {
      const { row } = each;
      await ledger.removeRows(id, [row]);
      expect((await statuses(ledger, id))[row]).toBeUndefined();
      await ledger.moveRows(id, [{ number: row, place: row, line: row + 1, hash: null }]);
      return modelRemove(world, row);
    }
    case "turn":
      return takeTurn(ledger, id, world, each);
    case "suppress": {
      const phone = phoneOf(each.person);
      const entry = { phone, person: personKey(each.person), userId: null };
      await ledger.suppress([{ ...entry, reason: "asked", source: "manual" }], now);
      world.suppressed.add(each.person);
      return;
    }
    case "unsuppress":
      await ledger.unsuppress([{ person: personKey(each.person) }]);
      world.suppressed.delete(each.person);
      return;
    case "wait":
      world.now += HOLD_MS;
      return;
    case "sleep":
      world.now += DAY_MS;
      return;
    case "receipt": {
      const reported = toldBy(world, each);
      if (reported === undefined) return;
      const all = each.twice ? [reported, reported] : [reported];
      const bodies = all.map((one) => bodyOfTold(world, ledger.id, id, one));
      await ledger.storeWebhookBodies(
        bodies.map((body) => ({ body, receivedAt: now, source: "webhook" })),
      );
      await ledger.processWebhookBodies({ limit: 100, now });
      return modelReceive(world, all);
    }
    case "lost":
      return loseAsTold(ledger, id, world, each);
    case "stop":
      return stopAsTold(ledger, id, world, each);
    case "ttl":
    case "expire":
      return expireAsTold(ledger, id, world, each);
    default:
      return decide(ledger, id, world, each.do);
  }
}

/** Every code with which a row of the model can fail. */
const RETRIED = ["131026", "131049", "131050", "132015", "campaign_over", "given_up"];

/** Writes down how the row's last attempt ended; gives its message id. */
function end(world: World, row: number, outcome: Made["outcome"]): string {
  const made = world.made.get(row)?.at(-1) as Made;
  made.outcome = outcome;
  return made.messageId;
}

async function decide(
  ledger: Ledger,
  id: number,
  world: World,
  what: "retry" | "recover" | "end" | "cancel" | "resend" | "give-up",
): Promise<void> {
  const { now } = world;
  const move = (from: Status[], to: Status): number => {
    let moved = 0;
    for (const [row, dispatch] of world.rows) {
      if (!from.includes(dispatch.status)) continue;
      if (from.includes("claimed")) end(world, row, "lost");
      const messageId = to === "pending" ? null : dispatch.messageId;
      Object.assign(dispatch, { status: to, reason: null, messageId, givenUp: what === "give-up" });
      if (to === "pending") Object.assign(dispatch, { acceptedAt: null, capped: 0 });
      moved += 1;
    }
    return moved;
  };
  switch (what) {
    case "retry":
      return expect(await ledger.retry(id, RETRIED, now)).toBe(
        world.cancelled ? 0 : move(["failed"], "pending"),
      );
    case "recover":
      world.settled.push(...world.flying.splice(0));
      return expect(await ledger.recoverClaims(id, now)).toBe(move(["claimed"], "unknown"));
    case "end":
      return expect(await ledger.endCampaign(id, now)).toBe(
        move(["held"], "failed") + move(["pending"], "cancelled"),
      );
    case "cancel":
      world.cancelled = true;
      return expect(await ledger.cancel(id, now)).toBe(move(["pending", "held"], "cancelled"));
    case "resend":
      return expect(await ledger.resolveUnknown(id, "resend", now)).toBe(
        world.cancelled ? 0 : move(["unknown"], "pending"),
      );
    case "give-up":
      return expect(await ledger.resolveUnknown(id, "give-up", now)).toBe(
        move(["unknown"], "failed"),
      );
  }
}

function cancelOpen(world: World): void {
  for (const dispatch of world.rows.values()) {
    if (dispatch.status !== "pending" && dispatch.status !== "held") continue;
    Object.assign(dispatch, { status: "cancelled", reason: null });
  }
}

function modelRemove(world: World, row: number): void {
  const old = world.rows.get(row) as Dispatch;
  if (!["pending", "held", "skipped"].includes(old.status)) return;
  Object.assign(old, { status: "skipped", reason: "removed" });
}

function modelPlan(world: World, row: number, who: number | null): void {
  const old = world.rows.get(row) as Dispatch;
  if (!["pending", "held", "skipped"].includes(old.status)) return;
  const put = (dispatch: Dispatch): unknown => {
    const isOthers = dispatch.person !== old.person;
    if (isOthers) for (const made of world.made.get(row) ?? []) giveAway(made);
    return world.rows.set(row, dispatch);
  };
  if (who === null) return void put(skipped(null, "ragged_row", old.attempts));
  if (world.suppressed.has(who)) return void put(skipped(who, "opted_out", old.attempts));
  const other = [...world.rows].find(
    ([number, dispatch]) =>
      number !== row && dispatch.person === who && dispatch.status !== "skipped",
  );
  if (other !== undefined) {
    const [number, dispatch] = other;
    const givesWay = number > row && dispatch.status === "pending" && dispatch.attempts === 0;
    if (!givesWay) return void put(skipped(who, "duplicate", old.attempts));
    world.rows.set(number, skipped(who, "duplicate", 0));
  }
  if (old.status === "skipped" && old.person === who && mayHaveReached(world, row)) {
    return void put({ ...old, status: "unknown", reason: null });
  }
  const staysHeld = old.status === "held" && old.person === who;
  const capped = old.person === who ? old.capped : 0;
  put(staysHeld ? old : { ...old, person: who, status: "pending", reason: null, capped });
}

/**
 * A receipt of an attempt from before a row was skipped has no effect, so what became of it is not
 * known.
 */
function mayHaveReached(world: World, row: number): boolean {
  const made = world.made.get(row) ?? [];
  return made.some(
    ({ outcome, isGivenAway }) =>
      isGivenAway !== true && (outcome === "accepted" || outcome === "lost"),
  );
}

async function takeTurn(
  ledger: Ledger,
  id: number,
  world: World,
  each: Extract<Command, { do: "turn" }>,
): Promise<void> {
  const record: AttemptRecord[] = [];
  const release: { row: number; attempt: number }[] = [];
  const flying = world.flying.splice(0);
  for (const [index, claim] of flying.entries()) {
    const ending = each.ends[index] ?? "wait";
    // What a receipt reported of was posted, and is not handed back.
    const isPosted = world.parked.some(
      ({ reported }) => reported.row === claim.row && reported.attempt === claim.attempt,
    );
    const how = ending === "release" && isPosted ? "wait" : ending;
    const dispatch = world.rows.get(claim.row) as Dispatch;
    if (how === "wait") world.flying.push(claim);
    else if (how === "release") {
      release.push({ row: claim.row, attempt: claim.attempt });
      world.made.get(claim.row)?.pop();
      Object.assign(dispatch, { status: "pending", attempts: dispatch.attempts - 1 });
    } else {
      const outcome = how === "accepted" ? how : how === "unknown" ? "lost" : "refused";
      const messageId = end(world, claim.row, outcome);
      record.push(answerTo(claim, nextOf(how, messageId, world.now), { endedAt: world.now }));
      const until = world.now + HOLD_MS;
      const reason = how === "held" ? "wait" : null;
      Object.assign(dispatch, { status: how, reason, until, givenUp: false });
      if (how === "accepted") Object.assign(dispatch, { messageId, acceptedAt: world.now });
    }
    if (how !== "wait" && how !== "release") world.settled.push(claim);
  }
  // An answer to an attempt that is over: kept, and nothing moves. It is stale as long as the
  // attempt is not claimed again.
  const late = each.late ? world.settled.at(-1) : undefined;
  if (late !== undefined) record.push(answerTo(late, accepted(late.row)));
  const result = await ledger.turn(
    turn(id, { now: world.now, record, release, claim: each.claim }),
  );
  expect(result.stale).toBe(late === undefined ? 0 : 1);
  const stop = modelStop(world);
  expect(result.stop?.kind ?? null).toBe(stop);
  expect(result.cancelled).toBe(world.cancelled);
  const { claimed, passedOver } = modelClaim(world, stop === null ? each.claim : 0);
  expect(result.claimed.map((one) => [one.row, one.attempt, one.phone])).toEqual(claimed);
  expect(result.suppressed).toBe(passedOver);
  world.flying.push(...result.claimed);
}

function nextOf(how: string, messageId: string, now: number): Next {
  if (how === "accepted") return accepted(0, { messageId });
  if (how === "held") return { to: "held", until: now + HOLD_MS, reason: "wait" };
  if (how === "failed") return { to: "failed", code: "131026", message: "Undeliverable" };
  if (how === "unknown") return { to: "unknown", message: "Cut." };
  return { to: "pending" };
}

function modelClaim(world: World, want: number): { claimed: unknown[]; passedOver: number } {
  const open = [...world.rows].filter(
    ([, { status }]) => status === "pending" || status === "held",
  );
  if (world.cancelled) {
    cancelOpen(world);
    return { claimed: [], passedOver: 0 };
  }
  const due = open
    .filter(([, { status, until }]) => status === "held" && until <= world.now)
    .sort(([rowA, a], [rowB, b]) => a.until - b.until || rowA - rowB);
  const pending = open
    .filter(([, { status }]) => status === "pending")
    .sort(([rowA], [rowB]) => rowA - rowB);
  let passedOver = 0;
  const groups: [number, Dispatch][][] = [[], []];
  let taken = 0;
  for (const [index, source] of [due, pending].entries()) {
    for (const [row, dispatch] of source) {
      if (taken === want) break;
      if (world.suppressed.has(dispatch.person as number)) {
        world.rows.set(row, skipped(dispatch.person, "opted_out", dispatch.attempts));
        passedOver += 1;
        continue;
      }
      groups[index]?.push([row, dispatch]);
      taken += 1;
    }
  }
  const claimed: unknown[] = [];
  for (const group of groups) {
    for (const [row, dispatch] of group.sort(([a], [b]) => a - b)) {
      const attempts = dispatch.attempts + 1;
      Object.assign(dispatch, { status: "claimed", reason: null, attempts, claimedAt: world.now });
      const who = dispatch.person as number;
      const messageId = `wamid.${world.lane}.${row}.${dispatch.attempts}`;
      world.made.get(row)?.push({ person: who, messageId, outcome: "flying" });
      claimed.push([row, dispatch.attempts, phoneOf(who)]);
    }
  }
  return { claimed, passedOver };
}
