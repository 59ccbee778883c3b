// The dispatches that one round of receipts is about: looked up in sets, kept in memory with what
// receipts make of them, and written in sets. Over a network a statement costs more than all that a
// receipt does.
//
// Code that reads dispatches by another way than this calls `flush` first.

import { assert } from "../../domain/common/errors.ts";
import type { MessageMoney } from "../../domain/limits/budget.ts";
import { costsOtherwise } from "../../domain/limits/budget.ts";
import type { Candidate, DispatchPlace } from "../../domain/receipts/match.ts";
import type { ReceiptState } from "../../domain/receipts/receipt-policy.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import { ahead, setStatement } from "../engine.ts";
import { laneSql } from "../lanes.ts";
import type { Budgets, MoneyChange } from "../sending/budget.ts";
import type { Reach } from "../sending/reach.ts";

/** What application needs to know of a dispatch. */
export interface MatchedDispatch extends ReceiptState, Candidate {
  phone: number | null;
  region: string | null;
  waId: number | null;
  userId: string | null;
  state: string;
  /** The purge of its campaign has begun. */
  purgedAt: number | null;
  receiptsSince: number | null;
  checkedAt: number | null;
  /** Tries that Meta's limit per person may cost; null: the default. */
  cappedTries: number | null;
}

/** The dispatches of one round. */
export interface RoundDispatches {
  /** Looks up at once those of the places that are not known yet. */
  lookUp(places: readonly DispatchPlace[]): Verb<void>;
  /** The dispatch with all that the round has made of it; undefined when there is none. */
  of(place: DispatchPlace): Verb<MatchedDispatch | undefined>;
  /**
   * Makes of a dispatch that `of` gave what a receipt says.
   * @param isEarlier the receipt is of another attempt than the last, which may have a message too
   */
  change(target: MatchedDispatch, next: ReceiptState, isEarlier: boolean): void;
  /** Gives it other names of the recipient; null: nothing new. */
  rename(target: MatchedDispatch, names: Pick<MatchedDispatch, "waId" | "userId">): void;
  /** It turned out otherwise than before whether the person was reached. */
  lookAgain(place: DispatchPlace): void;
  /** A message that is not the dispatch's own costs otherwise than was known. */
  recost(change: MoneyChange): void;
  /** Attempts were added to it that the budget of its campaign does not know. */
  hasMoreAttempts(place: DispatchPlace): void;
  /** The campaign goes on. */
  reopened(campaign: number): void;
  /** Forgets a dispatch that was changed by another way. */
  drop(place: DispatchPlace): void;
  /** Writes everything that was taken. */
  flush(): Verb<void>;
}

