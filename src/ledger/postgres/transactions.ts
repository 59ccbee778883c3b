// Runs verbs on PostgreSQL: their statements one after the other over a connection of the pool.
// What a verb asks ahead is sent without waiting, but not before `begin` is answered: outside of a
// transaction it would stay.
//
// Verbs that write go one at a time in the whole ledger, by an advisory lock that the transaction
// takes first: SQLite's own rule, under which a verb that is right there is right here. READ
// COMMITTED without it loses updates, SERIALIZABLE gives up under load.

import type { Pool, PoolClient, QueryArrayResult, QueryResult } from "pg";
import { assert } from "../../domain/common/errors.ts";
import type { Engine, Op, Verb } from "../engine.ts";
import { Ahead, SetStatement } from "../engine.ts";
import { requireHere } from "../moved.ts";
import type { PostgresStatement, SetWant } from "./dialect.ts";
import { toPostgres, toPostgresSet, toSetParameter } from "./dialect.ts";
import { postgresFault } from "./postgres-faults.ts";

/** Times that a transaction is tried which the server ended for another one's sake. */
const TRIES_MAX = 5;
/** A transaction was ended to let others go on (serialization failure, deadlock): run it again. */
const AGAIN: readonly string[] = ["40001", "40P01"];

/** The keys of the lock that every writing verb holds, within the ledger's own schema. */
export const WRITER_LOCK = "hashtext(current_schema()), 1";
/** Sent in one go; what the last one answers is as it is once the lock is held. */
const BEGIN_WRITE = `begin isolation level read committed;
  select pg_advisory_xact_lock(${WRITER_LOCK}); select moved_to from meta`;
/** Reports go through whole tables. */
const BEGIN_SNAPSHOT =
  "begin isolation level repeatable read read only; set local enable_seqscan = on";

const UNKNOWN_TO_POSTGRES = /[\0\p{Surrogate}]/u;
const ALL_UNKNOWN = new RegExp(UNKNOWN_TO_POSTGRES, "gu");

type AnyStatement = Op<unknown>["statement"];

/** A statement as the server knows it. */
interface Prepared extends PostgresStatement {
  /** One name a statement, by which a connection prepares it once. */
  name: string;
}

/** What stands before a write, such as that a lane is still ours. */
export interface Fence {
  /** Before the transaction begins. */
  ready(client: PoolClient): Promise<void>;
  /** First of all in it. */
  first(): FenceStatement;
}

export interface FenceStatement {
  /** Sent along with the beginning of the transaction. */
  sql: string;
  /** Looks at what it answered. */
  check(client: PoolClient, answered: QueryResult): Promise<void>;
}

export interface PostgresEngine extends Engine {
  /** As `write`, with a fence; all of it is undone when the fence throws. */
  writeBehind<T>(fence: Fence, verb: () => Verb<T>): Promise<T>;
}

/**
 * @param pool whose connections have the ledger's schema first in their search path
 * @param place of the ledger, as messages name it, without a password
 */
