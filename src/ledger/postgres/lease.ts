// Lets one runner at a time have a lane and a campaign, on whatever machine: a row with an owner
// and a time after which anybody may take it, told by the server's clock alone. The owner renews it
// in the transaction of every write, so that whoever has lost it writes nothing any more.

import { randomBytes } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { Busy, Holder, HoldResult } from "../../domain/ledger/ledger.ts";
import type { Fence } from "./transactions.ts";

/** After so long without a word of its owner a lane is free. */
const LEASE_MS = 10_000;
/** While nothing is written the lease is renewed this often. */
const RENEW_MS = LEASE_MS / 4;

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
  since bigint not null
);
`;

const TAKE = `
  insert into lease (name, owner, epoch, until, pid, host, campaign, lane, since)
  values ($1, $2, 1, ${NOW} + $3, $4, $5, $6, $7, $8)
  on conflict (name) do update set owner = excluded.owner, epoch = lease.epoch + 1,
    until = excluded.until, pid = excluded.pid, host = excluded.host,
    campaign = excluded.campaign, lane = excluded.lane, since = excluded.since
  where lease.until <= ${NOW}
  returning epoch
`;
const RENEW = `
  update lease set until = ${NOW} + $2 where owner = $1 and until > ${NOW} and name = any($3)
`;
const RELEASE = "update lease set until = 0 where owner = $1 and name = any($2)";
const HOLDER = `
  select pid, host, campaign, lane, since from lease where name = $1 and until > ${NOW}
`;

/** Leases of one process on one ledger. */
export interface Leases {
  hold(holder: Holder): Promise<HoldResult>;
  heldBy(who: Pick<Holder, "campaign" | "lane">): Promise<Busy | null>;
  /** Whether any is held. */
  isHolding(): boolean;
  /** Renews what is held, and throws LedgerError `lease_lost` when that is another's by now. */
  fence: Fence;
  /** Gives everything back. */
  releaseAll(): Promise<void>;
}

/** @param place of the ledger, as messages name it */
export function makeLeases(pool: Pool, place: string): Leases {
  const owner = randomBytes(12).toString("hex");
  const held = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  async function renew(client: Pick<PoolClient, "query">): Promise<void> {
    const { rowCount } = await client.query(RENEW, [owner, LEASE_MS, [...held]]);
    if (rowCount === held.size) return;
    throw new LedgerError(
      "lease_lost",
      `Another process has taken the lane over in the ledger ${place}, because this one was not heard of for ${LEASE_MS / 1000} seconds.`,
    );
  }

  function keepRenewing(): void {
    // A fault of the way there shows at the next write, and what is lost is lost.
    timer ??= setInterval(() => void renew(pool).catch(() => {}), RENEW_MS).unref();
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
    const { pid, host, campaign, lane, since } = holder;
    const wanted = leasesOf(holder);
    const taken: string[] = [];
    for (const { name, what, of } of wanted) {
      const values = [name, owner, LEASE_MS, pid, host, campaign, lane, Math.round(since)];
      const { rowCount } = await pool.query(TAKE, values);
      if (rowCount === 1) {
        taken.push(name);
        continue;
      }
      await release(taken);
      return { kind: "busy", by: await holderOf(name), what, of };
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
    hold,
    async heldBy(who) {
      for (const { name, what, of } of leasesOf(who)) {
        const by = await holderOf(name);
        if (by !== null) return { kind: "busy", by, what, of };
      }
      return null;
    },
    isHolding: () => held.size > 0,
    fence: renew,
    async releaseAll() {
      if (held.size > 0) await release([...held]);
    },
  };
}

/** The lane comes last: who has it has everything, so of several askers one always gets through. */
function leasesOf({ campaign, lane }: Pick<Holder, "campaign" | "lane">) {
  return [
    { name: `campaign ${campaign}`, what: `the campaign ${campaign}`, of: "campaign" as const },
    { name: `lane ${lane}`, what: `the lane ${lane}`, of: "lane" as const },
  ];
}
