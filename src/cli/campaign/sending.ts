// Wires a planned campaign to Graph (or to the sandbox) and runs it, with its progress line and its
// log.

import { dirname, join } from "node:path";
import { openingAt } from "../../clock/hours.ts";
import { makePacer } from "../../clock/pacer.ts";
import type { NumberFacts } from "../../domain/account/facts.ts";
import type { Claim } from "../../domain/campaign/attempt.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { callbackKey } from "../../domain/campaign/dispatch.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { count, duration, plural } from "../../domain/common/numbers.ts";
import { isServerAddress } from "../../domain/manifest/ledger-name.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { buildBody, compileMessage } from "../../domain/message/body.ts";
import { mediaFiles } from "../../domain/message/media.ts";
import type { PeopleLimit } from "../../domain/sending/daily-limit.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { run } from "../../domain/sending/run.ts";
import type { Opening, RunEnd, RunNotice, RunProgress } from "../../domain/sending/run-ports.ts";
import { startRunProgress } from "../../domain/sending/run-ports.ts";
import { takeOver } from "../../domain/sending/take-over.ts";
import type { GraphClient } from "../../graph/client.ts";
import { openGraph } from "../../graph/client.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import type { TurnThread } from "../../ledger/sending/turn-thread.ts";
import type { Sandbox } from "../../sandbox/server/server.ts";
import { accessOf, accountProblem, connectAccount } from "../account/account-facts.ts";
import { mediaIds } from "../account/media.ts";
import type { CommandContext } from "../context.ts";
import type { Project } from "../files/project.ts";
import { cleanUpEarly } from "../garbage.ts";
import type { Log } from "../print/log.ts";
import { openLog } from "../print/log.ts";
import { say } from "../print/print.ts";
import { startProgress } from "../print/progress.ts";
import { redact } from "../print/redact.ts";
import { agreed, canAsk } from "../process/ask.ts";
import type { LoadedManifest } from "./wiring.ts";
import type { WitnessKeeper } from "./witness.ts";
import { keepWitness, keyOf } from "./witness.ts";

export interface SendingOptions {
  ledger: OpenedLedger;
  campaign: CampaignRecord;
  clock: Clock;
  limit: number | null;
  dailyLimit: PeopleLimit | null;
  /** The sending number as Meta has it; null where it was not read. */
  number: NumberFacts | null;
  /** Do not ask before the first real message. */
  yes: boolean;
  /** The simulator, for `account: sandbox`; it stays open. */
  sandbox: Sandbox | undefined;
}

/**
 * Sends what remains of a campaign; the caller holds its lane.
 * @returns how it ended, and whether nothing was done before
 * @throws OperatorError when the operator does not agree to the first real message
 */
export async function send(
  loaded: LoadedManifest,
  options: SendingOptions,
  context: CommandContext,
): Promise<{ end: RunEnd; isIdle: boolean }> {
  const { manifest } = loaded;
  const { ledger, campaign, clock, limit, dailyLimit } = options;
  const { inDoubt, left, pace } = await takeOver(ledger, campaign, clock.now());
  sayInDoubt(inDoubt);
  const open = left.pending + left.held;
  if (open > 0) await confirm(manifest, open, options, context.stop);
  const media = open > 0 ? await uploadedMedia(loaded, options, context) : undefined;
  const pacer = makePacer({
    lane: campaign.lane,
    messagesPerSecond: manifest.rate.messages_per_second,
    maxInFlight: manifest.rate.max_in_flight,
    before: pace,
    clock,
  });
  const client = connect(loaded, options);
  const log = openLog({ file: context.options.logFile, level: context.options.logLevel });
  const progress = startRunProgress(open);
  // Cron comes every minute: a run that has nothing to send needs no thread.
  const turns = open > 0 ? await ledger.startTurns() : undefined;
  if (turns !== undefined) context.beforeQuit(turns.close);
  const key = open > 0 ? keyOf(loaded) : undefined;
  const witness =
    key === undefined ? undefined : keepWitness(key, { ledger: ledger.id, path: ledger.place });
  cleanUpEarly("sending");
  const line = startProgress(progressText(progress, manifest, clock));
  try {
    const acceptedBefore = left.accepted;
    const cappedTries = manifest.delivery.capped_tries;
    const end = await run(
      { campaign, limit, dailyLimit, acceptedBefore, cappedTries, progress },
      {
        ledger: turns === undefined ? ledger : { ...ledger, turn: witnessed(turns, witness) },
        clock,
        pacer,
        post: client.post,
        endpoint: client.endpoint,
        abandon: client.destroy,
        bodyOf: bodyBuilder(manifest, campaign, { ledger: ledger.id, media }),
        opening: openings(manifest),
        stop: context.stop,
        notice: noticeTeller(campaign, log, line.say),
      },
    );
    // The last run of a campaign that is over cancels those who wait.
    const isLast = open > 0 && end.kind === "finished";
    return { end, isIdle: !isLast && inDoubt + progress.posted + progress.suppressed === 0 };
  } finally {
    line.end();
    await turns?.close();
    await witness?.close();
    await pacer.close();
    await client.destroy();
  }
}

/** One line about those whom a run that ended uncleanly left in doubt; nothing about none. */
export function sayInDoubt(inDoubt: number): void {
  if (inDoubt === 0) return;
  say(
    `${plural(inDoubt, "recipient")} of a run that ended uncleanly ${inDoubt === 1 ? "is" : "are"} in doubt (unknown), and not sent to again.`,
  );
}

