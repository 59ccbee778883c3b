// What stands against sending from a ledger, and a person's decision to send all the same.

import { existsSync } from "node:fs";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { ServerState } from "../../domain/campaign/failed-over.ts";
import { FAILED_OVER, failedOverSentence } from "../../domain/campaign/failed-over.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import { stamp } from "../../domain/common/calendar.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { isServerAddress } from "../../domain/manifest/ledger-name.ts";
import { lanesOf } from "../../domain/manifest/manifest.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { finding } from "../../domain/preflight/finding.ts";
import type {
  InboxLedger,
  ServerLedger,
  WitnessLedger,
} from "../../domain/receipts/inbox-ports.ts";
import type { WentBack } from "../../domain/receipts/went-back.ts";
import { LEDGER_WENT_BACK, wentBackSentence } from "../../domain/receipts/went-back.ts";
import type { Behind, Witness } from "../../domain/receipts/witness.ts";
import { behindSentence, laneOfKey, otherLedgerOf } from "../../domain/receipts/witness.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { placeOf } from "../../ledger/open.ts";
import { audited } from "../campaign/auditing.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { ledgerAddress, sayLedgerBeforeNext } from "../campaign/wiring.ts";
import type { WitnessSeen } from "../campaign/witness.ts";
import { behind, keysOf, readWitness } from "../campaign/witness.ts";
import type { CommandContext } from "../context.ts";
import { warn } from "../print/print.ts";
import type { CheckFlags } from "./findings.ts";
import { blockersFirst, isBlocker, problemOf } from "./findings.ts";
import { agreeToMake } from "./new-ledger.ts";
import { openSound } from "./sound.ts";

/**
 * Opens the ledger of a run, and names it.
 * @throws OperatorError when there is none, and none was asked for
 * @throws LedgerError when it is damaged, or cannot be opened
 */
export async function openToRun(
  loaded: LoadedManifest,
  flags: CheckFlags,
  { options, stop }: CommandContext,
): Promise<OpenedLedger> {
  const address = ledgerAddress(options, loaded);
  const isThere = await sayLedgerBeforeNext(address);
  if (!isThere) await refuseOtherLedger(placeOf(address), loaded, flags);
  const newLedger = options.newLedger === true || flags.despite?.includes("new_ledger") === true;
  const isSandbox = loaded.manifest.account === "sandbox";
  const make = await agreeToMake(
    address,
    { options: { ...options, newLedger }, stop },
    { isThere, isSandbox },
  );
  return openSound(address, make);
}

/** Before a ledger is made for a number that has one elsewhere: a new one would be left behind. */
async function refuseOtherLedger(
  file: string,
  loaded: LoadedManifest,
  flags: CheckFlags,
): Promise<void> {
  const found = blockersFirst(await ledgerFindings(undefined, loaded, file), flags);
  const blockers = found.filter(isBlocker);
  if (blockers.length > 0)
    throw new OperatorError(blockers.map((finding) => problemOf(finding, loaded)));
}

/**
 * What stands against sending from a ledger: what it knows against itself, and what this machine
 * remembers of it and of the number.
 * @param ledger undefined where there is none yet
 */
export async function ledgerFindings(
  ledger:
    | (Pick<CampaignLedger, "id"> &
        Pick<InboxLedger, "wentBack"> &
        Pick<ServerLedger, "serverState"> &
        Pick<WitnessLedger, "turnNumbers">)
    | undefined,
  loaded: LoadedManifest,
  file: string,
): Promise<Finding[]> {
  const keys = keysOf(loaded);
  const seen = keys.length === 0 ? undefined : readWitness();
  const findings: Finding[] = [];
  if (seen !== undefined) {
    findings.push(...damageFindings(seen));
    for (const key of keys) {
      findings.push(...otherFindings(seen.witness, { key, id: ledger?.id, file }));
    }
  }
  if (ledger === undefined) return findings;
  const proofs: WentBack[] = [];
  const states: ServerState[] = [];
  for (const lane of lanesOf(loaded.manifest)) {
    const proof = await ledger.wentBack(lane);
    const state = await ledger.serverState(lane);
    if (proof !== null) proofs.push(proof);
    if (state !== null) states.push(state);
  }
  const lacking = seen === undefined ? [] : await behind(ledger, seen);
  return [
    ...findings,
    ...wentBackFindings(allOf(proofs), lacking),
    ...serverFindings(states, file),
  ];
}

