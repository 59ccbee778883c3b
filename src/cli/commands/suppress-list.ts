// `campaign suppress list|export`: the opt-out list, to read and as CSV.

import { BYTE_ORDER_MARK, csvLine } from "../../csv/export.ts";
import type { SuppressionRecord } from "../../domain/campaign/suppression.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, throwIfStopped } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import { SUPPRESSION_COLUMNS } from "../../report/columns.ts";
import { namesOf } from "../../report/export.ts";
import { suppressionPages } from "../campaign/suppression-pages.ts";
import { readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { isStdout, requireOneStdout, writeOutput } from "../files/output.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { left } from "../print/columns.ts";
import { printJsonList } from "../print/json-list.ts";
import { print, printJson, say } from "../print/print.ts";
import { timesOf } from "../print/times.ts";

const NOT_COMPLETE = "the output is not complete";

/** `suppress export`. */
export async function suppressExport(
  flags: { csv?: string; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  requireOneStdout(flags);
  if (flags.json && flags.csv === undefined) return suppressList({ json: true }, context);
  refuseOwnFiles([{ option: "--csv", file: flags.csv }], context.options);
  let forgotten = 0;
  const written = await writeOutput(
    flags.csv,
    async (out) => {
      const mark = isStdout(flags.csv) ? "" : BYTE_ORDER_MARK;
      await out.write(mark + csvLine(namesOf(SUPPRESSION_COLUMNS)));
      let entries = 0;
      for await (const entry of entriesOf(context)) {
        throwIfStopped(context.stop, NOT_COMPLETE);
        if (entry.isForgotten) {
          forgotten += 1;
          continue;
        }
        const added = new Date(entry.addedAt).toISOString();
        const line = csvLine([entry.phone, entry.userId, entry.reason, entry.source, added]);
        if (!(await out.write(line))) break;
        entries += 1;
      }
      return entries;
    },
    "csv",
  );
  if (flags.json) printJson({ file: flags.csv, entries: written, forgotten });
  if (!isStdout(flags.csv)) {
    say(`${plural(written, "entry", "entries")} in ${flags.csv}.`);
  }
  if (forgotten > 0) {
    const people = plural(forgotten, "forgotten person", "forgotten people");
    say(`${people} left out: their numbers are not kept.`);
  }
  return EXIT.done;
}

/** `suppress list`. */
export async function suppressList(
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  if (flags.json) {
    await printJsonList({}, "suppressions", recordsOf(context));
    return EXIT.done;
  }
  for await (const entry of entriesOf(context)) {
    const added = timesOf().calendar.minute(entry.addedAt);
    print(
      entry.isForgotten
        ? `${left("forgotten person", 18)} ${added}  number not kept`
        : `${left(entry.phone ?? entry.userId ?? "", 18)} ${added}  ${plain(`${entry.source}: ${entry.reason}`)}`,
    );
  }
  return EXIT.done;
}

/** Entries as `--json` has them. */
async function* recordsOf(context: CommandContext): AsyncGenerator<Record<string, unknown>> {
  for await (const entry of entriesOf(context)) {
    throwIfStopped(context.stop, NOT_COMPLETE);
    yield {
      phone: entry.phone,
      user_id: entry.userId,
      reason: entry.reason,
      source: entry.source,
      added_at: new Date(entry.addedAt).toISOString(),
      forgotten: entry.isForgotten,
    };
  }
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
