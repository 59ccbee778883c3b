// Lets one runner at a time have a lane, or the list of a campaign, on whatever machine: a row with
// an owner and a time after which anybody may take it, by the server's clock alone. The owner
// renews it in the transaction of every write, so that a runner that has lost it writes nothing any
// more.

import { randomBytes } from "node:crypto";
import type { Pool, PoolClient, QueryResult } from "pg";
import pg from "pg";
import { FAILED_OVER_TODO, failedOverSentence } from "../../domain/campaign/failed-over.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { stamp } from "../../domain/common/calendar.ts";
import type { Held, Holder, HoldRequest, HoldResult, Taken } from "../../domain/ledger/ledger.ts";
import { asking } from "./postgres-faults.ts";
import { historyOf, isOtherHistory, keepHistory } from "./server-history.ts";
import type { Fence, FenceStatement } from "./transactions.ts";

/** After so long without a word of its owner a lane is free. */
export const LEASE_MS = 10_000;
/** While nothing is written the lease is renewed this often, as a part of it. */
const RENEWALS = 8;
/** A claim may be posted within this part of the lease: nobody else can have the lane by then. */
const CLAIM_PART = 2;
/** A lane that another host used within this time, in milliseconds, may not be used at once. */
const USED_MS = 2_000;

/** SQL: the server's clock of this moment, in whole milliseconds. */
const NOW = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

/** The table of leases. A ledger in a file has none: the operating system keeps its locks. */
export const LEASE_TABLE = `
create table lease (
  name text primary key check (name <> ''),
  -- Of one process, made when it starts.
  owner text not null,
  -- Goes up whenever the owner changes.
  epoch bigint not null,
  -- By the clock of the server, in milliseconds.
  until bigint not null,
  -- Who it is, for people.
  pid bigint not null,
  host text not null,
  campaign text not null,
  lane text not null,
  since bigint not null,
  -- Of a lane: which history of the database it is sent from, as the server reports it.
  history text
);
`;

const TAKE = `
  insert into lease (name, owner, epoch, until, pid, host, campaign, lane, since)
  values ($1, $2, 1, ${NOW} + $3, $4, $5, $6, $7, $8)
  on conflict (name) do update set owner = excluded.owner, epoch = lease.epoch + 1,
    until = excluded.until, pid = excluded.pid, host = excluded.host,
    campaign = excluded.campaign, lane = excluded.lane, since = excluded.since
  where lease.until <= ${NOW}
  returning epoch, until
`;
// The row as it was: a statement does not see its own changes.
const TAKE_FROM = `
  with before as (select host, until from lease where name = $1), taken as (${TAKE})
  select before.host, ${NOW} - before.until as "agoMs", taken.until
  from taken left join before on true
`;
// Beside a write, which renews it by itself and has the row locked: one that waited for a write of
// a process that is cut off would renew its lease when that is ended. It counts from the last
// answer that came, $4: what is sent into a network that brings no answers back gains no time.
const RENEW_BESIDE = `
  with renewed as (
    update lease set until = greatest(until, $4::bigint + $2::bigint) where name in (
      select name from lease where owner = $1 and name = any($3) for update skip locked
    )
  )
  select ${NOW} as heard
`;
const RELEASE = `update lease set until = ${NOW}, owner = '-' where owner = $1 and name = any($2)`;
const HOLDER = `
  select pid, host, campaign, nullif(lane, '') as lane, since from lease
  where name = $1 and until > ${NOW}
`;
const NEW_OWNER = `
  select pid, host, campaign, lane, since from lease
  where name = any($2) and owner not in ($1, '-') order by since desc limit 1
`;
// By the clock of the one who takes it, which no other's can be compared with.
const USED = `
  insert into lane (lane, used_until) values ($1, $2)
  on conflict (lane) do update set used_until = greatest(lane.used_until, excluded.used_until)
`;

/** Leases of one process on one ledger. */
export interface Leases {
  hold(request: HoldRequest): Promise<HoldResult>;
  heldBy(what: Held): Promise<Taken[]>;
  /** As RunLedger.claimWaitMs. */
  readonly claimWaitMs: number;
  /** Whether any is held. */
  isHolding(): boolean;
  /**
   * Renews what is held, and throws LedgerError `lease_lost` when that is another's by now, and
   * `failed_over` on another server.
   */
  fence: Fence;
  /** Gives everything back. */
  releaseAll(): Promise<void>;
}

