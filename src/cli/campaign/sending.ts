// Wires a planned campaign to Graph (or to the sandbox) and runs it, with its progress line and its
// log.

import { dirname, join } from "node:path";
import type { NumberFacts } from "../../domain/account/facts.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { count, duration, plural } from "../../domain/common/numbers.ts";
import type { Hold } from "../../domain/ledger/ledger.ts";
import { templateNames } from "../../domain/manifest/arms-of-manifest.ts";
import { isServerAddress } from "../../domain/manifest/ledger-name.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { totalRate } from "../../domain/manifest/manifest.ts";
import { languageWords } from "../../domain/message/template.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { RunEnd, RunNotice, RunProgress } from "../../domain/sending/run-ports.ts";
import { inGroups, ofLane, sumOfProgress } from "../../domain/sending/side-by-side.ts";
import type { Project } from "../files/project.ts";
import { cleanUpEarly } from "../garbage.ts";
import type { Log } from "../print/log.ts";
import { closeLog, openLog } from "../print/log.ts";
import { say } from "../print/print.ts";
import { startProgress } from "../print/progress.ts";
import { agreed, canAsk } from "../process/ask.ts";
import { heldWords } from "./holding.ts";
import { endOfRun, openOf, sendByLanes, takeOverAll } from "./lane-loops.ts";
import type { RunContext, SendingOptions, TakesOver } from "./lane-run.ts";
import { lanesOfRun, sendByLane } from "./lane-run.ts";
import type { LoadedManifest } from "./wiring.ts";

/**
 * Sends what remains of a campaign, over the numbers that the caller holds, side by side.
 * @returns how it ended, and whether nothing was done before
 * @throws OperatorError when the operator does not agree to the first real message
 */
export async function send(
  loaded: LoadedManifest,
  options: SendingOptions,
  context: RunContext,
): Promise<{ end: RunEnd; isIdle: boolean }> {
  const { manifest } = loaded;
  const { ledger, campaign, clock, hold, takesOver } = options;
  const found = await takeOverAll(hold.lanes, options, say);
  const open = openOf(found);
  if (open > 0) {
    await confirm(manifest, open, options, context.stop);
    context.begins?.(open, hold.lanes);
  }
  const lanes = await lanesOfRun(loaded, found, options);
  const log = openLog({ file: context.options.logFile, level: context.options.logLevel });
  const isOne = campaign.lanes.length === 1;
  // Cron comes every minute: a run that has nothing to send starts no thread.
  const mayTakeOver = hold.taken.length > 0 && takesOver !== "never";
  const turns = open > 0 || mayTakeOver ? await ledger.startTurns(totalRate(manifest)) : undefined;
  if (turns !== undefined) context.beforeQuit(turns.close);
  const { turn: turnOne, turnAll } = turns ?? ledger;
  const turn = isOne ? turnOne : inGroups(turnAll);
  cleanUpEarly("sending");
  const progress = () => sumOfProgress(lanes.map((lane) => lane.progress));
  const line = startProgress(progressText(progress, manifest, clock));
  const notices = noticesOf(campaign, log, line.say);
  if (open > 0 || mayTakeOver) sayTaken(hold, takesOver);
  try {
    const { stop, doneWith } = context;
    const { ends, inDoubt: later } = await sendByLanes(lanes, {
      ...{ options, stop, say, doneWith },
      lanesOf: (taken, limit) => lanesOfRun(loaded, taken, { ...options, limit }),
      send: (lane, stopOfLanes) =>
        sendByLane(
          lane,
          { loaded, options, stop: stopOfLanes, turn, notices },
          isOne ? ledger : ofLane(ledger, lane.place),
        ),
    });
    const end = await endOfRun(ends, options);
    const inDoubt = later + found.reduce((sum, one) => sum + one.inDoubt, 0);
    return { end, isIdle: isIdleEnd(end, { open, inDoubt, done: progress() }) };
  } finally {
    line.end();
    await turns?.close();
    closeLog(log);
  }
}

/** What other processes have of the campaign. */
function sayTaken({ taken }: Hold, takesOver: TakesOver): void {
  if (taken.length === 0) return;
  const then = takesOver === "never" ? "" : " This run takes over what becomes free.";
  say(`Left to others: ${heldWords(taken)}.${then}`);
}

/** The last run of a campaign that is over cancels those who wait. */
function isIdleEnd(
  end: RunEnd,
  { open, inDoubt, done }: { open: number; inDoubt: number; done: RunProgress },
): boolean {
  const isLast = open > 0 && end.kind === "finished";
  return !isLast && inDoubt + done.posted + done.suppressed + done.held === 0;
}

/** `+55 11 4000-0000 (Loja), number id 106…`, as far as it is known. */
function senderName(id: string, number: NumberFacts | null): string {
  const phone = number?.displayPhoneNumber ?? null;
  if (phone === null) return `number id ${id}`;
  const name = number?.verifiedName ?? null;
  return `${phone}${name === null ? "" : ` (${name})`}, number id ${id}`;
}

function sendersName(numbers: number, id: string, number: NumberFacts | null): string {
  const first = senderName(id, number);
  return numbers === 1 ? first : `${numbers} numbers, the first of them ${first}`;
}

/** `"offer" (pt_BR)`; of a test those of all arms. */
function templatesText(manifest: Manifest): string {
  return templateNames(manifest)
    .map(({ name, language }) => `"${name}" (${languageWords(language)})`)
    .join(" or ");
}

