// The check before sending, wired: asks for the facts, has them judged, prints what was found, and
// sets the template's TTL where the operator wants that. It posts no message.

import { systemClock } from "../../clock/clock.ts";
import type { AccountFacts, TemplateName } from "../../domain/account/facts.ts";
import { factsInLanguages, limitedNumber } from "../../domain/account/facts.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { WaitingLanguage } from "../../domain/campaign/row.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { commandIn, OperatorError } from "../../domain/common/errors.ts";
import { estimateCampaign } from "../../domain/cost/estimate.ts";
import { label } from "../../domain/document/document-schema.ts";
import { templateNames, withLanguage } from "../../domain/manifest/arms-of-manifest.ts";
import { frozenMessages, laneOf } from "../../domain/manifest/manifest.ts";
import { isByRow, mayBeSame } from "../../domain/message/template.ts";
import type { Finding, FindingId } from "../../domain/preflight/finding.ts";
import type { PlannedSend } from "../../domain/preflight/preflight.ts";
import { isUnreachable, preflight } from "../../domain/preflight/preflight.ts";
import type { ZonePeople } from "../../domain/schedule/zone-reach.ts";
import { dailyLimitOf } from "../../domain/sending/daily-limit.ts";
import type { ReadinessLedger, RunLedger } from "../../domain/sending/run-ports.ts";
import { openSource } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { stopWords } from "../campaign/wiring.ts";
import { loadSchedule } from "../files/schedule-files.ts";
import { say, warn } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";

/** The operator's flags for the check itself. */
export interface CheckFlags {
  /** Findings that are only reported, even where they would stop the run. */
  despite?: FindingId[];
  /** Before the manifest's `template.apply_ttl`. */
  applyTtl?: boolean;
  /** A token that Meta does not take stops the run at once: another worker may have a valid one. */
  leavesToOthers?: boolean;
}

/** A finding as `--json` has it. Public and stable; keys may be added. */
export interface FindingRecord {
  id: FindingId;
  level: Finding["level"];
  /** Of the manifest, such as `template.ttl`; null when it is nothing in the manifest. */
  path: string | null;
  file: string | null;
  line: number | null;
  column: number | null;
  wrong: string;
  todo: string;
  /** The command that `todo` names, to be run next; null where it names none. */
  next: string | null;
  seen: unknown;
}

/**
 * Judges the facts.
 * @param planned null before anything is planned
 * @param ledger to see when the template was last used; undefined when there is none
 */
export async function findingsOf(
  loaded: LoadedManifest,
  what: {
    facts: AccountFacts;
    planned: PlannedSend | null;
    /** As `waitingLanguages` gives them; left out: not known yet. */
    languages?: readonly WaitingLanguage[] | undefined;
    ledger:
      | (Pick<ReadinessLedger, "reached"> &
          Pick<CampaignLedger, "listCampaigns"> &
          Pick<RunLedger, "remaining">)
      | undefined;
  },
  flags: CheckFlags,
): Promise<Finding[]> {
  const { facts, planned, languages, ledger } = what;
  const lastUsedAt = await lastUses(loaded, ledger);
  const now = systemClock.now();
  const manifest = withFlags(loaded, flags);
  return blockersFirst(
    preflight({ manifest, facts, planned, languages, lastUsedAt, stopWords: stopWords(), now }),
    flags,
  );
}

/** Findings in the order in which they are shown; those that `--despite` names are warnings. */
export function blockersFirst(
  findings: readonly Finding[],
  { despite = [] }: CheckFlags,
): Finding[] {
  const levelled = findings.map((finding) =>
    despite.includes(finding.id) ? { ...finding, level: "warning" as const } : finding,
  );
  return [...levelled.filter(isBlocker), ...levelled.filter((finding) => !isBlocker(finding))];
}

function withFlags({ manifest }: LoadedManifest, flags: CheckFlags): LoadedManifest["manifest"] {
  const apply_ttl = flags.applyTtl ?? manifest.template.apply_ttl;
  return { ...manifest, template: { ...manifest.template, apply_ttl } };
}

/** How many are to be sent to, and how long that takes with rate, hours, end and daily limit. */
export async function plannedOf(
  loaded: LoadedManifest,
  facts: AccountFacts,
  {
    toSend,
    all,
    reached,
    zones = null,
  }: { toSend: number; all?: number; reached: number; zones?: readonly ZonePeople[] | null },
): Promise<PlannedSend> {
  const { manifest } = loaded;
  const dailyLimit = dailyLimitOf(manifest, limitedNumber(facts))?.people ?? null;
  const course = { people: toSend, all, zones, dailyLimit, reached, startAt: systemClock.now() };
  const played = estimateCampaign(manifest, await loadSchedule(loaded), course);
  return { toSend, reached, ...played };
}

/** People of the daily limit that are used up by now; none are counted where there is no limit. */
export async function reachedOf(
  { manifest }: LoadedManifest,
  facts: AccountFacts,
  ledger: Pick<ReadinessLedger, "reached"> | undefined,
): Promise<number> {
  if (ledger === undefined || dailyLimitOf(manifest, limitedNumber(facts)) === null) return 0;
  const sender = { lane: laneOf(manifest), portfolio: facts.waba?.ownerBusinessId ?? null };
  return await ledger.reached(sender, systemClock.now());
}