export function makePostgresEngine(pool: Pool, place: string): PostgresEngine {
  const known = new Map<AnyStatement, Prepared>();
  /** Each is asked in one of the three ways. */
  const sets = new Map<AnyStatement, Prepared>();

  function prepare(statement: AnyStatement): Prepared {
    const prepared = { ...toPostgres(statement.sql), name: `v${known.size}` };
    known.set(statement, prepared);
    return prepared;
  }

  function prepareSet(statement: AnyStatement, want: SetWant): Prepared {
    assert(statement instanceof SetStatement, "only a statement of sets is asked for one");
    const text = toPostgresSet(statement.sql, statement.types, want);
    const prepared = { text, names: null, name: `s${sets.size}` };
    sets.set(statement, prepared);
    return prepared;
  }

  /** One statement for the whole set. */
  async function answerEach(
    client: PoolClient,
    statement: AnyStatement,
    want: SetWant,
    tuples: readonly (readonly unknown[])[],
  ): Promise<unknown> {
    if (tuples.length === 0) return [];
    const { text, name } = sets.get(statement) ?? prepareSet(statement, want);
    const values = [toSetParameter(tuples.map((tuple) => tuple.map(toValue)))];
    const query = { name, text, values, rowMode: "array" as const };
    const { rows }: QueryArrayResult = await client.query(query);
    const answers: unknown[] = Array(tuples.length).fill(want === "getEach" ? undefined : false);
    for (const [place, ...row] of rows) answers[place - 1] = want === "getEach" ? row : true;
    return answers;
  }

  async function answer(client: PoolClient, { statement, want, params }: Op<unknown>) {
    if (want === "getEach" || want === "changeEach" || want === "insertEach") {
      return answerEach(client, statement, want, params as readonly unknown[][]);
    }
    const { text, names, name } = known.get(statement) ?? prepare(statement);
    const values = valuesOf(params, names);
    if (statement.shape === "object") {
      const result: QueryResult = await client.query({ name, text, values });
      return want === "run" ? changesOf(result) : want === "get" ? result.rows[0] : result.rows;
    }
    const query = { name, text, values, rowMode: "array" as const };
    const result: QueryArrayResult = await client.query(query);
    if (want === "run") return changesOf(result);
    const rows = statement.shape === "value" ? result.rows.map(([first]) => first) : result.rows;
    return want === "get" ? rows[0] : rows;
  }

  /** A verb catches no error: the server would refuse every statement after it. */
  async function runThrough<T>(client: PoolClient, verb: Verb<T>): Promise<T> {
    const sent: Promise<unknown>[] = [];
    const send = (op: Op<unknown>): Promise<unknown> => {
      const answered = answer(client, op).then((given) => {
        op.check?.(given);
        return given;
      });
      if (op.isAhead) sent.push(answered);
      // What fails is found below, and is no error of its own before.
      answered.catch(() => {});
      return answered;
    };
    try {
      let step = verb.next();
      while (step.done !== true) {
        const asked = step.value;
        if (asked instanceof Ahead) step = verb.next(await asked.answer);
        else step = verb.next(asked.isAhead ? send(asked) : await send(asked));
      }
      await Promise.all(sent);
      return step.value;
    } catch (error) {
      // All statements behind the first that fails are refused (25P02): that one counts.
      for (const answered of sent) await answered;
      throw error;
    }
  }

  async function withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    let broken: Error | undefined;
    try {
      client = await pool.connect();
      return await work(client);
    } catch (error) {
      const fault = postgresFault(error, place);
      // A connection of which it is not known what state it is in is not used again.
      if (fault instanceof Error) broken = fault;
      throw fault;
    } finally {
      client?.release(broken);
    }
  }

  /**
   * One transaction, undone when anything of it fails.
   * @param work receives what the last statement of `begin` answered
   */
  function transaction<T>(
    begin: string,
    work: (client: PoolClient, begun: QueryResult) => Promise<T>,
    fence?: Fence,
  ): Promise<T> {
    return withClient(async (client) => {
      await fence?.ready(client);
      for (let tries = 1; ; tries += 1) {
        try {
          const result = await work(client, await beginBehind(client, begin, fence?.first()));
          const { command } = await client.query("commit");
          // To a transaction that failed the server answers so, and reports no error.
          assert(command === "COMMIT", "a transaction is committed, or an error is thrown");
          return result;
        } catch (error) {
          // Otherwise the connection is given up, and the transaction with it: on one that is cut
          // off nothing more would be answered.
          if (tries === TRIES_MAX || !AGAIN.includes(codeOf(error))) throw error;
          await client.query("rollback");
        }
      }
    });
  }

  const write = <T>(verb: () => Verb<T>, fence?: Fence): Promise<T> =>
    transaction(
      BEGIN_WRITE,
      (client, { rows: [meta] }) => {
        requireHere(place, meta?.moved_to ?? null);
        return runThrough(client, verb());
      },
      fence,
    );

  return {
    read: (verb) => withClient((client) => runThrough(client, verb())),
    snapshot: (verb) => transaction(BEGIN_SNAPSHOT, (client) => runThrough(client, verb())),
    write: (verb) => write(verb),
    writeBehind: (fence, verb) => write(verb, fence),
    writeWithoutLane: (verb) => write(verb),
    // Vacuuming is the server's.
    beginErasing: async () => {},
  };
}

/** Begins a transaction and looks at its fence; what the last statement of `begin` answered. */
async function beginBehind(
  client: PoolClient,
  begin: string,
  fence: FenceStatement | undefined,
): Promise<QueryResult> {
  const answers = [
    await client.query(fence === undefined ? begin : `${begin}; ${fence.sql}`),
  ].flat() as QueryResult[];
  if (fence !== undefined) await fence.check(client, answers.pop() as QueryResult);
  return answers.at(-1) as QueryResult;
}

function changesOf({ rowCount }: { rowCount: number | null }): { changes: number } {
  return { changes: rowCount ?? 0 };
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** Parameters in the order of the text: positional ones, or members of the one object by name. */
function valuesOf(params: readonly unknown[], names: readonly string[] | null): unknown[] {
  if (names !== null) {
    const named = params[0] as Record<string, unknown>;
    return names.map((name) => {
      assert(name in named, `a statement has its parameter ${name}`);
      return toValue(named[name]);
    });
  }
  const [first] = params;
  const list = params.length === 1 && Array.isArray(first) ? (first as unknown[]) : params;
  return list.map(toValue);
}

/**
 * PostgreSQL's text has no NUL, and its JSON no half of a pair of surrogates; one in a cell or a
 * webhook stands as what is unreadable.
 */
function toValue(value: unknown): unknown {
  if (typeof value !== "string" || !UNKNOWN_TO_POSTGRES.test(value)) return value;
  return value.replace(ALL_UNKNOWN, "\uFFFD");
}
