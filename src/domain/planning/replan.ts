// Plans a source again that changed since it was planned. First it is compared with the ledger, and
// nothing is written; what was found can be refused then. Applying it takes many transactions, each
// of which can be repeated: after a kill the same command compares again and does what is left.

import { KIND, matchRows } from "./match-rows.ts";
import type { PlanLedger } from "./plan-ports.ts";
import type { Move, Replanned, RowNames } from "./rows.ts";
import type { CompareLedger, CompareOptions, SourceChanges } from "./source-plan.ts";
import { BATCH, FATE, SourcePlan } from "./source-plan.ts";

/**
 * Rows that are moved in one transaction: some tenths of a second. Their places come in random
 * order, so that each transaction writes most pages of the index of places: with a fifth of this a
 * million sorted rows wrote seven times as much.
 */
const MOVES = 25_000;

/** A source beside what the ledger has of it. */
export interface SourceComparison {
  changes: SourceChanges;
  /** Writes it down. May be repeated after a kill, by comparing again. */
  apply(ledger: ReplanLedger, now: () => number): Promise<void>;
}

type ReplanLedger = Pick<
  PlanLedger,
  "beginReplanning" | "removeRows" | "moveRows" | "renameRows" | "replan"
>;

/**
 * Compares a source with what was planned of it. Writes nothing.
 * @throws OperatorError as the reading of rows does
 */
export async function compareSource(options: CompareOptions): Promise<SourceComparison> {
  const { ledger, campaign, useIds } = options;
  const matching = await matchRows(pagesOf(ledger, campaign.id), { last: campaign.rows, useIds });
  const plan = new SourcePlan(matching, options);
  for await (const batch of options.read()) await plan.see(batch);
  await plan.seeLeftovers();
  await plan.lookAgain();
  plan.end();
  return {
    changes: plan.changes,
    apply: (write, now) => apply(plan, { ledger: write, options, now }),
  };
}

async function* pagesOf(
  ledger: CompareLedger,
  campaign: number,
): AsyncGenerator<Awaited<ReturnType<PlanLedger["knownRows"]>>> {
  for (let after = 0; ; ) {
    const page = await ledger.knownRows(campaign, after, BATCH);
    if (page.length > 0) yield page;
    if (page.length < BATCH) return;
    after = page.at(-1)?.number ?? after;
  }
}

async function apply(
  plan: SourcePlan,
  { ledger, options, now }: { ledger: ReplanLedger; options: CompareOptions; now: () => number },
): Promise<void> {
  const { campaign, how, rules } = options;
  await ledger.beginReplanning(campaign.id, how);
  // Who is released first: otherwise a row that took over their number would be a duplicate of
  // them.
  for (const some of inBatches(removedNumbers(plan))) {
    await ledger.removeRows(campaign.id, some);
    options.onProgress(plan.changes.rows, plan.bytes);
  }
  for (const some of inBatches(movesOf(plan), MOVES)) {
    await ledger.moveRows(campaign.id, some);
    options.onProgress(plan.changes.rows, plan.bytes);
  }
  if (!needsRows(plan)) return;
  for await (const batch of options.read()) {
    const rows: Replanned[] = [];
    const names: RowNames[] = [];
    for (let index = 0; index < batch.size; index += 1) {
      const number = plan.targets[batch.first - 1 + index] as number;
      const fate = number > plan.matching.last ? FATE.plan : (plan.fate[number] as number);
      if ((fate & FATE.plan) !== 0) rows.push({ number, row: batch.plan(index) });
      if ((fate & FATE.rename) !== 0) {
        const { person, userId, recipientId, isDamaged } = batch.key(index);
        const who = isDamaged ? { person: null, userId: null } : { person, userId };
        names.push({ number, recipientId: options.useIds ? recipientId : null, ...who });
      }
    }
    if (rows.length > 0) await ledger.replan(campaign.id, rows, now(), rules);
    if (names.length > 0) await ledger.renameRows(campaign.id, names, now());
    options.onProgress(batch.first - 1 + batch.size, batch.bytes);
  }
}

function needsRows({ changes, fate }: SourcePlan): boolean {
  const both = FATE.plan | FATE.rename;
  return changes.added > 0 || fate.some((bits) => (bits & both) !== 0);
}

function* removedNumbers({ matching, fate }: SourcePlan): Generator<number> {
  for (let number = 1; number <= matching.last; number += 1) {
    const isGone = !matching.isTaken(number);
    const wasThere = matching.placeOf(number) !== 0 || matching.kindOf(number) === KIND.waiting;
    if ((isGone && wasThere) || ((fate[number] as number) & FATE.release) !== 0) yield number;
  }
}

/**
 * Of a row that is planned again the content is left for that: else nobody would know after a kill
 * that it has to be.
 */
function* movesOf({ matching, fate, place, line, hash }: SourcePlan): Generator<Move> {
  const moved = FATE.move | FATE.release | FATE.plan;
  for (let number = 1; number <= matching.last; number += 1) {
    const bits = fate[number] as number;
    if (!matching.isTaken(number) || (bits & moved) === 0) continue;
    const isPlanned = (bits & FATE.plan) !== 0;
    yield {
      number,
      place: place[number] as number,
      line: line[number] as number,
      hash: isPlanned ? null : (hash[number] as number),
    };
  }
}

function* inBatches<T>(all: Iterable<T>, size = BATCH): Generator<T[]> {
  let batch: T[] = [];
  for (const item of all) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
