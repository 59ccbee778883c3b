// The result as a person reads it on a terminal: a compact table with bars, readable without
// colour.

import { STATUSES } from "../../domain/campaign/dispatch.ts";
import { count, duration, percent, plural } from "../../domain/common/numbers.ts";
import { purgedSentence } from "../../domain/result/campaign-notes.ts";
import { standingDetail, standingWords } from "../../domain/result/campaign-standing.ts";
import { conditionSentence, conditionsOf } from "../../domain/result/conditions.ts";
import { optOutWays, plainReason, STATUS_WORDS } from "../../domain/result/labels.ts";
import type { Summary } from "../../domain/result/summary.ts";
import { geographyNotes } from "../../domain/result/summary.ts";
import type { CampaignView } from "../campaign/campaign-summary.ts";
import type { BarLine } from "./bars.ts";
import { barTable } from "./bars.ts";
import { aligned, terminalWidth, wrapped } from "./columns.ts";
import { print } from "./print.ts";
import type { Times } from "./times.ts";
import type { Tone } from "./tone.ts";
import { toned } from "./tone.ts";

/** First and last line of everything that a sandbox run prints. */
export const SANDBOX_WORDS =
  "SANDBOX: nothing goes to WhatsApp; Graph is simulated on this machine.";

/** Reasons that are listed; the rest is summed up. */
const REASONS_SHOWN = 12;

const TONES: Readonly<Record<string, Tone>> = {
  accepted: "good",
  sent: "good",
  delivered: "good",
  read: "good",
  failed: "bad",
  expired: "bad",
  claimed: "doubt",
  held: "doubt",
  unknown: "doubt",
};

const STATE_TONES: Readonly<Record<Summary["state"], Tone>> = {
  finished: "good",
  running: "good",
  stopped: "doubt",
  halted: "bad",
  cancelled: "plain",
};

/** Conditions of which a run's last line says until when they hold it back. */
const IN_LAST_LINE: readonly string[] = ["hours", "holds"];

/** Prints a campaign's summary on stdout. */
export function printSummary(view: CampaignView, times: Times): void {
  print(summaryText(view, { width: terminalWidth(), times }));
}

/** The same at the end of a run, whose last line is about what happens next. */
export function printSummaryAtEnd(view: CampaignView, times: Times): void {
  print(summaryText(view, { width: terminalWidth(), times, isEnd: true }));
}

/**
 * A campaign's summary as text.
 * @param about.width of the terminal, in columns
 * @param about.reasonsShown so many reasons at most, the rest summed up
 * @param about.isEnd leaves out what the run's last line has
 */
export function summaryText(
  { standing, summary, conditions }: CampaignView,
  about: { width: number; times: Times; reasonsShown?: number; isEnd?: boolean },
): string {
  const { width, times, reasonsShown = REASONS_SHOWN, isEnd = false } = about;
  const state = standingWords(standing, times.named);
  const title = (name: string, words: string): string =>
    `${name}: ${words} · ${plural(summary.rows, "row")}`;
  const titleLines = wrapped(title(summary.campaign, state), width);
  const statuses = STATUSES.filter((status) => (summary.counts[status] ?? 0) > 0).map(
    (status): BarLine => ({
      name: status,
      number: summary.counts[status] ?? 0,
      words: plainStatus(status, summary),
      tone: TONES[status] ?? "plain",
    }),
  );
  const reasons = reasonLines(summary, reasonsShown);
  // One table, so that the bars of both parts can be compared.
  const lines = barTable([...statuses, ...reasons], summary.rows, width);
  const detail = isEnd ? null : standingDetail(standing, times.named);
  const sentences = [
    ...reachText(summary, times),
    ...notesOf(summary, times),
    ...conditionsOf(conditions, times.named)
      .filter(({ condition }) => !isEnd || !IN_LAST_LINE.includes(condition))
      .map(conditionSentence),
    ...(detail === null ? [] : [detail]),
  ];
  return [
    ...(titleLines.length > 1
      ? titleLines.map((line) => toned(line, "heading"))
      : [title(toned(summary.campaign, "heading"), toned(state, STATE_TONES[summary.state]))]),
    ...lines.slice(0, statuses.length).flat(),
    ...(reasons.length === 0 ? [] : ["Not delivered, by reason:"]),
    ...lines.slice(statuses.length).flat(),
    ...numberLines(summary.numbers ?? [], width),
    ...sentences.flatMap((sentence) => wrapped(sentence, width)),
  ].join("\n");
}

