// What stands against sending from a ledger, and a person's decision to send all the same.

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
import { problemOf } from "./findings.ts";
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
  const isOverridden = ({ id }: Finding): boolean => flags.despite?.includes(id) === true;
  const blockers = findings.filter((one) => !isOverridden(one));
  if (blockers.length > 0) throw new OperatorError(blockers.map((one) => problemOf(one, loaded)));
  for (const { id, wrong, seen } of findings) {
    say(`warning: ${wrong} Sent all the same: --despite ${id}.`);
    await ledger.overrideWentBack(laneOf(loaded.manifest), now);
    const detail = { finding: id, seen };
    await audited(ledger, { action: "despite", subject: loaded.manifest.campaign, detail });
  }
}
