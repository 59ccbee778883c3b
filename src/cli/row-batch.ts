// A batch of planned rows as it goes from one thread to another: numbers in typed arrays, texts joined into one. A row as an
// object would cost more to hand over than to read.

import type { PlannedRow } from "../ledger.ts";

export interface RowBatch {
  /** Number of the first row; the others follow without holes. */
  first: number;
  lines: Float64Array;
  hashes: Float64Array;
  /** Digits as a number (at most 15 of them, so exact); 0 stands for null. */
  phones: Float64Array;
  persons: Float64Array;
  /** Index into `regionNames`; 0 stands for null. */
  regions: Uint16Array;
  regionNames: string[];
  /** Values of the rows to send to, one line each: JSON has no line breaks in it. */
  values: string;
  /** The rows that are skipped. */
  skips: { index: number; reason: SkipVerdict["reason"]; detail: string; cells: string }[];
}

type SkipVerdict = Extract<PlannedRow["verdict"], { kind: "skip" }>;

/** Packs rows that follow each other. */
export function packRows(rows: readonly PlannedRow[]): RowBatch {
  const size = rows.length;
  const regionNames: string[] = [""];
  const regionIndex = new Map<string, number>();
  const values: string[] = [];
  const batch: RowBatch = {
    first: rows[0]?.row ?? 0,
    lines: new Float64Array(size),
    hashes: new Float64Array(size),
    phones: new Float64Array(size),
    persons: new Float64Array(size),
    regions: new Uint16Array(size),
    regionNames,
    values: "",
    skips: [],
  };
  for (let index = 0; index < size; index += 1) {
    const row = rows[index] as PlannedRow;
    batch.lines[index] = row.line;
    batch.hashes[index] = row.hash;
    batch.phones[index] = row.phone === null ? 0 : Number(row.phone);
    batch.persons[index] = row.person === null ? 0 : Number(row.person);
    if (row.region !== null) {
      let at = regionIndex.get(row.region);
      if (at === undefined) {
        at = regionNames.push(row.region) - 1;
        regionIndex.set(row.region, at);
      }
      batch.regions[index] = at;
    }
    const { verdict } = row;
    if (verdict.kind === "send") values.push(verdict.values);
    else {
      const { reason, detail } = verdict;
      batch.skips.push({ index, reason, detail, cells: row.cells });
    }
  }
  batch.values = values.join("\n");
  return batch;
}

/** Gives the rows back as they were packed. */
export function unpackRows(batch: RowBatch): PlannedRow[] {
  const values = batch.values.split("\n");
  let nextValue = 0;
  let nextSkip = 0;
  return Array.from(batch.hashes, (hash, index): PlannedRow => {
    const phone = batch.phones[index] as number;
    const person = batch.persons[index] as number;
    const region = batch.regions[index] as number;
    const skip = batch.skips[nextSkip];
    const isSkipped = skip?.index === index;
    if (isSkipped) nextSkip += 1;
    return {
      row: batch.first + index,
      line: batch.lines[index] as number,
      hash,
      phone: phone === 0 ? null : `+${phone}`,
      person: person === 0 ? null : `${person}`,
      region: region === 0 ? null : (batch.regionNames[region] as string),
      verdict: isSkipped
        ? { kind: "skip", reason: skip.reason, detail: skip.detail }
        : { kind: "send", values: values[nextValue++] as string },
      cells: isSkipped ? skip.cells : "[]",
    };
  });
}
