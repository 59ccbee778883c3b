// The gate of a run: nothing is sent while the check finds a blocker. It posts no message; the one
// thing that it may change at Meta is the template's TTL, where the operator wants that.

import type { CacheLedger } from "../../domain/account/cache-port.ts";
import type { AccountFacts, TemplateFacts } from "../../domain/account/facts.ts";
import { inLanguage, languagesOf, templatesOf } from "../../domain/account/facts.ts";
import { courseOf } from "../../domain/arms/test-state.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import type { ZoneLedger } from "../../domain/campaign/zone-ports.ts";
import { assert, OperatorError } from "../../domain/common/errors.ts";
import { templateNames } from "../../domain/manifest/arms-of-manifest.ts";
import { isByRecipient } from "../../domain/manifest/clocks-of-all.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import type { BlockedLane } from "../../domain/preflight/gate.ts";
import {
  blockedLanes,
  blockersOfRun,
  isInTheWay,
  leftToFirstMessage,
} from "../../domain/preflight/gate.ts";
import { ttlText } from "../../domain/preflight/template-checks.ts";
import { openingsOf } from "../../domain/schedule/openings.ts";
import { makeZoneBook } from "../../domain/schedule/zone-book.ts";
import type { ZonePeople } from "../../domain/schedule/zone-reach.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { ReadinessLedger, RunLedger } from "../../domain/sending/run-ports.ts";
import { HOLD_WAIT_MS } from "../../domain/sending/run-state.ts";
import { DEFAULT_TTL_SECONDS } from "../../domain/sending/ttl.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import type { Account } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";
import type { Sandbox } from "../../sandbox/server/server.ts";
import { accountProblem, connectAccount, factsFor } from "../account/account-facts.ts";
import { changeTemplate, ttlAudit, ttlChange } from "../account/template-edit.ts";
import { audited } from "../campaign/auditing.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadSchedule } from "../files/schedule-files.ts";
import { say } from "../print/print.ts";
import type { CheckFlags } from "./findings.ts";
import {
  csvProblems,
  factsWithLanguages,
  findingsOf,
  plannedOf,
  printWarnings,
  problemOf,
  reachedOf,
  waitingLanguages,
} from "./findings.ts";

/** A template that was read no longer ago than this was read right before sending. */
const TEMPLATE_FRESH_MS = 5_000;

export interface ReadinessOptions {
  ledger: CacheLedger &
    Pick<AuditLedger, "writeAudit"> &
    Pick<ReadinessLedger, "reached" | "waitingLanguages"> &
    Pick<CampaignLedger, "listCampaigns"> &
    Pick<RunLedger, "remaining" | "findCampaign"> &
    ZoneLedger;
  clock: Clock;
  flags: CheckFlags;
  stop: AbortSignal;
  /** The one that is sent to, for `account: sandbox`. */
  sandbox: Sandbox | undefined;
}

/**
 * Before a campaign is planned for the first time: millions of rows need not be read to learn that
 * the template is paused. A blocker of one number of several stops nothing.
 * @throws OperatorError with every blocker, and with what is wrong with the CSV's columns beside it
 */
export async function checkBeforePlanning(
  loaded: LoadedManifest,
  options: ReadinessOptions,
): Promise<AccountFacts> {
  const { flags, ledger } = options;
  const facts = await factsFor(loaded, { ...options, cache: ledger, fresh: true });
  const findings = await findingsOf(loaded, { facts, planned: null, ledger }, flags);
  const blockers = blockersOfRun(findings, facts);
  if (blockers.length > 0) {
    const problems = blockers.map((finding) => problemOf(finding, loaded));
    throw new OperatorError([...problems, ...(await csvProblems(loaded))]);
  }
  return facts;
}

/**
 * Right before sending: reads the template again, sets its TTL where that is wanted, and prints the
 * warnings.
 * @param what.early facts of this very run; left out: those of the last minutes are good enough
 * @param what.halted an event stopped the campaign: only Meta's present answer can lift that
 * @returns the facts, the warnings, and of several numbers those that must not send
 * @throws OperatorError with every blocker, where none of the numbers may send
 */
