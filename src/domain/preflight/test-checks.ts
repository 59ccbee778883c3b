// The part of the check before sending that is about the messages of a campaign, one or several,
// and about the test by which several are compared.

import type { AccountFacts } from "../account/facts.ts";
import { factsOfTemplate } from "../account/facts.ts";
import { forecastTest } from "../arms/forecast.ts";
import type { WaitingLanguage } from "../campaign/row.ts";
import { count, percent, plural } from "../common/numbers.ts";
import type { ArmManifest } from "../manifest/arms-of-manifest.ts";
import { messagesOf, testRuleOf, withLanguage } from "../manifest/arms-of-manifest.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { TemplateDefinition } from "../message/template.ts";
import { isApproved, isMarketing } from "../message/template.ts";
import { hasOptimisation } from "../recipient/geography.ts";
import type { Finding } from "./finding.ts";
import { finding, listed } from "./finding.ts";
import { judgeTemplate, missingTemplate } from "./template-checks.ts";

/** Countries that are named. */
const REGIONS_SHOWN = 5;

/** What is judged of every message. */
interface Messages {
  manifest: Manifest;
  facts: AccountFacts;
  /** When this ledger last used a template; null: never, or not known. */
  lastUsedAt(template: { name: string; language: string }): number | null;
  stopWords: readonly string[];
  /** Instant. */
  now: number;
}

/** What is wrong with the messages of a campaign; what several have in common is said once. */
export function judgeMessages({ manifest, facts, ...known }: Messages): Finding[] {
  const { lastUsedAt, stopWords, now } = known;
  return overMessages(manifest, (message) => {
    const own = factsOfTemplate(facts, message.manifest.template);
    const times = { lastUsedAt: lastUsedAt(message.manifest.template), now };
    const ofTemplate = judgeTemplate(message.manifest, own, times, stopWords);
    return [...ofTemplate, ...judgeCloud(message, own)];
  });
}

/**
 * The same of a campaign whose rows give their language: in each language of those who wait, as if
 * it were the only one.
 * @param languages undefined while it is not known which these are
 */
export function judgeLanguages(
  messages: Messages,
  languages: readonly WaitingLanguage[] = [],
): Finding[] {
  const { manifest, facts } = messages;
  // A template that exists in no language is missing whatever the rows say.
  const missing = overMessages(manifest, (message) => {
    const own = factsOfTemplate(facts, message.manifest.template);
    return own.languages?.length === 0 ? missingTemplate(message.manifest, own) : [];
  });
  if (missing.length > 0) return missing;
  return languages.flatMap((waiting) => {
    const inIt = withLanguage(manifest, waiting.language);
    const lacking = overMessages(inIt, (message) => judgeLack(message, facts, waiting));
    if (lacking.length > 0) return lacking;
    return judgeMessages({ ...messages, manifest: inIt }).map((one) => ({
      ...one,
      wrong: `In ${waiting.language}: ${one.wrong}`,
    }));
  });
}

/** Whether the message can be sent in a language at all. */
function judgeLack(
  { manifest: { template } }: ArmManifest,
  facts: AccountFacts,
  { language, people, rows }: WaitingLanguage,
): Finding[] {
  const { template: found, languages } = factsOfTemplate(facts, template);
  if (languages === null) return [];
  const why = found === null ? "there is none" : unfit(found.definition);
  if (why === undefined) return [];
  const { name } = template;
  const others = languages.filter(({ status }) => status === "APPROVED");
  const words = {
    ...{ name, language, why },
    people: `${plural(people, "person has", "people have")}`,
    rows: `${people > rows.length ? "first in " : ""}${rows.length === 1 ? "row" : "rows"} ${listed(rows.map(count))}`,
    approved: listed(others.map((other) => other.language)) || "no language",
  };
  const { status = null, category = null } = found?.definition ?? {};
  const seen = { ...{ name, language, people, rows, status, category }, languages };
  return [finding("language_without_template", ["template", "language"], seen, words)];
}

