// What is open of a campaign, and which command deals with it: one answer, for every face. No I/O,
// no clock.

import type { CampaignRecord } from "../campaign/campaign.ts";
import type { Status } from "../campaign/dispatch.ts";
import { FIXABLE_REASONS } from "../campaign/dispatch.ts";
import type { CampaignStanding, When } from "./campaign-standing.ts";
import { isEnded } from "./campaign-standing.ts";
import type { LedgerTally } from "./counts.ts";
import { plainReason } from "./labels.ts";
import type { ReportData } from "./report-data.ts";

/** Counts of what may be open. */
export interface OpenCounts {
  erasedAt: number | null;
  isSandbox: boolean;
  counts: Partial<Record<Status, number>>;
  held: readonly { reason: string; number: number; nextAt: number | null }[];
  /** Since when the oldest message without any receipt waits; null when that is not known. */
  oldestWithoutReceiptAt: number | null;
  /** Skip reason → number. */
  skipped: Readonly<Record<string, number>>;
}

type OpenKind =
  | "pending"
  | "claimed"
  | "held"
  | "unknown"
  | "without_receipt"
  | "on_the_way"
  | "expired"
  | "fixable";

/** Something of a campaign that is not settled. */
export interface OpenItem {
  kind: OpenKind;
  number: number;
  /** What it is: `Held`. */
  name: string;
  /** What else names it: `limit per person`; empty for nothing. */
  detail: string;
  /** The reason or code in the ledger; null without one. */
  code: string | null;
  /** A verb or a fact, without the command. */
  todo: string;
  /** The command with the manifest's name; null where only time helps. */
  command: string | null;
}

/** What the words hang on. */
export interface OpenContext {
  standing: CampaignStanding;
  /** The manifest as a command names it; `<manifest>` where it is not known. */
  manifest: string;
  now: number;
  when: When;
}

/** Whatever is not settled, the most pressing first; empty when everything is. */
export function openItems(open: OpenCounts, context: OpenContext): OpenItem[] {
  // Nobody can do anything about it any more, and no receipt finds its message.
  if (open.erasedAt !== null) return [];
  const of = (status: Status): number => open.counts[status] ?? 0;
  const { manifest } = context;
  const fixable = FIXABLE_REASONS.reduce((sum, reason) => sum + (open.skipped[reason] ?? 0), 0);
  const items: OpenItem[] = [
    ...waitingItems(open, context),
    {
      kind: "unknown",
      number: of("unknown"),
      name: "Unknown",
      detail: "the answer was lost",
      code: null,
      todo: "A receipt settles them, or decide:",
      command: `campaign resolve ${manifest} --unknown give-up`,
    },
    {
      kind: "without_receipt",
      number: of("accepted"),
      name: "Accepted",
      detail: "no receipt yet",
      code: null,
      todo: withoutReceiptTodo(open, context),
      command: null,
    },
    {
      kind: "on_the_way",
      number: of("sent"),
      name: "Sent",
      detail: "not delivered yet",
      code: null,
      todo: "Wait: the phone may be off.",
      command: null,
    },
    {
      kind: "expired",
      number: of("expired"),
      name: "Expired",
      detail: "not delivered within the time to live",
      code: null,
      todo: "A late receipt still counts.",
      command: null,
    },
    {
      kind: "fixable",
      number: fixable,
      name: "Rows to fix",
      detail: "",
      code: null,
      todo: "Fix them and run again:",
      command: `campaign rejects ${manifest} --csv rejects.csv`,
    },
  ];
  return items.filter(({ number }) => number > 0);
}

