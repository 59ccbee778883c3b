// Brings a campaign's plan up to date: opt-out files, the CSV where it changed, and the refusal of
// changes that may not be.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fingerprintFile, statFingerprint } from "../../csv/fingerprint.ts";
import type { CampaignRecord, Fingerprint, Frozen } from "../../domain/campaign/campaign.ts";
import type { SuppressionLedger } from "../../domain/campaign/list-ports.ts";
import { OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import type { Path } from "../../domain/document/document-schema.ts";
import {
  frozenChanges,
  frozenOf,
  laneOf,
  numbersOf,
  zoneOf,
} from "../../domain/manifest/manifest.ts";
import type { RowsToPlan } from "../../domain/planning/plan.ts";
import { planRows } from "../../domain/planning/plan.ts";
import { planRules } from "../../domain/planning/rules.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { momentText, passedEverywhere } from "../../domain/schedule/of-manifest.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { findExclusionFaults } from "../check/exclusions.ts";
import { refuseUnlessDespite, saidOf } from "../check/ledger-guard.ts";
import { readInThread } from "../files/reader.ts";
import { printProblems } from "../print/problems.ts";
import { readingLine, startProgress } from "../print/progress.ts";
import { timesOf } from "../print/times.ts";
import { importOptOuts, optOutFindings } from "./optouts.ts";
import type { PlanningOptions } from "./planning-options.ts";
import { replanSource } from "./replanning.ts";
import type { Source } from "./source.ts";
import { openSource, recipientsPath, rowsToPlan } from "./source.ts";
import type { LoadedManifest } from "./wiring.ts";

/**
 * Plans what is not planned.
 * @returns the campaign with its planning complete, or a word that the signal came first
 * @throws OperatorError for what is wrong with the CSV, for changes that may not be, and for those
 *   that may not be now, while another process sends the campaign
 */
export async function bringUpToDate(
  loaded: LoadedManifest,
  options: PlanningOptions,
): Promise<CampaignRecord | "interrupted"> {
  const { manifest } = loaded;
  const { ledger } = options;
  const before = await ledger.findCampaign(manifest.campaign);
  // It sends to nobody any more, whatever its file says.
  if (before?.state === "cancelled") return before;
  const frozen = frozenOf(manifest);
  if (before !== undefined) {
    refusePurged(loaded, before);
    refuseChanges(loaded, before, frozen, options.replan);
  }
  if (before === undefined || before.state === "planning") {
    refuseEnded(loaded, options.clock.now());
  }
  const optOuts = await importOptOutFiles(loaded, ledger, options);
  optOuts.push(...(await findExclusionFaults(loaded, ledger)));
  if (before !== undefined) await ledger.keepExclusions(before.id, manifest.suppress.campaigns);
  await refuseUnlessDespite(optOuts, { ledger, flags: options.flags, ...saidOf(loaded) });
  // The common case, and that of every cron run: nothing changed, and the CSV is not even opened.
  const isSameList = before !== undefined && listChanges(before, frozen).length === 0;
  const isDone = before?.recipients && isSameList && before.replanning === null && !options.replan;
  if (isDone && options.listMayLack === true && !isListHere(loaded)) return before;
  if (isDone && (await isUnchanged(loaded, before.recipients as Fingerprint))) return before;
  return unlessInterrupted(async () => {
    if (before?.recipients) {
      await options.withoutOthers(before, () => replan(loaded, before, options));
    } else await plan(loaded, before, options);
    return (await ledger.findCampaign(manifest.campaign)) as CampaignRecord;
  });
}

/**
 * Adds the manifest's opt-out files to the suppressions, and prints the lines that cannot be read.
 * @returns what stands against sending
 * @throws OperatorError with exit code 75 after a stop
 */
export async function importOptOutFiles(
  loaded: LoadedManifest,
  ledger: Pick<SuppressionLedger, "suppress">,
  { clock, stop }: { clock: Clock; stop: AbortSignal },
): Promise<Finding[]> {
  const { manifest, folder } = loaded;
  const findings: Finding[] = [];
  for (const [index, file] of manifest.suppress.files.entries()) {
    const path: Path = ["suppress", "files", index];
    const region = manifest.recipients.default_region;
    const list = { path: resolve(folder, file), region };
    const done = await importOptOuts(ledger, list, { now: clock.now, stop });
    throwIfStopped(stop, "nothing was sent");
    printProblems(done.unread);
    findings.push(...optOutFindings(done, file, path));
  }
  return findings;
}

/** What is planned stays planned, and the next run goes on from there. */
async function unlessInterrupted(
  work: () => Promise<CampaignRecord>,
): Promise<CampaignRecord | "interrupted"> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) return "interrupted";
    throw error;
  }
}

function replan(
  loaded: LoadedManifest,
  before: CampaignRecord,
  options: PlanningOptions,
): Promise<void> {
  const onRead = () => {
    if (options.stop.aborted) throw new Interrupted();
  };
  return replanSource(loaded, before, { ...options, onRead });
}

