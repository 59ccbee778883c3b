// What copying a ledger needs of the place that it leaves and of the place that it comes to. Shapes
// only.

import type { Row, Table } from "./tables.ts";

/** One end of a copy, in a transaction of its own that nothing else changes. */
interface Side {
  /** For people. */
  readonly place: string;
  /** Rows of a table in the order of its key, a page at a time. */
  pages(table: Table): AsyncIterable<Row[]>;
  /** The first column of what a statement without parameters gives. */
  column(sql: string): Promise<unknown[]>;
  /** The highest id that a table has given out; 0 for none. */
  lastId(table: Table): Promise<number>;
  /** Undoes what is not committed, and closes the connection. */
  close(): Promise<void>;
}

/** The ledger that is copied. Every other writer waits. */
export interface CopySource extends Side {
  readonly ledgerId: string;
  /** Commits where the ledger is from now on, or takes that back with null. */
  move(to: string | null): Promise<void>;
}

/** The new ledger: everything in one transaction, so that there is all of it or none. */
export interface CopyTarget extends Side {
  insert(table: Table, rows: readonly Row[]): Promise<void>;
  setLastId(table: Table, id: number): Promise<void>;
  /**
   * Call before its rules are asked: a file is looked through for damage, and a server counts what
   * it has, without which it plans badly.
   */
  prepareToCheck(tables: readonly Table[]): Promise<void>;
  /**
   * Commits.
   * @throws UncertainCommit when it is not known whether it was
   */
  commit(): Promise<void>;
}

/** The connection broke before the answer to a commit came. */
export class UncertainCommit extends Error {
  override readonly name = "UncertainCommit";
}