/** Proofs of several numbers as one. */
function allOf(proofs: readonly WentBack[]): WentBack | null {
  if (proofs.length === 0) return null;
  return {
    since: Math.min(...proofs.map(({ since }) => since)),
    receipts: proofs.reduce((sum, { receipts }) => sum + receipts, 0),
  };
}

function damageFindings({ file, damage }: WitnessSeen): Finding[] {
  return damage === null ? [] : [finding("witness_unread", null, damage, { file, why: damage })];
}

function otherFindings(
  witness: Witness,
  { key, id, file }: { key: string; id: string | undefined; file: string },
): Finding[] {
  const other = otherLedgerOf(witness, key, id);
  if (other === undefined) return [];
  const { ledger, path } = other;

  const isThere = isServerAddress(path) || existsSync(path);
  const gone = isThere ? "" : "; there is no file by that name any more";
  const words = { lane: laneOfKey(key), other: path, at: stamp(other.at), gone, file };
  return [
    finding("other_ledger", null, { ledger, path, at: new Date(other.at).toISOString() }, words),
  ];
}

function wentBackFindings(proof: WentBack | null, lacking: readonly Behind[]): Finding[] {
  if (proof === null && lacking.length === 0) return [];
  const why = [
    ...(proof === null ? [] : [wentBackSentence(proof)]),
    ...lacking.map(behindSentence),
  ].join(" ");
  const seen = {
    ...(proof !== null && {
      receipts: proof.receipts,
      since: new Date(proof.since).toISOString(),
    }),
    ...(lacking.length > 0 && {
      turns: lacking.map(({ lane, seen, turn }) => ({ lane, seen: seen.turn, has: turn })),
    }),
  };
  return [finding(LEDGER_WENT_BACK, null, seen, { why })];
}

/** @param states of one server, as each number was last sent from it */
function serverFindings(states: readonly ServerState[], file: string): Finding[] {
  const failedOver = states.find((state) => state.failedOver !== null)?.failedOver;
  const hasAsyncStandby = states.some((state) => state.hasAsyncStandby);
  return [
    ...(failedOver == null
      ? []
      : [finding(FAILED_OVER, null, failedOver, { why: failedOverSentence(failedOver, file) })]),
    ...(hasAsyncStandby ? [finding("asynchronous_standby", null, null)] : []),
  ];
}

/**
 * Refuses to send from a ledger that must not be sent from. What `--despite` names is overridden,
 * and written into the audit table.
 * @param now instant in ms
 * @throws OperatorError with every blocker
 */
export async function guardLedger(
  ledger: OpenedLedger,
  loaded: LoadedManifest,
  { flags, now }: { flags: CheckFlags; now: number },
): Promise<void> {
  const findings = await ledgerFindings(ledger, loaded, ledger.place);
  await refuseUnlessDespite(findings, { ledger, flags, ...saidOf(loaded) });
  const isFailedOver = findings.some(({ id }) => id === FAILED_OVER);
  const isOlder = findings.some(({ id }) => id === LEDGER_WENT_BACK);
  for (const lane of lanesOf(loaded.manifest)) {
    if (isFailedOver) await ledger.acceptServer(lane);
    if (isOlder) await ledger.overrideWentBack(lane, now);
  }
  if (!isOlder) return;
  // From here on this copy is the ledger: its next turn is later than any that was seen of the
  // other one.
  const lacking = keysOf(loaded).length === 0 ? [] : await behind(ledger, readWitness());
  await ledger.raiseTurnNumbers(
    Object.fromEntries(
      lacking
        .toSorted((a, b) => a.seen.turn - b.seen.turn)
        .map((behind) => [behind.lane, behind.seen.turn]),
    ),
  );
}

/** How findings about a manifest are printed, and what they are audited under. */
export function saidOf(loaded: LoadedManifest): Pick<Guarded, "subject" | "problemOf"> {
  return { subject: loaded.manifest.campaign, problemOf: (finding) => problemOf(finding, loaded) };
}

interface Guarded {
  ledger: Pick<AuditLedger, "writeAudit">;
  flags: Pick<CheckFlags, "despite">;
  /** For the audit table. */
  subject: string;
  problemOf(finding: Finding): Problem;
}

/**
 * Refuses to go on while there is a blocker. What `--despite` names is overridden, and written into
 * the audit table.
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
  for (const { wrong } of findings.filter((finding) => !isBlocker(finding))) warn(wrong);
  for (const { id, wrong, seen } of blockers) {
    warn(`${wrong} Not stopped by it: --despite ${id}.`);
    await audited(ledger, { action: "despite", subject, detail: { finding: id, seen } });
  }
  return blockers.length;
}