/**
 * @param place of the ledger, as messages name it
 * @param leaseMs the same in every process of the ledger
 */
export function makeLeases(pool: Pool, place: string, leaseMs = LEASE_MS): Leases {
  const owner = randomBytes(12).toString("hex");
  /** Name → its taking, by which one that was given back and taken again is another one. */
  const held = new Map<string, symbol>();
  let timer: NodeJS.Timeout | undefined;
  let isRenewing = false;
  /** By the clock of the server: when it carried out the last statement whose answer came. */
  let heard = 0;
  /** Of the server, when the lane was taken. */
  let history: string | undefined;
  const known = new WeakSet<PoolClient>();

  /** A server can have become another one only behind another connection. */
  async function requireSameServer(client: PoolClient): Promise<void> {
    if (known.has(client)) return;
    requireHistory(await historyOf(client));
    known.add(client);
  }

  function requireHistory(to: string): void {
    if (history === undefined || !isOtherHistory(history, to)) return;
    const sentence = failedOverSentence({ from: history, to }, place);
    throw new LedgerError("failed_over", `${sentence} ${FAILED_OVER_TODO}`);
  }

  function hear(at: number): void {
    heard = Math.max(heard, at);
  }

  function renewal(): FenceStatement {
    const mine = [...held];
    const list = mine.map(([name]) => pg.escapeLiteral(name)).join(", ");
    return {
      // What has run out and was taken by nobody is still this owner's.
      sql: `update lease set until = ${NOW} + ${leaseMs}
        where owner = '${owner}' and name = any(array[${list}]::text[]) returning name, until`,
      async check(client, renewed: QueryResult<Lasting & { name: string }>) {
        for (const { until } of renewed.rows) hear(until - leaseMs);
        const names = new Set(renewed.rows.map(({ name }) => name));
        // What was given back while the server was asked is not lost.
        const lost = mine.flatMap(([name, taking]) =>
          names.has(name) || held.get(name) !== taking ? [] : [name],
        );
        if (lost.length === 0) return;
        const { rows } = await client.query<Holder>(NEW_OWNER, [owner, lost]);
        throw new LedgerError("lease_lost", lostSentence(rows[0], { place, leaseMs }));
      },
    };
  }

  async function renewBeside(): Promise<void> {
    // One that hangs in the network must not take one connection more each time.
    if (isRenewing) return;
    isRenewing = true;
    // A fault of the way there shows at the next write, and what is lost is lost.
    const values = [owner, leaseMs, [...held.keys()], heard];
    const answer = await pool.query<{ heard: number }>(RENEW_BESIDE, values).catch(() => null);
    if (answer !== null) hear(answer.rows[0]?.heard ?? 0);
    isRenewing = false;
  }

  function keepRenewing(): void {
    timer ??= setInterval(() => void renewBeside(), leaseMs / RENEWALS).unref();
  }

  async function release(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) held.delete(name);
    if (held.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    // Without it the lane is free when the lease has run out.
    await pool.query(RELEASE, [owner, names]).catch(() => {});
  }

  /** Of a lease that was taken it is written down who has it; undefined when another one has. */
  async function take({ of, name }: Lease, request: HoldRequest): Promise<Before | undefined> {
    const { pid, host, campaign, since } = request;
    const lane = of === "lane" ? name : "";
    const values = [keyOf({ of, name }), owner, leaseMs, pid, host, campaign, lane];
    const { rows } = await pool.query<Before>(TAKE_FROM, [...values, Math.round(since)]);
    const [before] = rows;
    if (before !== undefined) hear(before.until - leaseMs);
    return before;
  }

  /** As far as they are free. @returns those that are not */
  async function takeLanes(
    lanes: readonly string[],
    request: HoldRequest,
    mine: Set<string>,
  ): Promise<Taken[]> {
    const taken: Taken[] = [];
    const got: string[] = [];
    for (const name of lanes) {
      const lease = { of: "lane", name } as const;
      const before = await take(lease, request);
      if (before === undefined) {
        taken.push({ ...lease, by: await holderOf(keyOf(lease)) });
        continue;
      }
      got.push(name);
      const { host, agoMs } = before;
      const isHandedOver = host !== null && host !== request.host && agoMs < USED_MS;
      if (isHandedOver) await pool.query(USED, [name, Math.round(request.since)]);
    }
    if (got.length > 0) await keepHistoryOf(got);
    for (const name of got) {
      mine.add(name);
      held.set(keyOf({ of: "lane", name }), Symbol("taken"));
    }
    return taken;
  }

  /** A server that is another one than that of the lanes before is not taken for theirs. */
  async function keepHistoryOf(lanes: readonly string[]): Promise<void> {
    const now = await historyOf(pool);
    history ??= now;
    requireHistory(now);
    for (const lane of lanes) await keepHistory(pool, lane, now);
  }

  async function hold(request: HoldRequest): Promise<HoldResult> {
    const list = { of: "list", name: request.campaign } as const;
    if ((await take(list, request)) === undefined) {
      return { kind: "busy", taken: [{ ...list, by: await holderOf(keyOf(list)) }] };
    }
    const mine = new Set<string>();
    let hasList = true;
    const releaseList = async () => {
      if (!hasList) return;
      hasList = false;
      await release([keyOf(list)]);
    };
    const releaseLanes = (lanes: Iterable<string>) => {
      const names = [...lanes].filter((lane) => mine.delete(lane));
      return release(names.map((name) => keyOf({ of: "lane", name })));
    };
    const releaseAll = async () => {
      await releaseLanes([...mine]);
      await releaseList();
    };
    const taken = await takeLanes(request.lanes, request, mine);
    if (mine.size === 0 && taken.length > 0) {
      await releaseAll();
      return { kind: "busy", taken };
    }
    history ??= await historyOf(pool);
    held.set(keyOf(list), Symbol("taken"));
    keepRenewing();
    return {
      kind: "held",
      lanes: [...mine],
      taken,
      take: (lanes) => asking(place, () => takeLanes(lanes, request, mine)),
      releaseList,
      releaseLanes,
      release: releaseAll,
    };
  }

  async function holderOf(name: string): Promise<Holder | null> {
    const { rows } = await pool.query<Holder>(HOLDER, [name]);
    return rows[0] ?? null;
  }

  return {
    claimWaitMs: leaseMs / CLAIM_PART,
    hold: (request) => asking(place, () => hold(request)),
    heldBy: ({ campaign, lanes }) =>
      asking(place, async () => {
        const lanesOf = lanes.map((name): Lease => ({ of: "lane", name }));
        const taken: Taken[] = [];
        for (const lease of [{ of: "list", name: campaign } as const, ...lanesOf]) {
          const by = await holderOf(keyOf(lease));
          if (by !== null) taken.push({ ...lease, by });
        }
        return taken;
      }),
    isHolding: () => held.size > 0,
    fence: { ready: requireSameServer, first: renewal },
    async releaseAll() {
      if (held.size > 0) await release([...held.keys()]);
    },
  };
}

/** Until when a lease lasts, by the clock of the server, in milliseconds. */
interface Lasting {
  until: number;
}

/** Who had a lease before, as far as anybody had it, and how long ago that ran out. */
interface Before extends Lasting {
  host: string | null;
  agoMs: number;
}

/** @param by undefined when the new owner is through already */
function lostSentence(
  by: Holder | undefined,
  { place, leaseMs }: { place: string; leaseMs: number },
): string {
  const who = by === undefined ? "Another process" : `Process ${by.pid} on ${by.host}`;
  const since =
    by === undefined ? "" : `, which runs campaign "${by.campaign}" since ${stamp(by.since)},`;
  return `${who}${since} has taken the lane over in the ledger ${place}, because nothing was heard of this process for ${leaseMs / 1000} seconds.`;
}

/** The list of a campaign, or a lane. */
type Lease = Pick<Taken, "of" | "name">;

/** Its name in the table. */
function keyOf({ of, name }: Lease): string {
  return `${of === "list" ? "campaign" : of} ${name}`;
}
