// `campaign receipts import`: webhook bodies from a file, as people who have an endpoint of their
// own log them. Goes the same way as a webhook: kept first, applied then.

import { basename } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, interrupted, OperatorError } from "../../domain/common/errors.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { InboxLedger } from "../../domain/receipts/inbox-ports.ts";
import type {
  Applied,
  EventCounts,
  EventEffect,
  WebhookBody,
} from "../../domain/receipts/processing.ts";
import { isWebhookBody } from "../../domain/receipts/webhook.ts";
import { lostSentence } from "../../domain/receipts/went-back.ts";
import { isLedgerAt, openLedgerAt } from "../../ledger/open.ts";
import { ledgerAddress, stopWords } from "../campaign/wiring.ts";
import { agreeToMake } from "../check/new-ledger.ts";
import type { CommandContext } from "../context.ts";
import type { JsonLine } from "../files/json-lines.ts";
import { jsonLines } from "../files/json-lines.ts";
import { statOf } from "../files/stats.ts";
import { print, printJson, say } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";
import { readingLine, startProgress } from "../print/progress.ts";
import { withoutSecrets } from "../print/redact.ts";
import type { Aftermath } from "../process/aftermath.ts";
import {
  addAftermath,
  aftermathLines,
  emptyAftermath,
  haltsOf,
  newHalts,
} from "../process/aftermath.ts";
import { expiredSentence, expireMessages } from "../process/expiring.ts";
import { withLockBackoff } from "../process/lock-backoff.ts";

/**
 * Deliveries kept in one transaction, and how much text at most: a runner beside this waits for
 * each of them.
 */
const KEEP_MAX = 500;
const KEEP_CHARS_MAX = 2_000_000;
/** Events applied in one transaction: about 20 ms. */
const APPLY_EVENTS = 500;

const GOES_ON = "the same command imports the rest";
/** Bad lines that are named; the others are counted. */
const BAD_SHOWN = 10;
/**
 * Where logs put a webhook's body in a line, in the order in which they are tried; as an object or
 * as JSON text.
 */
const WRAPPERS = ["body", "rawBody", "raw_body", "payload", "webhook", "event", "data", "message"];
const WRAPPED_DEPTH_MAX = 5;

interface ImportFlags {
  json?: boolean;
}

/** Everything that an import came to. */
interface Import {
  lines: number;
  deliveries: number;
  bad: Problem[];
  badCount: number;
  /** JSON that is no delivery, and the first line of such. */
  emptyCount: number;
  firstEmpty: number | null;
  counts: EventCounts;
  settled: number;
  lost: number;
  optOuts: number;
  lifted: number;
  aftermath: Aftermath;
  /** Messages of which nothing was reported until their TTL had passed. */
  expired: number;
  isWhole: boolean;
}

/** Runs the command; gives its exit code. */
export async function receiptsImport(
  file: string,
  flags: ImportFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const size = statOf(file)?.size ?? 0;
  const line = readingLine("importing", size, systemClock, "line");
  const progress = startProgress(line.text);
  const done = emptyImport();
  const words = stopWords();
  let ledger: Ledger | undefined;
  let halts: ReadonlyMap<string, string> = new Map();
  try {
    for await (const batch of batchesOf(file, done, line.at)) {
      // Opened only now: a file that cannot be read leaves no ledger behind.
      if (ledger === undefined) {
        ledger = await openToImport(context, progress.end);
        halts = await haltsOf(ledger);
      }
      const open = ledger;
      await withLockBackoff(() => open.storeWebhookBodies(batch.map(withoutSecrets)));
      await applyAll(ledger, done, { stop: context.stop, words });
      if (context.stop.aborted) {
        done.isWhole = false;
        break;
      }
    }
    // What Meta reported of is applied by now: of the rest nothing was reported.
    if (ledger !== undefined && done.isWhole)
      done.expired = await expireMessages(ledger, context.stop);
    if (ledger !== undefined) done.aftermath.halted = newHalts(halts, await haltsOf(ledger));
  } finally {
    progress.end();
    await ledger?.close();
  }
  printProblems(done.bad, "warning: ");
  if (done.badCount > done.bad.length) {
    say(`… and ${count(done.badCount - done.bad.length)} more bad lines.`);
  }
  refuseOther(file, done);
  if (flags.json) printJson(jsonOf(file, done));
  else print(textOf(file, done));
  return done.isWhole ? EXIT.done : EXIT.stopped;
}

