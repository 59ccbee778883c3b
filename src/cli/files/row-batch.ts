// A batch of planned rows as it goes from one thread to another: numbers in typed arrays, texts
// joined into one. A row as an object would cost more to hand over than to read.

import type { PlannedRow } from "../../domain/campaign/row.ts";
import type { RowsToPlan } from "../../domain/planning/plan.ts";

/** Texts joined into one at a time: few of them live when memory is cleaned up. */
const JOINED = 200;

export interface RowBatch {
  /** Number of the first row; the others follow without holes. */
  first: number;
  size: number;
  /** Bytes of the file that were read when the batch was full. */
  bytes: number;
  lines: Float64Array;
  hashes: Float64Array;
  /** Digits as a number (at most 15 of them, so exact); 0 stands for null. */
  phones: Float64Array;
  persons: Float64Array;
  /** User ids, one line each, empty for null; empty as a whole when no row has one. */
  userIds: string;
  /** The same of what names the rows for good. */
  recipientIds: string;
  /** Index into `regionNames`; 0 stands for null. */
  regions: Uint16Array;
  regionNames: string[];
  /** The same of zones; 0: without. */
  zones: Uint16Array;
  zoneNames: string[];
  /** Values of the rows to send to, one line each: JSON has no line breaks in it. */
  values: string;
  skips: Map<number, SkippedRow>;
}

interface SkippedRow {
  verdict: Extract<PlannedRow["verdict"], { kind: "skip" }>;
  cells: string;
}

/** Gathers rows into batches of a fixed size. */
export interface Packer {
  /** Adds the row that follows the last one; true when the batch is full. */
  add(row: PlannedRow): boolean;
  /** The batch so far, and starts a new one; undefined when there is none. */
  take(bytes: number): RowBatch | undefined;
}

/** @param capacity rows in a full batch */
export function makePacker(capacity: number): Packer {
  const regionNames: string[] = [""];
  const regionIndex = new Map<string, number>();
  const zoneNames: string[] = [""];
  const zoneIndex = new Map<string, number>();
  let joined: string[] = [];
  let values: string[] = [];
  let userIds: string[] = [];
  let recipientIds: string[] = [];
  let batch = emptyBatch(capacity, { regionNames, zoneNames });

  return {
    add(row) {
      const index = batch.size;
      if (index === 0) batch.first = row.row;
      batch.lines[index] = row.line;
      batch.hashes[index] = row.hash;
      batch.phones[index] = row.phone === null ? 0 : Number(row.phone);
      batch.persons[index] = row.person === null ? 0 : Number(row.person);
      batch.regions[index] = indexOf(row.region, regionNames, regionIndex);
      if (row.zone !== undefined) batch.zones[index] = indexOf(row.zone, zoneNames, zoneIndex);
      if (row.userId !== null) userIds[index] = row.userId;
      if (row.recipientId !== null) recipientIds[index] = row.recipientId;
      const { verdict } = row;
      if (verdict.kind === "send") values.push(verdict.values);
      else batch.skips.set(index, { verdict, cells: row.cells });
      if (values.length === JOINED) {
        joined.push(values.join("\n"));
        values = [];
      }
      batch.size += 1;
      return batch.size === capacity;
    },
    take(bytes) {
      if (batch.size === 0) return undefined;
      const full = {
        ...batch,
        bytes,
        values: [...joined, ...values].join("\n"),
        userIds: userIds.join("\n"),
        recipientIds: recipientIds.join("\n"),
      };
      batch = emptyBatch(capacity, { regionNames, zoneNames });
      joined = [];
      values = [];
      userIds = [];
      recipientIds = [];
      return full;
    },
  };
}

/** Few different ones: each is kept once. */
function indexOf(name: string | null, names: string[], indexes: Map<string, number>): number {
  if (name === null) return 0;
  const known = indexes.get(name);
  if (known !== undefined) return known;
  const index = names.push(name) - 1;
  indexes.set(name, index);
  return index;
}

function emptyBatch(
  capacity: number,
  names: Pick<RowBatch, "regionNames" | "zoneNames">,
): RowBatch {
  return {
    first: 0,
    size: 0,
    bytes: 0,
    lines: new Float64Array(capacity),
    hashes: new Float64Array(capacity),
    phones: new Float64Array(capacity),
    persons: new Float64Array(capacity),
    userIds: "",
    recipientIds: "",
    regions: new Uint16Array(capacity),
    zones: new Uint16Array(capacity),
    ...names,
    values: "",
    skips: new Map(),
  };
}

/**
 * Gives the rows of a batch back, one at a time; `plan` must be asked for each row once, in order.
 */
export function unpack(batch: RowBatch): RowsToPlan {
  let from = 0;
  const userIds = batch.userIds === "" ? [] : batch.userIds.split("\n");
  const recipientIds = batch.recipientIds === "" ? [] : batch.recipientIds.split("\n");
  const nextValues = () => {
    const end = batch.values.indexOf("\n", from);
    const values = end === -1 ? batch.values.slice(from) : batch.values.slice(from, end);
    from += values.length + 1;
    return values;
  };
  return {
    first: batch.first,
    size: batch.size,
    bytes: batch.bytes,
    line: (index) => batch.lines[index] as number,
    key(index) {
      const person = batch.persons[index] as number;
      const reason = batch.skips.get(index)?.verdict.reason;
      return {
        hash: batch.hashes[index] as number,
        person: person === 0 ? null : `${person}`,
        userId: userIds[index] || null,
        recipientId: recipientIds[index] || null,
        isDamaged: reason === "ragged_row" || reason === "cut_off_row",
      };
    },
    plan(index) {
      const phone = batch.phones[index] as number;
      const person = batch.persons[index] as number;
      const region = batch.regions[index] as number;
      const zone = batch.zones[index] as number;
      const skip = batch.skips.get(index);
      return {
        row: batch.first + index,
        line: batch.lines[index] as number,
        hash: batch.hashes[index] as number,
        phone: phone === 0 ? null : `+${phone}`,
        person: person === 0 ? null : `${person}`,
        userId: userIds[index] || null,
        recipientId: recipientIds[index] || null,
        region: region === 0 ? null : (batch.regionNames[region] as string),
        ...(zone !== 0 && { zone: batch.zoneNames[zone] as string }),
        verdict: skip?.verdict ?? { kind: "send", values: nextValues() },
        cells: skip?.cells ?? "[]",
      };
    },
  };
}
