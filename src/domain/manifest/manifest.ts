// Reads a manifest, tells which columns it uses, and what of it may not change once the campaign is
// planned. It is pure: the text, the environment and every path come in as arguments.

import * as z from "zod";
import type { ArmChanges } from "../arms/arm-message.ts";
import { withArm } from "../arms/arm-message.ts";
import type { Frozen } from "../campaign/campaign.ts";
import { columnName } from "../common/columns.ts";
import type { Problem } from "../common/errors.ts";
import { assert } from "../common/errors.ts";
import { nearest } from "../common/nearest.ts";
import type { Locate } from "../document/document.ts";
import { parseDocument } from "../document/document.ts";
import type { Path } from "../document/document-schema.ts";
import type { Budget } from "../limits/budget.ts";
import { millionths } from "../limits/budget.ts";
import type { Cap } from "../limits/cap.ts";
import { capOf } from "../limits/cap.ts";
import type { MessageSource } from "../message/body.ts";
import { compileValue, isLiquid } from "../message/liquid.ts";
import type { TemplateBinding } from "../message/template.ts";
import { slotsOf } from "../message/template-components.ts";
import type { MessageOfArm } from "./arms-of-manifest.ts";
import { armsOf, messagesOf } from "./arms-of-manifest.ts";
import { isByRecipient, ownZoneOf, RECIPIENT } from "./clocks-of-all.ts";
import type { Manifest } from "./manifest-schema.ts";
import { manifestSchema, manifestSchemaIn, PHONE_COLUMN } from "./manifest-schema.ts";
import type { PolicyInForce } from "./under-policy.ts";
import { underPolicy } from "./under-policy.ts";

export type { Locate } from "../document/document.ts";
export type { Manifest } from "./manifest-schema.ts";

const COLUMNS_SHOWN_MAX = 20;
/** Of a sum of rates; more come from counting in fractions. */
const SIGNIFICANT_DIGITS = 12;

/** What people call a key, from other tools' words for it. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  ...synonymsOf("file", "csv list path source filename"),
  ...synonymsOf("phone", "column number phone_number msisdn mobile whatsapp telephone"),
  ...synonymsOf("id", "row_id customer_id recipient_id key external_id"),
  ...synonymsOf("default_region", "country default_country country_code"),
  ...synonymsOf("delimiter", "separator sep"),
  ...synonymsOf("encoding", "charset"),
  ...synonymsOf("language", "lang locale language_code"),
  ...synonymsOf("name", "template_name"),
  ...synonymsOf("body", "params parameters variables values"),
  ...synonymsOf("access_token", "token bearer"),
  ...synonymsOf("phone_number_id", "phone_id number_id sender from"),
  ...synonymsOf("numbers", "phone_numbers phone_number_ids senders lanes"),
  ...synonymsOf("regions", "countries country_codes"),
  ...synonymsOf("waba_id", "business_account_id account_id waba"),
  ...synonymsOf("graph_version", "api_version version"),
  ...synonymsOf("messages_per_second", "mps per_second speed throughput"),
  ...synonymsOf("time_zone", "tz timezone"),
  ...synonymsOf("starts", "start begins begin from_date send_at scheduled_at"),
  ...synonymsOf("except", "holidays excluded_dates blackout"),
  ...synonymsOf("ends", "end expires_at deadline"),
  ...synonymsOf("cap", "frequency_cap frequency"),
  ...synonymsOf("hold_out", "holdout control control_group"),
  ...synonymsOf("test", "ab_test experiment split_test"),
  ...synonymsOf("arms", "variants variations groups"),
  ...synonymsOf("suppress", "optouts opt_outs blocklist blacklist exclude"),
};

function synonymsOf(key: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, key]));
}

/** A column that a value of the manifest reads. */
export interface ColumnUse {
  column: string;
  /** False when a row in which this cell is empty is skipped as `missing_value`. */
  hasDefault: boolean;
  /** As shown to people: `body 2`. */
  slot: string;
  /** Where the value stands in the manifest, and the column in the value. */
  path: Path;
  offset: number;
}