/** @param quiet ends the line on the terminal, before a question is asked there */
async function openToImport(context: CommandContext, quiet: () => void): Promise<Ledger> {
  const file = ledgerAddress(context.options);
  const isThere = await isLedgerAt(file);
  if (!isThere) quiet();
  return openLedgerAt(file, { make: await agreeToMake(file, context, { isThere }) });
}

/** Deliveries of the file, in batches; counts what is none as it goes. */
async function* batchesOf(
  file: string,
  done: Import,
  at: (lines: number, bytes: number) => void,
): AsyncGenerator<WebhookBody[]> {
  const source = basename(file);
  let batch: WebhookBody[] = [];
  let chars = 0;
  for await (const line of jsonLines(file)) {
    done.lines += 1;
    at(done.lines, line.bytes);
    for (const body of bodiesOf(line, file, done)) {
      batch.push({ body, receivedAt: systemClock.now(), source });
      chars += body.length;
    }
    if (batch.length < KEEP_MAX && chars < KEEP_CHARS_MAX) continue;
    yield batch;
    batch = [];
    chars = 0;
  }
  if (batch.length > 0) yield batch;
}

function bodiesOf({ line, text }: JsonLine, file: string, done: Import): string[] {
  const value = text === null ? undefined : parsed(text);
  if (value === undefined) {
    done.badCount += 1;
    if (done.bad.length < BAD_SHOWN) done.bad.push(badLine(file, line, text === null));
    return [];
  }
  // Untouched where the line is the body itself.
  const bodies = isWebhookBody(value) ? [text as string] : wrapped(value, WRAPPED_DEPTH_MAX);
  if (bodies.length === 0) {
    done.emptyCount += 1;
    done.firstEmpty ??= line;
  }
  done.deliveries += bodies.length;
  return bodies;
}

