// Finds the character between the cells from the beginning of a file. Never reads a file.

const CANDIDATES = [",", ";", "\t", "|"] as const;
const RECORDS_MAX = 100;

/**
 * The delimiter that a first line `sep=;` names, as Excel writes and reads it; undefined without
 * one.
 */
export function declaredDelimiter(head: string): string | undefined {
  return /^"?sep=([^\r\n"])"?[;,\t ]*(?:\r|\n|$)/i.exec(head)?.[1];
}

/**
 * The candidate that parts the header and most often gives the following records as many cells; a
 * comma when none parts the header, as in a file of one column. `head` is the beginning of the
 * file, whole or cut anywhere.
 */
export function findDelimiter(head: string, isWhole: boolean): string {
  let best = { delimiter: ",", score: 0, cells: 0 };
  for (const delimiter of CANDIDATES) {
    const counts = countCells(head, delimiter);
    if (!isWhole && counts.length > 1) counts.pop();
    const header = counts[0] ?? 1;
    if (header < 2) continue;
    const rest = counts.slice(1);
    const alike = rest.filter((count) => count === header).length;
    // A header alone says nothing about agreement; half a point lets it count.
    const score = rest.length === 0 ? 0.5 : (alike + 0.5) / (rest.length + 0.5);
    if (score > best.score || (score === best.score && header > best.cells)) {
      best = { delimiter, score, cells: header };
    }
  }
  return best.delimiter;
}

/** Cells of each record that is not blank, by quotes as RFC 4180 has them. */
function countCells(head: string, delimiter: string): number[] {
  const counts: number[] = [];
  let cells = 1;
  let quoted = false;
  let atCellStart = true;
  let isBlank = true;
  for (let at = 0; at < head.length && counts.length < RECORDS_MAX; at++) {
    const character = head[at] as string;
    if (character === '"' && (quoted || atCellStart)) {
      quoted = !quoted;
      isBlank = false;
      // After `""` the quote opens again, which is how a doubled quote stays inside.
      atCellStart = true;
    } else if (quoted) {
      atCellStart = false;
    } else if (character === "\n" || character === "\r") {
      if (!isBlank) counts.push(cells);
      cells = 1;
      atCellStart = true;
      isBlank = true;
    } else if (character === delimiter) {
      cells++;
      atCellStart = true;
    } else {
      if (character.trim() !== "") {
        isBlank = false;
        atCellStart = false;
      }
    }
  }
  if (!isBlank) counts.push(cells);
  return counts;
}
