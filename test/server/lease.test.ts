// Who has a lane, when several processes on several machines want it.

import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { LedgerError } from "../../src/domain/campaign/fault.ts";
import type { HoldRequest, Taken } from "../../src/domain/ledger/ledger.ts";
import { statement } from "../../src/ledger/engine.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { readPostgresUrl } from "../../src/ledger/postgres/place.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import type { PostgresConnection } from "../../src/ledger/postgres/server.ts";
import { connectPostgres } from "../../src/ledger/postgres/server.ts";
import { makePostgresEngine } from "../../src/ledger/postgres/transactions.ts";
import { planned, send, statuses, T0, turn } from "../ledger/conformance/builders.ts";
import type { Postgres } from "../support/postgres.ts";
import { ledgerUrl, sharedPostgres } from "../support/postgres.ts";
import { startProxy } from "../support/proxy.ts";

const LANE = "106";
/** The time of a lease, in milliseconds, of which a test waits all. */
const SHORT_MS = 600;
const opened: PlacedLedger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

interface Machines {
  server: Postgres;
  schema: string;
  /** Opens the ledger once more. */
  open(): Promise<PlacedLedger>;
  /** As if the owner had not been heard of for the time of a lease. */
  runOut(): Promise<unknown>;
  /** How many leases anybody has. */
  held(): Promise<number>;
}

async function machines(): Promise<Machines> {
  const server = await sharedPostgres();
  const schema = await server.schema();
  return {
    server,
    schema,
    async open() {
      const url = `${server.url()}?schema=${schema}`;
      const ledger = await openPostgresLedger(url, { allowUnsafe: true });
      opened.push(ledger);
      return ledger;
    },
    runOut: () => server.query(`update ${schema}.lease set until = 0`),
    async held() {
      const owners = `select count(*)::int as held from ${schema}.lease where owner <> '-'`;
      const [{ held }] = (await server.query<{ held: number }>(owners)) as [{ held: number }];
      return held;
    },
  };
}

function holder(host: string, campaign = "spring", since = T0): HoldRequest {
  return { pid: 4711, host, campaign, lanes: [LANE], since };
}

/** What is known of it to others. */
function taken(of: Taken["of"], request: HoldRequest): Taken {
  const { lanes, ...by } = request;
  const [lane = null] = of === "lane" ? lanes : [];
  return { of, name: lane ?? request.campaign, by: { ...by, lane } };
}

