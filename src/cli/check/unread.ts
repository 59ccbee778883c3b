// Numbers of a planned list that were not read, by why: from the cells that the ledger keeps of
// skipped rows.

import { cellText } from "../../csv/file.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { readRecipient } from "../../domain/recipient/recipient.ts";
import type { UnreadCells } from "../../domain/recipient/unread.ts";
import { UnreadTally } from "../../domain/recipient/unread.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import type { Source } from "../campaign/source.ts";
import { rejectsOf } from "../files/rejects-file.ts";

/**
 * Counts the rows that are skipped as `invalid_number` by the cause.
 * @throws OperatorError with exit code 75 after a stop
 */
export async function unreadOf(
  ledger: Pick<ResultLedger, "rejects">,
  campaign: CampaignRecord,
  source: Source,
  stop: AbortSignal,
): Promise<UnreadCells[]> {
  const tally = new UnreadTally();
  for await (const { row, line, cells: raw } of rejectsOf(
    ledger,
    campaign,
    ["invalid_number"],
    stop,
  )) {
    const cells = raw.map(cellText);
    const { phone } = readRecipient({ row: row ?? 0, line, cells, raw, damage: null }, source.who);
    if (phone?.kind !== "unreadable") continue;
    tally.add(phone.cause, { row: row ?? 0, line, detail: phone.detail });
  }
  return tally.all();
}

/** Causes that are printed. */
const CAUSES_SHOWN = 4;

/** Each cause with its number and rows, one a line; of a single row with what is wrong in it. */
export function unreadLines(found: readonly UnreadCells[]): string[] {
  const line = (number: number, words: string): string =>
    `  ${count(number).padStart(14)}  ${words}`;
  const rest = found.slice(CAUSES_SHOWN);
  const more = rest.reduce((all, { rows }) => all + rows, 0);
  return [
    ...found.slice(0, CAUSES_SHOWN).map(({ rows, meaning, examples }) => {
      const places = examples.map(({ row }) => count(row)).join(", ");
      const others = rows > examples.length ? ", …" : "";
      const [only] = examples;
      const where =
        rows === 1 && only !== undefined
          ? `row ${count(only.row)}: ${only.detail}`
          : `rows ${places}${others}`;
      return line(rows, `${meaning}: ${where}`);
    }),
    ...(rest.length === 0
      ? []
      : [line(more, `for ${plural(rest.length, "other cause")}: --json has them`)]),
  ];
}
