// The PostgreSQL servers of the tests: what a test may rely on.

import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

import pg from "pg";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { test } from "../support/fixture.ts";
import type { Postgres, PostgresServer } from "../support/postgres.ts";
import { OWNER, SUPERUSER, sharedPostgres, startPostgres } from "../support/postgres.ts";
import { ask } from "../support/postgres-client.ts";
import { OFFER } from "../support/postgres-offer.ts";
import { findPrograms, postgresUser } from "../support/postgres-programs.ts";
import { makeFolder, startProgram } from "../support/programs.ts";
import { startProxy } from "../support/proxy.ts";

/** What a client says whose connection was lost. */
const LOST = /Connection terminated|ECONNRESET/;
const CHILD = resolve("test/support/postgres.child.ts");
/** Names the programs to take, see postgres-programs.ts. */
const CHOICE = "TEST_POSTGRES_PROGRAMS";

describe("the server of the run", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await sharedPostgres();
  });

  it("is one for all files", async () => {
    const answers = [1, 2].map(async () => (await fetch(process.env[OFFER] ?? "")).json());
    const { port, sockets } = server;
    expect(await Promise.all(answers)).toEqual([
      { port, sockets },
      { port, sockets },
    ]);
  });

  it.each([["TCP", false] as const, ["its socket", true] as const])(
    "takes connections through %s, with a password only",
    async (_name, socket) => {
      const [who] = await ask<{ who: string }>(
        server.url({ socket }),
        "select current_user as who",
      );
      expect(who).toEqual({ who: OWNER.user });
      const wrong = server.url({ socket, password: "not it" });
      await expect(ask(wrong, "select 1")).rejects.toThrow("password authentication failed");
    },
  );

  it("has an owner of the database who may make a schema, and is no superuser", async () => {
    const schema = "made_by_the_owner";
    await ask(server.url(), `create schema ${schema}; drop schema ${schema}`);
    await expect(ask(server.url(), "create role other")).rejects.toThrow("permission denied");
    await ask(server.url(SUPERUSER), "create role other; drop role other");
  });

  it("keeps the schemas of two tests apart", async () => {
    const [one, other] = [await server.schema(), await server.schema()];
    for (const schema of [one, other]) {
      const text = `create table row (name text); insert into row values ('${schema}')`;
      await ask(server.url({ schema }), text);
    }
    expect(await ask(server.url({ schema: one }), "select * from row")).toEqual([{ name: one }]);
    expect(await server.query(`select * from ${other}.row`)).toEqual([{ name: other }]);
  });

  it("sorts text as in a language and is not in UTC, unlike SQLite", async () => {
    const [row] = await server.query<{ sorts: boolean; zone: string }>(
      "select 'a' < 'B' as sorts, current_setting('timezone') as zone",
    );
    expect(row).toEqual({ sorts: true, zone: "America/Sao_Paulo" });
  });

  it("makes a commit whose answer a proxy loses", async () => {
    const schema = await server.schema();
    const answered = new EventEmitter();
    const proxy = await startProxy(server.port, {
      seen(way, bytes) {
        if (bytes.includes("commit")) proxy.freeze("toClient");
        else if (way === "toClient") answered.emit("answer");
      },
    });
    const client = new pg.Client(server.url({ schema, port: proxy.port }));
    client.on("error", () => undefined);
    await client.connect();
    await client.query("create table row (nth int); begin; insert into row values (1)");
    const answer = once(answered, "answer");
    const commit = expect(client.query("commit")).rejects.toThrow(LOST);
    await answer;
    proxy.reset();
    await commit;
    expect(await server.query(`select nth from ${schema}.row`)).toEqual([{ nth: 1 }]);
    await proxy.close();
  });

  it("gives the rows of the last statement, and takes values", async () => {
    expect(await server.query("select 1 as a; select 2 as b")).toEqual([{ b: 2 }]);
    expect(await server.query("select $1::int as a", [3])).toEqual([{ a: 3 }]);
  });
});

describe("a server of a test's own", () => {
  let server: PostgresServer;
  afterEach(() => server.end());

  const count = async () => {
    const [row] = await server.query<{ n: number }>("select count(*)::int as n from row");
    return row?.n;
  };
  const setting = async (name: string) => {
    const [row] = await server.query<{ to: string }>("select current_setting($1) as to", [name]);
    return row?.to;
  };

  it("keeps what was committed when it is killed between two commits, and starts again", async () => {
    server = await startPostgres();
    expect([await setting("fsync"), await setting("synchronous_commit")]).toEqual(["on", "on"]);
    await server.query("create table row (nth int)");
    const client = new pg.Client(server.url(SUPERUSER));
    client.on("error", () => undefined);
    await client.connect();
    let committed = 0;
    let killed: Promise<void> | undefined;
    const write = async () => {
      for (;;) {
        await client.query("insert into row values ($1)", [committed]);
        committed += 1;
        if (committed === 50) killed = server.kill();
      }
    };
    await expect(write()).rejects.toThrow(LOST);
    await killed;
    await expect(count()).rejects.toThrow("ECONNREFUSED");
    await server.restart();
    // A commit whose answer was lost may have been made.
    expect([committed, committed + 1]).toContain(await count());
    expect(await server.log()).toContain("automatic recovery in progress");
  });

  it("ends in order and at once, and starts again on its port with its settings", async () => {
    server = await startPostgres({ durable: false, settings: { work_mem: "7MB" } });
    const { port } = server;
    await server.query("create table row (nth int); insert into row values (1)");
    for (const mode of ["fast", "immediate"] as const) {
      await server.stop(mode);
      await expect(count()).rejects.toThrow("ECONNREFUSED");
      await server.restart();
      expect(await count()).toBe(1);
    }
    await server.restart();
    expect(server.port).toBe(port);
    expect([await setting("fsync"), await setting("work_mem")]).toEqual(["off", "7MB"]);
    const log = await server.log();
    expect(log.split("was not properly shut down")).toHaveLength(2);
  });

  it("may be ended twice, and after a kill", async () => {
    server = await startPostgres({ durable: false });
    await server.kill();
    await server.kill();
    await server.end();
  });

  it("is that of the package where none is installed", async () => {
    process.env[CHOICE] = "npm";
    try {
      server = await startPostgres({ durable: false });
    } finally {
      delete process.env[CHOICE];
    }
    const [row] = await server.query<{ version: string }>("select version()");
    expect(row?.version).toContain(`PostgreSQL ${server.version}.`);
    expect(server.version).toBe(18);
  });
});

test("a server and its files end with the process that started it", async ({ folder }) => {
  const args = ["--import", import.meta.resolve("tsx"), CHILD];
  const child = startProgram(process.execPath, args, { cwd: folder });
  const { pid, data, sockets } = JSON.parse(await child.line());
  expect([isThere(pid), existsSync(data), existsSync(sockets)]).toEqual([true, true, true]);
  child.child.kill("SIGKILL");
  await child.gone();
  expect([isThere(pid), existsSync(data), existsSync(sockets)]).toEqual([false, false, false]);
});

it("says what was tried when there are no programs", () => {
  const { folder, remove } = makeFolder();
  process.env[CHOICE] = folder;
  try {
    expect(() => findPrograms(postgresUser(), folder)).toThrow(
      /^no PostgreSQL of version 14 or later can be run here.*spawnSync/s,
    );
  } finally {
    delete process.env[CHOICE];
    remove();
  }
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
