// Goes through a source that changed, beside the dispatches of its campaign: what becomes of each
// of them, and how many rows are otherwise. Writes nothing; replan.ts does.

import type { CampaignRecord, Replanning } from "../campaign/campaign.ts";
import type { PlannedRow } from "../campaign/row.ts";
import type { Matching, RowKey } from "./match-rows.ts";
import { KIND } from "./match-rows.ts";
import type { RowsToPlan } from "./plan.ts";
import type { PlanLedger } from "./plan-ports.ts";
import type { PlannedValues, PlanRules } from "./rows.ts";

/** Dispatches that are asked for, or changed, at once. */
export const BATCH = 5_000;
/** Changed rows that are named one by one. */
const EXAMPLES = 3;

/** What a source has otherwise than when it was planned. */
export interface SourceChanges {
  /** Rows of the source now. */
  rows: number;
  /** Who waited before. */
  waiting: number;
  /** New people, and people whose rows had gone and are back. */
  added: number;
  back: number;
  /** Rows that stand elsewhere than they did. */
  moved: number;
  /** Skipped rows that are otherwise now, and are looked at again. */
  repaired: number;
  /**
   * Rows that the source has no more: of people who waited, that were skipped, that were posted or
   * ended.
   */
  gone: { waiting: number; skipped: number; settled: number };
  /**
   * Who waits and would be sent something else, or under another number, than was planned; the
   * first of them.
   */
  changed: number;
  examples: { row: number; line: number }[];
  /** Rows that are otherwise since they were posted, or ended: what was posted stays. */
  settledChanged: number;
}

export type CompareLedger = Pick<PlanLedger, "knownRows" | "otherNames" | "plannedValues">;

export interface CompareOptions {
  ledger: CompareLedger;
  campaign: CampaignRecord;
  /** Reads the source from its beginning: once or twice. Batches in row order, without holes. */
  read(): AsyncIterable<RowsToPlan>;
  /** Whether a column names rows for good. */
  useIds: boolean;
  /** `again`: rows that were not posted are planned again also where they did not change. */
  how: Replanning;
  /** As for PlanOptions. */
  rules?: PlanRules;
  onProgress(rows: number, bytes: number): void;
}

/** What is done with a dispatch; bits. */
export const FATE = {
  move: 1,
  /** Its content is planned again. */
  plan: 2,
  /** It waits, and what it would be sent is otherwise. */
  changed: 4,
  /** Its content has to be looked at once more. */
  look: 8,
  /** The row gives other names than are known of it. */
  rename: 16,
  /** It waits for another person, under the same id: who it was for is released first. */
  release: 32,
  /** Only another of the person's own rows comes first now. */
  reordered: 64,
};

/** A row whose dispatch was not found at once. */
interface Leftover extends RowKey {
  index: number;
  line: number;
}

/** What became of the rows so far; in typed arrays, by the numbers of the dispatches. */
export class SourcePlan {
  readonly changes: SourceChanges;
  readonly matching: Matching;
  readonly fate: Uint8Array;
  readonly place: Int32Array;
  readonly line: Int32Array;
  readonly hash: Float64Array;
  /** The dispatch of each row, from row 1 on. */
  targets = new Int32Array(1024);
  /** Of the source that were read. */
  bytes = 0;
  readonly #options: CompareOptions;
  readonly #leftovers: Leftover[] = [];
  /** Content of dispatches whose row is otherwise: another row of the person may have it. */
  readonly #before = new Map<number, number>();

  constructor(matching: Matching, options: CompareOptions) {
    const size = matching.last + 1;
    this.matching = matching;
    this.#options = options;
    this.fate = new Uint8Array(size);
    this.place = new Int32Array(size);
    this.line = new Int32Array(size);
    this.hash = new Float64Array(size);
    this.changes = {
      ...{ rows: 0, waiting: 0, added: 0, back: 0, moved: 0, repaired: 0 },
      gone: { waiting: 0, skipped: 0, settled: 0 },
      ...{ changed: 0, examples: [], settledChanged: 0 },
    };
  }