/** Those whom a run may still send to; while one is at work they are no matter for a person. */
function waitingItems({ counts, held }: OpenCounts, context: OpenContext): OpenItem[] {
  const { standing, manifest, now, when } = context;
  if (standing.kind === "sending" || standing.kind === "planning") return heldItems(held, context);
  const command = runCommand(standing, manifest);
  const item = (
    kind: OpenKind,
    words: Pick<OpenItem, "number" | "name" | "detail">,
    todo = runTodo(standing, now, when),
  ): OpenItem => ({ kind, ...words, code: null, todo, command });
  return [
    item("pending", { number: counts.pending ?? 0, name: "Waiting", detail: "to be sent" }),
    item(
      "claimed",
      { number: counts.claimed ?? 0, name: "In doubt", detail: "their run was killed" },
      "The next run makes them unknown, and sends to none of them twice:",
    ),
    ...heldItems(held, context),
  ];
}

function heldItems(held: OpenCounts["held"], context: OpenContext): OpenItem[] {
  const { standing, manifest, now, when } = context;
  const isAtWork = standing.kind === "sending";
  return held.map(({ reason, number, nextAt }) => {
    const isAhead = nextAt !== null && nextAt > now;
    const todo = isAhead ? `Run again after ${when(nextAt)}:` : runTodo(standing, now, when);
    return {
      kind: "held" as const,
      number,
      name: "Held",
      detail: plainReason(reason),
      code: reason,
      todo: isAtWork && !isAhead ? "They are sent to when their turn comes." : todo,
      command: isAtWork && !isAhead ? null : runCommand(standing, manifest),
    };
  });
}

/** The command that goes on with the campaign; a pause is lifted first. */
export function runCommand({ kind, plan }: CampaignStanding, manifest: string): string {
  if (plan !== null) return `campaign run ${manifest} --plan ${plan}`;
  return kind === "paused" || kind === "pausing"
    ? `campaign unpause ${manifest}`
    : `campaign run ${manifest}`;
}

function runTodo({ kind, until, plan }: CampaignStanding, now: number, when: When): string {
  if (plan !== null) return "Start the plan:";
  if (kind === "halted") return "Fix the cause, then run again:";
  if (kind === "paused" || kind === "pausing") return "Lift the pause, then run again:";
  if (until !== null && until > now) return `Run again after ${when(until)}:`;
  return kind === "planned" ? "Run:" : "Run again:";
}

function withoutReceiptTodo(
  { isSandbox, oldestWithoutReceiptAt: oldest }: OpenCounts,
  { when }: OpenContext,
): string {
  const since = oldest === null ? "" : ` The oldest since ${when(oldest)}.`;
  return `${isSandbox ? "The next run brings them." : "Receipts come while the receiver runs."}${since}`;
}

/** The counts of a tally. */
export function openOfTally(tally: LedgerTally, campaign: CampaignRecord): OpenCounts {
  return {
    erasedAt: campaign.erasedAt,
    isSandbox: campaign.lane === "sandbox",
    counts: tally.counts,
    held: tally.holds,
    oldestWithoutReceiptAt: null,
    skipped: skippedOf(tally),
  };
}

/** Skip reason → number. */
export function skippedOf({
  reasons,
  failures,
  holds,
}: Pick<LedgerTally, "reasons" | "failures" | "holds">): Record<string, number> {
  const skipped = { ...reasons };
  const others = [...Object.entries(failures), ...holds.map((one) => [one.reason, one.number])];
  for (const [reason, number] of others as [string, number][]) {
    skipped[reason] = (skipped[reason] ?? 0) - number;
  }
  return Object.fromEntries(Object.entries(skipped).filter(([, number]) => number > 0));
}

/** The counts of a report. */
export function openOfReport(data: ReportData): OpenCounts {
  return {
    erasedAt: data.campaign.erasedAt,
    isSandbox: data.campaign.lane === "sandbox",
    counts: data.counts,
    held: data.held,
    oldestWithoutReceiptAt: data.withoutReceipt.oldestAt,
    skipped: Object.fromEntries(data.skipped.map(({ reason, number }) => [reason, number])),
  };
}

/** A path as a shell takes it. */
export function shellWord(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Whether a command goes on with the campaign: nothing is at work, and people are left. */
export function mayRun(standing: CampaignStanding): boolean {
  return !isEnded(standing) && standing.kind !== "sending" && standing.kind !== "planning";
}
