// The columns of a campaign's own list, for exports: read beside the rows of the ledger, in the
// same order.

import { fingerprintFile } from "../../csv/fingerprint.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { columnName } from "../../domain/common/columns.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { nearest } from "../../domain/common/nearest.ts";
import { listOf, recipientsPath } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/** Every column of the list. */
const ALL = "all";

/** Columns of the list that an export has behind its own. */
export interface OwnColumns {
  names: readonly string[];
  /**
   * The cells of a row of the list, null each where the list has none. Rows are asked for in the
   * order of the list.
   */
  cellsOf(row: number | null): Promise<readonly (string | null)[]>;
  /** The cells by their columns. */
  record(cells: readonly (string | null)[]): Record<string, string | null>;
  close(): Promise<void>;
}

/**
 * Opens the list of a campaign for an export.
 * @param asked names of columns, separated by commas, or `all`
 * @throws OperatorError when the list is not that which was planned, or has no such column
 */
export async function openOwnColumns(
  loaded: LoadedManifest,
  campaign: CampaignRecord,
  asked: string,
): Promise<OwnColumns> {
  const { path, shownAs } = recipientsPath(loaded);
  const { sha256 } = await fingerprintFile(path, shownAs);
  if (sha256 !== campaign.recipients?.sha256) throw otherList(shownAs, loaded.file);
  const csv = await listOf(loaded);
  const places = placesOf(asked, csv.columns, shownAs);
  const names = places.map((place) => csv.columns[place] ?? "");
  const none = places.map(() => null);
  const batches = csv.rows();
  let batch: Awaited<ReturnType<typeof batches.next>>["value"] = [];
  let first = 1;
  return {
    names,
    async cellsOf(row) {
      if (row === null) return none;
      while (batch !== undefined && row >= first + batch.length) {
        first += batch.length;
        batch = (await batches.next()).value;
      }
      const found = batch?.[row - first];
      return found === undefined ? none : places.map((place) => found.cells[place] ?? "");
    },
    record: (cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? null])),
    async close() {
      await batches.return(undefined);
    },
  };
}

function placesOf(asked: string, columns: readonly string[], file: string): number[] {
  if (asked === ALL) return columns.flatMap((name, at) => (name === "" ? [] : [at]));
  return asked.split(",").map((text) => {
    const name = columnName(text);
    const at = columns.indexOf(name);
    if (at >= 0) return at;
    const near = nearest(name, columns);
    throw new OperatorError({
      id: "usage",
      message: `--columns: ${file} has no column \`${name}\``,
      hint:
        near === undefined
          ? `It has ${columns.filter((one) => one !== "").join(", ")}.`
          : `Did you mean \`${near}\`?`,
    });
  });
}

function otherList(shownAs: string, manifest: string): OperatorError {
  return new OperatorError({
    file: shownAs,
    message:
      "--columns: the list changed since it was planned, so its rows are not those of the ledger",
    hint: `Put back the list that was planned, or plan this one: campaign run ${manifest} --plan-only`,
  });
}
