// `campaign conversions import`: orders from a CSV into the ledger, each once by its id.

import { basename } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import { openCsv } from "../../csv/file.ts";
import type { AuditLedger } from "../../domain/campaign/list-ports.ts";
import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { EXIT, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { isZoneName } from "../../domain/common/wall-clock.ts";
import type {
  Conversion,
  ConversionLedger,
  KeptConversions,
} from "../../domain/worth/conversion.ts";
import type { ConversionColumns } from "../../domain/worth/conversion-columns.ts";
import { conversionColumns } from "../../domain/worth/conversion-columns.ts";
import type { ConversionOptions } from "../../domain/worth/conversion-line.ts";
import { readConversion } from "../../domain/worth/conversion-line.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import { audited } from "../campaign/auditing.ts";
import { requireRegion } from "../campaign/optouts.ts";
import { ledgerAddress } from "../campaign/wiring.ts";
import { agreeToMake } from "../check/new-ledger.ts";
import type { CommandContext } from "../context.ts";
import { failureRecord } from "../failures.ts";
import { printJson, say } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";

const BATCH = 2_000;
/** Lines that are named when they cannot be read. */
const UNREAD_SHOWN = 50;

interface ImportFlags {
  region?: string;
  timeZone?: string;
  currency?: string;
  skipUnreadable?: boolean;
  json?: boolean;
}

/** What an import came to. */
interface Imported extends KeptConversions {
  /** Lines with an order. */
  lines: number;
  /** Orders of people who are not named. */
  unnamed: number;
  unread: Problem[];
  unreadCount: number;
}

/** `conversions import`. */
export async function conversionsImport(
  file: string,
  flags: ImportFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { region, timeZone: zone, currency } = flags;
  requireRegion(region);
  requireZone(zone);
  const csv = await openCsv(file, { shownAs: file, mayBeEmpty: true });
  const columns = conversionColumns(csv.columns);
  if ("what" in columns) {
    throw new OperatorError({
      ...{ file, line: csv.headerLine },
      message: `no column has ${columns.what}: the columns are ${csv.columns.map((name) => `"${name}"`).join(", ")}`,
      hint: `Name it ${columns.names}.`,
    });
  }
  const address = ledgerAddress(context.options);
  const ledger = await openLedgerAt(address, { make: await agreeToMake(address, context) });
  try {
    const about = { file, columns, options: { region, zone, currency } };
    const done = await importRows(csv.rows({ batch: BATCH }), about, {
      ledger,
      stop: context.stop,
    });
    await settle(ledger, done, { file, flags, stop: context.stop });
    return EXIT.done;
  } finally {
    await ledger.close();
  }
}

function requireZone(zone: string | undefined): void {
  if (zone === undefined || isZoneName(zone)) return;
  throw new OperatorError({
    message: `--time-zone ${zone} is no time zone`,
    hint: "Give its name, such as America/Sao_Paulo or UTC.",
  });
}

/** The file that is read. */
interface OrderFile {
  file: string;
  columns: ConversionColumns;
  options: ConversionOptions;
}

async function importRows(
  batches: AsyncIterable<readonly { cells: readonly string[]; line: number }[]>,
  { file, columns, options }: OrderFile,
  { ledger, stop }: { ledger: Pick<ConversionLedger, "keepConversions">; stop: AbortSignal },
): Promise<Imported> {
  const done: Imported = {
    ...{ lines: 0, added: 0, changed: 0, known: 0, forgotten: 0 },
    ...{ unnamed: 0, unread: [], unreadCount: 0 },
  };
  const seen = new Map<string, { line: number; order: string }>();
  const now = systemClock.now();
  const refuse = (line: number, column: number, message: string, hint: string) => {
    done.unreadCount += 1;
    if (done.unread.length >= UNREAD_SHOWN) return;
    done.unread.push({ file, line, column: column + 1, message, hint });
  };
  for await (const rows of batches) {
    const batch: Conversion[] = [];
    for (const { cells, line } of rows) {
      const reading = readConversion(cells, columns, { options, now });
      done.lines += 1;
      if (reading.kind === "nobody") done.unnamed += 1;
      else if (reading.kind === "unread") {
        refuse(line, reading.column, reading.message, reading.hint);
      } else {
        const { conversion } = reading;
        const order = JSON.stringify(conversion);
        const before = seen.get(conversion.orderId);
        if (before === undefined) {
          seen.set(conversion.orderId, { line, order });
          batch.push(conversion);
        } else if (before.order === order) done.known += 1;
        else {
          const message = `line ${before.line} has the same order id, and is different`;
          refuse(line, columns.orderId, message, "Give each order one line, with its whole value.");
        }
      }
    }
    const kept = await ledger.keepConversions(batch);
    for (const key of ["added", "changed", "known", "forgotten"] as const) done[key] += kept[key];
    if (stop.aborted) break;
  }
  return done;
}

/** Says what became of it; a file that was read to its end counts as imported. */
async function settle(
  ledger: ConversionLedger & AuditLedger,
  done: Imported,
  { file, flags, stop }: { file: string; flags: ImportFlags; stop: AbortSignal },
): Promise<void> {
  const { unread, unreadCount, lines, added, changed, known, forgotten, unnamed } = done;
  const name = basename(file);
  const isWhole = !stop.aborted && (unreadCount === 0 || flags.skipUnreadable === true);
  if (isWhole) await ledger.keepConversionImport({ at: systemClock.now(), file: name });
  const counts = { lines, added, changed, known, unnamed, forgotten, unreadable: unreadCount };
  const detail = { ...counts, ...(isWhole ? {} : { whole: false }) };
  await audited(ledger, { action: "conversions_import", subject: name, detail });
  const others = [
    ...(changed > 0 ? [`${count(changed)} changed`] : []),
    `${count(known)} known already`,
    ...(unnamed > 0 ? [`${count(unnamed)} of people who are not named`] : []),
    ...(forgotten > 0 ? [`${count(forgotten)} of people who were erased left out`] : []),
  ];
  say(`${plural(lines, "line")} read: ${plural(added, "order")} new, ${others.join(", ")}.`);
  throwIfStopped(stop, "the same command imports the rest");
  const result = { file, ...counts };
  if (unreadCount > 0 && flags.skipUnreadable !== true) {
    const error = new OperatorError(unreadProblems(unread, unreadCount));
    if (flags.json) printJson({ ...result, error: failureRecord(error) });
    throw error;
  }
  printProblems(unread, "warning: ");
  if (flags.json) printJson(result);
}

function unreadProblems(unread: readonly Problem[], all: number): Problem[] {
  const message = `${plural(all, "line")} could not be read; the others are kept`;
  const hint =
    "Fix them and import the file again: no order counts twice. Or give --skip-unreadable.";
  return [...unread, { id: "unreadable_orders", message, hint }];
}
