// `campaign run`: checks, plans what is not planned, sends what remains.

import { dirname, join, resolve } from "node:path";

import { fingerprintFile, statFingerprint } from "../csv/fingerprint.ts";
import { callbackKey } from "../dispatch.ts";
import type { ExitCode } from "../errors.ts";
import { EXIT, OperatorError } from "../errors.ts";
import type { GraphClient } from "../graph/client.ts";
import { openGraph } from "../graph/client.ts";
import type { CampaignRecord, Fingerprint, Ledger } from "../ledger.ts";
import type { Manifest } from "../manifest.ts";
import { frozenChanges, frozenOf, laneOf } from "../manifest.ts";
import type { CompiledMessage } from "../message.ts";
import { buildBody } from "../message.ts";
import type { RunEnd, RunNotice, RunProgress } from "../run.ts";
import { run as runCampaign } from "../run.ts";
import { summarise } from "../tally.ts";
import { systemClock } from "../timing/clock.ts";
import { openingAt } from "../timing/hours.ts";
import { makePacer } from "../timing/pacer.ts";
import { agreed } from "./ask.ts";
import { openLog } from "./log.ts";
import { importOptOuts } from "./optouts.ts";
import { printProblems } from "./problems.ts";
import type { CommandContext } from "./program.ts";
import { count, duration, startProgress } from "./progress.ts";
import { startInnerSandbox } from "./sandbox.ts";
import type { Source } from "./source.ts";
import { openSource, planSource } from "./source.ts";
import { printSummary, SANDBOX_WORDS } from "./summary.ts";
import { holding, ledgerFile, loadManifest, openLedger } from "./wiring.ts";

export interface RunFlags {
  json?: boolean;
  limit?: number;
  yes?: boolean;
  replan?: boolean;
}

const clock = systemClock;

/** Runs the command; gives its exit code. */
export async function run(
  file: string,
  flags: RunFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = loadManifest(file);
  const { manifest } = loaded;
  const sandbox = manifest.account === "sandbox";
  if (sandbox) sayTwice(flags, SANDBOX_WORDS);
  const source = await openSource(loaded);
  printProblems(source.csv.warnings, "warning: ");
  const ledger = await openLedger(context.options);
  try {
    const who = { campaign: manifest.campaign, lane: laneOf(manifest), now: clock.now() };
    const end = await holding(ledger, who, () => runHeld(source, ledger, flags, context));
    await printEnd(end, ledger, manifest, flags);
    return exitCodeOf(end);
  } finally {
    await ledger.close();
    if (sandbox) sayTwice(flags, SANDBOX_WORDS);
  }
}

/** First and last line, on whichever stream a person or a log reads. */
function sayTwice(flags: RunFlags, words: string): void {
  process.stderr.write(`${words}\n`);
  if (!flags.json && !process.stdout.isTTY) process.stdout.write(`${words}\n`);
}

async function runHeld(
  source: Source,
  ledger: Ledger,
  flags: RunFlags,
  context: CommandContext,
): Promise<RunEnd> {
  await importOptOutFiles(source, ledger);
  const campaign = await planned(source, ledger, flags, context.stop);
  if (campaign === "interrupted") {
    return {
      kind: "stopped",
      why: "interrupted",
      sentence: "Interrupted while planning.",
      goOnAt: null,
    };
  }
  if (campaign.state === "cancelled") {
    process.stderr.write(
      `Campaign “${campaign.name}” was cancelled: it sends to nobody any more.\n`,
    );
    return { kind: "finished" };
  }
  return send(source, ledger, campaign, flags, context);
}

async function importOptOutFiles(source: Source, ledger: Ledger): Promise<void> {
  const { manifest, folder } = source.loaded;
  for (const file of manifest.suppress.files) {
    const path = resolve(folder, file);
    const region = manifest.recipients.default_region;
    const done = await importOptOuts(ledger, { path, region }, clock.now);
    printProblems(done.unread, "warning: ");
    if (done.unreadCount > done.unread.length) {
      process.stderr.write(
        `… and ${done.unreadCount - done.unread.length} more lines of ${file}.\n`,
      );
    }
  }
}

/** The campaign with its planning complete, or a word that it was interrupted. */
async function planned(
  source: Source,
  ledger: Ledger,
  flags: RunFlags,
  stop: AbortSignal,
): Promise<CampaignRecord | "interrupted"> {
  const { manifest } = source.loaded;
  const frozen = frozenOf(manifest);
  const campaign =
    (await ledger.findCampaign(manifest.campaign)) ??
    (await ledger.createCampaign({
      name: manifest.campaign,
      lane: laneOf(manifest),
      frozen,
      columns: source.csv.columns,
      now: clock.now(),
    }));
  const anew = campaign.recipients === null || flags.replan === true;
  const changes = frozenChanges(campaign.frozen, frozen);
  if (changes.length > 0 && !anew) refuseChanges(source, campaign, changes);
  if (!anew && (await isUnchanged(source.path, campaign.recipients))) return campaign;
  let rows = 0;
  const line = startProgress(() => (rows === 0 ? "" : `planning ${count(rows)} rows`));
  try {
    const done = await planSource(source, {
      ledger,
      campaign,
      anew,
      clock,
      onProgress(now) {
        rows = now;
        // Planning is not resumed from a cursor: what is planned stays planned, and the next run reads past it.
        if (stop.aborted) throw new Interrupted();
      },
    });
    const recipients = await fingerprintFile(source.path, source.shownAs);
    await ledger.finishPlanning(campaign.id, {
      frozen,
      recipients,
      columns: source.csv.columns,
      rows: done.rows,
      now: clock.now(),
    });
  } catch (error) {
    if (error instanceof Interrupted) return "interrupted";
    throw error;
  } finally {
    line.end();
  }
  return (await ledger.findCampaign(manifest.campaign)) as CampaignRecord;
}