/** When this ledger last had a template sent from the same number; null: never, or not known. */
async function lastUses(
  { manifest }: LoadedManifest,
  ledger: (Pick<CampaignLedger, "listCampaigns"> & Pick<RunLedger, "remaining">) | undefined,
): Promise<(template: TemplateName) => number | null> {
  const wanted = templateNames(manifest);
  const last = new Map<string, number>();
  for (const campaign of (await ledger?.listCampaigns()) ?? []) {
    if (campaign.lane !== laneOf(manifest)) continue;
    const used = frozenMessages(campaign.frozen).map((one) => one.manifest.template);
    const known = used.filter((one) => wanted.some((other) => mayBeSame(one, other))).map(useKey);
    if (known.length === 0 || !(await ledger?.remaining(campaign.id))?.accepted) continue;
    for (const key of known) last.set(key, Math.max(last.get(key) ?? 0, campaign.changedAt));
  }
  return ({ name, language }) => {
    const uses = [language, ANY].map((one) => last.get(useKey({ name, language: one })) ?? 0);
    return Math.max(...uses) || null;
  };
}

/** A campaign whose rows give their language may have used a template in any. */
const ANY = "{{ any }}";

function useKey({ name, language }: TemplateName): string {
  return `${name} ${isByRow(language) ? ANY : language}`;
}

/** Rows of a language that are named. */
const ROWS_NAMED = 3;

/** The languages of those who wait; undefined of a campaign of one language. */
export async function waitingLanguages(
  { manifest }: Pick<LoadedManifest, "manifest">,
  ledger: Pick<ReadinessLedger, "waitingLanguages">,
  campaign: number | undefined,
): Promise<WaitingLanguage[] | undefined> {
  if (campaign === undefined || !isByRow(manifest.template.language)) return undefined;
  return await ledger.waitingLanguages(campaign, ROWS_NAMED);
}

/** The facts as if the campaign had a template in each of these languages. */
export function factsWithLanguages(
  { manifest }: Pick<LoadedManifest, "manifest">,
  facts: AccountFacts,
  languages: readonly WaitingLanguage[] | undefined,
): AccountFacts {
  if (languages === undefined) return facts;
  const asked = languages.flatMap(({ language }) =>
    templateNames(withLanguage(manifest, language)),
  );
  return factsInLanguages(facts, asked);
}

/** True for what stops a run before anything is sent. */
export function isBlocker(finding: Finding): boolean {
  return finding.level === "blocker";
}

/**
 * Tells whether a check has to be made again later, since Meta could not be asked. A run goes on
 * all the same: when Graph cannot be reached its messages wait too, and a night must not be lost to
 * a management call.
 */
export function mustWait(facts: AccountFacts, flags: CheckFlags): boolean {
  return isUnreachable(facts) && flags.despite?.includes("meta_unreachable") !== true;
}

/** A finding as it is printed: at its place, with what to do. */
export function problemOf(finding: Finding, loaded: LoadedManifest): Problem {
  const { path } = finding;
  return problemAt(finding, path === null ? { file: loaded.file } : loaded.at(path));
}

/** The same where no manifest is read. */
export function problemAt({ id, level, wrong, todo }: Finding, place: Partial<Problem>): Problem {
  return { ...place, id, message: `${level}: ${wrong} [${id}]`, hint: todo };
}

/** Findings for `--json`. */
export function findingRecords(
  findings: readonly Finding[],
  loaded: LoadedManifest,
): FindingRecord[] {
  return findings.map(({ id, level, path, wrong, todo, seen }) => {
    const place = path === null ? null : loaded.at(path);
    return {
      id,
      level,
      path: path === null ? null : label(path),
      file: place?.file ?? null,
      line: place?.line ?? null,
      column: place?.column ?? null,
      wrong,
      todo,
      next: commandIn(todo, loaded.file),
      seen,
    };
  });
}

/** Prints findings with their places on stderr. */
export function printFindings(findings: readonly Finding[], loaded: LoadedManifest): void {
  printProblems(findings.map((finding) => problemOf(finding, loaded)));
}

/** Prints what a run goes on with all the same: a line each. */
export function printWarnings(findings: readonly Finding[], loaded: LoadedManifest): void {
  for (const { wrong } of findings) warn(wrong);
  if (findings.length > 0) {
    say(`(campaign check ${loaded.file} prints what to do about that)`);
  }
}

/** What is wrong with the CSV before a row of it is read. */
export async function csvProblems(loaded: LoadedManifest): Promise<Problem[]> {
  try {
    await openSource(loaded);
    return [];
  } catch (error) {
    if (error instanceof OperatorError) return error.problems;
    throw error;
  }
}

/** @throws OperatorError when the TTL is to be set and the manifest does not say to what */
export function refuseTtlFlag(loaded: LoadedManifest, flags: CheckFlags): void {
  const { ttl, apply_ttl: apply } = loaded.manifest.template;
  if (ttl !== undefined || !(flags.applyTtl ?? apply)) return;
  const path = flags.applyTtl === undefined ? ["template", "apply_ttl"] : ["template"];
  throw new OperatorError({
    ...loaded.at(path),
    message: "the template's TTL is to be set, and `template.ttl` is missing",
    hint: "Add it, such as `ttl: 24h`.",
  });
}
