// What becomes of a message after it was accepted. Decided by the number alone, never by what was
// sent before.

import type { Act } from "../webhooks/people.ts";
import { chance } from "./chance.ts";
import { plusOneOf } from "./numbering.ts";
import type { ReceiptPattern } from "./receipt-pattern.ts";
import type { Scenario } from "./scenario.ts";
import type { Api, OwnShares } from "./scenario-shares.ts";
import { specialNumberOf } from "./special-numbers.ts";

/** Delivered (and perhaps read), or failed by a receipt. */
export interface Fate {
  /** Error code of the `failed` receipt; null when the message is delivered. */
  failsWith: number | null;
  /** Whether a delivered message is read as well. */
  isRead: boolean;
  /** Held for quality assessment before anything else happens. */
  isHeld: boolean;
  /** What the person does once they have it, in this order; left out, nothing. */
  acts?: readonly Act[];
  /** How its receipts come; left out: as the scenario sets it. */
  receiptPattern?: ReceiptPattern;
}

/** How a template is paced, where it differs from the scenario. */
export interface Pacing {
  /** Share of its messages that are held. */
  held_share?: number;
  /** Whether what was held is dropped in the end: 132015 by receipt. */
  held_dropped?: boolean;
  /** Shares of its messages, where they differ from the scenario's. */
  shares?: OwnShares;
}

/**
 * The fate of a message to a number, given as digits with country code, or to a business-scoped
 * user id, posted to one of the two APIs. The special numbers come first, then Meta's rule for US
 * numbers (131049 by receipt; Meta, per-user limits page, 2026-04), then the shares; last, the
 * pacing of the template (Meta, template pacing page, 2026-03).
 */
export function fateOf(
  initial: Scenario,
  person: string,
  pacing: Pacing = {},
  api: Api = "marketing",
): Fate {
  const ofApi = api === "cloud" ? initial.cloud_shares : undefined;
  const isPlain = pacing.shares === undefined && ofApi === undefined;
  const shares = isPlain ? initial.shares : { ...initial.shares, ...pacing.shares, ...ofApi };
  const scenario = isPlain ? initial : { ...initial, shares };
  const fate = fateOfPerson(scenario, person, pacing.held_share ?? scenario.held_share);
  const isDropped = fate.isHeld && pacing.held_dropped === true;
  return isDropped ? { ...fate, failsWith: 132015 } : fate;
}

function fateOfPerson(scenario: Scenario, person: string, heldShare: number): Fate {
  const special = specialNumberOf(person);
  if (special !== undefined) {
    return {
      failsWith: special.failsWith ?? null,
      isRead: special.unread !== true,
      isHeld: special.held === true,
      ...(special.acts && { acts: special.acts }),
      receiptPattern: special.receiptPattern ?? "plain",
    };
  }
  const { seed } = scenario;
  const failsWith = blockedBy(scenario, person) ?? failureByChance(scenario, person);
  const isRead = chance(seed, "read", person) < scenario.shares.read;
  const acts = failsWith === null ? actsByChance(scenario, person, isRead) : [];
  return {
    failsWith,
    isRead,
    isHeld: chance(seed, "held", person) < heldShare,
    ...(acts.length > 0 && { acts }),
  };
}

function actsByChance({ seed, shares }: Scenario, person: string, isRead: boolean): Act[] {
  const acts = (["click", "tap", "stop_word", "stop"] as const).filter(
    (act) => shares[act] > 0 && chance(seed, act, person) < shares[act],
  );
  // Marketing is stopped from the chat list as well, without opening the message.
  return isRead ? acts : acts.filter((act) => act === "stop");
}

function blockedBy(scenario: Scenario, person: string): number | undefined {
  switch (plusOneOf(person)) {
    case "us":
      return 131049;
    case "us_territory":
      return scenario.block_us_territories ? 131049 : undefined;
    case "shared":
      return scenario.block_shared_plus_one ? 131049 : undefined;
    case "unassigned":
    case "malformed":
      return 131026;
    default:
      return undefined;
  }
}

function failureByChance(scenario: Scenario, person: string): number | null {
  const { unreachable, opted_out, per_user_limit, experiment } = scenario.shares;
  let rest = chance(scenario.seed, "fate", person);
  for (const [share, code] of [
    [unreachable, 131026],
    [opted_out, 131050],
    [per_user_limit, 131049],
    [experiment, 130472],
  ] as const) {
    if (rest < share) return code;
    rest -= share;
  }
  return null;
}