class Interrupted extends Error {
  override readonly name = "Interrupted";
}

function refuseChanges(
  source: Source,
  campaign: CampaignRecord,
  changes: { key: string; before: unknown; now: unknown }[],
): never {
  const { file } = source.loaded;
  throw new OperatorError([
    ...changes.map((change) => ({
      file,
      message: `${change.key} was ${JSON.stringify(change.before) ?? "not set"} when the campaign was planned, and is ${JSON.stringify(change.now) ?? "not set"} now`,
    })),
    {
      file,
      message: `campaign “${campaign.name}” is planned already, so what its recipients get cannot change by itself; nothing was sent`,
      hint:
        "Change it back; or run with --replan to plan every row that was not posted yet anew; or `campaign cancel` it and give the new one a " +
        "campaign name of its own. Rate, hours, end, TTL and opt-outs may change freely.",
    },
  ]);
}

async function isUnchanged(path: string, before: Fingerprint | null): Promise<boolean> {
  if (before === null) return false;
  const now = await statFingerprint(path);
  if (now.size !== before.size) return false;
  // A copy has another time and the same content.
  return (
    now.modifiedMs === before.modifiedMs || (await fingerprintFile(path)).sha256 === before.sha256
  );
}

async function send(
  source: Source,
  ledger: Ledger,
  campaign: CampaignRecord,
  flags: RunFlags,
  context: CommandContext,
): Promise<RunEnd> {
  const { manifest } = source.loaded;
  const inDoubt = await ledger.recoverClaims(campaign.id, clock.now());
  if (inDoubt > 0) {
    process.stderr.write(
      `${count(inDoubt)} recipients of a run that ended uncleanly are in doubt (unknown) and not sent to again.\n`,
    );
  }
  const left = await ledger.remaining(campaign.id);
  const open = left.pending + left.held;
  if (open > 0) await confirm(manifest, campaign, open, flags);
  const connection = await connect(source, context);
  const { client } = connection;
  const log = openLog({ file: context.options.logFile, level: context.options.logLevel });
  const progress = startProgressOf(open);
  const line = startProgress(progressText(progress, manifest));
  try {
    return await runCampaign(
      { campaign, limit: flags.limit ?? null, acceptedBefore: left.accepted, progress },
      {
        ledger,
        clock,
        pacer: makePacer({
          lane: campaign.lane,
          messagesPerSecond: manifest.rate.messages_per_second,
          maxInFlight: manifest.rate.max_in_flight,
          before: await ledger.pace(campaign.lane),
          clock,
        }),
        post: client.post,
        endpoint: client.endpoint,
        abandon: client.destroy,
        bodyOf: bodyBuilder(source.message, manifest, campaign, ledger.id),
        opening: openings(manifest),
        stop: context.stop,
        notice: (event) =>
          tellNotice(event, line.say, (level, fields, text) => log[level](fields, text), campaign),
      },
    );
  } finally {
    line.end();
    await client.destroy();
    await connection.close();
  }
}

/** The hours are looked at in every turn, and change once or twice a day. */
function openings(manifest: Manifest): (now: number) => ReturnType<typeof openingAt> {
  const ends = manifest.ends ?? null;
  let last: { opening: ReturnType<typeof openingAt>; at: number } | undefined;
  return (now) => {
    if (last?.opening.kind === "open" && now >= last.at && now < last.opening.until)
      return last.opening;
    last = { opening: openingAt(manifest.hours, ends, now), at: now };
    return last.opening;
  };
}

function bodyBuilder(
  message: CompiledMessage,
  manifest: Manifest,
  campaign: CampaignRecord,
  ledgerId: string,
): (claim: { row: number; attempt: number; phone: string; values: string }) => string {
  const keyed = manifest.delivery.callback_key;
  return (claim) =>
    buildBody(message, {
      to: claim.phone,
      values: claim.values,
      ...(keyed && {
        callbackKey: callbackKey({
          ledger: ledgerId,
          campaign: campaign.id,
          row: claim.row,
          attempt: claim.attempt,
        }),
      }),
    });
}

interface Connection {
  client: GraphClient;
  close(): Promise<void>;
}