export async function checkBeforeSending(
  loaded: LoadedManifest,
  what: { open: number; early: AccountFacts | undefined; halted: boolean },
  options: ReadinessOptions,
): Promise<{ facts: AccountFacts; findings: Finding[]; blockedLanes: BlockedLane[] }> {
  const { clock, flags, ledger } = options;
  const campaign = await ledger.findCampaign(loaded.manifest.campaign);
  const languages = await waitingLanguages(loaded, ledger, campaign?.id);
  const inLanguages = (facts: AccountFacts) => factsWithLanguages(loaded, facts, languages);
  const early =
    what.early ?? (await factsFor(loaded, { ...options, cache: ledger, fresh: what.halted }));
  const judge = async (facts: AccountFacts, judged: CheckFlags) => {
    const reached = await reachedOf(loaded, facts, ledger);
    const zones = await zonesOf(loaded, campaign, ledger);
    const planned = await plannedOf(loaded, facts, { toSend: what.open, reached, zones });
    return findingsOf(loaded, { facts, planned, languages, ledger }, judged);
  };
  const connection = await connectAccount(loaded, options);
  try {
    let facts = inLanguages(await withFreshTemplate(loaded, early, connection.account, options));
    let findings = await judge(facts, flags);
    const isStopped = findings.some((finding) => isInTheWay(finding, early));
    if (isStopped && early.readAt < clock.now() - TEMPLATE_FRESH_MS) {
      // A person who has fixed it need not wait until the facts are forgotten.
      facts = inLanguages(await factsFor(loaded, { ...options, cache: ledger, fresh: true }));
      findings = await judge(facts, flags);
    }
    refuse(findings, facts, { loaded, flags });
    if (findings.some((finding) => finding.id === "ttl_to_set")) {
      facts = await setTtl(loaded, facts, connection.account, options);
      // What is not as wanted by now is a mismatch.
      findings = await judge(facts, { ...flags, applyTtl: false });
      refuse(findings, facts, { loaded, flags });
    }
    printWarnings(findings, loaded);
    return { facts, findings, blockedLanes: blockedLanes(findings, facts) };
  } finally {
    await connection.close();
  }
}

/** Who waits by their own clock; null where all people are on the campaign's. */
async function zonesOf(
  { manifest }: LoadedManifest,
  campaign: CampaignRecord | undefined,
  ledger: ReadinessOptions["ledger"],
): Promise<ZonePeople[] | null> {
  if (!isByRecipient(manifest) || campaign === undefined) return null;
  const zones = await ledger.waitingZones(campaign.id);
  return zones.map(({ clocks, pending, held }) => ({ clocks, people: pending + held }));
}

function refuse(
  findings: readonly Finding[],
  facts: AccountFacts,
  { loaded, flags }: { loaded: LoadedManifest; flags: CheckFlags },
): void {
  const blockers = blockersOfRun(findings, facts);
  if (flags.leavesToOthers === true) blockers.push(...leftToFirstMessage(findings, facts));
  if (blockers.length === 0) return;
  throw new OperatorError(blockers.map((finding) => problemOf(finding, loaded)));
}

/**
 * The facts with the template as it is now: a change of category, which may come at any hour,
 * clears its TTL.
 */
async function withFreshTemplate(
  loaded: LoadedManifest,
  facts: AccountFacts,
  account: Account,
  { clock }: ReadinessOptions,
): Promise<AccountFacts> {
  const now = clock.now();
  if (templatesOf(facts).length === 0 || now - facts.readAt < TEMPLATE_FRESH_MS) return facts;
  try {
    return await withTemplate(loaded, facts, account);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const { code, fault, message: sentence } = error;
    const unread = { part: "template" as const, code, passes: fault !== "refused", sentence };
    return { ...facts, unread: [...facts.unread, unread] };
  }
}

