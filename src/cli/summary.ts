// The result as a person reads it on a terminal: a compact table with bars, readable without colour.

import { STATUSES } from "../dispatch.ts";
import { ruleFor } from "../outcome.ts";
import type { Summary } from "../tally.ts";
import { count, plural } from "./progress.ts";

/** First and last line of everything that a sandbox run prints. */
export const SANDBOX_WORDS =
  "SANDBOX: nothing goes to WhatsApp; Graph is simulated on this machine.";

const BAR_WIDTH = 30;
/** Reasons that are listed; the rest is summed up. */
const REASONS_SHOWN = 12;

/** What each status says to a person. */
const PLAIN: Record<string, string> = {
  skipped: "not sent to, see the reasons",
  pending: "waiting to be sent",
  claimed: "on their way right now",
  held: "refused for now, tried again later",
  accepted: "taken by Meta; delivery is told by receipts",
  sent: "sent by Meta",
  delivered: "on the phone",
  read: "read",
  failed: "refused for good",
  unknown: "answer lost; never sent to again by itself",
  expired: "TTL passed without delivery",
  cancelled: "ended by you first",
};

/** Plain words for skip reasons; error codes have theirs in the table of codes. */
const REASON_PLAIN: Record<string, string> = {
  invalid_number: "the number cannot be read for sure",
  invalid_user_id: "no user id, or none that can be used",
  ragged_row: "the row has more cells than the header",
  cut_off_row: "the file ends inside the row",
  us_number: "US number",
  us_territory: "number of a US territory",
  us_undecidable: "+1 number of no one country",
  blocked_region: "Meta does not serve the region",
  opted_out: "opted out",
  duplicate: "same person as an earlier row",
  missing_value: "a value of the template is missing",
  invalid_value: "a value of the template breaks a limit of Meta",
  given_up: "answer lost, given up by you",
  campaign_over: "the campaign's end passed",
};

/** Prints a campaign's summary on stdout. */
export function printSummary(summary: Summary): void {
  process.stdout.write(`${summaryText(summary)}\n`);
}

/** A campaign's summary as text. */
function summaryText(summary: Summary): string {
  const lines = [`${summary.campaign}: ${summary.state}, ${count(summary.rows)} rows`];
  const most = Math.max(1, ...Object.values(summary.counts));
  for (const status of STATUSES) {
    const number = summary.counts[status] ?? 0;
    if (number > 0) lines.push(line(status, number, most, plainStatus(status, summary)));
  }
  const reasons = Object.entries(summary.reasons).sort((a, b) => b[1] - a[1]);
  if (reasons.length > 0) lines.push("why not:");
  for (const [reason, number] of reasons.slice(0, REASONS_SHOWN)) {
    lines.push(line(reason, number, most, plainReason(reason)));
  }
  if (reasons.length > REASONS_SHOWN) {
    const rest = reasons.slice(REASONS_SHOWN).reduce((sum, [, number]) => sum + number, 0);
    lines.push(
      line(
        "others",
        rest,
        most,
        `${reasons.length - REASONS_SHOWN} more reasons; --json has them all`,
      ),
    );
  }
  if (summary.without_optimisation > 0) {
    lines.push(
      `${count(summary.without_optimisation)} recipients are where Meta gives no delivery optimisation or click reports.`,
    );
  }
  const held = summary.message_statuses.held_for_quality_assessment ?? 0;
  if (held > 0)
    lines.push(`Meta holds ${count(held)} of the accepted back to assess the template's quality.`);
  if (summary.daily_limit !== null) lines.push(dailyLimitText(summary.daily_limit));
  if (summary.go_on_at !== null) lines.push(`It has something to do again at ${summary.go_on_at}.`);
  if (summary.halt !== null) lines.push(`halted: ${summary.halt.sentence}`);
  return lines.join("\n");
}

function dailyLimitText({ limit, reached }: NonNullable<Summary["daily_limit"]>): string {
  const people = `${count(reached)} of ${plural(limit, "person", "people")}`;
  return `Daily limit: messages may have reached ${people} in the last 24 hours.`;
}

/** Plain words for a skip reason, a hold reason or an error code. */
export function plainReason(reason: string): string {
  if (/^\d+$/.test(reason)) return ruleFor(Number(reason), null).meaning;
  return REASON_PLAIN[reason] ?? "";
}

function plainStatus(status: string, summary: Summary): string {
  if (status === "claimed" && summary.state !== "running") {
    return "in doubt: their run was killed; the next one makes them unknown";
  }
  return PLAIN[status] ?? "";
}

function line(name: string, number: number, most: number, plain: string): string {
  const length = Math.max(1, Math.round((number / most) * BAR_WIDTH));
  const bar = "#".repeat(length).padEnd(BAR_WIDTH);
  return `  ${name.padEnd(15)} ${count(number).padStart(9)} ${bar} ${plain}`.trimEnd();
}
