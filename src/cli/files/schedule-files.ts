// The schedule of a manifest with the days of its files, read once a command.

import { resolve } from "node:path";
import { openCsv } from "../../csv/file.ts";
import { columnIndex } from "../../domain/common/columns.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import { testRuleOf } from "../../domain/manifest/arms-of-manifest.ts";
import { isByRecipient } from "../../domain/manifest/clocks-of-all.ts";
import { capOfManifest } from "../../domain/manifest/manifest.ts";
import { isDate } from "../../domain/manifest/manifest-hours.ts";
import { regionNamed } from "../../domain/recipient/region-name.ts";
import type { ConditionRules } from "../../domain/result/report-data.ts";
import { scheduleOf } from "../../domain/schedule/of-manifest.ts";
import type { ClosedDay, Schedule } from "../../domain/schedule/schedule.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { shownPath } from "./shown-path.ts";

/** More days than a calendar of every country has in some years. */
const DAYS_MAX = 20_000;
/** Lines that are named when they cannot be read. */
const PROBLEMS_SHOWN = 10;

const known = new WeakMap<object, Promise<Schedule>>();

/**
 * The schedule of a manifest, the files of `hours.except` read.
 * @throws OperatorError with every line of them that is no day
 */
export function loadSchedule(loaded: LoadedManifest): Promise<Schedule> {
  const { manifest } = loaded;
  const before = known.get(manifest);
  if (before !== undefined) return before;
  const schedule = closedDays(loaded).then((closed) => scheduleOf(manifest, closed));
  known.set(manifest, schedule);
  return schedule;
}

async function closedDays(loaded: LoadedManifest): Promise<ClosedDay[]> {
  const days: ClosedDay[] = [];
  for (const [index, entry] of (loaded.manifest.hours?.except ?? []).entries()) {
    if (isDate(entry)) days.push({ date: entry, region: null });
    else days.push(...(await daysOf(loaded, { entry, path: ["hours", "except", index] })));
  }
  return days;
}

/** A CSV of days: `date[,region]`. */
async function daysOf(
  loaded: LoadedManifest,
  { entry, path }: { entry: string; path: (string | number)[] },
): Promise<ClosedDay[]> {
  const file = resolve(loaded.folder, entry);
  const shownAs = shownPath(file);
  const csv = await openCsv(file, { shownAs });
  const date = columnIndex(csv.columns, "date");
  if (date.kind === "problem") {
    throw new OperatorError({ ...date.problem, file: shownAs, line: csv.headerLine });
  }
  const region = csv.columns.includes("region") ? columnIndex(csv.columns, "region") : undefined;
  const days: ClosedDay[] = [];
  const problems: Problem[] = [];
  for await (const rows of csv.rows()) {
    for (const { cells, line } of rows) {
      const day = cells[date.index] ?? "";
      const country = region?.kind === "found" ? (cells[region.index] ?? "") : "";
      const named = country === "" ? null : regionNamed(country);
      if (!isDate(day)) {
        const message = `${JSON.stringify(day)} is no date`;
        problems.push({ file: shownAs, line, message, hint: "Write it as 2026-12-25." });
      } else if (country !== "" && named === null) {
        const message = `${JSON.stringify(country)} is no country`;
        problems.push({ file: shownAs, line, message, hint: "Give its two letters, such as BR." });
      } else days.push({ date: day, region: named });
    }
    if (days.length > DAYS_MAX) {
      const message = `the file has more than ${count(DAYS_MAX)} days`;
      throw new OperatorError({ file: shownAs, message, hint: "Leave out years that are over." });
    }
  }
  if (problems.length > 0) throw new OperatorError(problems.slice(0, PROBLEMS_SHOWN));
  if (!isByRecipient(loaded.manifest) && days.some((day) => day.region !== null)) {
    throw new OperatorError({
      ...loaded.at(path),
      message: `${entry} has days of single countries, and all people are on one clock`,
      hint: "Set `hours.time_zone: recipient`, or give days without a region.",
    });
  }
  return days;
}

/** What a manifest says that may hold people back. */
export async function conditionRules(loaded: LoadedManifest): Promise<ConditionRules> {
  const { manifest } = loaded;
  const rules = {
    cap: capOfManifest(manifest),
    ramp: manifest.ramp ?? null,
    test: testRuleOf(manifest) ?? null,
  };
  try {
    return { ...rules, schedule: await loadSchedule(loaded), lacksDays: false };
  } catch (error) {
    // A file of days that is gone is the next run's to complain of.
    if (!(error instanceof OperatorError)) throw error;
    return { ...rules, schedule: scheduleOf(manifest, []), lacksDays: true };
  }
}
