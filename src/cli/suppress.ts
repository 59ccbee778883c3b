// `campaign suppress …`: the opt-out list, shared by all campaigns of the ledger.

import { resolve } from "node:path";

import { csvLine } from "../csv/export.ts";
import type { ExitCode, Problem } from "../errors.ts";
import { EXIT, OperatorError } from "../errors.ts";
import type { Ledger, Suppression, SuppressionRecord } from "../ledger.ts";
import { systemClock } from "../timing/clock.ts";
import { importOptOuts, readSuppressed, suppressionPages } from "./optouts.ts";
import { openOutput } from "./output.ts";
import { printProblems } from "./problems.ts";
import type { CommandContext } from "./program.ts";
import { count, plural } from "./progress.ts";
import { openLedger, readLedger } from "./wiring.ts";

/** `suppress add`. */
export async function suppressAdd(
  who: string[],
  flags: { reason: string; region?: string },
  context: CommandContext,
): Promise<ExitCode> {
  const entries = readAll(who, flags.reason, flags.region);
  return withLedger(context, async (ledger) => {
    const added = await ledger.suppress(entries, systemClock.now());
    const known = entries.length - added;
    const rest = known > 0 ? `, ${count(known)} were on it` : "";
    process.stderr.write(
      `${count(added)} added to the opt-out list${rest}. In force for running campaigns too.\n`,
    );
  });
}

/** `suppress remove`. */
export async function suppressRemove(
  who: string[],
  flags: { region?: string },
  context: CommandContext,
): Promise<ExitCode> {
  const entries = readAll(who, "", flags.region);
  return withLedger(context, async (ledger) => {
    const keys = entries.map((entry) =>
      entry.userId === null ? { person: entry.person as string } : { userId: entry.userId },
    );
    const removed = await ledger.unsuppress(keys);
    process.stderr.write(`${count(removed)} taken off the opt-out list.\n`);
    if (removed === 0)
      throw new OperatorError({ message: "None of these is on the opt-out list." });
  });
}

/** `suppress import`. */
export async function suppressImport(
  file: string,
  flags: { region?: string },
  context: CommandContext,
): Promise<ExitCode> {
  return withLedger(context, async (ledger) => {
    const done = await importOptOuts(
      ledger,
      { path: resolve(file), region: flags.region },
      systemClock.now,
    );
    printProblems(done.unread, "warning: ");
    process.stderr.write(
      `${count(done.entries)} entries read, ${count(done.added)} new on the opt-out list, ${count(done.unreadCount)} lines could not be read.\n`,
    );
  });
}

/** `suppress export`. */
export async function suppressExport(
  flags: { csv?: string },
  context: CommandContext,
): Promise<ExitCode> {
  const out = await openOutput(flags.csv);
  await out.write(csvLine(["phone", "user_id", "reason", "source", "added_at"]));
  let written = 0;
  for await (const entry of entriesOf(context)) {
    const added = new Date(entry.addedAt).toISOString();
    const line = csvLine([entry.phone, entry.userId, entry.reason, entry.source, added]);
    if (!(await out.write(line))) break;
    written += 1;
  }
  await out.end();
  if (flags.csv !== undefined) {
    process.stderr.write(`${plural(written, "entry", "entries")} in ${flags.csv}.\n`);
  }
  return EXIT.done;
}

/** `suppress list`. */
export async function suppressList(
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const entries: SuppressionRecord[] = [];
  for await (const entry of entriesOf(context)) {
    if (flags.json) entries.push(entry);
    else {
      const added = new Date(entry.addedAt).toISOString().slice(0, 16).replace("T", " ");
      process.stdout.write(
        `${(entry.phone ?? entry.userId ?? "").padEnd(18)} ${added}  ${entry.source}: ${entry.reason}\n`,
      );
    }
  }
  if (flags.json) {
    const list = entries.map((entry) => ({
      phone: entry.phone,
      user_id: entry.userId,
      reason: entry.reason,
      source: entry.source,
      added_at: new Date(entry.addedAt).toISOString(),
    }));
    process.stdout.write(`${JSON.stringify({ suppressions: list }, null, 2)}\n`);
  }
  return EXIT.done;
}

async function* entriesOf(context: CommandContext): AsyncGenerator<SuppressionRecord> {
  const ledger = await readLedger(context.options);
  if (ledger === undefined) return;
  try {
    for await (const page of suppressionPages(ledger)) yield* page;
  } finally {
    await ledger.close();
  }
}

/** All entries, or every one that cannot be read as a problem. */
function readAll(who: string[], reason: string, region: string | undefined): Suppression[] {
  const problems: Problem[] = [];
  const entries = who.flatMap((text) => {
    const found = readSuppressed(text, { region, reason, source: "manual" });
    if (found.length === 0) {
      problems.push({
        message: `“${text}” is neither a phone number nor a business-scoped user id`,
        hint: "Write the number with + and country code, or give --region.",
      });
    }
    return found;
  });
  if (problems.length > 0) throw new OperatorError(problems);
  return entries;
}

async function withLedger(
  context: CommandContext,
  act: (ledger: Ledger) => Promise<void>,
): Promise<ExitCode> {
  const ledger = await openLedger(context.options);
  try {
    await act(ledger);
    return EXIT.done;
  } finally {
    await ledger.close();
  }
}
