// What stands against sending from a ledger, and a person's decision to send all the same.

import type { Problem } from "../errors.ts";
import { OperatorError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import { finding } from "../finding.ts";
import type { Ledger } from "../ledger.ts";
import { laneOf } from "../manifest.ts";
import type { SqliteLedger } from "../sqlite/ledger.ts";
import { openSqliteLedger } from "../sqlite/ledger.ts";
import { LEDGER_WENT_BACK, wentBackSentence } from "../went-back.ts";
import { audited } from "./auditing.ts";
import type { CheckFlags } from "./findings.ts";
import { isBlocker, problemOf } from "./findings.ts";
import { agreeToMake } from "./new-ledger.ts";
import { say } from "./print.ts";
import type { CommandContext } from "./program.ts";
import type { LoadedManifest } from "./wiring.ts";
import { ledgerFile, sayLedger } from "./wiring.ts";

/**
 * Opens the ledger of a run, and names it.
 * @throws OperatorError when there is none, and nobody said that there is to be one
 */
export async function openToRun(
  loaded: LoadedManifest,
  flags: CheckFlags,
  { options, stop }: CommandContext,
): Promise<SqliteLedger> {
  const file = ledgerFile(options, loaded);
  sayLedger(file);
  const newLedger = options.newLedger === true || flags.despite?.includes("new_ledger") === true;
  const isSandbox = loaded.manifest.account === "sandbox";
  const make = await agreeToMake(file, { options: { ...options, newLedger }, stop }, { isSandbox });
  return openSqliteLedger(file, { make });
}

/** What the ledger knows against itself. */
export async function ledgerFindings(
  ledger: Pick<Ledger, "wentBack">,
  { manifest }: LoadedManifest,
): Promise<Finding[]> {
  const proof = await ledger.wentBack(laneOf(manifest));
  if (proof === null) return [];
  const seen = { receipts: proof.receipts, since: new Date(proof.since).toISOString() };
  return [finding(LEDGER_WENT_BACK, null, seen, { why: wentBackSentence(proof) })];
}

/**
 * Refuses to send from a ledger that must not be sent from. What `--despite` names is overridden, and written into the audit table.
 * @param now instant in ms
 * @throws OperatorError with every blocker
 */
export async function guardLedger(
  ledger: Ledger,
  loaded: LoadedManifest,
  { flags, now }: { flags: CheckFlags; now: number },
): Promise<void> {
  const findings = await ledgerFindings(ledger, loaded);
  const overridden = await refuseUnlessDespite(findings, { ledger, flags, ...saidOf(loaded) });
  if (overridden > 0) await ledger.overrideWentBack(laneOf(loaded.manifest), now);
}

/** How findings about a manifest are printed, and what they are audited under. */
export function saidOf(loaded: LoadedManifest): Pick<Guarded, "subject" | "problemOf"> {
  return { subject: loaded.manifest.campaign, problemOf: (one) => problemOf(one, loaded) };
}

interface Guarded {
  ledger: Pick<Ledger, "writeAudit">;
  flags: Pick<CheckFlags, "despite">;
  /** For the audit table. */
  subject: string;
  problemOf(finding: Finding): Problem;
}

/**
 * Refuses to go on while there is a blocker. What `--despite` names is overridden, and written into the audit table.
 * @returns how many were overridden
 * @throws OperatorError with every other blocker
 */
export async function refuseUnlessDespite(
  findings: readonly Finding[],
  { ledger, flags, subject, ...said }: Guarded,
): Promise<number> {
  const blockers = findings.filter(isBlocker);
  const standing = blockers.filter(({ id }) => flags.despite?.includes(id) !== true);
  if (standing.length > 0) throw new OperatorError(standing.map(said.problemOf));
  for (const { wrong } of findings.filter((one) => !isBlocker(one))) say(`warning: ${wrong}`);
  for (const { id, wrong, seen } of blockers) {
    say(`warning: ${wrong} Not stopped by it: --despite ${id}.`);
    await audited(ledger, { action: "despite", subject, detail: { finding: id, seen } });
  }
  return blockers.length;
}