async function withTemplate(
  loaded: LoadedManifest,
  facts: AccountFacts,
  account: Account,
): Promise<AccountFacts> {
  const asked = templateNames(loaded.manifest);
  const lists = new Map<string, TemplateFacts[]>();
  for (const name of new Set(asked.map((one) => one.name))) {
    lists.set(name, await account.listTemplates(name));
  }
  const [first, ...others] = asked.map(({ name, language }) => {
    const found = lists.get(name) ?? [];
    const template = inLanguage(found, language);
    return { ...{ name, language, template }, languages: languagesOf(found), templateNames: null };
  });
  assert(first !== undefined, "a campaign has a template");
  const { template, languages } = first;
  return {
    ...{ ...facts, template, languages },
    ...(others.length > 0 && { others }),
    ...(facts.variants !== undefined && { variants: [...lists.values()].flat() }),
  };
}

/** Sets the TTL at Meta; the facts with the template as it is then. */
async function setTtl(
  loaded: LoadedManifest,
  facts: AccountFacts,
  account: Account,
  { ledger }: ReadinessOptions,
): Promise<AccountFacts> {
  const { ttl } = loaded.manifest.template;
  if (ttl === undefined) return facts;
  const others = facts.others ?? [];
  try {
    const all: (TemplateFacts | null)[] = [];
    for (const template of [facts.template, ...others.map((other) => other.template)]) {
      const seconds = template?.definition.message_send_ttl_seconds;
      if (template === null || ttl === (seconds ?? DEFAULT_TTL_SECONDS)) {
        all.push(template);
        continue;
      }
      const { name, language } = template.definition;
      const { action, detail } = ttlAudit(template, ttl);
      const after = await changeTemplate(account, template, ttlChange(ttl), async () => {
        await ledger.dropCached("facts");
        await audited(ledger, { action, subject: name, detail });
      });
      const where = facts.variants === undefined ? "" : ` in ${language}`;
      say(`The TTL of template "${name}"${where} was set to ${ttlText(ttl)} at Meta.`);
      all.push(after);
    }
    const [template = null, ...more] = all;
    return {
      ...{ ...facts, template },
      ...(others.length > 0 && {
        others: others.map((other, at) => ({ ...other, template: more[at] ?? null })),
      }),
    };
  } catch (error) {
    throw accountProblem(error, loaded.file);
  }
}

/** Of which campaign it is asked, and when. */
interface Asked {
  ledger: ZoneLedger & Pick<RunLedger, "remaining" | "testState">;
  campaign: number;
  /** Instant. */
  now: number;
}

/** Only people who get what wins are left, and that is not known yet. */
async function isTestWaiting(
  { manifest }: LoadedManifest,
  { ledger, campaign, now }: Asked,
): Promise<boolean> {
  if (manifest.test === undefined) return false;
  const { pending, held } = await ledger.remaining(campaign, undefined, "claimable");
  if (pending + held > 0) return false;
  const seen = await ledger.testState(campaign, now);
  if (seen === undefined) return false;
  const { wait: waitMs, metric } = manifest.test;
  const { kind } = courseOf(seen, { waitMs, metric }, now);
  return kind === "waiting" || kind === "unread";
}

/** Cron comes every minute: Meta is not asked when nothing can be sent anyway. */
export async function maySendNow(
  loaded: LoadedManifest,
  left: Remaining,
  { ledger, campaign, now }: Asked,
): Promise<boolean> {
  const { pending, held, nextDueAt } = left;
  if (pending + held === 0) return false;
  if (await isTestWaiting(loaded, { ledger, campaign, now })) return false;
  if (pending === 0 && nextDueAt !== null && nextDueAt > now + HOLD_WAIT_MS) return false;
  const schedule = await loadSchedule(loaded);
  const opening = isByRecipient(loaded.manifest)
    ? makeZoneBook(schedule, await ledger.waitingZones(campaign)).opening
    : openingsOf(schedule, null);
  return opening(now).kind === "open";
}
