// What the ledger's verbs are written in. A verb is a generator that yields statements, and an
// engine answers them: SQLite at once, PostgreSQL over a connection. A verb keeps no state outside
// of it and takes time and randomness as arguments, so that an engine may run it again.

import { assert } from "../domain/common/errors.ts";

/** What a verb yields to be answered. */
export type Asked = Op<unknown> | Ahead<unknown>;

/** What a verb gives, once its statements are answered. */
export type Verb<T> = Generator<Asked, T, unknown>;

/** Rows that a statement changed. */
export interface Changes {
  changes: number;
}

/** How an engine gives the rows of a statement: objects, tuples, or the first column alone. */
export type RowShape = "object" | "tuple" | "value";

/**
 * How much of its rows a statement is asked for; the last three for each tuple of parameters of a
 * set.
 */
export type Want = "get" | "all" | "run" | "getEach" | "changeEach" | "insertEach";

/**
 * A statement with the parameters that it takes, positional or one object of named ones, and the
 * rows that it gives. Made once and kept: an engine prepares it when it is first asked.
 */
export class Statement<P extends unknown[], R> {
  readonly sql: string;
  readonly shape: RowShape;

  constructor(sql: string, shape: RowShape) {
    this.sql = sql;
    this.shape = shape;
  }

  /** Asks for the first row. */
  get(...params: P): Op<R | undefined> {
    return new Op(this, "get", params);
  }

  /** Asks for every row. */
  all(...params: P): Op<R[]> {
    return new Op(this, "all", params);
  }

  /** Asks for the changes to be made. */
  run(...params: P): Op<Changes> {
    return new Op(this, "run", params);
  }

  /** The same statement, whose rows come as their first column. */
  pluck(): Statement<P, R> {
    return new Statement(this.sql, "value");
  }

  /** The same statement, whose rows come as tuples. */
  raw(): Statement<P, R> {
    return new Statement(this.sql, "tuple");
  }
}

/** Types of the parameters of a set, as every engine knows them. */
export type ParameterType = "bigint" | "text";

/**
 * A statement with the tuples of parameters of a whole set, which an engine may make one statement
 * of: over a network that costs one round trip. No row that it touches may belong to two tuples,
 * and none of them sees what another one did. Rows come as tuples. A set of none costs nothing.
 */
export class SetStatement<P extends unknown[], R> extends Statement<P, R> {
  readonly types: readonly ParameterType[];

  constructor(sql: string, types: readonly ParameterType[]) {
    super(sql, "tuple");
    this.types = types;
  }

  /** Asks for the first row of each, in their order. */
  getEach(tuples: readonly P[]): Op<(R | undefined)[]> {
    return new Op(this, "getEach", tuples);
  }

  /** Asks for each to change or delete its row. Tells of each whether there was one. */
  changeEach(tuples: readonly P[]): Op<boolean[]> {
    return new Op(this, "changeEach", tuples);
  }

  /** Asks for each to be inserted, in their order. */
  insertEach(tuples: readonly P[]): Op<void> {
    return new Op(this, "insertEach", tuples);
  }
}

/** A statement that a verb asks for once: `const row = yield* statement.get(…)`. */
export class Op<out T> implements Iterator<Op<unknown>, T, unknown> {
  // biome-ignore lint/suspicious/noExplicitAny: whose parameters it takes is known where it is made
  readonly statement: Statement<any, unknown>;
  readonly want: Want;
  readonly params: readonly unknown[];
  /** The verb goes on without the answer: an engine that has none yet gives a promise of it. */
  isAhead = false;
  /** Throws when the answer is not as it must be. */
  check: ((answer: unknown) => void) | undefined;
  private isAsked = false;

  // biome-ignore lint/suspicious/noExplicitAny: as above
  constructor(statement: Statement<any, unknown>, want: Want, params: readonly unknown[]) {
    this.statement = statement;
    this.want = want;
    this.params = params;
    made += 1;
  }

  [Symbol.iterator](): Iterator<Op<unknown>, T, unknown> {
    return this;
  }