/** Turns of which the witness knows before anything of them is posted. */
function witnessed(turns: TurnThread, witness: WitnessKeeper | undefined): TurnThread["turn"] {
  if (witness === undefined) return turns.turn;
  return async (turn) => {
    const result = await turns.turn(turn);
    if (result.number !== null) await witness.saw(result.number);
    return result;
  };
}

/** `+55 11 4000-0000 (Loja), number id 106…`, as far as it is known. */
function senderName(id: string, number: NumberFacts | null): string {
  const phone = number?.displayPhoneNumber ?? null;
  if (phone === null) return `number id ${id}`;
  const name = number?.verifiedName ?? null;
  return `${phone}${name === null ? "" : ` (${name})`}, number id ${id}`;
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
    `"${manifest.template.name}" (${manifest.template.language}) from ${senderName(manifest.account.phone_number_id, options.number)}. Send?`;
  if (await agreed(question, stop)) return;
  throw new OperatorError(
    {
      message: "Nothing was sent: you did not say yes.",
      hint: "The same command asks again; --yes does not ask.",
    },
    EXIT.stopped,
  );
}

function connect(loaded: LoadedManifest, { sandbox }: SendingOptions): GraphClient {
  return openGraph({
    ...accessOf(loaded, sandbox),
    redact,
    connections: loaded.manifest.rate.max_in_flight,
  });
}

/**
 * The ids of the manifest's files; those that Meta does not have, or not for long any more, are
 * uploaded first.
 */
async function uploadedMedia(
  loaded: LoadedManifest,
  { ledger, sandbox, clock }: SendingOptions,
  { stop }: CommandContext,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (mediaFiles(loaded.manifest.template).length === 0) return undefined;
  const { account, close } = await connectAccount(loaded, { sandbox, stop });
  try {
    const upload = account.uploadMedia;
    return await mediaIds(loaded, { upload, cache: ledger, now: clock.now });
  } catch (error) {
    throw accountProblem(error, loaded.file);
  } finally {
    await close();
  }
}

/** Where the built-in simulator keeps its log: beside the ledger; of a server, in the project. */
export function sandboxLog(ledgerAddress: string, { root }: Project): string {
  const folder = isServerAddress(ledgerAddress) ? join(root, "data") : dirname(ledgerAddress);
  return join(folder, "sandbox.jsonl");
}

/** The hours are looked at in every turn, and change once or twice a day. */
function openings(manifest: Manifest): (now: number) => Opening {
  const ends = manifest.ends ?? null;
  let last: { opening: Opening; at: number } | undefined;
  return (now) => {
    if (last?.opening.kind === "open" && now >= last.at && now < last.opening.until) {
      return last.opening;
    }
    last = { opening: openingAt(manifest.hours, ends, now), at: now };
    return last.opening;
  };
}

function bodyBuilder(
  manifest: Manifest,
  campaign: CampaignRecord,
  { ledger, media }: { ledger: string; media: ReadonlyMap<string, string> | undefined },
): (claim: Claim) => string {
  const message = compileMessage(manifest, { media });
  const keyed = manifest.delivery.callback_key;
  return ({ row, attempt, phone, userId, values }) =>
    buildBody(message, {
      to: phone ?? (userId as string),
      values,
      ...(keyed && { callbackKey: callbackKey({ ledger, campaign: campaign.id, row, attempt }) }),
    });
}

/**
 * The live line: how many are dealt with, how fast, and how long the rest takes, as far as that can
 * be known.
 */
function progressText(progress: RunProgress, manifest: Manifest, clock: Clock): () => string {
  const doneOf = () => progress.accepted + progress.failed + progress.unknown + progress.suppressed;
  let last = { at: clock.monotonic(), done: doneOf(), rate: 0 };
  return () => {
    const now = clock.monotonic();
    const seconds = (now - last.at) / 1000;
    const done = doneOf();
    // What Meta refuses for its speed is posted and not dealt with: the time left goes by what is.
    if (seconds >= 1) last = { at: now, done, rate: (done - last.done) / seconds };
    const { waiting, limited, skipping } = progress;
    if (skipping && waiting === null) {
      return `skipping opted-out people: ${count(progress.suppressed)} so far, of ${count(progress.open)} that wait`;
    }
    const rate = last.rate > 0 ? last.rate : manifest.rate.messages_per_second;
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

function noticeTeller(
  campaign: CampaignRecord,
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
        if (keepsAttempts) log.debug({ campaign: campaign.name, ...event }, "attempt");
        return;
      case "throttled":
        log.info({ campaign: campaign.name, ...event }, "throttled by Meta: slower");
        return;
      case "waiting":
        log.info({ campaign: campaign.name, ...event }, "waiting");
        // The same wait again, perhaps with another number in it, need not be said again.
        if (event.why.replace(/\d+/g, "") !== words) say(`Waiting: ${event.why}.`);
        words = event.why.replace(/\d+/g, "");
        return;
      case "foreign_answer":
        // A gateway that refuses everybody writes the same each time.
        if (event.cause !== foreign)
          log.warn({ campaign: campaign.name, ...event }, "an answer that is not Meta's");
        foreign = event.cause;
        return;
      case "ledger_fault":
        log.warn({ campaign: campaign.name, ...event }, "ledger fault");
        // What ends the run is said at its end; what may pass is said now.
        if (event.fault === "busy") say(`Waiting: ${event.sentence}`);
        else if (event.fault === "unreachable") say(`Waiting for the ledger. ${event.sentence}`);
        return;
    }
  };
}
