// What `doctor` finds in a ledger that can be opened, and what it says of one that cannot.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import { faultId, faultTodo, LedgerError } from "../../domain/campaign/fault.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { ErasureLedger, InspectionLedger } from "../../domain/ledger/ledger.ts";
import type { WitnessLedger } from "../../domain/receipts/inbox-ports.ts";
import { WENT_BACK_TODO } from "../../domain/receipts/went-back.ts";
import { behindSentence } from "../../domain/receipts/witness.ts";
import type { ReadinessLedger } from "../../domain/sending/run-ports.ts";
import { SCHEMA_VERSION } from "../../ledger/file/schema.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { behind, readWitness } from "../campaign/witness.ts";
import { redact } from "../print/redact.ts";
import { timesOf } from "../print/times.ts";
import type { Check } from "./health.ts";
import { bad, ok, warn } from "./health.ts";

/** Instants of the ledger may be ahead of the clock by what its correction takes back. */
const CLOCK_SLACK_MS = 60_000;

/** What a ledger that cannot be opened is found to have. @throws whatever is no LedgerError */
export function faultOf(error: unknown): Check {
  if (!(error instanceof LedgerError)) throw error;
  return bad("ledger", redact(error.message), faultTodo(faultId(error.fault)) ?? "");
}

const BROKEN_TODO =
  "Do not send with this ledger: put back its newest copy (docs/ledger.md says what that means). Keep a copy of it, and report these lines, where no other program wrote to it.";

/**
 * Looks through a ledger.
 * @param file where it is, as people may see it
 */
export async function checkContents(
  ledger: Pick<CampaignLedger, "listCampaigns" | "id"> &
    Pick<OpenedLedger, "movedTo"> &
    Pick<InspectionLedger, "violations"> &
    Pick<WitnessLedger, "turnNumbers"> &
    Pick<ErasureLedger, "purgeable" | "rewriteDue"> &
    Pick<ReadinessLedger, "pace">,
  file: string,
): Promise<Check[]> {
  const campaigns = await ledger.listCampaigns();
  const rows = campaigns.reduce((sum, campaign) => sum + campaign.rows, 0);
  const found = `${file}, schema ${SCHEMA_VERSION}, ${plural(campaigns.length, "campaign")}, ${plural(rows, "row")}`;
  const checks = [ok("ledger", found), ...checkPlace(ledger)];
  const broken = await ledger.violations();
  for (const { invariant, examples, isDerived } of broken) {
    const places = examples.map(redact).join("; ");
    const found = `it does not hold that ${invariant} (${places})`;
    checks.push(
      isDerived
        ? warn(
            "rule",
            found,
            "Nothing: another program changed rows, and the next run counts them again.",
          )
        : bad("rule", found, BROKEN_TODO),
    );
  }
  if (broken.length === 0) checks.push(ok("rules", "everything in the ledger adds up"));
  checks.push(...(await checkWitness(ledger)));
  checks.push(...(await checkErasing(ledger)));
  checks.push(...(await checkInstants(ledger, campaigns, systemClock.now())));
  return checks;
}

function checkPlace({ movedTo }: Pick<OpenedLedger, "movedTo">): Check[] {
  if (movedTo === null) return [];
  const advice = 'Name the new place: --ledger, CAMPAIGN_LEDGER, or "ledger:" in policy.yaml.';
  return [bad("moved", `it was moved to ${movedTo}, and sends no more`, advice)];
}

/** What this machine remembers of the ledger, outside of it. */
async function checkWitness(
  ledger: Pick<CampaignLedger, "id"> & Pick<WitnessLedger, "turnNumbers">,
): Promise<Check[]> {
  const seen = readWitness();
  if (seen.damage !== null) {
    const found = `${seen.file} cannot be read: ${seen.damage}`;
    const advice = "Give this user the right to read and write it. A run sets a damaged one aside.";
    return [warn("witness", found, advice)];
  }
  const lacking = await behind(ledger, seen);
  if (lacking.length === 0) return [ok("witness", "this machine saw no later turn of the ledger")];
  return lacking.map((one) => bad("witness", behindSentence(one), WENT_BACK_TODO));
}

/**
 * People whose erasure was promised are not erased yet: neither by a purge that was interrupted nor
 * while old bytes stand in the file.
 */
async function checkErasing(
  ledger: Pick<ErasureLedger, "purgeable" | "rewriteDue">,
): Promise<Check[]> {
  const checks: Check[] = [];
  // Quiet since the year 1970: only those that a purge has begun with.
  for (const { name, rows, erasedRows } of await ledger.purgeable(0, systemClock.now())) {
    if (erasedRows >= rows) continue;
    const found = `a purge of "${name}" stopped half-way: ${count(erasedRows)} of ${plural(rows, "row")} are erased`;
    const advice = `Run \`campaign purge\` again; \`--campaign ${name}\` goes on with this one alone.`;
    checks.push(warn("erasing", found, advice));
  }
  if (await ledger.rewriteDue()) {
    const found =
      "the ledger's file was not rewritten since something was erased, and unused places in it may still hold that";
    const advice = "Give the same `purge` or `forget` again when no campaign runs.";
    checks.push(warn("erasing", found, advice));
  }
  return checks;
}

/**
 * A clock that was set back lets holds wait longer than they should, and lanes be quiet for no
 * reason.
 */
async function checkInstants(
  ledger: Pick<ReadinessLedger, "pace">,
  campaigns: CampaignRecord[],
  now: number,
): Promise<Check[]> {
  let latest = 0;
  for (const campaign of campaigns) {
    const pace = await ledger.pace(campaign.lane);
    latest = Math.max(latest, campaign.changedAt, pace?.usedUntil ?? 0);
  }
  if (latest <= now + CLOCK_SLACK_MS) return [];
  const found = `the ledger was last used ${timesOf().named(latest)}, which is still to come`;
  const advice = "Look at the clock: it was set back, or the ledger comes from another machine.";
  return [warn("clock", found, advice)];
}