async function connect(source: Source, context: CommandContext): Promise<Connection> {
  const { manifest } = source.loaded;
  const connections = manifest.rate.max_in_flight;
  if (manifest.account !== "sandbox") {
    const { account } = manifest;
    const client = openGraph({
      baseUrl: account.base_url,
      version: account.graph_version,
      phoneNumberId: account.phone_number_id,
      accessToken: account.access_token,
      connections,
    });
    return { client, close: async () => {} };
  }
  const logFile = join(dirname(ledgerFile(context.options)), "sandbox.jsonl");
  const sandbox = await startInnerSandbox(source.loaded, logFile);
  const client = openGraph({
    baseUrl: sandbox.url,
    version: "v25.0",
    phoneNumberId: sandbox.phoneNumberId,
    accessToken: sandbox.accessToken,
    connections,
  });
  return { client, close: sandbox.close };
}

/** Asked once, before the first real message of a campaign, and only where somebody can answer. */
async function confirm(
  manifest: Manifest,
  campaign: CampaignRecord,
  open: number,
  flags: RunFlags,
): Promise<void> {
  if (manifest.account === "sandbox" || campaign.state !== "ready") return;
  const people = Math.min(open, flags.limit ?? open);
  const question =
    `${count(people)} people get template “${manifest.template.name}” (${manifest.template.language}) ` +
    `from number id ${manifest.account.phone_number_id}. Send?`;
  if (await agreed(question, flags.yes)) return;
  throw new OperatorError(
    {
      message: "Nothing was sent: you did not say yes.",
      hint: "The same command asks again; --yes does not ask.",
    },
    EXIT.stopped,
  );
}

function startProgressOf(open: number): RunProgress {
  return {
    open,
    posted: 0,
    accepted: 0,
    failed: 0,
    held: 0,
    unknown: 0,
    suppressed: 0,
    inFlight: 0,
    waiting: null,
  };
}

function progressText(progress: RunProgress, manifest: Manifest): () => string {
  const since = clock.monotonic();
  let last = { at: since, posted: 0, rate: 0 };
  return () => {
    const now = clock.monotonic();
    const seconds = (now - last.at) / 1000;
    if (seconds >= 1)
      last = { at: now, posted: progress.posted, rate: (progress.posted - last.posted) / seconds };
    const done = progress.accepted + progress.failed + progress.unknown + progress.suppressed;
    const rate = last.rate > 0 ? last.rate : manifest.rate.messages_per_second;
    const left = duration(((progress.open - done) / rate) * 1000);
    const parts = [
      `sending ${count(done)} of ${count(progress.open)}`,
      `${last.rate.toFixed(last.rate < 10 ? 1 : 0)}/s`,
      `${left} left`,
      `${count(progress.failed)} failed`,
    ];
    if (progress.unknown > 0) parts.push(`${count(progress.unknown)} unknown`);
    if (progress.waiting !== null) parts.push(`waiting: ${progress.waiting}`);
    return parts.join(" · ");
  };
}

type LogLine = (level: "debug" | "info" | "warn", fields: object, text: string) => void;

function tellNotice(
  event: RunNotice,
  say: (line: string) => void,
  log: LogLine,
  campaign: CampaignRecord,
): void {
  const base = { campaign: campaign.name, ...event };
  switch (event.kind) {
    case "attempt":
      log("debug", base, "attempt");
      return;
    case "throttled":
      log("info", base, "Meta throttles: slower");
      return;
    case "waiting":
      log("info", base, "waiting");
      say(`Waiting: ${event.why}.`);
      return;
    case "ledger_fault":
      log("warn", base, "ledger fault");
      say(event.sentence);
      return;
  }
}

async function printEnd(
  end: RunEnd,
  ledger: Ledger,
  manifest: Manifest,
  flags: RunFlags,
): Promise<void> {
  let campaign: CampaignRecord | undefined;
  let tally: Awaited<ReturnType<Ledger["tally"]>>;
  try {
    campaign = await ledger.findCampaign(manifest.campaign);
    if (campaign === undefined) return;
    tally = await ledger.tally(campaign.id);
  } catch {
    // A ledger that failed in the run may not be readable; the end itself is still said.
    process.stderr.write(`${endSentence(end, flags)}\n`);
    return;
  }
  const summary = summarise(campaign, tally, {
    running: false,
    goOnAt: end.kind === "stopped" ? end.goOnAt : null,
  });
  if (end.kind !== "finished") summary.state = end.kind;
  if (end.kind === "halted") summary.halt = end.halt;
  if (flags.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  else printSummary(summary);
  process.stderr.write(`${endSentence(end, flags)}\n`);
}

function endSentence(end: RunEnd, _flags: RunFlags): string {
  switch (end.kind) {
    case "finished":
      return "Finished: every recipient has an end.";
    case "halted":
      return `Halted. ${end.halt.sentence}`;
    case "stopped": {
      const when =
        end.goOnAt === null
          ? ""
          : ` It has something to do again at ${new Date(end.goOnAt).toISOString()}.`;
      return `${end.sentence} The same command goes on where this stopped.${when}`;
    }
  }
}

function exitCodeOf(end: RunEnd): ExitCode {
  switch (end.kind) {
    case "finished":
      return EXIT.done;
    case "halted":
      return EXIT.halted;
    case "stopped":
      return EXIT.stopped;
  }
}