/**
 * Reads the text of a manifest. Gives it with defaults filled in and a way to find places in it, or
 * every problem at once with file, line, column, source line and what to do. `env` is what
 * `${NAME}` is read from; `tokenUnused`: Meta is not asked, so that the token's may be unset;
 * `policy`: what the manifest is under. Never throws.
 */
export function readManifest(
  text: string,
  options: {
    file: string;
    env?: Record<string, string | undefined>;
    tokenUnused?: boolean | undefined;
    policy?: PolicyInForce | undefined;
  },
): { manifest: Manifest; at: Locate } | { problems: Problem[] } {
  const { file, env = {}, policy } = options;
  const schema = manifestSchemaIn(policy?.policy.hours);
  const parsed = parseDocument(text, {
    file,
    what: "a manifest",
    schema,
    env,
    secrets: ["access_token"],
    secretsUnused: options.tokenUnused,
    synonyms: SYNONYMS,
  });
  if ("problems" in parsed) return parsed;
  const read = { manifest: parsed.value, at: parsed.at };
  return policy === undefined ? read : underPolicy(read, policy);
}

/**
 * Every use of a column in the template's values, in the order of the slots; of all arms. The
 * columns of numbers and user ids are not among them.
 */
export function columnsUsed(manifest: Manifest): ColumnUse[] {
  const uses = messagesOf(manifest).flatMap(({ manifest: { template }, pathOf }) =>
    slotsOf(template).flatMap(({ name, template: text, path: own, kind }) => {
      if (kind === "file" || !isLiquid(text)) return [];
      const compiled = compileValue(text, template.language);
      assert("value" in compiled, `${name} was checked when the manifest was read`);
      const path = pathOf(own);
      return compiled.value.columns.map((use) => ({ ...use, slot: name, path }));
    }),
  );
  // What several arms have of the campaign's message stands in the manifest once.
  return [...new Map(uses.map((use) => [JSON.stringify([use.path, use.offset]), use])).values()];
}

/** The columns that the manifest names anywhere, and that a CSV should have. */
export function columnsNamed(manifest: Manifest): string[] {
  const { phone, user_id, region, id } = manifest.recipients;
  const used = columnsUsed(manifest).map(({ column }) => column);
  return [...new Set([phone, user_id, region, id, manifest.hours?.column, ...used])].filter(
    (column) => column !== undefined,
  );
}

/**
 * The columns that say who a recipient is. The one of numbers goes by its usual name where the
 * manifest names only the one of user ids, and is undefined when the CSV has none.
 */
export function whoColumns(
  { recipients, hours }: Manifest,
  header: readonly string[],
): Record<"phone" | "userId" | "region" | "id" | "clock", string | undefined> {
  const { phone, user_id: userId, region, id } = recipients;
  const usual = header.includes(PHONE_COLUMN) ? PHONE_COLUMN : undefined;
  return { phone: phone ?? usual, userId, region, id, clock: hours?.column };
}

/** What a number without a plus is, for `readPhone`; undefined: it is not read. */
export function homeOf({ recipients }: Manifest): string | undefined {
  return recipients.numbers ?? recipients.default_region;
}

/**
 * What the manifest asks of a CSV that its header does not have, each at its place in the manifest.
 */
export function columnProblems(
  manifest: Manifest,
  at: Locate,
  header: readonly string[],
): Problem[] {
  const { phone, user_id, region, id } = manifest.recipients;
  const who = [
    { column: phone, path: ["recipients", "phone"], offset: 0 },
    { column: user_id, path: ["recipients", "user_id"], offset: 0 },
    { column: region, path: ["recipients", "region"], offset: 0 },
    { column: id, path: ["recipients", "id"], offset: 0 },
    { column: manifest.hours?.column, path: ["hours", "column"], offset: 0 },
  ].flatMap(({ column, ...place }) => (column === undefined ? [] : [{ column, ...place }]));
  return [...who, ...columnsUsed(manifest)]
    .filter(({ column }) => !header.includes(columnName(column)))
    .map(({ column, path, offset }) => {
      const near = nearest(column, header);
      const inLiquid = path[0] === "template";
      const hint =
        near === undefined
          ? columnList(header)
          : `Did you mean \`${isWord(near) || !inLiquid ? near : `row["${near}"]`}\`?`;
      return { message: `the CSV has no column \`${column}\``, hint, ...at(path, offset) };
    });
}

