// The operator's three decisions on a campaign: `retry` failed recipients, `resolve` unknown ones,
// `cancel` the rest.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { SKIP_REASONS } from "../../domain/campaign/dispatch.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { LockLedger } from "../../domain/ledger/ledger.ts";
import { doubtRecord, doubtSentence } from "../../domain/receipts/doubts.ts";
import { cappedOf } from "../../domain/result/conditions.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import { audited, commandActor } from "../campaign/auditing.ts";
import { isRunning } from "../campaign/campaign-summary.ts";
import { decide } from "../campaign/deciding.ts";
import { leavingOut, refusePurged } from "../campaign/planning.ts";
import type { CommandContext } from "../context.ts";
import { say } from "../print/print.ts";
import { timesOf } from "../print/times.ts";
import { requireYes } from "../process/ask.ts";

const SKIPPED: ReadonlySet<string> = new Set(SKIP_REASONS);

interface DecideFlags {
  json?: boolean;
  yes?: boolean;
}

/** `campaign retry`: failed recipients with one of the codes are queued again. */
export async function retry(
  file: string,
  flags: DecideFlags & { code: string[] },
  context: CommandContext,
): Promise<ExitCode> {
  const codes = flags.code.flatMap((code) => code.split(",")).filter((code) => code !== "");
  return decide(file, flags, context, async (ledger, campaign) => {
    refusePurged({ file }, campaign);
    refuseCancelled(campaign);
    const tally = await ledger.tally(campaign.id);
    const { failures, reasons } = tally;
    const givenUp = codes.includes("given_up") ? (failures.given_up ?? 0) : 0;
    if (givenUp > 0) {
      const question = `${plural(givenUp, "recipient")} with given_up may have the message already. Those who do get it twice. Queue them again?`;
      await requireYes(question, flags.yes, context.stop);
    }
    const queued = await ledger.retry(campaign.id, codes, systemClock.now());
    const waiting = await heldSentence(ledger, campaign, { codes, reasons, failures, file });
    if (queued > 0) {
      const detail = { codes: codes.join(" "), queued };
      await audited(ledger, { action: "retry", subject: campaign.name, detail });
      return `${plural(queued, "recipient")} queued again; campaign ${file} sends to them.${waiting}`;
    }
    const capped = codes.includes("frequency_cap") ? cappedSentence(tally) : "";
    if (capped !== "") return capped;
    const there = Object.keys(failures);
    const known = there.length === 0 ? "" : ` The codes there are: ${there.join(", ")}.`;
    const failed = there.length === 0 ? "" : ` with ${codes.join(" or ")}`;
    return `No recipient failed${failed}.${waiting}${waiting === "" ? known : ""}`;
  });
}

/** The frequency cap is no failure: who is skipped for it stays so. */
function cappedSentence(tally: LedgerTally): string {
  const { skipped, held } = cappedOf(tally);
  if (skipped + held === 0) return "";
  const waiting =
    held === 0
      ? ""
      : ` ${plural(held, "recipient is", "recipients are")} held for it, and tried again by themselves.`;
  const final =
    skipped === 0
      ? ""
      : ` ${plural(skipped, "recipient is", "recipients are")} skipped for good: a campaign of another name sends to them once they are free; with \`over: hold\` a campaign waits for them.`;
  return `No recipient failed with frequency_cap.${waiting}${final}`;
}

/** Those who are held with one of the codes need no retry: a run tries them again by itself. */
async function heldSentence(
  ledger: Pick<RunLedger, "remaining">,
  campaign: CampaignRecord,
  about: {
    codes: readonly string[];
    reasons: Readonly<Record<string, number>>;
    failures: Readonly<Record<string, number>>;
    file: string;
  },
): Promise<string> {
  const { codes, reasons, failures, file } = about;
  const held = codes
    .filter((one) => !SKIPPED.has(one))
    .reduce((sum, one) => sum + (reasons[one] ?? 0) - (failures[one] ?? 0), 0);
  if (held === 0) return "";
  const { nextDueAt } = await ledger.remaining(campaign.id);
  const when = nextDueAt === null ? "" : ` from ${timesOf().named(nextDueAt)} on`;
  return ` ${plural(held, "recipient is", "recipients are")} held with ${codes.join(" or ")}: campaign ${file} tries them again by itself${when}.`;
}

/** `campaign resolve`: what becomes of recipients whose answer was lost. */
export async function resolve(
  file: string,
  flags: DecideFlags & { unknown: "resend" | "give-up" },
  context: CommandContext,
): Promise<ExitCode> {
  return decide(file, flags, context, async (ledger, campaign) => {
    refusePurged({ file }, campaign);
    const { counts } = await ledger.tally(campaign.id);
    const unknown = counts.unknown ?? 0;
    if (unknown === 0) return await nobodyUnknown(ledger, campaign, { file, counts });
    const now = systemClock.now();
    const doubts = await ledger.doubts(campaign.id);
    if (doubts !== null) say(doubtSentence(doubts, now));
    const more = { doubts: doubts === null ? null : doubtRecord(doubts, now) };
    if (flags.unknown === "resend") {
      refuseCancelled(campaign);
      const question = `${plural(unknown, "recipient")} may have the message already. Those who do get it twice. Queue them again?`;
      await requireYes(question, flags.yes, context.stop);
    }
    const resolved = await ledger.resolveUnknown(campaign.id, flags.unknown, systemClock.now());
    const detail = { decision: flags.unknown, recipients: resolved };
    await audited(ledger, { action: "resolve", subject: campaign.name, detail });
    const sentence =
      flags.unknown === "resend"
        ? `${plural(resolved, "recipient")} queued again; campaign ${file} sends to them.`
        : `${plural(resolved, "recipient")} given up: failed with given_up.`;
    return { sentence, more };
  });
}

/**
 * The next run finds the people whose requests were in flight when a run was killed; they must not
 * be overlooked here.
 */
async function nobodyUnknown(
  ledger: Pick<LockLedger, "heldBy">,
  campaign: CampaignRecord,
  { file, counts }: { file: string; counts: { claimed?: number } },
): Promise<string> {
  const claimed = counts.claimed ?? 0;
  if (claimed === 0 || (await isRunning(ledger, campaign))) return "No recipient is unknown.";
  const sentTo = plural(claimed, "recipient was", "recipients were");
  return `No recipient is unknown yet, but ${sentTo} on their way when a run was killed: campaign ${file} makes them unknown; then resolve.`;
}

/** `campaign cancel`: people who are still waiting do not get the message. */
export async function cancel(
  file: string,
  flags: DecideFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return decide(file, flags, context, async (ledger, campaign) => {
    const left = await ledger.remaining(campaign.id);
    const waiting = left.pending + left.held;
    const question = `${plural(waiting, "recipient")} of "${campaign.name}" still waiting. End the campaign for good?`;
    await requireYes(question, flags.yes, context.stop);
    const cancelled = await ledger.cancel(campaign.id, systemClock.now(), commandActor());
    const detail = { recipients: cancelled };
    await audited(ledger, { action: "cancel", subject: campaign.name, detail });
    return `Cancelled: ${plural(cancelled, "recipient")} will not get it. A runner that is at work stops within a moment.`;
  });
}

function refuseCancelled(campaign: CampaignRecord): void {
  if (campaign.state !== "cancelled") return;
  throw new OperatorError({
    message: `campaign "${campaign.name}" was cancelled, and sends to nobody any more`,
    hint: `Give those who should still get it a campaign of their own, with ${leavingOut(campaign.name)}`,
  });
}