async function plan(
  loaded: LoadedManifest,
  before: CampaignRecord | undefined,
  options: PlanningOptions,
): Promise<void> {
  const { manifest } = loaded;
  const { ledger, clock, stop } = options;
  const source = await openSource(loaded);
  printProblems(source.csv.warnings, "warning: ");
  const { columns } = source.csv;
  const frozen = frozenOf(manifest);
  const numbers = numbersOf(manifest);
  const moreLanes = numbers.slice(1).map(({ lane }) => lane);
  const { testOf } = loaded;
  const named = { name: manifest.campaign, lane: laneOf(manifest), moreLanes, testOf };
  const draft = { ...named, frozen, columns };
  const campaign = before ?? (await ledger.createCampaign({ ...draft, now: clock.now() }));
  await ledger.keepExclusions(campaign.id, manifest.suppress.campaigns);
  const reading = readingLine("planning", source.csv.fingerprint.size, clock);
  const line = startProgress(reading.text);
  // Beside the reading, which refuses a file that changes under it. A fault is thrown where it is
  // awaited.
  const fingerprint = fingerprintFile(source.path, source.shownAs);
  fingerprint.catch(() => {});
  try {
    const rows = await planRows({
      ledger,
      campaign,
      rules: planRules(manifest, campaign, (await options.prices?.())?.byRegion),
      rows: rowsOf(source),
      now: clock.now,
      onProgress(rows, bytes) {
        reading.at(rows, bytes);
        if (stop.aborted) throw new Interrupted();
      },
    });
    const recipients = await fingerprint;
    const facts = { frozen, recipients, columns, rows, now: clock.now() };
    await ledger.finishPlanning(campaign.id, facts);
  } finally {
    line.end();
  }
}

/** A thread of its own pays from about this size on, in bytes. */
const THREAD_MIN = 4 * 1024 * 1024;

/** Rows to plan. */
export function rowsOf(source: Source): AsyncIterable<RowsToPlan> {
  return source.csv.fingerprint.size < THREAD_MIN
    ? rowsToPlan(source)
    : readInThread(source.loaded);
}

class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Throws when a campaign that never began is over already: a mistake in its `ends`, since otherwise
 * everybody would be cancelled at once, and for good.
 */
export function refuseEnded(loaded: LoadedManifest, now: number): void {
  const { ends } = loaded.manifest;
  if (ends === undefined || passedEverywhere(ends) > now) return;
  throw new OperatorError({
    ...loaded.at(["ends"]),
    message: `the campaign's end passed on ${momentText(ends, zoneOf(loaded.manifest))}, before it began`,
    hint: "Correct `ends`, or take it out.",
  });
}

/**
 * Throws when a campaign was purged: it is not known any more who got its message, and so who must
 * not get it again.
 */
export function refusePurged(
  { file }: Pick<LoadedManifest, "file">,
  { name, erasedAt }: Pick<CampaignRecord, "name" | "erasedAt">,
): void {
  if (erasedAt === null) return;
  const day = timesOf().calendar.date(erasedAt);
  throw new OperatorError({
    file,
    message: `campaign "${name}" was purged on ${day}: whom it was sent to is erased, so it sends to nobody any more`,
    hint: "A campaign of another name sends to everybody on its list, also to those whom this one reached: put them into `suppress.files` first. What is left of this one is reported by `status` and `report`.",
  });
}

/**
 * Keys of the manifest by which the list is read otherwise than when it was planned: then it is
 * compared, as a changed file is.
 */
function listChanges(campaign: CampaignRecord, now: Frozen): { key: string }[] {
  return frozenChanges(campaign.frozen, now).filter(({ key }) => isOfList(key));
}

function isOfList(key: string): boolean {
  return key.startsWith("recipients.");
}

/**
 * Throws when the manifest would alter what is planned; `--replan` and an unfinished planning may.
 * How the list is read may change freely: what that changes for people is found out row by row.
 */
export function refuseChanges(
  loaded: LoadedManifest,
  campaign: CampaignRecord,
  now: Frozen,
  replan: boolean,
): void {
  const { file } = loaded;
  const changes = frozenChanges(campaign.frozen, now).filter(({ key }) => !isOfList(key));
  const moved = changes.some((change) => change.key === "account");
  const mayChange = replan || campaign.recipients === null;
  if (changes.length === 0 || (mayChange && !moved)) return;
  const message = moved
    ? `campaign "${campaign.name}" belongs to the number it was planned for; nothing was sent`
    : `campaign "${campaign.name}" is planned already, so what its recipients get cannot change by itself; nothing was sent`;
  const hint = moved
    ? otherNumberHint(campaign, file)
    : "Change it back; or run with --replan: people who were not posted to yet get the message as it is now, and nobody gets two. " +
      "Rate, hours, end, TTL, opt-outs and the list may change freely.";
  const differences = changes.map(({ key, before, now }) => ({
    file,
    message: `${key} was ${shown(before)} when the campaign was planned, and is ${shown(now)} now`,
    hint: `Write \`${key}\` as it was planned, or give the campaign another name.`,
  }));
  throw new OperatorError([...differences, { file, message, hint }]);
}

function otherNumberHint({ name, lane, frozen }: CampaignRecord, file: string): string {
  if (Array.isArray(frozen.account)) {
    return (
      `Put the numbers back. \`campaign move ${file} --from ID --to ID\` gives the people who wait for one of them to another one. ` +
      `A number that the campaign does not have needs a campaign of another name, and ${leavingOut(name)}`
    );
  }
  const other = "Give the campaign for the other number a name of its own";
  if (lane === "sandbox") return `${other}: what went to the sandbox reached nobody.`;
  return `${other}, and ${leavingOut(name)}`;
}

/** What a person has to know before the people of a campaign are put into another one. */
export function leavingOut(name: string): string {
  return `\`suppress.campaigns: [${name}]\`: without that, whom this one reached gets a second message.`;
}

function shown(value: unknown): string {
  return value === null ? "not set" : JSON.stringify(value);
}

function isListHere(loaded: LoadedManifest): boolean {
  return existsSync(recipientsPath(loaded).path);
}

async function isUnchanged(loaded: LoadedManifest, before: Fingerprint): Promise<boolean> {
  const { path, shownAs } = recipientsPath(loaded);
  const now = await statFingerprint(path, shownAs);
  if (now.size !== before.size) return false;
  // A copy has another time and the same content.
  if (now.modifiedMs === before.modifiedMs) return true;
  return (await fingerprintFile(path, shownAs)).sha256 === before.sha256;
}
