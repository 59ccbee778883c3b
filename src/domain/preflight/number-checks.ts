// The sending numbers' part of the check before sending: status, quality, place, and rate, each
// number for itself.

import type { AccountFacts, NumberFacts } from "../account/facts.ts";
import { countryName } from "../cost/market.ts";
import type { Path } from "../document/document-schema.ts";
import { label } from "../document/document-schema.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { numbersOf } from "../manifest/manifest.ts";
import { hasOptimisation, hasReporting } from "../recipient/geography.ts";
import { readPhone } from "../recipient/phone.ts";
import type { Finding, FindingId } from "./finding.ts";
import { finding } from "./finding.ts";

/**
 * Messages a second by `throughput.level` (Meta, throughput page, 2026-09); another level is not
 * judged.
 */
const THROUGHPUT: Readonly<Record<string, number>> = { STANDARD: 80, HIGH: 1_000 };

/** A sending number where findings speak of it. */
export interface Sender {
  /** Undefined for the only number: what is wrong with it is wrong with the campaign. */
  lane: string | undefined;
  /** Its place in the manifest. */
  path: Path;
  messagesPerSecond: number;
  ratePath: Path;
}

/** The sending number of an id; of the only one, or of an id that is not named, the first. */
export function senderOf(manifest: Manifest, phoneNumberId: string): Sender {
  const numbers = numbersOf(manifest);
  const at = Math.max(
    0,
    numbers.findIndex(({ lane }) => lane === phoneNumberId),
  );
  const number = numbers[at] as (typeof numbers)[number];
  const isSeveral = numbers.length > 1;
  const hasRate =
    manifest.account !== "sandbox" &&
    manifest.account.numbers[at]?.messages_per_second !== undefined;
  return {
    lane: isSeveral ? number.lane : undefined,
    path: isSeveral
      ? ["account", "numbers", at, "phone_number_id"]
      : ["account", "phone_number_id"],
    messagesPerSecond: number.messagesPerSecond,
    ratePath: hasRate
      ? ["account", "numbers", at, "messages_per_second"]
      : ["rate", "messages_per_second"],
  };
}

/** Where the manifest speaks of what all its numbers share. */
export function limitPath(manifest: Manifest): Path {
  const isSeveral = numbersOf(manifest).length > 1;
  return isSeveral ? ["account", "numbers"] : ["account", "phone_number_id"];
}

/** A finding, as one about a number alone where there are several. */
export function numberOf({ lane }: Pick<Sender, "lane">, found: Finding): Finding {
  return lane === undefined ? found : { ...found, lane };
}

/** What is wrong with each number that could be read. */
export function judgeNumbers(manifest: Manifest, { numbers }: AccountFacts): Finding[] {
  return numbers.flatMap(({ phoneNumberId, facts }) => {
    if (facts === null) return [];
    const sender = senderOf(manifest, phoneNumberId);
    return judgeNumber(sender, facts).map((found) => numberOf(sender, found));
  });
}

function judgeNumber(sender: Sender, number: NumberFacts): Finding[] {
  const findings: Finding[] = [];
  const { path, lane, ratePath, messagesPerSecond: rate } = sender;
  const words = {
    number: lane === undefined ? "the number" : `number ${lane}`,
    Number: lane === undefined ? "The number" : `Number ${lane}`,
    Sender: lane === undefined ? "The sending number" : `Number ${lane}`,
  };
  const add = (id: FindingId, seen: unknown, more: Record<string, string> = {}): void => {
    findings.push(finding(id, path, seen, { ...words, ...more }));
  };
  const { status, qualityRating: quality, throughputLevel: level } = number;
  if (status === "FLAGGED") add("number_flagged", status);
  else if (status !== null && status !== "CONNECTED")
    add("number_not_connected", status, { status });
  const region = regionOf(number);
  if (region !== null) {
    // Where the sending number is from decides what Meta does for its messages, for every
    // recipient.
    const country = countryName(region);
    if (!hasOptimisation(region)) add("number_not_optimised", region, { country });
    else if (!hasReporting(region)) add("number_not_reported", region, { country });
  }
  if (quality === "RED") add("number_quality_red", quality);
  if (quality === "YELLOW") add("number_quality_yellow", quality);
  const most = THROUGHPUT[level ?? ""];
  if (level !== null && most !== undefined && rate > most) {
    const filled = { ...words, key: label(ratePath), rate, level, most };
    findings.push(finding("rate_above_throughput", ratePath, level, filled));
  }
  return findings;
}

function regionOf({ displayPhoneNumber }: NumberFacts): string | null {
  const digits = displayPhoneNumber?.replace(/\D/g, "") ?? "";
  const phone = readPhone(`+${digits}`);
  return phone.kind === "phone" ? phone.region : null;
}
