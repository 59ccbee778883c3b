// The ledger on a PostgreSQL server: how its verbs run there, and what only a server has.

import { LedgerError } from "../../domain/campaign/fault.ts";
import { makeInvariants } from "../invariants.ts";
import type { PlacedLedger } from "../placed-ledger.ts";
import { makeVerbs } from "../verbs.ts";
import { makeLeases } from "./lease.ts";
import { readPostgresUrl } from "./place.ts";
import { asking } from "./postgres-faults.ts";
import { connectPostgres } from "./server.ts";
import { acceptHistory, serverStateOf } from "./server-history.ts";
import { makePostgresEngine } from "./transactions.ts";

export interface PostgresLedgerOptions {
  readOnly?: boolean;
  /** Whether a ledger is made where there is none. Never with `readOnly`. */
  make?: "never" | "if_missing" | "if_missing_or_empty";
  /** For tests: also on a server that may forget what it has committed. */
  allowUnsafe?: boolean;
  /** The wall clock, in milliseconds; asked once, for the day on which a new ledger was made. */
  now?: () => number;
}

/**
 * Opens the ledger that a URL names.
 * @throws LedgerError as `connectPostgres` does, and `not_a_ledger` where there is none and none is
 *   to be made; OperatorError for a URL that cannot be read
 */
export async function openPostgresLedger(
  url: string,
  options: PostgresLedgerOptions = {},
): Promise<PlacedLedger> {
  const ledger = await openPostgresIfThere(url, options);
  if (ledger !== undefined) return ledger;
  const sentence = "is not there. Make it by a run, or correct the address.";
  throw new LedgerError("not_a_ledger", `The ledger ${readPostgresUrl(url).shown} ${sentence}`);
}

/** The same; undefined where there is none and none is to be made. */
export async function openPostgresIfThere(
  url: string,
  options: PostgresLedgerOptions = {},
): Promise<PlacedLedger | undefined> {
  const { readOnly = false, make = "if_missing", allowUnsafe = false, now = Date.now } = options;
  const place = readPostgresUrl(url);
  const found = await connectPostgres(place, {
    readOnly,
    allowUnsafe,
    make: !readOnly && make !== "never",
    now: now(),
  });
  if (found === undefined) return undefined;
  const { pool, ledgerId, movedTo } = found;
  const engine = makePostgresEngine(pool, place.shown);
  const leases = makeLeases(pool, place.shown, place.leaseMs);
  const fenced = {
    ...engine,
    // Who holds a lane writes only as long as it does; who holds none, such as a receiver, always.
    write: <T>(verb: Parameters<typeof engine.write<T>>[0]) =>
      leases.isHolding() ? engine.writeBehind(leases.fence, verb) : engine.write(verb),
  };
  const verbs = makeVerbs(fenced, ledgerId);
  const invariants = makeInvariants();
  return {
    ...verbs,
    claimWaitMs: leases.claimWaitMs,
    place: place.shown,
    address: url,
    movedTo,
    // What the server keeps cannot be moved or changed behind its back.
    requireInPlace: () => {},
    isSealed: () => true,
    seal: () => {},
    // A verb may be run again, and its rows can be gone through once.
    plan: (campaign, rows, at, rules) => verbs.plan(campaign, [...rows], at, rules),
    serverState: (lane) => asking(place.shown, () => serverStateOf(pool, lane)),
    acceptServer: (lane) => asking(place.shown, () => acceptHistory(pool, lane)),
    // The server vacuums by itself.
    rewriteDue: async () => false,
    compact: async () => true,
    hold: leases.hold,
    heldBy: leases.heldBy,
    violations: () => engine.snapshot(invariants.violations),
    dropDerived: () => engine.write(invariants.dropDerived),
    close: async () => {
      await leases.releaseAll();
      await pool.end();
    },
  };
}

/** Whether a ledger is where a URL says. @throws LedgerError when the server does not answer */
export async function isPostgresLedger(url: string): Promise<boolean> {
  const place = readPostgresUrl(url);
  const found = await connectPostgres(place, {
    readOnly: true,
    allowUnsafe: true,
    make: false,
    now: 0,
  });
  await found?.pool.end();
  return found !== undefined;
}
