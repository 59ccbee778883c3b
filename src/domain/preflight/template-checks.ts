// The template's part of the check before sending: its state, its TTL, and the manifest's values
// against its components.

import type { AccountFacts, TemplateFacts } from "../account/facts.ts";
import { stamp } from "../common/calendar.ts";
import { nearest } from "../common/nearest.ts";
import { sentenceCase } from "../common/text.ts";
import type { Path } from "../document/document-schema.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { isApproved, isMarketing } from "../message/template.ts";
import { matchTemplate } from "../message/template-match.ts";
import { DEFAULT_TTL_SECONDS } from "../sending/ttl.ts";
import { judgeOptOutButtons } from "./button-checks.ts";
import type { Finding } from "./finding.ts";
import { finding, isoText, listed } from "./finding.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Meta: a new template, and one unused for 7 days, takes about 10 minutes to sync (send page,
 * 2026-09).
 */
const SYNC_MS = 10 * MINUTE_MS;
const UNUSED_MS = 7 * DAY_MS;
/** Meta's clock and ours may differ by this much. */
const CLOCKS_DIFFER_MS = 2 * MINUTE_MS;

const NAME: Path = ["template", "name"];
/** Names of the account's templates that are listed. */
const NAMES_SHOWN = 5;

/**
 * What is wrong with the template, or that there is none. `lastUsedAt` is when this ledger last
 * used it, null when it never did.
 * @param stopWords by which people ask to be left alone, beside the built-in ones and the
 * manifest's
 */
export function judgeTemplate(
  manifest: Manifest,
  facts: AccountFacts,
  times: { lastUsedAt: number | null; now: number },
  stopWords: readonly string[],
): Finding[] {
  const { template } = facts;
  if (template === null) return missingTemplate(manifest, facts);
  return [
    ...judgeState(template, manifest),
    ...judgeSync(template, times.lastUsedAt, times.now),
    ...judgeTtl(manifest, template),
    ...judgeMaxPrice(manifest, template),
    ...judgeParameters(manifest, template),
    ...judgeOptOutButtons(manifest, template.definition, stopWords),
  ];
}

function judgeState(template: TemplateFacts, { ramp }: Manifest): Finding[] {
  const findings: Finding[] = [];
  const { status, category } = template.definition;
  if (status === "PAUSED") findings.push(finding("template_paused", NAME, status));
  else if (!isApproved(template.definition)) {
    const reason = template.rejectedReason;
    const why = reason === null ? "" : ` (${reason})`;
    const seen = { status, rejected_reason: reason };
    findings.push(finding("template_not_approved", NAME, seen, { status, why }));
  }
  const { previousCategory: previous, correctCategory: correct, quality } = template;
  if (!isMarketing(template.definition)) {
    const before = previous === null ? "" : ` (it was ${previous} before)`;
    const seen = { category, previous_category: previous };
    findings.push(finding("template_not_marketing", NAME, seen, { category, before }));
  }
  if (correct !== null && correct !== category) {
    const then =
      correct === "MARKETING"
        ? "a change of category clears the TTL"
        : "this API cannot send it then (134100)";
    const seen = { category, correct_category: correct };
    const words = { category: correct, then };
    findings.push(finding("template_category_change", NAME, seen, words));
  }
  if (quality === "RED" || quality === "YELLOW") {
    const isTooLow = ramp !== undefined && (quality === "RED" || ramp.quality === "YELLOW");
    findings.push(
      isTooLow
        ? finding("ramp_quality", ["ramp", "quality"], quality, { quality, limit: ramp.quality })
        : finding("template_quality_low", NAME, quality, { quality }),
    );
  }
  return findings;
}

function judgeSync(template: TemplateFacts, lastUsedAt: number | null, now: number): Finding[] {
  // An instant in the future says nothing about when the template was made.
  const { createdAt, changedAt } = pastInstants(template, now);
  const changed = Math.max(createdAt ?? 0, changedAt ?? 0);
  if (changed > now - SYNC_MS) {
    return [finding("template_new", NAME, isoText(changed), { at: stamp(changed) })];
  }
  // Never used by this ledger, the template must be known to be old enough to have been left
  // unused.
  const since = lastUsedAt ?? createdAt ?? changedAt;
  if (since === null || since > now - UNUSED_MS) return [];
  const seen = lastUsedAt === null ? null : isoText(lastUsedAt);
  return [finding("template_unused", NAME, seen)];
}