describe("a lane on several machines", () => {
  it("is had by one, who is named to the others, and by the next when that one is through", async () => {
    const { open, held } = await machines();
    const [here, there] = [await open(), await open()];
    const mine = await here.hold(holder("here"));
    const [list, lane] = [taken("list", holder("here")), taken("lane", holder("here"))];
    const busy = (...all: Taken[]) => ({ kind: "busy", taken: all });
    expect(await there.hold(holder("there"))).toEqual(busy(list));
    // Another campaign of the number; what it took on the way there is given back.
    expect(await there.hold(holder("there", "autumn"))).toEqual(busy(lane));
    expect(await held()).toBe(2);
    expect(await there.heldBy({ campaign: "autumn", lanes: [LANE] })).toEqual([lane]);
    if (mine.kind === "held") await mine.releaseList();
    expect(await there.hold(holder("there"))).toEqual(busy(lane));
    if (mine.kind === "held") await mine.release();
    expect(await held()).toBe(0);
    expect((await there.hold(holder("there", "autumn"))).kind).toBe("held");
  });

  it("is got by exactly one of many that ask at once", async () => {
    const { open } = await machines();
    const all = await Promise.all(Array.from({ length: 6 }, open));
    const asked = all.map((ledger, at) => ledger.hold(holder(`host-${at}`)));
    const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "held")).toHaveLength(1);
  });

  it("stays with an owner whose lease ran out while nobody wanted it", async () => {
    const { open, runOut } = await machines();
    const [here, there] = [await open(), await open()];
    const id = await planned(here, [send(1)], LANE);
    await here.hold(holder("here"));
    await runOut();
    expect((await here.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    expect((await there.hold(holder("there"))).kind).toBe("busy");
  });

  it("lets an owner who lost it write nothing, and says who has it", async () => {
    const { open, runOut } = await machines();
    const [here, there] = [await open(), await open()];
    const id = await planned(here, [send(1), send(2)], LANE);
    await here.hold(holder("here"));
    const { claimed } = await here.turn(turn(id, { claim: 1 }));
    await runOut();
    const theirs = await there.hold(holder("there"));
    expect(theirs.kind).toBe("held");
    expect(await there.recoverClaims(id, T0)).toBe(1);

    const lost = await here.turn(turn(id, { release: claimed, claim: 1 })).catch((it) => it);
    expect(lost).toBeInstanceOf(LedgerError);
    expect(lost.fault).toBe("lease_lost");
    const who = 'Process 4711 on there, which runs campaign "spring" since 22 Nov 2026, 10:00 UTC,';
    expect(lost.message).toContain(who);
    await expect(here.recoverClaims(id, T0)).rejects.toThrow("lane");
    await expect(here.setState(id, "stopped", null, T0)).rejects.toThrow("lane");
    // Its end takes nothing from the new owner, who goes on and ends.
    await here.close();
    opened.splice(opened.indexOf(here), 1);
    expect((await there.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    expect(await statuses(there, id)).toEqual({ 1: "unknown", 2: "claimed" });
    if (theirs.kind === "held") await theirs.release();
    const again = await open();
    expect((await again.hold(holder("here"))).kind).toBe("held");
  });

  it("is lost to a process that plans the list again, though that sends nothing", async () => {
    const { open, runOut } = await machines();
    const [here, there] = [await open(), await open()];
    const id = await planned(here, [send(1)], LANE);
    await here.hold(holder("here"));
    await runOut();
    const list = await there.hold({ ...holder("there"), lanes: [] });
    if (list.kind === "busy") throw new Error("expected to hold");
    expect(await list.take([LANE])).toEqual([]);
    await list.release();
    const woken = here.turn(turn(id, { claim: 1 }));
    await expect(woken).rejects.toMatchObject({ fault: "lease_lost" });
  });

  it("is not lost with another one that its owner gives back in the middle of a write", async () => {
    const { open, server, schema } = await machines();
    const ledger = await open();
    const id = await planned(ledger, [send(1)], LANE);
    const hold = await ledger.hold({ ...holder("here"), lanes: [LANE, "107"] });
    if (hold.kind === "busy") throw new Error("expected to hold");
    const client = new pg.Client(server.url());
    await client.connect();
    try {
      // The write waits for its first lane while it has not come to the second one.
      await client.query("begin");
      await client.query(`select from ${schema}.lease where name = 'lane ${LANE}' for update`);
      const written = ledger.turn(turn(id, { claim: 1 }));
      const waiting = `select from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%update lease set until%returning name%'`;
      await expect.poll(() => server.query(waiting), { timeout: 10_000 }).toHaveLength(1);
      await hold.releaseLanes(["107"]);
      await client.query("commit");
      expect((await written).claimed).toHaveLength(1);
    } finally {
      await client.end();
    }
  });

  it("is free after the lease when its owner gets no answers, though it renews", async () => {
    const { server, schema } = await machines();
    const leaseMs = 2_000;
    const lease = async () => {
      const sql = `select until::float8 as until,
        extract(epoch from clock_timestamp())::float8 * 1000 as now
        from ${schema}.lease where name like 'lane %'`;
      const [row] = await server.query<{ until: number; now: number }>(sql);
      return row as { until: number; now: number };
    };
    let renewals = 0;
    let isNextUnanswered = false;
    const proxy = await startProxy(server.port, {
      seen(_way, bytes, { freeze }) {
        if (!bytes.includes("skip locked")) return;
        renewals += 1;
        if (isNextUnanswered) freeze("toClient");
      },
    });
    const address = `${server.url({ port: proxy.port })}?schema=${schema}&lease_ms=${leaseMs}`;
    const ledger = await openPostgresLedger(address, { allowUnsafe: true });
    opened.push(ledger);
    expect((await ledger.hold(holder("here"))).kind).toBe("held");
    // The lease lasts while they are answered.
    await expect.poll(() => renewals, { timeout: 10_000 }).toBeGreaterThan(8);
    const before = await lease();
    expect(before.until - before.now).toBeGreaterThan(leaseMs / 2);

    const answered = renewals;
    isNextUnanswered = true;
    await expect.poll(() => renewals, { timeout: 10_000 }).toBe(answered + 1);
    const { now: cutAt } = await lease();
    const now = async () => (await lease()).now;
    await expect.poll(now, { timeout: 10_000 }).toBeGreaterThan(cutAt + leaseMs / 4);
    expect((await lease()).until - cutAt).toBeLessThanOrEqual(leaseMs);
    expect(renewals).toBe(answered + 1);
    proxy.cut();
    await proxy.close();
  });

  it("counts as used when another host had it a moment ago, by the clock of the one who takes it", async () => {
    const { open, runOut, server, schema } = await machines();
    const [here, there] = [await open(), await open()];
    const pass = async (ledger: PlacedLedger, to: HoldRequest) => {
      const hold = await ledger.hold(to);
      expect(hold.kind).toBe("held");
      if (hold.kind === "held") await hold.release();
      return (await ledger.pace(LANE))?.usedUntil;
    };
    // Never used before.
    expect(await pass(here, holder("here"))).toBeUndefined();
    // The same machine, whose clock is the same.
    expect(await pass(here, holder("here", "spring", T0 + 1))).toBeUndefined();
    expect(await pass(there, holder("there", "spring", T0 + 2))).toBe(T0 + 2);
    // A clock that is behind sets nothing back.
    expect(await pass(here, holder("here", "spring", T0 - 9_000))).toBe(T0 + 2);
    await runOut();
    expect(await pass(there, holder("there", "spring", T0 + 99))).toBe(T0 + 2);
    expect(await server.query(`select * from ${schema}.lane`)).toHaveLength(1);
  });
});

describe("a transaction whose process was stopped in the middle", () => {
  it("is ended by the server before its lease has run out", async () => {
    const server = await sharedPostgres();
    const place = readPostgresUrl(`${await ledgerUrl(server)}&lease_ms=${SHORT_MS}`);
    const options = { make: true, readOnly: false, allowUnsafe: true, now: T0 };
    const { pool } = (await connectPostgres(place, options)) as PostgresConnection;
    const engine = makePostgresEngine(pool, place.shown);
    const look = statement<[], number>("select 1").pluck();
    const count = statement<[], number>("select count(*) from lane").pluck();
    const lane = statement("insert into lane (lane, used_until) values ('1', 1)");
    try {
      const stopped = engine.write(function* () {
        yield* lane.run();
        // Nothing of this process goes on meanwhile.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SHORT_MS);
        return yield* look.get();
      });
      await expect(stopped).rejects.toMatchObject({ fault: "unreachable" });
      const left = await engine.write(function* () {
        return yield* count.get();
      });
      expect(left).toBe(0);
    } finally {
      await pool.end();
    }
  });
});