function columnList(header: readonly string[]): string {
  const named = header.filter((name) => name !== "");
  const more = named.length - COLUMNS_SHOWN_MAX;
  const shown = named.slice(0, COLUMNS_SHOWN_MAX).map((name) => `\`${name}\``);
  return `It has ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}

/** Tells whether Liquid reads a column's name as one. */
export function isWord(column: string): boolean {
  return /^[\p{L}_][\p{L}\d_-]*$/u.test(column);
}

/** The campaign's own words by which people ask to be left alone, of every language, each once. */
export function stopWordsOf({ suppress }: Manifest): string[] {
  return [...new Set(Object.values(suppress.stop_words).flat())];
}

/** The zone in which the campaign's instants are shown, IANA. */
export function zoneOf({ hours }: Pick<Manifest, "hours">): string {
  return ownZoneOf({ hours }) ?? "UTC";
}

/** The lane, the first of several: the id of the sending number at Meta, or `sandbox`. */
export function laneOf(manifest: Manifest): string {
  return manifest.account === "sandbox" ? "sandbox" : manifest.account.phone_number_id;
}

/** The frequency cap that the campaign obeys; null without one. */
export function capOfManifest({ cap }: Manifest): Cap | null {
  return cap === undefined || cap === "off" ? null : capOf(cap);
}

/** What the campaign may cost at most; null: anything. */
export function budgetOf({ budget }: Pick<Manifest, "budget">): Budget | null {
  if (budget === undefined) return null;
  return { most: millionths(budget.most), currency: budget.currency };
}

/** All lanes in the manifest's order; at least one. */
export function lanesOf(manifest: Manifest): string[] {
  return numbersOf(manifest).map(({ lane }) => lane);
}

/** A sending number as a campaign uses it. */
export interface LaneNumber {
  lane: string;
  messagesPerSecond: number;
  /** Countries whose people it sends to, ISO 3166-1; empty: of none in particular. */
  regions: string[];
}

/** The sending numbers in the manifest's order, at least one, each with its own rate. */
export function numbersOf({ account, rate }: Pick<Manifest, "account" | "rate">): LaneNumber[] {
  const messagesPerSecond = rate.messages_per_second;
  if (account === "sandbox") return [{ lane: "sandbox", messagesPerSecond, regions: [] }];
  return account.numbers.map((number) => ({
    lane: number.phone_number_id,
    messagesPerSecond: number.messages_per_second ?? messagesPerSecond,
    regions: number.regions ?? [],
  }));
}

/**
 * What may not change once a recipient is planned, by the key's path: it would alter what is
 * planned or sent already. Everything else (rate, hours, end, TTL, callback key, opt-out files,
 * token, addresses) may change freely.
 */
export function frozenOf(manifest: Manifest): Frozen {
  const { template, recipients, delivery, suppress } = manifest;
  const numbers = numbersOf(manifest);
  const lanes = numbers.map(({ lane }) => lane);
  return {
    account: lanes.length === 1 ? laneOf(manifest) : lanes,
    "account.numbers.regions": regionRules(numbers),
    "recipients.file": recipients.file,
    "recipients.command": recipients.command ?? null,
    "recipients.phone": recipients.phone ?? null,
    "recipients.user_id": recipients.user_id ?? null,
    "recipients.default_region": recipients.default_region ?? null,
    "recipients.region": recipients.region ?? null,
    "recipients.numbers": recipients.numbers ?? null,
    "recipients.id": recipients.id ?? null,
    "recipients.sheet": recipients.sheet ?? null,
    "recipients.delimiter": recipients.delimiter ?? null,
    "recipients.encoding": recipients.encoding ?? null,
    "template.name": template.name,
    "template.language": template.language,
    "template.header": template.header ?? null,
    "template.body": template.body ?? null,
    "template.limited_time_offer": template.limited_time_offer ?? null,
    "template.buttons": template.buttons ?? null,
    "template.carousel": template.carousel ?? null,
    "template.tap_target": template.tap_target ?? null,
    "delivery.product_policy": delivery.product_policy,
    "delivery.message_activity_sharing": delivery.message_activity_sharing ?? null,
    "delivery.bid_multiplier": delivery.bid_multiplier ?? null,
    "suppress.us_territories": suppress.us_territories,
    // With a ramp people go in a random order.
    ramp: manifest.ramp === undefined ? null : true,
    // Which clock a row goes by is planned; which hours are open by it may change.
    "hours.time_zone": isByRecipient(manifest) ? RECIPIENT : null,
    "hours.column": manifest.hours?.column ?? null,
    "budget.currency": manifest.budget?.currency ?? null,
    hold_out: manifest.hold_out ?? null,
    // What is seen of the orders must not choose how long they count.
    "conversions.window": manifest.conversions?.window ?? null,
    // When a test is decided, and what then becomes of the rest, may change.
    "test.name": manifest.test?.name ?? null,
    "test.metric": manifest.test?.metric ?? null,
    // How often it is looked at decides how sure each look has to be.
    "test.looks": manifest.test?.looks ?? null,
    "test.arms": manifest.test === undefined ? null : armsOf(manifest),
  };
}

/** Of each number that has regions, these in order of the alphabet; null when none has any. */
function regionRules(numbers: readonly LaneNumber[]): Record<string, string[]> | null {
  const ruled = numbers.filter(({ regions }) => regions.length > 0);
  if (ruled.length === 0) return null;
  return Object.fromEntries(ruled.map(({ lane, regions }) => [lane, regions.toSorted()]));
}

/** Most messages a second of all numbers together. */
export function totalRate(manifest: Pick<Manifest, "account" | "rate">): number {
  const sum = numbersOf(manifest).reduce((sum, number) => sum + number.messagesPerSecond, 0);
  // 0.1 and 0.2 are 0.3.
  return Number(sum.toPrecision(SIGNIFICANT_DIGITS));
}

/**
 * The parts of a planned manifest that make its messages, as the ledger kept them: those of its
 * arms in their order, or the one.
 */
export function frozenMessages(frozen: Frozen): MessageOfArm[] {
  const kept = (key: string): unknown => frozen[key] ?? undefined;
  const own: MessageSource = {
    template: {
      name: kept("template.name"),
      language: kept("template.language"),
      header: kept("template.header"),
      body: kept("template.body"),
      limited_time_offer: kept("template.limited_time_offer"),
      buttons: kept("template.buttons"),
      carousel: kept("template.carousel"),
      tap_target: kept("template.tap_target"),
    } as TemplateBinding,
    delivery: {
      product_policy: kept("delivery.product_policy"),
      message_activity_sharing: kept("delivery.message_activity_sharing"),
      bid_multiplier: kept("delivery.bid_multiplier"),
    } as MessageSource["delivery"],
  };
  const arms = kept("test.arms") as (ArmChanges & { name: string })[] | undefined;
  if (arms === undefined) return [{ arm: null, manifest: own }];
  return arms.map(({ name: arm, ...changes }) => ({ arm, manifest: withArm(own, changes) }));
}

/**
 * What of `before`, as the ledger kept it, is different `now`. A key that one of them lacks is
 * null.
 */
export function frozenChanges(
  before: Frozen,
  now: Frozen,
): { key: string; before: unknown; now: unknown }[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].flatMap((key) => {
    const pair = { before: before[key] ?? null, now: now[key] ?? null };
    // The order of named parameters counts: it is the order of the values kept for each recipient.
    return JSON.stringify(pair.before) === JSON.stringify(pair.now) ? [] : [{ key, ...pair }];
  });
}

/** The JSON Schema (draft 7, as editors read it) of a manifest as it is written. */
export function manifestJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(manifestSchema, {
    target: "draft-7",
    io: "input",
    // Of a schema that transforms what it reads, zod drops the examples; ours are those of what is
    // written.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
}
