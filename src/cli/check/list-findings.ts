// Judges a planned list as a whole, wired: reads a few rows of the file where most of it cannot be
// used.

import type { PlanLedger } from "../../domain/planning/plan-ports.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { judgeList, judgeLiterals, needsSample } from "../../domain/preflight/list-check.ts";
import { idFindings } from "../../domain/preflight/source-changes.ts";
import { judgeComparedApis } from "../../domain/preflight/test-checks.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import { openSource } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/** Rows that are looked at to find out what is wrong. */
const SAMPLE_ROWS = 300;

/**
 * What is wrong with the list as a whole, and with values of the manifest beside its header.
 * @param tally of the planned campaign
 * @param columns the header of the list
 */
export async function listFindings(
  loaded: LoadedManifest,
  { tally, columns }: { tally: LedgerTally; columns: readonly string[] },
): Promise<Finding[]> {
  const { rows, reasons } = tally;
  const facts = { rows, reasons, columns, people: rows - (tally.counts.skipped ?? 0) };
  const sample = needsSample(facts) ? await sampleOf(loaded) : [];
  return [
    ...judgeList(loaded.manifest, { ...facts, sample }),
    ...judgeLiterals(loaded.manifest, columns),
    ...judgeComparedApis(loaded.manifest, tally.regions),
  ];
}

/** Rows whose ids do not name them for good, where the manifest names a column of ids. */
export async function findIdFaults(
  { manifest }: LoadedManifest,
  ledger: Pick<PlanLedger, "idFaults">,
  campaign: number,
): Promise<Finding[]> {
  const { id } = manifest.recipients;
  return id === undefined ? [] : idFindings(await ledger.idFaults(campaign), id);
}

async function sampleOf(loaded: LoadedManifest): Promise<string[][]> {
  const { csv } = await openSource(loaded);
  for await (const rows of csv.rows({ batch: SAMPLE_ROWS })) return rows.map(({ cells }) => cells);
  return [];
}