  /**
   * Yields itself first, and gives the answer that comes back; under an engine that answers at once
   * it gives that without stopping the verb, and all those that wait for the verb, for it.
   */
  next(answer?: unknown): IteratorResult<Op<unknown>, T> {
    if (this.isAsked) return { done: true, value: answer as T };
    this.isAsked = true;
    if (answerAtOnce === undefined) return { done: false, value: this };
    answered += 1;
    const value = answerAtOnce(this) as T;
    this.check?.(value);
    return { done: true, value };
  }
}

/** The answer of a statement that was asked ahead: `const row = yield* answer`. */
export class Ahead<out T> implements Iterator<Ahead<unknown>, T, unknown> {
  readonly answer: T | Promise<T>;
  private isAsked = false;

  constructor(answer: T | Promise<T>) {
    this.answer = answer;
  }

  [Symbol.iterator](): Iterator<Ahead<unknown>, T, unknown> {
    return this;
  }

  /** Yields itself when the answer is not there yet. */
  next(answered?: unknown): IteratorResult<Ahead<unknown>, T> {
    const { answer } = this;
    if (!(answer instanceof Promise)) return { done: true, value: answer };
    if (this.isAsked) return { done: true, value: answered as T };
    this.isAsked = true;
    return { done: false, value: this };
  }
}

/** Where verbs run. Each is given as a function, which an engine may call again. */
export interface Engine {
  /** Runs a verb that reads, or changes one thing by one statement. */
  read<T>(verb: () => Verb<T>): Promise<T>;
  /** Runs a verb that reads, all of it as the ledger is at one instant. */
  snapshot<T>(verb: () => Verb<T>): Promise<T>;
  /** Runs a verb that writes: all of it or nothing, and nobody else's between. */
  write<T>(verb: () => Verb<T>): Promise<T>;
  /** As `write`, of a process that holds no lane any more, where the engine asks for one. */
  writeWithoutLane<T>(verb: () => Verb<T>): Promise<T>;
  /** What is deleted from now on is to be gone from the disk as well. */
  beginErasing(): Promise<void>;
}

/** Ops that were made in this thread, and those that were answered at once. */
let made = 0;
let answered = 0;
/** The engine whose verb is running, where it answers at once. */
let answerAtOnce: ((op: Op<unknown>) => unknown) | undefined;

/**
 * A statement of the ledger.
 * @param sql in the part of the language that every engine takes; `?` or `@name` for parameters
 */
export function statement<P extends unknown[] = unknown[], R = unknown>(
  sql: string,
): Statement<P, R> {
  return new Statement(sql, "object");
}

/**
 * A statement that is asked for sets.
 * @param sql with `?` for parameters; the last `where` of an update or a delete is its own, and an
 *   insert has one row of `values`
 * @param types of the parameters, in their order, with blanks between
 */
export function setStatement<P extends unknown[], R = never>(
  sql: string,
  types: string,
): SetStatement<P, R> {
  return new SetStatement(sql, types.trim().split(/\s+/) as ParameterType[]);
}

/** Of each tuple of a set whether `getEach` finds a row. */
export function* areFound(op: Op<unknown[]>): Verb<boolean[]> {
  return (yield* op).map((row) => row !== undefined);
}

/**
 * Asks for a statement and goes on: over a network it travels together with what is asked next. It
 * is carried out in its place, so what is asked until its answer is there may build on what it
 * does, and not on what it answers. Nothing is committed before it is carried out and checked,
 * whether its answer is asked for or not.
 * @param check throws when the answer is not as it must be; the verb fails so
 */
export function* ahead<T>(op: Op<T>, check?: (answer: T) => void): Verb<Ahead<T>> {
  op.isAhead = true;
  op.check = check as Op<unknown>["check"];
  return new Ahead<T>((yield* op) as T | Promise<T>);
}

/**
 * Runs a verb whose statements are answered at once.
 * @throws whatever answering throws: a verb catches none of it
 */
export function runAtOnce<T>(verb: Verb<T>, answer: (op: Op<unknown>) => unknown): T {
  const before = made - answered;
  const outer = answerAtOnce;
  answerAtOnce = answer;
  try {
    const { done, value } = verb.next();
    assert(done === true && made - answered === before, "a verb asks every statement with yield*");
    return value;
  } catch (error) {
    // What was made is not asked any more.
    answered = made - before;
    throw error;
  } finally {
    answerAtOnce = outer;
  }
}