function badLine(file: string, line: number, isTooLong: boolean): Problem {
  const message = isTooLong ? "this line is too long for a webhook body" : "this line is not JSON";
  const hint = isTooLong
    ? "Give each webhook body a line of its own."
    : "Correct the line, or take it out, and import the file again: what is known is not counted twice.";
  return { file, line, message: `${message}; nothing of it was imported`, hint };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Bodies inside what a log wrote around them: JSON text, a list of bodies, an object that has them
 * under a name.
 */
function wrapped(value: unknown, depth: number): string[] {
  if (isWebhookBody(value)) return [JSON.stringify(value)];
  if (depth === 0) return [];
  if (typeof value === "string") {
    const inner = parsed(value);
    // As it was signed, not as we would write it.
    return isWebhookBody(inner) ? [value] : wrapped(inner, depth - 1);
  }
  if (Array.isArray(value)) return value.flatMap((one) => wrapped(one, depth - 1));
  if (typeof value !== "object" || value === null) return [];
  for (const name of WRAPPERS) {
    const bodies = wrapped((value as Record<string, unknown>)[name], depth - 1);
    if (bodies.length > 0) return bodies;
  }
  return [];
}

/** Applies until nothing waits; also what a receiver kept meanwhile. */
async function applyAll(
  ledger: Pick<InboxLedger, "processWebhookBodies">,
  done: Import,
  { stop, words }: { stop: AbortSignal; words: readonly string[] },
): Promise<void> {
  for (let more = true; more && !stop.aborted; ) {
    const now = systemClock.now();
    const options = { limit: APPLY_EVENTS, now, stopWords: words };
    const applied = await withLockBackoff(() => ledger.processWebhookBodies(options));
    add(done, applied);
    more = applied.more;
  }
}

function add(done: Import, applied: Applied): void {
  done.settled += applied.settled;
  done.lost += applied.lost;
  done.optOuts += applied.optOuts;
  done.lifted += applied.lifted;
  addAftermath(done.aftermath, applied);
  for (const [event, effects] of Object.entries(applied.counts)) {
    const sums = done.counts[event] ?? {};
    done.counts[event] = sums;
    for (const [effect, number] of Object.entries(effects)) {
      const name = effect as EventEffect;
      sums[name] = (sums[name] ?? 0) + number;
    }
  }
}

function emptyImport(): Import {
  return {
    lines: 0,
    deliveries: 0,
    bad: [],
    badCount: 0,
    emptyCount: 0,
    firstEmpty: null,
    counts: {},
    settled: 0,
    lost: 0,
    optOuts: 0,
    lifted: 0,
    aftermath: emptyAftermath(),
    expired: 0,
    isWhole: true,
  };
}

/** Some lines may be bad; when all of them are, the file is another one. */
function refuseOther(file: string, { lines, deliveries }: Import): void {
  if (lines === 0 || deliveries > 0) return;
  throw new OperatorError({
    file,
    message: `none of its ${plural(lines, "line")} holds a webhook body`,
    hint: 'Each line is to be one body as Meta posted it, or a JSON object that has it under "body".',
  });
}

function sumOf(counts: EventCounts, effect: EventEffect): number {
  return Object.values(counts).reduce((sum, effects) => sum + (effects[effect] ?? 0), 0);
}

function jsonOf(file: string, done: Import): Record<string, unknown> {
  return {
    file,
    complete: done.isWhole,
    ...(!done.isWhole && { error: errorRecord(interrupted(GOES_ON).problems, EXIT.stopped) }),
    lines: done.lines,
    deliveries: done.deliveries,
    bad_lines: done.badCount,
    lines_without_delivery: done.emptyCount,
    events: done.counts,
    applied: sumOf(done.counts, "applied"),
    repeated: sumOf(done.counts, "repeated"),
    parked: sumOf(done.counts, "parked"),
    unmatched: sumOf(done.counts, "unmatched") + sumOf(done.counts, "other_number"),
    settled_unknown: done.settled,
    lost_attempts: done.lost,
    opt_outs_added: done.optOuts,
    opt_outs_lifted: done.lifted,
    expired: done.expired,
    failed: done.aftermath.failed,
    held: done.aftermath.held,
    halted: done.aftermath.halted,
  };
}

/** The words for each effect, in the order of the columns. */
const COLUMNS: readonly [string, EventEffect[]][] = [
  ["changed", ["applied"]],
  ["known before", ["repeated", "superseded"]],
  ["waiting", ["parked"]],
  ["not ours", ["unmatched", "other_number"]],
  ["only kept", ["noted"]],
];

function textOf(file: string, done: Import): string {
  const head = `${file}: ${plural(done.lines, "line")}, ${plural(done.deliveries, "delivery", "deliveries")}`;
  const lines = [done.isWhole ? head : `${head}, stopped before its end`];
  const table = Object.entries(done.counts).map(([event, effects]) => [
    event,
    ...COLUMNS.map(([, names]) => names.reduce((sum, name) => sum + (effects[name] ?? 0), 0)),
  ]);
  if (table.length > 0) lines.push(row(["", ...COLUMNS.map(([name]) => name)]));
  for (const cells of table) lines.push(row(cells));
  lines.push(
    `${plural(done.settled, "recipient")} not unknown any more, ${count(done.optOuts)} new on the opt-out list, ${count(done.lifted)} taken off it by themselves.`,
  );
  if (done.lost > 0) lines.push(lostSentence(done.lost));
  if (done.expired > 0) lines.push(expiredSentence(done.expired));
  lines.push(...aftermathLines(done.aftermath));
  if (done.badCount > 0) lines.push(`${plural(done.badCount, "line")} could not be read.`);
  if (done.firstEmpty !== null) {
    lines.push(
      `${plural(done.emptyCount, "line")} without a webhook body, the first is line ${done.firstEmpty}.`,
    );
  }
  if (!done.isWhole) lines.push("Import it again: what was done changes nothing then.");
  return lines.join("\n");
}

function row([name = "", ...cells]: (string | number)[]): string {
  const shown = cells.map((cell, at) => {
    const text = typeof cell === "number" ? count(cell) : cell;
    return text.padStart(Math.max(9, (COLUMNS[at]?.[0].length ?? 0) + 2));
  });
  return `  ${String(name).padEnd(11)}${shown.join("")}`.trimEnd();
}
