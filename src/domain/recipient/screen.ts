// Screening: says of a recipient whether to send, or to skip with one reason. Knows neither
// duplicates nor opt-outs.
//
// Those two need what was planned and suppressed before, so the ledger decides them in its own
// transaction.

import type { PlannedRow } from "../campaign/row.ts";
import { unreachable } from "../common/errors.ts";
import { blockedPlace, regionKind } from "./geography.ts";
import type { PhoneReading } from "./phone.ts";
import type { Recipient, RowDamage } from "./recipient.ts";
import type { UserIdReading } from "./user-id.ts";

export type Verdict = PlannedRow["verdict"];
type Skip = Extract<Verdict, { kind: "skip" }>;
type Phone = Extract<PhoneReading, { kind: "phone" }>;
type UserId = Extract<UserIdReading, { kind: "user_id" }>;

export interface ScreenRules {
  /**
   * True: the US territories, and +1 numbers whose country cannot be known, are removed as well.
   */
  usTerritories: boolean;
}

/** What became of the template's variables for a recipient. */
export type RenderedValues =
  | {
      kind: "rendered";
      /** JSON array of the rendered values, in the order of the template's slots. */
      values: string;
    }
  | {
      kind: "missing";
      /** Variables that have neither a value nor a default. */
      names: string[];
    }
  | {
      kind: "invalid";
      /**
       * Which value breaks which limit of Meta, as words: `button 1 is 16 characters long; at most
       * 15 fit`.
       */
      faults: string[];
    };

/**
 * The verdict on a recipient; the first reason that holds is the one. Details are sentences for
 * the person who fixes the file.
 */
export function screen(recipient: Recipient, rules: ScreenRules, values: RenderedValues): Verdict {
  const person = screenPerson(recipient, rules);
  if (person !== null) return person;
  switch (values.kind) {
    case "rendered":
      return { kind: "send", values: values.values };
    case "missing":
      return skip("missing_value", missingDetail(values.names));
    case "invalid":
      return skip("invalid_value", `Meta would refuse the message: ${values.faults.join("; ")}.`);
    default:
      return unreachable(values);
  }
}

/**
 * The part of screening that needs no rendered values: a skip, or null when nothing speaks against
 * the person.
 */
export function screenPerson(recipient: Recipient, rules: ScreenRules): Skip | null {
  if (recipient.damage !== null) return skip(recipient.damage, damageDetail(recipient.damage));
  const { phone, userId } = recipient;
  if (phone?.kind === "unreadable") {
    return skip("invalid_number", unreadableDetail(phone.detail, userId));
  }
  // Also beside a number: the person may have opted out under the id that is garbled here.
  if (userId?.kind === "unreadable") {
    return skip("invalid_user_id", `The user id cannot be used: ${userId.detail}.`);
  }
  if (phone !== null) return screenPhone(phone, rules);
  if (userId !== null) return screenUserId(userId, rules);
  return skip("invalid_user_id", "The row has no user id.");
}

/** The number decides where there is one: it is what Meta's block of the United States goes by. */
function screenPhone(phone: Phone, rules: ScreenRules): Skip | null {
  const kind = regionKind(phone.region);
  if (kind === "us") {
    return skip(
      "us_number",
      "Meta delivers no marketing messages to numbers of the United States.",
    );
  }
  if (rules.usTerritories && kind === "us_territory") {
    return skip(
      "us_territory",
      `The number is of a US territory (${phone.region}), ` +
        "which may fall under Meta's block of the United States.",
    );
  }
  if (rules.usTerritories && kind === "unknown" && phone.e164.startsWith("+1")) {
    return skip(
      "us_undecidable",
      "The number begins with +1 and its area code belongs to no one country, " +
        "so it may be of the United States.",
    );
  }
  const place = blockedPlace(phone.e164, phone.region);
  if (place === null) return null;
  return skip("blocked_region", `Meta does not deliver to ${place}.`);
}

/** Without a number, the country in front of the id is all that tells where a person is. */
function screenUserId({ region }: UserId, rules: ScreenRules): Skip | null {
  const kind = regionKind(region);
  if (kind === "us") {
    return skip("us_number", "Meta delivers no marketing messages to people of the United States.");
  }
  if (rules.usTerritories && kind === "us_territory") {
    return skip(
      "us_territory",
      `The user id is of a person in a US territory (${region}), ` +
        "which may fall under Meta's block of the United States.",
    );
  }
  const place = blockedPlace("", region);
  return place === null ? null : skip("blocked_region", `Meta does not deliver to ${place}.`);
}

function unreadableDetail(detail: string, userId: UserIdReading | null): string {
  const wrong = `The phone cannot be read for sure: ${detail}.`;
  return userId?.kind === "user_id"
    ? `${wrong} Fix it, or empty it to send by the user id beside it.`
    : wrong;
}

/**
 * The recipient as planning hands it to the ledger; only a skipped row keeps its cells, so that it
 * can be fixed.
 */
export function toPlannedRow(recipient: Recipient, verdict: Verdict): PlannedRow {
  const { phone, userId } = recipient;
  const byId = userId?.kind === "user_id" ? userId : null;
  const region = phone?.kind === "phone" ? phone.region : phone === null ? byId?.region : null;
  return {
    row: recipient.row,
    line: recipient.line,
    hash: recipient.hash,
    phone: phone?.kind === "phone" ? phone.e164 : null,
    person: recipient.person,
    userId: byId?.id ?? null,
    recipientId: recipient.recipientId,
    region: region ?? null,
    verdict,
    cells: verdict.kind === "skip" ? JSON.stringify(recipient.raw) : "[]",
  };
}

function damageDetail(damage: RowDamage): string {
  switch (damage) {
    case "ragged_row":
      return (
        "The row has more cells than the header has columns: " +
        "a cell with the delimiter in it needs quotes around it."
      );
    case "cut_off_row":
      return "The file ends in the middle of this row: export it again.";
    default:
      return unreachable(damage);
  }
}

function missingDetail(names: readonly string[]): string {
  const list = names.map((name) => `"${name}"`).join(", ");
  return names.length === 1
    ? `The template needs ${list}, which is empty in this row and has no default.`
    : `The template needs ${list}, which are empty in this row and have no defaults.`;
}

function skip(reason: Skip["reason"], detail: string): Skip {
  return { kind: "skip", reason, detail };
}