  /** The next rows of the source. */
  async see(batch: RowsToPlan): Promise<void> {
    const looked: { index: number; number: number }[] = [];
    this.#grow(batch.first - 1 + batch.size);
    for (let index = 0; index < batch.size; index += 1) {
      const key = batch.key(index);
      const at = batch.first - 1 + index;
      const number = this.matching.take(key);
      this.targets[at] = number;
      if (number === 0) {
        this.#leftovers.push({ ...key, index: at, line: batch.line(index) });
        continue;
      }
      const other = this.#before.get(key.hash);
      if (other !== undefined) this.fate[other] = this.#fateOf(other) | FATE.reordered;
      this.#settle(number, { ...key, index: at, line: batch.line(index) });
      if (this.#has(number, FATE.look)) looked.push({ index, number });
    }
    await this.#look(batch, looked);
    this.changes.rows = batch.first - 1 + batch.size;
    this.bytes = batch.bytes;
    this.#options.onProgress(this.changes.rows, batch.bytes);
  }

  /** Rows that were not found at once, when it is known of all the others. */
  async seeLeftovers(): Promise<void> {
    const { ledger } = this.#options;
    const left: Leftover[] = [];
    for (let from = 0; from < this.#leftovers.length; from += BATCH) {
      const some = this.#leftovers.slice(from, from + BATCH);
      const names = await ledger.otherNames(some);
      for (const [at, row] of some.entries()) {
        const number = this.matching.takeLeftover(row, row.index + 1, names[at]);
        if (number === 0) left.push(row);
        else this.#settleLeftover(number, row);
      }
    }
    let next = this.matching.last;
    for (const row of left) {
      const number = this.matching.takeUnread(row);
      if (number !== 0) this.#settleLeftover(number, row);
      else {
        next += 1;
        this.targets[row.index] = next;
        this.changes.added += 1;
      }
    }
    this.#leftovers.length = 0;
  }

  /** Reads the source again where the values of a row that was found late have to be compared. */
  async lookAgain(): Promise<void> {
    if (!this.fate.some((fate) => (fate & FATE.look) !== 0)) return;
    for await (const batch of this.#options.read()) {
      const looked: { index: number; number: number }[] = [];
      for (let index = 0; index < batch.size; index += 1) {
        const number = this.targets[batch.first - 1 + index] as number;
        if (number <= this.matching.last && this.#has(number, FATE.look)) {
          looked.push({ index, number });
        }
      }
      await this.#look(batch, looked);
    }
  }

  /** Counts what is left of the dispatches. */
  end(): void {
    const { matching, changes } = this;
    const { gone } = changes;
    for (let number = 1; number <= matching.last; number += 1) {
      const kind = matching.kindOf(number);
      if (kind === KIND.waiting) changes.waiting += 1;
      if (!matching.isTaken(number)) {
        if (kind === KIND.waiting) gone.waiting += 1;
        else if (matching.placeOf(number) === 0) continue;
        else if (kind === KIND.skipped || kind === KIND.removed) gone.skipped += 1;
        else gone.settled += 1;
        continue;
      }
      if (!this.#has(number, FATE.changed) || this.#has(number, FATE.reordered)) continue;
      changes.changed += 1;
      if (changes.examples.length < EXAMPLES) {
        const [row, line] = [this.place[number] as number, this.line[number] as number];
        changes.examples.push({ row, line });
      }
    }
    this.#judgeDuplicates();
  }

  /**
   * Whose turn it is among several rows of a person may be otherwise: their duplicates are looked
   * at again.
   */
  #judgeDuplicates(): void {
    const { added, back, moved, repaired, gone, changed } = this.changes;
    const isSame = added + back + moved + repaired + changed + gone.waiting + gone.settled === 0;
    if (isSame) return;
    for (let number = 1; number <= this.matching.last; number += 1) {
      if (this.matching.isTaken(number) && this.matching.isDuplicate(number)) {
        this.fate[number] = this.#fateOf(number) | FATE.plan;
      }
    }
  }

  /** The row has this dispatch. */
  #settle(number: number, row: Leftover): void {
    const { matching, changes } = this;
    const kind = matching.kindOf(number);
    const place = row.index + 1;
    this.place[number] = place;
    this.line[number] = row.line;
    const isAsIt = matching.isSameContent(number, row);
    this.hash[number] = isAsIt ? matching.hashOf(number) : row.hash;
    let fate = 0;
    const before = matching.placeOf(number);
    if (before !== place || matching.lineOf(number) !== row.line) fate |= FATE.move;
    if (before !== 0 && before !== place) changes.moved += 1;
    if (matching.isRenamed(number, row) && kind !== KIND.erased) fate |= FATE.rename;
    const isSame = isAsIt && !matching.isReadNow(number, row);
    if (kind === KIND.settled && !isSame) {
      changes.settledChanged += 1;
      fate |= FATE.move;
    }
    this.fate[number] = fate | this.#fateByContent(number, isSame);
  }