/** Gives the dispatches of a round; they need the caller's transaction. */
export function makeRoundDispatches({
  budgets,
  reach,
  tallies,
}: {
  budgets: Budgets;
  reach: Reach;
  tallies: Tallies;
}): (now: number) => RoundDispatches {
  const sql = prepare();

  return (now) => {
    /** Null: there is none. */
    const known = new Map<string, MatchedDispatch | null>();
    /** Written by the next `flush`. */
    const changed = new Set<MatchedDispatch>();
    const renamed = new Set<MatchedDispatch>();
    const again = new Map<string, DispatchPlace>();
    /** What dispatches cost before the round, and messages that are not their own. */
    const recosted = new Map<string, { target: MatchedDispatch; before: MessageMoney }>();
    const besides: MoneyChange[] = [];
    const uncounted = new Set<number>();
    /** Campaigns whose first receipt is noted. */
    const noted = new Set<number>();

    function* noteFirst(changes: readonly MatchedDispatch[]): Verb<void> {
      const first = new Set<number>();
      for (const { campaign, receiptsSince } of changes) {
        if (receiptsSince === null && !noted.has(campaign)) first.add(campaign);
      }
      yield* ahead(sql.received.changeEach([...first].map((campaign) => [now, campaign])));
      for (const campaign of first) noted.add(campaign);
    }

    function* writeChanged(): Verb<void> {
      const all = [...changed];
      changed.clear();
      yield* ahead(sql.write.changeEach(all.map(toColumns)), (isThere) =>
        assert(!isThere.includes(false), "a dispatch that a receipt was put onto is there"),
      );
      for (const campaign of new Set(all.map((one) => one.campaign))) {
        yield* tallies.changed(campaign, 1);
      }
      yield* noteFirst(all);
    }

    function* writeNames(): Verb<void> {
      const all = [...renamed];
      renamed.clear();
      const names = all.map(({ waId, userId, campaign, row }) => [waId, userId, campaign, row]);
      yield* ahead(sql.names.changeEach(names));
    }

    function* lookUp(places: readonly DispatchPlace[]): Verb<void> {
      const asked = new Map<string, DispatchPlace>();
      for (const place of places) {
        const key = keyOf(place);
        if (!known.has(key)) asked.set(key, place);
      }
      const tuples = [...asked.values()].map(({ campaign, row }): Place => [campaign, row]);
      const found = yield* sql.dispatch.getEach(tuples);
      for (const [index, key] of [...asked.keys()].entries()) {
        const row = found[index];
        known.set(key, row === undefined ? null : toDispatch(row));
      }
    }

    return {
      lookUp,

      *of(place) {
        const key = keyOf(place);
        if (!known.has(key)) yield* lookUp([place]);
        return known.get(key) ?? undefined;
      },

      change(target, next, isEarlier) {
        const key = keyOf(target);
        if (isEarlier) {
          const { campaign, row } = target;
          besides.push({ campaign, row, before: NOTHING, after: { ...next } });
        } else if (costsOtherwise(target, next) && !recosted.has(key)) {
          recosted.set(key, { target, before: { ...target } });
        }
        Object.assign(target, next);
        changed.add(target);
      },

      rename(target, { waId, userId }) {
        target.waId = waId ?? target.waId;
        target.userId = userId ?? target.userId;
        renamed.add(target);
      },

      lookAgain: (place) => void again.set(keyOf(place), place),

      recost: (change) => void besides.push(change),

      hasMoreAttempts: ({ campaign }) => void uncounted.add(campaign),

      reopened(campaign) {
        for (const one of known.values()) if (one?.campaign === campaign) one.state = "stopped";
      },

      drop(place) {
        assert(changed.size === 0 && renamed.size === 0, "what was taken is written first");
        known.delete(keyOf(place));
      },

      *flush() {
        yield* writeChanged();
        yield* writeNames();
        const places = [...again.values()];
        again.clear();
        yield* reach.lookAgain(places);
        const own = [...recosted.values()].map(({ target, before }): MoneyChange => {
          const { campaign, row } = target;
          return { campaign, row, before, after: target };
        });
        recosted.clear();
        yield* budgets.settle([...own, ...besides.splice(0)]);
        for (const campaign of uncounted) yield* budgets.countLater(campaign);
        uncounted.clear();
      },
    };
  };
}

/** A message that costs nothing. */
const NOTHING: MessageMoney = {
  status: "failed",
  pricingType: null,
  cost: null,
  costCurrency: null,
};

type Place = [campaign: number, row: number];

function keyOf({ campaign, row }: DispatchPlace): string {
  return `${campaign}/${row}`;
}

/** As a tuple, since an object with named columns costs SQLite as much again as the look-up. */
type DispatchRow = [
  campaign: MatchedDispatch["campaign"],
  lane: MatchedDispatch["lane"],
  row: MatchedDispatch["row"],
  attempts: MatchedDispatch["attempts"],
  phone: MatchedDispatch["phone"],
  person: MatchedDispatch["person"],
  rowUserId: MatchedDispatch["rowUserId"],
  region: MatchedDispatch["region"],
  waId: MatchedDispatch["waId"],
  userId: MatchedDispatch["userId"],
  status: MatchedDispatch["status"],
  reason: MatchedDispatch["reason"],
  holds: MatchedDispatch["holds"],
  capped: MatchedDispatch["capped"],
  cappedTries: MatchedDispatch["cappedTries"],
  heldUntil: MatchedDispatch["heldUntil"],
  messageId: MatchedDispatch["messageId"],
  acceptedAt: MatchedDispatch["acceptedAt"],
  sentAt: MatchedDispatch["sentAt"],
  deliveredAt: MatchedDispatch["deliveredAt"],
  readAt: MatchedDispatch["readAt"],
  failedAt: MatchedDispatch["failedAt"],
  errorCode: MatchedDispatch["errorCode"],
  errorMessage: MatchedDispatch["errorMessage"],
  path: MatchedDispatch["path"],
  pricingType: MatchedDispatch["pricingType"],
  pricingCategory: MatchedDispatch["pricingCategory"],
  cost: MatchedDispatch["cost"],
  costCurrency: MatchedDispatch["costCurrency"],
  state: MatchedDispatch["state"],
  receiptsSince: MatchedDispatch["receiptsSince"],
  checkedAt: MatchedDispatch["checkedAt"],
  erasedAt: MatchedDispatch["erasedAt"],
  purgedAt: MatchedDispatch["purgedAt"],
];