/** What each of several sending numbers did, with what stops it alone. */
function numberLines(numbers: NonNullable<Summary["numbers"]>, width: number): string[] {
  if (numbers.length === 0) return [];
  const rows = [
    ["number", "waiting", "accepted", "failed", "unknown"],
    ...numbers.map((one) => [
      one.phone_number_id,
      ...[one.waiting, one.accepted, one.failed, one.unknown].map((number) => count(number)),
    ]),
  ];
  const stops = numbers.flatMap(({ phone_number_id: id, stopped }) =>
    stopped === null ? [] : wrapped(`Number ${id} is stopped: ${stopped}`, width),
  );
  return [...aligned(rows), ...stops];
}

function reasonLines(summary: Summary, shown: number): BarLine[] {
  const reasons = Object.entries(summary.reasons).sort((a, b) => b[1] - a[1]);
  const lines = reasons.slice(0, shown).map(
    ([reason, number]): BarLine => ({
      name: reason,
      number,
      words: plainReason(reason),
      tone: "plain",
    }),
  );
  if (reasons.length <= shown) return lines;
  const rest = reasons.slice(shown);
  const number = rest.reduce((sum, [, one]) => sum + one, 0);
  const words = `${rest.length} more reasons; --json has them all`;
  return [...lines, { name: "others", number, words, tone: "plain" }];
}

/** How far they got, once receipts report it; and how long it took. */
function reachText(summary: Summary, times: Times): string[] {
  const { sent_to, delivered, read, opted_out } = summary.figures;
  const lines: string[] = [];
  const { people, by_way } = summary.opt_outs;
  const shareOf = ({ number, of }: typeof read): string => percent(number, of);
  if (delivered.number > 0) {
    const steps = [
      `${count(sent_to.number)} sent to`,
      `${count(delivered.number)} delivered (${shareOf(delivered)})`,
      `${count(read.number)} read (${shareOf(read)} of these)`,
    ];
    lines.push(`Reached: ${steps.join(" → ")}.`);
  }
  if (people > 0) {
    const share = opted_out.of > 0 ? ` (${shareOf(opted_out)} of the delivered)` : "";
    lines.push(`Opted out after the message: ${count(people)}${share}, ${optOutWays(by_way)}.`);
  }
  const pace = paceText(summary, times);
  return pace === null ? lines : [...lines, pace];
}

function paceText(summary: Summary, times: Times): string | null {
  const { first_claim_at, last_accepted_at, sending_seconds, funnel } = summary;
  if (first_claim_at === null || last_accepted_at === null) return null;
  const [first, last] = [Date.parse(first_claim_at), Date.parse(last_accepted_at)];
  const spanMs = last - first;
  if (spanMs < 1000) return `Sent ${times.named(first)}.`;
  const rate = funnel.accepted / Math.max(1, sending_seconds);
  const perSecond = rate < 10 ? rate.toFixed(1) : count(rate);
  const { date, minute, time } = times.calendar;
  const to = date(first) === date(last) ? time(last) : times.at(last);
  const isShort = minute(first) === minute(last);
  const span = times.inZone(isShort ? times.at(first) : `from ${times.at(first)} to ${to}`);
  const sendingMs = sending_seconds * 1000;
  const within = spanMs - sendingMs < 60_000 ? "" : ` (${duration(sendingMs)} of sending)`;
  return `Sent ${span}: ${duration(spanMs)}${within}, ${perSecond} accepted a second on average.`;
}

function notesOf(summary: Summary, times: Times): string[] {
  const notes: string[] = [];
  notes.push(...geographyNotes(summary));
  notes.push(...summary.notes);
  if (summary.erased_at !== null) {
    const day = times.calendar.date(Date.parse(summary.erased_at));
    notes.push(purgedSentence(day));
  }
  return notes;
}

function plainStatus(status: string, summary: Summary): string {
  if (status === "claimed" && summary.state !== "running") {
    return "in doubt: their run was killed; the next one makes them unknown";
  }
  return (STATUS_WORDS as Record<string, string>)[status] ?? "";
}
