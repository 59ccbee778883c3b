// What a source has otherwise than when it was planned, in words, and what stands against going on
// with it. Pure.

import type { Problem } from "../common/errors.ts";
import { count, plural } from "../common/numbers.ts";
import type { IdFaults } from "../planning/rows.ts";
import type { SourceChanges } from "../planning/source-plan.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";

/** Of those who wait: when more than this share is gone, the file may be the wrong one. */
const REMOVED_SHARE = 0.1;

/** One sentence with counts; undefined when nothing is otherwise. */
export function changesSentence(changes: SourceChanges): string | undefined {
  const { added, back, moved, repaired, gone, changed, settledChanged } = changes;
  const parts = [
    part(added, "new row"),
    part(back, "row back", "rows back"),
    part(gone.waiting, "row gone before it was posted", "rows gone before they were posted"),
    part(gone.skipped, "skipped row gone", "skipped rows gone"),
    part(gone.settled, "row gone that was posted", "rows gone that were posted"),
    part(moved, "row moved", "rows moved"),
    part(changed, "waiting row with other values", "waiting rows with other values"),
    part(repaired, "skipped row changed", "skipped rows changed"),
    part(
      settledChanged,
      "row changed after it was posted, which stays as posted",
      "rows changed after they were posted, which stay as posted",
    ),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : `The file changed: ${parts.join(", ")}.`;
}

function part(number: number, singular: string, many?: string): string | undefined {
  return number === 0 ? undefined : plural(number, singular, many);
}

/** The same for `--json`. Keys may be added. */
export function changesRecord(changes: SourceChanges): Record<string, number> {
  const { added, back, moved, repaired, gone, changed, settledChanged } = changes;
  return {
    new: added,
    back,
    moved,
    repaired,
    gone_waiting: gone.waiting,
    gone_skipped: gone.skipped,
    gone_posted: gone.settled,
    changed,
    changed_after_posting: settledChanged,
  };
}

/** Many of those who wait are gone. */
export function removedFindings({ gone, waiting }: SourceChanges): Finding[] {
  if (gone.waiting <= waiting * REMOVED_SHARE) return [];
  const seen = { gone: gone.waiting, waiting };
  const words = { gone: count(gone.waiting), waiting: count(waiting) };
  return [finding("many_removed", ["recipients", "file"], seen, words)];
}

/** Rows whose ids name them not for good. */
export function idFindings({ empty, repeated }: IdFaults, column: string): Finding[] {
  const path = ["recipients", "id"];
  const found: Finding[] = [];
  if (empty.rows > 0) {
    const rows = `${plural(empty.rows, "row")} ${empty.rows === 1 ? "has" : "have"}`;
    found.push(finding("empty_ids", path, empty, { rows, column, first: empty.first.join(", ") }));
  }
  if (repeated.rows > 0) {
    const rows = `${plural(repeated.rows, "row")} ${repeated.rows === 1 ? "has" : "have"}`;
    found.push(
      finding("repeated_ids", path, repeated, { rows, column, first: repeated.first.join(", ") }),
    );
  }
  return found;
}

/**
 * Refuses other values for people who wait: what they were to be sent was checked when it was
 * planned.
 */
export function changedProblems(campaign: string, file: string, changes: SourceChanges): Problem[] {
  const { changed, examples } = changes;
  if (changed === 0) return [];
  const named = examples.map(({ row, line }) => ({
    ...{ file, line },
    message: `row ${row} gives other values, or another number, than were planned for it`,
    hint: "Put its old values back, or run with --replan.",
  }));
  return [
    ...named,
    {
      message: `${plural(changed, "row")} of campaign "${campaign}" changed and ${changed === 1 ? "waits" : "wait"} to be sent; nothing was sent or changed now`,
      hint: "If the new values are meant, run the same command with --replan: nobody is posted to twice by it. Or put the old values back.",
    },
  ];
}
