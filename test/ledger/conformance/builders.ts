// Valid inputs for a ledger, of which a test says only what differs.

import type { AttemptRecord, Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import type { PlanningReason } from "../../../src/domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { Turn } from "../../../src/domain/sending/turn.ts";

export const T0 = Date.UTC(2026, 10, 22, 10, 0, 0);

/** Ofcom keeps +44 7700 900000 to 900999 for fiction. */
export function phoneOf(person: number): string {
  return `+447700900${String(person).padStart(3, "0")}`;
}

export function personKey(person: number): string {
  return phoneOf(person).slice(1);
}

/** A row to be sent to; the n-th row has the n-th person unless reported otherwise. */
export function send(row: number, person: number = row, values = `["v${row}"]`): PlannedRow {
  return {
    row,
    line: row + 1,
    hash: row * 1_000_003,
    phone: phoneOf(person),
    person: personKey(person),
    userId: null,
    recipientId: null,
    region: "GB",
    verdict: { kind: "send", values },
    cells: JSON.stringify([phoneOf(person), `v${row}`]),
  };
}

/**
 * A row to be sent to by user id, or, with a person, by that person's number with the id beside it.
 */
export function sendUser(row: number, userId: string, person: number | null = null): PlannedRow {
  const planned = { ...send(row, person ?? 0), userId };
  return person === null ? { ...planned, phone: null, person: null } : planned;
}

export function skip(
  row: number,
  reason: PlanningReason,
  person: number | null = null,
): PlannedRow {
  return {
    ...send(row, person ?? 0),
    phone: person === null ? null : phoneOf(person),
    person: person === null ? null : personKey(person),
    region: null,
    verdict: { kind: "skip", reason, detail: `Row ${row} is skipped: ${reason}.` },
    cells: JSON.stringify(["raw", String(row)]),
  };
}

export function accepted(row: number, changes: Partial<Next & { to: "accepted" }> = {}): Next {
  return {
    to: "accepted",
    messageId: `wamid.${row}.${Math.random()}`,
    messageStatus: "accepted",
    waId: null,
    userId: null,
    ...changes,
  };
}

const OUTCOMES = {
  accepted: "accepted",
  pending: "not_sent",
  held: "refused",
  failed: "refused",
  unknown: "unknown",
} as const;

export function answerTo(
  claim: Pick<Claim, "row" | "attempt">,
  next: Next,
  changes: Partial<AttemptRecord> = {},
): AttemptRecord {
  const refused = next.to === "held" || next.to === "failed";
  return {
    row: claim.row,
    attempt: claim.attempt,
    phone: "",
    startedAt: next.to === "pending" ? null : T0 + 1_000,
    endedAt: T0 + 1_150,
    endpoint: "marketing_messages",
    outcome: OUTCOMES[next.to],
    answer: {
      httpStatus: next.to === "accepted" ? 200 : refused ? 400 : null,
      code: refused ? 131_049 : null,
      subcode: null,
      message: refused ? "(#131049) Refused" : null,
      details: null,
      fbtraceId: refused ? "A1b2C3" : null,
    },
    next,
    ...changes,
  };
}

export function turn(campaign: number, changes: Partial<Turn> = {}): Turn {
  return { campaign, now: T0, record: [], release: [], claim: 0, ...changes };
}

let campaigns = 0;

/** A campaign of its own name with these rows, planned to the end. */
export async function planned(
  ledger: Ledger,
  rows: PlannedRow[],
  lane = "sandbox",
): Promise<number> {
  campaigns += 1;
  const name = `campaign-${campaigns}`;
  const draft = { name, lane, frozen: { template: "t" }, columns: ["phone", "v"], now: T0 };
  const { id } = await ledger.createCampaign(draft);
  await ledger.plan(id, rows, T0);
  await finish(ledger, id, rows.at(-1)?.row ?? 0);
  return id;
}

export async function finish(ledger: Ledger, id: number, rows: number): Promise<void> {
  await ledger.finishPlanning(id, {
    frozen: { template: "t" },
    recipients: { size: 100, modifiedMs: T0 + 0.5, sha256: "ab".repeat(32) },
    columns: ["phone", "v"],
    rows,
    now: T0,
  });
}

/** Row → `status` or `status/reason`. */
export async function statuses(ledger: Ledger, campaign: number): Promise<Record<number, string>> {
  const found: Record<number, string> = {};
  const { rows } = await ledger.outcomes(campaign, 0, 10_000);
  for (const row of rows) {
    if (row.row_number === null) continue;
    found[row.row_number] = row.reason === null ? row.status : `${row.status}/${row.reason}`;
  }
  return found;
}