/** Asked once, before the first real message of a campaign, and only where a person can answer. */
async function confirm(
  manifest: Manifest,
  open: number,
  options: SendingOptions,
  stop: AbortSignal,
): Promise<void> {
  if (manifest.account === "sandbox" || options.campaign.state !== "ready") return;
  // Cron cannot be asked; the person who set it up has decided.
  if (options.yes || !canAsk()) return;
  const people = Math.min(open, options.limit ?? open);
  const question =
    `${people < open ? `${count(people)} of ` : ""}${plural(open, "person", "people")} ${open === 1 ? "gets" : "get"} template ` +
    `${templatesText(manifest)} from ${sendersName(manifest.account.numbers.length, manifest.account.phone_number_id, options.number)}. Send?`;
  if (await agreed(question, stop)) return;
  throw new OperatorError(
    {
      message: "Nothing was sent: you did not say yes.",
      hint: "Run the same command again to be asked again; with --yes it does not ask.",
    },
    EXIT.stopped,
  );
}

/** Where the built-in simulator keeps its log: beside the ledger; of a server, in the project. */
export function sandboxLog(ledgerAddress: string, { root }: Project): string {
  const folder = isServerAddress(ledgerAddress) ? join(root, "data") : dirname(ledgerAddress);
  return join(folder, "sandbox.jsonl");
}

/**
 * The live line: how many are dealt with, how fast, and how long the rest takes, as far as that can
 * be known.
 */
function progressText(
  progressOf: () => RunProgress,
  manifest: Manifest,
  clock: Clock,
): () => string {
  const doneOf = (progress: RunProgress) =>
    progress.accepted + progress.failed + progress.unknown + progress.suppressed;
  const planned = totalRate(manifest);
  let last = { at: clock.monotonic(), done: doneOf(progressOf()), rate: 0 };
  return () => {
    const progress = progressOf();
    const now = clock.monotonic();
    const seconds = (now - last.at) / 1000;
    const done = doneOf(progress);
    // What Meta refuses for its speed is posted and not dealt with: the time left goes by what is.
    if (seconds >= 1) last = { at: now, done, rate: (done - last.done) / seconds };
    const { waiting, limited, skipping } = progress;
    if (skipping && waiting === null) {
      return `skipping people who do not get it: ${count(progress.suppressed)} so far, of ${count(progress.open)} that wait`;
    }
    const rate = last.rate > 0 ? last.rate : planned;
    const isKnown = waiting === null && (limited === null || last.rate > 0);
    const parts = [
      `sending: ${count(done)} of ${count(progress.open)}`,
      `${last.rate.toFixed(last.rate < 10 ? 1 : 0)}/s`,
      ...(isKnown ? [`${duration(((progress.open - done) / rate) * 1000)} left`] : []),
      `${count(progress.failed)} failed`,
    ];
    if (progress.held > 0) parts.push(`${count(progress.held)} held`);
    if (progress.unknown > 0) parts.push(`${count(progress.unknown)} unknown`);
    if (waiting !== null) parts.push(`waiting: ${waiting}`);
    else if (limited !== null) parts.push(limited);
    return parts.join(" · ");
  };
}

/** What the loop of each number has to say; of several each names its number. */
function noticesOf(
  campaign: CampaignRecord,
  log: Log,
  say: (line: string) => void,
): (lane: string) => (event: RunNotice) => void {
  if (campaign.lanes.length === 1) return () => noticeTeller({ campaign: campaign.name }, log, say);
  return (lane) => {
    const sayOf = (line: string) => say(`Number ${lane}: ${line}`);
    return noticeTeller({ campaign: campaign.name, lane }, log, sayOf);
  };
}

function noticeTeller(
  of: { campaign: string; lane?: string },
  log: Log,
  say: (line: string) => void,
): (event: RunNotice) => void {
  // Fifteen thousand of these a second: nothing is built for a log that does not keep them.
  const keepsAttempts = log.isLevelEnabled("debug");
  let words = "";
  let foreign = "";
  return (event) => {
    switch (event.kind) {
      case "attempt":
        if (keepsAttempts) log.debug({ ...of, ...event }, "attempt");
        return;
      case "throttled":
        log.info({ ...of, ...event }, "throttled by Meta: slower");
        return;
      case "ramp":
        log.info({ ...of, ...event }, "a step of the ramp is through");
        say(`${event.sentence.charAt(0).toUpperCase()}${event.sentence.slice(1)}.`);
        return;
      case "test":
        log.info({ ...of, ...event }, "the test is decided");
        say(event.sentence);
        return;
      case "waiting":
        log.info({ ...of, ...event }, "waiting");
        // The same wait again, perhaps with another number in it, need not be said again.
        if (event.why.replace(/\d+/g, "") !== words) say(`Waiting: ${event.why}.`);
        words = event.why.replace(/\d+/g, "");
        return;
      case "foreign_answer":
        // A gateway that refuses everybody writes the same each time.
        if (event.cause !== foreign) log.warn({ ...of, ...event }, "an answer that is not Meta's");
        foreign = event.cause;
        return;
      case "ledger_fault":
        log.warn({ ...of, ...event }, "ledger fault");
        // What ends the run is said at its end; what may pass is said now.
        if (event.fault === "busy") say(`Waiting: ${event.sentence}`);
        else if (event.fault === "unreachable") say(`Waiting for the ledger. ${event.sentence}`);
        return;
    }
  };
}
