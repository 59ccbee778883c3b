// Judges the schedule of a campaign: hours that are missing or unusual, a TTL that outlasts them,
// and people whose clocks leave them little of the day, or nothing.

import { count, plural } from "../common/numbers.ts";
import { minuteOf } from "../common/wall-clock.ts";
import { isByRecipient } from "../manifest/clocks-of-all.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { ZoneReach } from "../schedule/zone-reach.ts";
import type { Finding } from "./finding.ts";
import { finding, listed } from "./finding.ts";

/** Hours outside of these are unusual: people sleep, and many laws on calls name them. */
const USUAL = { from: "08:00", to: "21:00" };

/** The shortest TTL that a template can have, in seconds (Meta, TTL page, 2026-09). */
const LEAST_TTL_SECONDS = 12 * 3_600;
const HOUR_SECONDS = 3_600;

/** Regions that are named one by one. */
const NAMED = 5;
/** Shorter differences come from rounding, in hours. */
const ROUNDED_HOURS = 0.02;

/**
 * What is wrong with the schedule, or worth knowing.
 * @param ttlSeconds of messages that are sent now
 * @param zones of a campaign that goes by everybody's own clock
 */
export function judgeSchedule(
  manifest: Manifest,
  { ttlSeconds, zones }: { ttlSeconds: number; zones: readonly ZoneReach[] },
): Finding[] {
  const { hours, account } = manifest;
  if (hours === undefined) {
    return account === "sandbox" ? [] : [finding("no_hours", null, null)];
  }
  const { from, to } = hours;
  const findings: Finding[] = [];
  const isWholeDay = from === "00:00" && to === "24:00";
  if (from < USUAL.from || to > USUAL.to || to <= from) {
    findings.push(finding("unusual_hours", ["hours"], { from, to }, { from, to }));
  }
  if (!isWholeDay && ttlSeconds > LEAST_TTL_SECONDS) {
    const ttl = Math.round(ttlSeconds / HOUR_SECONDS);
    findings.push(
      finding("ttl_outlasts_hours", ["hours"], { ttl_seconds: ttlSeconds }, { ttl, to }),
    );
  }
  return isByRecipient(manifest) ? [...findings, ...judgeZones(manifest, zones)] : findings;
}

function judgeZones({ hours }: Manifest, zones: readonly ZoneReach[]): Finding[] {
  const findings: Finding[] = [];
  const todo = hours?.column === undefined ? "Name a column" : `Fill column \`${hours.column}\``;
  const most = Math.max(0, ...zones.map(({ open_hours }) => open_hours));
  const short = zones.filter(
    (zone) => zone.clocks.length !== 1 && zone.open_hours < lengthOf(hours, most) - ROUNDED_HOURS,
  );
  const never = short.filter(({ open_hours }) => open_hours === 0);
  const some = short.filter(({ open_hours }) => open_hours > 0);
  const path = ["hours", "time_zone"];
  const seen = (all: readonly ZoneReach[]) =>
    all.map(({ region, people, open_hours }) => ({ region, people, open_hours }));
  if (some.length > 0) {
    const where = named(
      some,
      ({ open_hours: open }) => `, clock unknown: ${hoursText(open)} a day`,
    );
    findings.push(finding("unknown_clocks", path, seen(some), { where, todo }));
  }
  if (never.length > 0) {
    const people = plural(sumOf(never), "person", "people");
    findings.push(finding("never_open", path, seen(never), { people, where: named(never), todo }));
  }
  const unread = zones.filter((zone) => zone.unread);
  if (unread.length > 0) {
    const words = { rows: plural(sumOf(unread), "row"), column: hours?.column ?? "" };
    findings.push(finding("unread_clocks", ["hours", "column"], sumOf(unread), words));
  }
  return findings;
}

/** Hours of a day that are open by one clock. */
function lengthOf(hours: Manifest["hours"], otherwise: number): number {
  if (hours === undefined) return otherwise;
  const open = (minuteOf(hours.to) - minuteOf(hours.from)) / 60;
  return open > 0 ? open : open + 24;
}

function sumOf(zones: readonly ZoneReach[]): number {
  return zones.reduce((sum, { people }) => sum + people, 0);
}

/** `4,120 people in RU, clock unknown: 1 h a day; …`, most people first. */
function named(zones: readonly ZoneReach[], more: (zone: ZoneReach) => string = () => ""): string {
  const texts = zones.slice(0, NAMED).map((zone) => {
    const where = zone.region === null ? "of no known country" : `in ${zone.region}`;
    return `${plural(zone.people, "person", "people")} ${where}${more(zone)}`;
  });
  const rest = zones.length - NAMED;
  if (rest > 0) texts.push(`${count(sumOf(zones.slice(NAMED)))} in ${rest} more groups`);
  return more(zones[0] as ZoneReach) === "" ? listed(texts) : texts.join("; ");
}

function hoursText(hours: number): string {
  return `${Number(hours.toFixed(1))} h`;
}
