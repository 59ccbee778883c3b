// Lets one runner at a time have a lane and a campaign, on whatever machine: a row with an owner
// and a time after which anybody may take it, by the server's clock alone. The owner renews it in
// the transaction of every write, so that a runner that has lost it writes nothing any more.

import { randomBytes } from "node:crypto";
import type { Pool, PoolClient, QueryResult } from "pg";
import pg from "pg";
import { FAILED_OVER_TODO, failedOverSentence } from "../../domain/campaign/failed-over.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { stamp } from "../../domain/common/calendar.ts";
import type { Busy, Held, Holder, HoldResult } from "../../domain/ledger/ledger.ts";
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
  select pid, host, campaign, lane, since from lease where name = $1 and until > ${NOW}
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
  hold(holder: Holder): Promise<HoldResult>;
  heldBy(who: Held): Promise<Busy | null>;
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
  const held = new Set<string>();
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
    const to = await historyOf(client);
    if (history !== undefined && isOtherHistory(history, to)) {
      const sentence = failedOverSentence({ from: history, to }, place);
      throw new LedgerError("failed_over", `${sentence} ${FAILED_OVER_TODO}`);
    }
    known.add(client);
  }

  function hear(at: number): void {
    heard = Math.max(heard, at);
  }

  function renewal(): FenceStatement {
    const names = [...held];
    const list = names.map((name) => pg.escapeLiteral(name)).join(", ");
    return {
      // What has run out and was taken by nobody is still this owner's.
      sql: `update lease set until = ${NOW} + ${leaseMs}
        where owner = '${owner}' and name = any(array[${list}]::text[]) returning until`,
      async check(client, renewed: QueryResult<Lasting>) {
        for (const { until } of renewed.rows) hear(until - leaseMs);
        if (renewed.rowCount === names.length) return;
        const { rows } = await client.query<Holder>(NEW_OWNER, [owner, names]);
        throw new LedgerError("lease_lost", lostSentence(rows[0], { place, leaseMs }));
      },
    };
  }

  async function renewBeside(): Promise<void> {
    // One that hangs in the network must not take one connection more each time.
    if (isRenewing) return;
    isRenewing = true;
    // A fault of the way there shows at the next write, and what is lost is lost.
    const values = [owner, leaseMs, [...held], heard];
    const answer = await pool.query<{ heard: number }>(RENEW_BESIDE, values).catch(() => null);
    if (answer !== null) hear(answer.rows[0]?.heard ?? 0);
    isRenewing = false;
  }

  function keepRenewing(): void {
    timer ??= setInterval(() => void renewBeside(), leaseMs / RENEWALS).unref();
  }

  async function release(names: readonly string[]): Promise<void> {
    for (const name of names) held.delete(name);
    if (held.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    // Without it the lane is free when the lease has run out.
    await pool.query(RELEASE, [owner, names]).catch(() => {});
  }

  async function hold(holder: Holder): Promise<HoldResult> {
    const { pid, host, campaign, since } = holder;
    const wanted = leasesOf(holder);
    const taken: string[] = [];
    for (const { name, what, of, lane } of wanted) {
      const values = [name, owner, leaseMs, pid, host, campaign, lane ?? "", Math.round(since)];
      const { rows } = await pool.query<Before>(TAKE_FROM, values);
      const [before] = rows;
      if (before === undefined) {
        await release(taken);
        return { kind: "busy", by: await holderOf(name), what, of };
      }
      taken.push(name);
      hear(before.until - leaseMs);
      const isHandedOver = before.host !== null && before.host !== host && before.agoMs < USED_MS;
      if (of === "lane" && isHandedOver) await pool.query(USED, [lane, Math.round(since)]);
    }
    history = await historyOf(pool);
    for (const { lane, of } of wanted) {
      if (of === "lane" && lane !== null) await keepHistory(pool, lane, history);
    }
    for (const name of taken) held.add(name);
    keepRenewing();
    return { kind: "held", release: () => release(taken) };
  }

  async function holderOf(name: string): Promise<Holder | null> {
    const { rows } = await pool.query<Holder>(HOLDER, [name]);
    return rows[0] ?? null;
  }

  return {
    claimWaitMs: leaseMs / CLAIM_PART,
    hold: (holder) => asking(place, () => hold(holder)),
    heldBy: (who) =>
      asking(place, async () => {
        for (const { name, what, of } of leasesOf(who)) {
          const by = await holderOf(name);
          if (by !== null) return { kind: "busy", by, what, of };
        }
        return null;
      }),
    isHolding: () => held.size > 0,
    fence: { ready: requireSameServer, first: renewal },
    async releaseAll() {
      if (held.size > 0) await release([...held]);
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

/** The lanes come last: who has them has everything, so of several askers one gets through. */
function leasesOf({ campaign, lane, moreLanes = [] }: Held) {
  // In one order, so that of two that ask for the same ones in the same moment one gets all.
  const lanes = lane === null ? [] : [lane, ...moreLanes].toSorted();
  const ofCampaign = {
    ...{ name: `campaign ${campaign}`, what: `the campaign ${campaign}`, lane },
    of: "campaign" as const,
  };
  return [
    ofCampaign,
    ...lanes.map((one) => ({
      ...{ name: `lane ${one}`, what: `the lane ${one}`, lane: one },
      of: "lane" as const,
    })),
  ];
}
