// Moves a ledger to another place, on whichever engine: everything is copied in one transaction of
// the new place and compared with the old one, then the old one is marked as moved, and only then
// the new one committed. So at no instant there are two ledgers that send.

import { createHash } from "node:crypto";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { isServerAddress } from "../../domain/manifest/ledger-name.ts";
import { openFileSource, openFileTarget } from "../file/file-copy.ts";
import { EXAMPLES_MAX, INVARIANTS } from "../invariants.ts";
import type { CopySource, CopyTarget } from "./sides.ts";
import { UncertainCommit } from "./sides.ts";
import type { Row, Table } from "./tables.ts";
import { ledgerTables, rowText } from "./tables.ts";

/** How far a copy has got. */
export interface CopyProgress {
  kind: "copying" | "comparing" | "checking";
  /** Rows so far. */
  rows: number;
  /** Rows of the ledger. */
  all: number;
}

/** What a table has: the same in both ledgers. */
interface TableSum {
  rows: number;
  /** SHA-256 of its rows as JSON, in the order of their key. */
  sha256: string;
}

export interface CopyOptions {
  /** Lanes of which the caller has the lock, so that no run is at work. */
  lanes: ReadonlySet<string>;
  /** Called between pages; what it throws ends the copy, and leaves everything as it was. */
  onProgress(progress: CopyProgress): void;
  /** Of the new place, for people, as the old one names it from then on. */
  movedTo: string;
  /** For tests: other rules than the ledger's. */
  rules?: readonly Pick<(typeof INVARIANTS)[number], "invariant" | "sql" | "isDerived">[];
}

export interface CopyResult {
  ledgerId: string;
  tables: ReadonlyMap<string, TableSum>;
}

/**
 * Copies the ledger at an address to another one, where there must be none, and marks the old one
 * as moved. After any interruption the same call does it all.
 * @param from the absolute path of a file, or a URL
 * @param to the same
 * @throws LedgerError as opening either does; `busy` when a run has begun meanwhile; `corrupt`
 *   when the ledger is damaged
 */
export async function copyLedger(
  from: string,
  to: string,
  options: CopyOptions,
): Promise<CopyResult> {
  const source = await openSource(from);
  try {
    await requireLanesHeld(source, options.lanes);
    const target = await openTarget(to);
    try {
      const tables = await fill(source, target, options);
      await settle(source, target, options.movedTo);
      return { ledgerId: source.ledgerId, tables };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function openSource(address: string): Promise<CopySource> {
  if (!isServerAddress(address)) return openFileSource(address);
  return (await import("../postgres/postgres-copy.ts")).openServerSource(address);
}

async function openTarget(address: string): Promise<CopyTarget> {
  if (!isServerAddress(address)) return openFileTarget(address);
  return (await import("../postgres/postgres-copy.ts")).openServerTarget(address);
}

/** A campaign may have come since its lane was asked for. */
async function requireLanesHeld(source: CopySource, held: ReadonlySet<string>): Promise<void> {
  const lanes = await source.column(
    "select lane from campaign union select lane from campaign_lane",
  );
  if (lanes.every((lane) => held.has(String(lane)))) return;
  const sentence = "a run has begun in it at this moment. Give the same command again.";
  throw new LedgerError("busy", `The ledger ${source.place} is in use: ${sentence}`);
}

async function fill(
  source: CopySource,
  target: CopyTarget,
  { onProgress, rules = INVARIANTS }: CopyOptions,
): Promise<Map<string, TableSum>> {
  const tables = ledgerTables();
  let all = 0;
  for (const { name } of tables) {
    all += Number((await source.column(`select count(*) from ${name}`))[0]);
  }
  const progress: CopyProgress = { kind: "copying", rows: 0, all };
  onProgress(progress);
  const copied = new Map<string, TableSum>();
  for (const table of tables) {
    const sum = startSum(table);
    for await (const found of source.pages(table)) {
      const page = here(table, found);
      await target.insert(table, page);
      sum.add(page);
      progress.rows += page.length;
      onProgress(progress);
    }
    await target.setLastId(table, await source.lastId(table));
    copied.set(table.name, sum.end());
  }
  await compare(target, { tables, copied, progress, onProgress });
  await check(source, target, { tables, rules, progress, onProgress });
  return copied;
}

/** A ledger that was moved by a copy that was then interrupted is here again in the new one. */
function here({ name, columns }: Table, page: Row[]): Row[] {
  if (name !== "meta") return page;
  const at = columns.indexOf("moved_to");
  return page.map((row) => row.with(at, null));
}

interface Step {
  tables: readonly Table[];
  progress: CopyProgress;
  onProgress: CopyOptions["onProgress"];
}

/** Reads back what was written. */
async function compare(
  target: CopyTarget,
  { tables, copied, progress, onProgress }: Step & { copied: ReadonlyMap<string, TableSum> },
): Promise<void> {
  Object.assign(progress, { kind: "comparing", rows: 0 });
  for (const table of tables) {
    const sum = startSum(table);
    for await (const page of target.pages(table)) {
      sum.add(page);
      progress.rows += page.length;
      onProgress(progress);
    }
    const found = sum.end();
    const wanted = copied.get(table.name);
    if (found.rows === wanted?.rows && found.sha256 === wanted.sha256) continue;
    throw new LedgerError(
      "io",
      `The copy in ${target.place} is another one than the ledger: table ${table.name} has ${found.rows} rows and the checksum ${found.sha256}, and ${wanted?.rows} and ${wanted?.sha256} are right. Nothing was moved.`,
    );
  }
}

/** What can be counted again is counted again by the first run. */
async function check(
  source: CopySource,
  target: CopyTarget,
  { tables, rules, progress, onProgress }: Step & Pick<Required<CopyOptions>, "rules">,
): Promise<void> {
  Object.assign(progress, { kind: "checking" });
  onProgress(progress);
  await target.prepareToCheck(tables);
  for (const { invariant, sql, isDerived } of rules) {
    if (isDerived) continue;
    const places = await target.column(`${sql} limit ${EXAMPLES_MAX}`);
    onProgress(progress);
    if (places.length === 0) continue;
    throw new LedgerError(
      "corrupt",
      `The ledger ${source.place} is damaged: it does not hold that ${invariant} (${places.join("; ")}). It was not moved.`,
    );
  }
}

/** From here on the old place sends no more; the new one does from its commit on. */
async function settle(source: CopySource, target: CopyTarget, movedTo: string): Promise<void> {
  await source.move(movedTo);
  try {
    await target.commit();
  } catch (error) {
    if (!(error instanceof UncertainCommit)) {
      await source.move(null);
      throw error;
    }
    throw new LedgerError(
      "unreachable",
      `The ledger ${target.place} did not answer whether it has kept the copy. Give the same command again: it goes on from there.`,
      { cause: error },
    );
  }
}

function startSum(table: Table) {
  const hash = createHash("sha256");
  let rows = 0;
  return {
    add(page: readonly Row[]) {
      for (const row of page) hash.update(`${rowText(table, row)}\n`);
      rows += page.length;
    },
    end: (): TableSum => ({ rows, sha256: hash.digest("hex") }),
  };
}
