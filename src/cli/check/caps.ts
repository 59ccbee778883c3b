// Counts whose frequency cap is used up today, and when they are free, for `check`.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { Calendar } from "../../domain/common/calendar.ts";
import { throwIfStopped } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import type { CapRecord } from "../../domain/limits/cap.ts";
import { capRecord } from "../../domain/limits/cap.ts";
import { capOfManifest } from "../../domain/manifest/manifest.ts";
import type { PersonNames, PlanLedger } from "../../domain/planning/plan-ports.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { timesOf } from "../print/times.ts";

/** People who are asked for together. */
const PAGE = 5_000;
/**
 * More of them are asked for by a sample: each is some 50 µs with five campaigns of late, and a
 * check of two million must not take minutes.
 */
const ASKED_MAX = 50_000;
const HOUR_MS = 3_600_000;

/** How far the cap is used up, as `--json` has it. */
export interface CapForecast extends CapRecord {
  /** Who would be over it if their turn came now. */
  capped: number;
  /** The numbers are those of every n-th person, times n; 1: everybody was looked up. */
  one_in: number;
  /** How many of these are free by the end of a day, the earliest first; the last one has all. */
  free_by: { date: string; people: number }[];
}

/**
 * Counts them among those whom a rehearsal would send to.
 * @returns null when the campaign has no cap
 */
export async function capForecast(
  loaded: LoadedManifest,
  rehearsed: Rehearsed,
  context: CommandContext,
): Promise<CapForecast | null> {
  const cap = capOfManifest(loaded.manifest);
  if (cap === null) return null;
  const ledger = await readLedger(context.options, loaded);
  try {
    const hours = new Map<number, number>();
    const oneIn = Math.max(1, Math.ceil(rehearsed.waiting / ASKED_MAX));
    if (ledger !== undefined) {
      const { campaign: name, account } = loaded.manifest;
      const asker = { campaign: name, isSandbox: account === "sandbox" };
      const by = { cap, now: systemClock.now() };
      for await (const people of waitingPages(rehearsed, oneIn)) {
        throwIfStopped(context.stop, "nothing was changed");
        for (const until of await ledger.cappedUntil(asker, by, people)) {
          if (until === null) continue;
          const hour = Math.floor(until / HOUR_MS);
          hours.set(hour, (hours.get(hour) ?? 0) + oneIn);
        }
      }
    }
    const days = daysOf(hours, timesOf(loaded).calendar).map(({ date, people }) => ({
      date,
      people: Math.min(people, rehearsed.waiting),
    }));
    const capped = days.at(-1)?.people ?? 0;
    return { ...capRecord(cap), capped, one_in: oneIn, free_by: days };
  } finally {
    await ledger?.close();
  }
}

/** What a rehearsal planned. */
interface Rehearsed {
  scratch: Pick<PlanLedger, "knownRows">;
  campaign: CampaignRecord;
  /** How many would be sent to. */
  waiting: number;
}

/** Every n-th of those who would be sent to. */
async function* waitingPages(
  { scratch, campaign }: Rehearsed,
  oneIn: number,
): AsyncGenerator<PersonNames[]> {
  let after = 0;
  let at = 0;
  for (;;) {
    const rows = await scratch.knownRows(campaign.id, after, PAGE);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.number;
    yield rows.filter(({ status }) => status === "pending" && at++ % oneIn === 0);
  }
}

function daysOf(hours: ReadonlyMap<number, number>, calendar: Calendar): CapForecast["free_by"] {
  const days: CapForecast["free_by"] = [];
  let people = 0;
  for (const [hour, number] of [...hours].sort(([a], [b]) => a - b)) {
    people += number;
    const day = Date.parse(`${calendar.date((hour + 1) * HOUR_MS)} UTC`);
    const date = new Date(day).toISOString().slice(0, 10);
    if (days.at(-1)?.date === date) days.pop();
    days.push({ date, people });
  }
  return days;
}

/** The forecast as a line. @param left how many are left to send to */
export function capLine(
  { capped, one_in: oneIn, free_by: days, ...cap }: CapForecast,
  left: number,
): string {
  const about = oneIn > 1 ? "about " : "";
  const gap = cap.gap === null ? "" : `, gap ${cap.gap}`;
  const name = `frequency cap ${cap.most} in ${cap.in}${gap}`;
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return `${name}: nobody is over it now`;
  const some =
    first === last ? "" : `${about}${count(first.people)} of these are free by ${first.date}, `;
  const deed = cap.over === "hold" ? "held until free" : "skipped";
  return `${name}: ${about}${count(capped)} of ${count(left)} are over it now and would be ${deed}; ${some}all are free by ${last.date}`;
}