function pastInstants(
  { createdAt, changedAt }: Pick<TemplateFacts, "createdAt" | "changedAt">,
  now: number,
): Pick<TemplateFacts, "createdAt" | "changedAt"> {
  const past = (at: number | null) => (at !== null && at <= now + CLOCKS_DIFFER_MS ? at : null);
  return { createdAt: past(createdAt), changedAt: past(changedAt) };
}

/** That the account has no such template, or not in the language; nothing where it was not read. */
export function missingTemplate(manifest: Manifest, facts: AccountFacts): Finding[] {
  const { languages, templateNames, unread } = facts;
  if (languages === null || unread.some(({ part }) => part === "template")) return [];
  const { name, language } = manifest.template;
  if (languages.length === 0) {
    const words = { name, has: knownNames(name, templateNames) };
    return [finding("template_missing", NAME, templateNames ?? languages, words)];
  }
  const words = listed(languages.map((version) => `${version.language} (${version.status})`));
  const path = ["template", "language"];
  const fill = { name, language, languages: words };
  return [finding("template_language_missing", path, languages, fill)];
}

/** A sentence with a blank behind it: the nearest name, or what there is. */
function knownNames(name: string, names: readonly string[] | null): string {
  if (names === null) return "";
  if (names.length === 0) return "It has none at all. ";
  const near = nearest(name, names);
  if (near !== undefined) return `Did you mean \`${near}\`? `;
  const more = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `\`${name}\``);
  return `It has ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}. `;
}

function judgeTtl(manifest: Manifest, template: TemplateFacts): Finding[] {
  const seconds = template.definition.message_send_ttl_seconds;
  if (seconds === undefined) return [];
  const { ttl, apply_ttl: apply } = manifest.template;
  const before = template.previousCategory;
  const cleared = seconds === null && before !== null;
  const seen = { message_send_ttl_seconds: seconds };
  if (ttl === undefined) {
    return cleared ? [finding("ttl_cleared", ["template"], seen, { before })] : [];
  }
  if (ttl === (seconds ?? DEFAULT_TTL_SECONDS)) return [];
  const words = {
    wanted: ttlText(ttl),
    has: seconds === null ? "no TTL of its own (30 d)" : `a TTL of ${ttlText(seconds)}`,
    why: cleared ? ", since a change of its category cleared it" : "",
  };
  return [finding(apply ? "ttl_to_set" : "ttl_mismatch", ["template", "ttl"], seen, words)];
}

function judgeMaxPrice({ delivery, recipients }: Manifest, { maxPrice }: TemplateFacts): Finding[] {
  const { bid_multiplier: multiplier, product_policy: policy } = delivery;
  const path: Path = ["delivery", "bid_multiplier"];
  if (maxPrice === null) {
    return multiplier === undefined ? [] : [finding("bid_without_max_price", path, multiplier)];
  }
  if (maxPrice === undefined) return [];
  const findings: Finding[] = [];
  const seen = { bid_amount: maxPrice.bidAmount };
  if (multiplier !== undefined && multiplier > 1) {
    findings.push(finding("bid_above_max_price", path, multiplier, { multiplier }));
  }
  if (policy !== "STRICT" && delivery.api !== "cloud") {
    findings.push(finding("max_price_fallback", ["delivery", "product_policy"], seen));
  }
  if (recipients.user_id !== undefined) {
    findings.push(finding("max_price_user_ids", ["recipients", "user_id"], seen));
  }
  return findings;
}

/** `24 h`, `3 d`, `90000 s`: the largest unit that is whole. */
export function ttlText(seconds: number): string {
  if (seconds % 86_400 === 0 && seconds > 86_400) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return `${seconds} s`;
}

function judgeParameters(manifest: Manifest, template: TemplateFacts): Finding[] {
  return matchTemplate(manifest.template, template.definition).map(({ path, message, hint }) => {
    const words = { wrong: sentence(message), todo: hint };
    return finding("parameter_mismatch", path, message, words);
  });
}

/** The words of a mismatch, which go on after a place in the file, as a sentence of their own. */
function sentence(text: string): string {
  return `${sentenceCase(text).replace(/\.$/, "")}.`;
}