// biome-ignore format: one column a line would hide how long it is
function toDispatch(found: DispatchRow): MatchedDispatch {
  const [
    campaign, lane, row, attempts, phone, person, rowUserId, region, waId, userId, status,
    reason, holds, capped, cappedTries, heldUntil, messageId, acceptedAt, sentAt, deliveredAt,
    readAt, failedAt, errorCode, errorMessage, path, pricingType, pricingCategory, cost,
    costCurrency, state, receiptsSince, checkedAt, erasedAt, purgedAt,
  ] = found;
  return {
    campaign, lane, row, attempts, phone, person, rowUserId, region, waId, userId, status,
    reason, holds, capped, cappedTries, heldUntil, messageId, acceptedAt, sentAt, deliveredAt,
    readAt, failedAt, errorCode, errorMessage, path, pricingType, pricingCategory, cost,
    costCurrency, state, receiptsSince, checkedAt, erasedAt, purgedAt,
  };
}

/** In the order of the statement's columns. */
// biome-ignore format: one column a line would hide how long it is
function toColumns(one: MatchedDispatch): unknown[] {
  return [
    one.status, one.reason, one.holds, one.capped, one.heldUntil, one.messageId, one.acceptedAt,
    one.sentAt, one.deliveredAt, one.readAt, one.failedAt, one.errorCode, one.errorMessage,
    one.path, one.pricingType, one.pricingCategory, one.cost, one.costCurrency, one.campaign, one.row,
  ];
}

function prepare() {
  return {
    dispatch: setStatement<Place, DispatchRow>(
      `
      select d.campaign_id, ${laneSql("d", "c")}, d.row_number, d.attempts, d.phone, d.person, d.row_user_id,
        d.region, d.wa_id, d.user_id, d.status, d.reason, d.holds, d.capped, c.capped_tries,
        d.held_until, d.message_id, d.accepted_at, d.sent_at, d.delivered_at, d.read_at,
        d.failed_at, d.error_code, d.error_message, d.path, d.pricing_type, d.pricing_category,
        d.cost, d.cost_currency, c.state, c.receipts_since, c.checked_at, d.erased_at, c.erased_at
      from dispatch d join campaign c on c.id = d.campaign_id
      where d.campaign_id = ? and d.row_number = ?
    `,
      "bigint bigint",
    ),
    write: setStatement(
      `
      update dispatch set status = ?, reason = ?, holds = ?, capped = ?, held_until = ?,
        message_id = ?, accepted_at = ?, sent_at = ?, delivered_at = ?, read_at = ?, failed_at = ?,
        error_code = ?, error_message = ?, path = ?, pricing_type = ?, pricing_category = ?,
        cost = ?, cost_currency = ?
      where campaign_id = ? and row_number = ?
    `,
      `text text bigint bigint bigint
        text bigint bigint bigint bigint bigint
        text text text text text bigint text
        bigint bigint`,
    ),
    names: setStatement(
      "update dispatch set wa_id = ?, user_id = ? where campaign_id = ? and row_number = ?",
      "bigint text bigint bigint",
    ),
    received: setStatement(
      "update campaign set receipts_since = ? where id = ? and receipts_since is null",
      "bigint bigint",
    ),
  };
}