  #fateByContent(number: number, isSame: boolean): number {
    const { matching, changes } = this;
    const kind = matching.kindOf(number);
    if (kind === KIND.settled || kind === KIND.erased) return 0;
    if (kind === KIND.removed) {
      changes.back += 1;
      return FATE.plan;
    }
    if (kind === KIND.skipped) {
      if (!isSame) changes.repaired += 1;
      return isSame && this.#options.how !== "again" ? 0 : FATE.plan;
    }
    if (this.#options.how === "again" && isSame) return FATE.plan;
    if (isSame) return 0;
    this.#before.set(matching.hashOf(number), number);
    return FATE.look;
  }

  #settleLeftover(number: number, row: Leftover): void {
    this.targets[row.index] = number;
    this.#settle(number, row);
    if (this.matching.isSamePerson(number) || this.matching.kindOf(number) !== KIND.waiting) return;
    // The same id for another person.
    this.fate[number] = (this.#fateOf(number) & ~FATE.look) | FATE.plan;
    this.fate[number] = this.#fateOf(number) | FATE.changed | FATE.release;
  }

  /** Compares what was planned with what the rows give now. */
  async #look(
    batch: RowsToPlan,
    looked: readonly { index: number; number: number }[],
  ): Promise<void> {
    if (looked.length === 0) return;
    const { ledger, campaign, how } = this.#options;
    const numbers = looked.map(({ number }) => number);
    const planned = await ledger.plannedValues(campaign.id, numbers);
    const byNumber = new Map(planned.map((values) => [values.number, values]));
    for (const { index, number } of looked) {
      const isSame = isAsPlanned(batch.plan(index), byNumber.get(number));
      const fate = this.#fateOf(number) & ~FATE.look;
      const isKept = isSame && how !== "again";
      const next = isKept ? FATE.move : isSame ? FATE.plan : FATE.plan | FATE.changed;
      this.fate[number] = fate | next;
    }
  }

  #grow(size: number): void {
    if (this.targets.length >= size) return;
    const larger = new Int32Array(Math.max(size, this.targets.length * 2));
    larger.set(this.targets);
    this.targets = larger;
  }

  #fateOf(number: number): number {
    return this.fate[number] as number;
  }

  #has(number: number, fate: number): boolean {
    return (this.#fateOf(number) & fate) !== 0;
  }
}

function isAsPlanned(row: PlannedRow, planned: PlannedValues | undefined): boolean {
  return (
    planned !== undefined &&
    row.verdict.kind === "send" &&
    row.verdict.values === planned.values &&
    row.phone === planned.phone &&
    row.userId === planned.userId
  );
}