/** What keeps a template from being sent; what was not returned does not. */
function unfit(definition: TemplateDefinition): string | undefined {
  if (!isApproved(definition)) return `it is ${definition.status}`;
  return isMarketing(definition) ? undefined : `its category is ${definition.category}`;
}

/**
 * Judges each message of a campaign as if it were the only one, and puts what was found at its
 * place in the manifest.
 */
export function overMessages(
  manifest: Manifest,
  judge: (message: ArmManifest) => Finding[],
): Finding[] {
  const all = messagesOf(manifest).flatMap((message) =>
    judge(message).map((one) => ({
      ...one,
      path: one.path === null ? null : message.pathOf(one.path),
    })),
  );
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** What the Cloud API would refuse of an arm (Meta, error codes page, 2026-09). */
function judgeCloud({ arm, manifest }: ArmManifest, facts: AccountFacts): Finding[] {
  if (manifest.delivery.api !== "cloud" || arm === null) return [];
  const path = ["delivery", "api"];
  const findings: Finding[] = [];
  if (facts.waba?.cloudMarketingDisabled === true) {
    const seen = { disable_marketing_messages_on_cloud_api: true };
    findings.push(finding("cloud_arm_disabled", path, seen, { arm }));
  }
  const bid = facts.template?.maxPrice;
  if (bid !== undefined && bid !== null) {
    findings.push(finding("cloud_arm_max_price", path, { bid_amount: bid.bidAmount }, { arm }));
  }
  if (manifest.recipients.user_id !== undefined) {
    findings.push(finding("cloud_arm_user_ids", ["recipients", "user_id"], arm));
  }
  return findings;
}

/** Meta's `user_actions` name no message (webhooks reference, 2026-09). */
export function judgeTestMetric({ test }: Manifest): Finding[] {
  if (test?.metric !== "clicked") return [];
  return [finding("test_by_clicks", ["test", "metric"], test.metric)];
}

/** Whether the rest would get anything before the campaign's end. */
export function judgeTestTime({ test, starts, ends }: Manifest, now: number): Finding[] {
  if (test === undefined || typeof ends !== "number") return [];
  const earliest = Math.max(now, typeof starts === "number" ? starts : now) + test.wait;
  if (earliest < ends) return [];
  const seen = { ends: new Date(ends).toISOString(), wait_seconds: test.wait / 1_000 };
  return [finding("test_after_end", ["test", "wait"], seen)];
}

/**
 * Whether the list can show what the manifest wants to know.
 * @param people of each arm, in their order
 */
export function judgeTestSize(manifest: Manifest, people: readonly number[]): Finding[] {
  const rule = testRuleOf(manifest);
  const least = manifest.test?.least;
  if (rule === undefined || least === undefined) return [];
  const { lift, base, sentence } = forecastTest(rule, people);
  if (lift !== null && lift <= least) return [];
  const words = { shows: sentence, least: `+${percent(least, 1)}` };
  return [finding("test_too_small", ["test", "arms"], { people, base, lift, least }, words)];
}

/**
 * Whether the two APIs differ for the people of the list.
 * @param regions region → people who are sent to
 */
export function judgeComparedApis(
  manifest: Manifest,
  regions: Readonly<Record<string, number>>,
): Finding[] {
  const cloud = messagesOf(manifest).find((one) => one.manifest.delivery.api === "cloud");
  if (cloud === undefined) return [];
  const same = Object.entries(regions)
    .filter(([region]) => !hasOptimisation(region))
    .sort((one, other) => other[1] - one[1]);
  const people = same.reduce((sum, [, number]) => sum + number, 0);
  if (people === 0) return [];
  const all = Object.values(regions).reduce((sum, number) => sum + number, 0);
  const names = same.map(([region]) => region);
  const more = names.length - REGIONS_SHOWN;
  const shown = names.slice(0, REGIONS_SHOWN).join(", ");
  const words = {
    people: plural(people, "person", "people"),
    all: `${count(all)} (${percent(people, all)})`,
    countries: more > 0 ? `${shown} and ${more} more` : shown,
  };
  const path = cloud.pathOf(["delivery", "api"]);
  return [finding("cloud_arm_same", path, Object.fromEntries(same), words)];
}
