// `campaign audit`: who changed the ledger by hand, when, and what. Writes nothing.

import type { AuditRecord } from "../../domain/campaign/audit.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { plain } from "../../domain/common/plain.ts";
import { placeOf } from "../../ledger/open.ts";
import { ledgerAddress, readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { print, printJson, say } from "../print/print.ts";
import { timesOf } from "../print/times.ts";

/** Entries read from the ledger at a time. */
const PAGE = 1_000;

/** Runs the command: newest first, at most `limit` entries; all of them when it is left out. */
export async function audit(
  flags: { json?: boolean; limit?: number },
  context: CommandContext,
): Promise<ExitCode> {
  const ledger = await readLedger(context.options);
  try {
    const entries: AuditRecord[] = [];
    const limit = flags.limit ?? Number.POSITIVE_INFINITY;
    if (ledger !== undefined) {
      for await (const entry of entriesOf(ledger, limit)) {
        if (flags.json) entries.push(entry);
        else print(lineOf(entry));
      }
    }
    if (flags.json) {
      const audits = entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
      printJson({ audits });
    } else if ((await ledger?.audits(null, 1))?.[0] === undefined) {
      say(`Nothing was changed by hand in ${placeOf(ledgerAddress(context.options))} so far.`);
    }
    return EXIT.done;
  } finally {
    await ledger?.close();
  }
}

async function* entriesOf(
  ledger: Pick<AuditLedger, "audits">,
  limit: number,
): AsyncGenerator<AuditRecord> {
  let before: number | null = null;
  for (let left = limit; left > 0; ) {
    const page: AuditRecord[] = await ledger.audits(before, Math.min(PAGE, left));
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    before = last.id;
    left -= page.length;
  }
}

/** `22 Nov 2026, 10:00:07  command: anna  cancel  spring-2026  waiting 12` */
function lineOf({ at, actor, action, subject, detail }: AuditRecord): string {
  const { date, second } = timesOf().calendar;
  const when = `${date(at)}, ${second(at)}`;
  const more = Object.entries(detail).map(([key, value]) => `${key} ${textOf(value)}`);
  return plain(`${when}  ${actor}  ${action}  ${[subject, ...more].join("  ")}`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
