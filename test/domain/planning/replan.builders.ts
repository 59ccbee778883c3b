// Lists of recipients that change between runs, and a campaign that is planned and sent from them:
// no file, a real ledger.

import type { CampaignRecord } from "../../../src/domain/campaign/campaign.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { fixedHash } from "../../../src/domain/planning/match-rows.ts";
import type { RowsToPlan } from "../../../src/domain/planning/plan.ts";
import { planRows } from "../../../src/domain/planning/plan.ts";
import { compareSource } from "../../../src/domain/planning/replan.ts";
import type { SourceChanges } from "../../../src/domain/planning/source-plan.ts";
import { rowHash } from "../../../src/domain/recipient/recipient.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  T0,
  turn,
} from "../../ledger/conformance/builders.ts";

/**
 * A row of a list: a person by number, or by user id; neither of them: a number that cannot be
 * read.
 */
export interface ListRow {
  person?: number;
  userId?: string;
  id?: string;
  /** The value of its template; also what tells rows apart that cannot be read. */
  value?: string;
}

/** Small, so that every list has several. */
const BATCH = 3;

function plannedRow(row: ListRow, at: number): PlannedRow {
  const { person, userId = null, id = null, value = "v" } = row;
  const phone = person === undefined ? null : phoneOf(person);
  const isReadable = phone !== null || userId !== null;
  return {
    row: at + 1,
    line: at + 2,
    hash: rowHash([phone ?? "", userId ?? "", id ?? "", value]),
    phone,
    person: person === undefined ? null : personKey(person),
    userId,
    recipientId: id,
    region: "GB",
    verdict: isReadable
      ? { kind: "send", values: JSON.stringify([value]) }
      : { kind: "skip", reason: "invalid_number", detail: "No number." },
    cells: isReadable ? "[]" : JSON.stringify(["x", value]),
  };
}

/** The list as planning reads it. */
export async function* rowsOf(list: readonly ListRow[]): AsyncGenerator<RowsToPlan> {
  for (let from = 0; from < list.length; from += BATCH) {
    const rows = list.slice(from, from + BATCH).map((row, at) => plannedRow(row, from + at));
    const at = (index: number) => rows[index] as PlannedRow;
    yield {
      first: from + 1,
      size: rows.length,
      bytes: from,
      line: (index) => at(index).line,
      key(index) {
        const { hash, person, userId, recipientId } = at(index);
        return { hash, person, userId, recipientId, isDamaged: false };
      },
      plan: at,
    };
  }
}

const RECIPIENTS = { size: 100, modifiedMs: T0 + 0.5, sha256: "ab".repeat(32) };
let campaigns = 0;

/** A campaign of a list, and everything that a test does with it. */
export async function campaignOf(ledger: Ledger, list: readonly ListRow[]): Promise<TestCampaign> {
  campaigns += 1;
  const name = `list-${campaigns}`;
  const draft = { name, lane: "sandbox", frozen: {}, columns: ["phone"], now: T0 };
  const campaign = await ledger.createCampaign(draft);
  const rows = await planRows({
    ...{ ledger, campaign, rows: rowsOf(list), now: () => T0, onProgress: () => {} },
  });
  await finish(ledger, campaign.id, rows);
  return new TestCampaign(ledger, name, campaign.id);
}

function finish(ledger: Ledger, campaign: number, rows: number): Promise<void> {
  const facts = { frozen: {}, recipients: RECIPIENTS, columns: ["phone"], rows, now: T0 };
  return ledger.finishPlanning(campaign, facts);
}

/** A kill: nothing after this many writing verbs happens. */
export class Killed extends Error {}

export class TestCampaign {
  readonly ledger: Ledger;
  readonly name: string;
  readonly id: number;
  /** Phone or user id → messages that were posted. */
  readonly posts = new Map<string, number>();
  #now = T0;

  constructor(ledger: Ledger, name: string, id: number) {
    this.ledger = ledger;
    this.name = name;
    this.id = id;
  }

  /** Plans the list again. `killAfter`: writing verbs until the process is gone. */
  async change(
    list: readonly ListRow[],
    {
      how = "changes",
      useIds = false,
      killAfter = Number.POSITIVE_INFINITY,
    }: { how?: "changes" | "again"; useIds?: boolean; killAfter?: number } = {},
  ): Promise<SourceChanges> {
    const { ledger } = this;
    const campaign = (await ledger.findCampaign(this.name)) as CampaignRecord;
    const compared = await compareSource({
      ...{ ledger, campaign, useIds, how, read: () => rowsOf(list), onProgress: () => {} },
    });
    let writes = 0;
    const killable = <A extends unknown[]>(verb: (...args: A) => Promise<void>) => {
      return async (...args: A) => {
        if (writes === killAfter) throw new Killed();
        writes += 1;
        await verb(...args);
      };
    };
    await compared.apply(
      {
        beginReplanning: killable(ledger.beginReplanning),
        removeRows: killable(ledger.removeRows),
        moveRows: killable(ledger.moveRows),
        renameRows: killable(ledger.renameRows),
        replan: killable(ledger.replan),
      },
      () => T0,
    );
    if (writes === killAfter) throw new Killed();
    await finish(ledger, this.id, list.length);
    return compared.changes;
  }

  /** A person fixes rows by hand, and not in the list: what they are, by their place. */
  async fix(fixed: Readonly<Record<number, ListRow>>): Promise<void> {
    const { ledger, id } = this;
    const { rows } = await ledger.rejects(id, ["invalid_number"], 0, 1_000);
    const all = rows.flatMap(({ number, hash, row }) => {
      const given = fixed[row ?? 0];
      if (given === undefined) return [];
      return [{ number, row: { ...plannedRow(given, (row ?? 1) - 1), hash: fixedHash(hash) } }];
    });
    await ledger.replan(id, all, T0);
  }

  /** Posts to so many, and Meta takes them. */
  async post(many: number): Promise<void> {
    const { ledger, id } = this;
    this.#now += 1_000;
    const { claimed } = await ledger.turn(turn(id, { now: this.#now, claim: many }));
    const record = claimed.map((claim) => answerTo(claim, accepted(claim.row)));
    for (const { phone, userId } of claimed) {
      const who = phone ?? userId ?? "";
      this.posts.set(who, (this.posts.get(who) ?? 0) + 1);
    }
    await ledger.turn(turn(id, { now: this.#now, record }));
  }

  /** Every row of the list in its order, as `person:status`, then the others. */
  async shown(): Promise<string[]> {
    const { rows } = await this.ledger.outcomes(this.id, 0, 10_000);
    return rows.map(
      ({ row_number: row, phone, user_id: user, status, reason }) =>
        `${row ?? "-"} ${phone?.slice(-3) ?? user ?? "?"} ${reason ?? status}`,
    );
  }
}
