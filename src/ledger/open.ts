// Opens the ledger that an address names, in a file or on a server.

import { isServerAddress } from "../domain/manifest/ledger-name.ts";
import { isLedgerFile, openSqliteLedger, type SqliteLedgerOptions } from "./ledger.ts";
import type { PlacedLedger } from "./placed-ledger.ts";
import { readPostgresUrl } from "./postgres/place.ts";
import type { TurnThread } from "./sending/turn-thread.ts";

/** Beyond so many messages a second of one process a file is turned in a thread of its own. */
const THREAD_FROM = 1_000;

/** A ledger that was opened. */
export interface OpenedLedger extends PlacedLedger {
  /**
   * Starts the turns of a process that sends so many messages a second over all its numbers. Above
   * one number's ceiling posting cannot wait for commits; below it a thread costs more CPU than it
   * saves.
   */
  startTurns(messagesPerSecond: number): Promise<TurnThread>;
}

/** How a ledger is opened; a server makes nothing of what concerns files alone. */
export type LedgerOptions = Pick<
  SqliteLedgerOptions,
  "readOnly" | "busyTimeoutMs" | "make" | "isGuest"
>;

/**
 * @param address the absolute path of a file, or a URL
 * @throws LedgerError as the opening of either does; OperatorError for a URL that cannot be read
 */
export async function openLedgerAt(
  address: string,
  options: LedgerOptions = {},
): Promise<OpenedLedger> {
  if (!isServerAddress(address)) {
    const ledger = await openSqliteLedger(address, options);
    const opened = withTurns(ledger);
    return {
      ...opened,
      async startTurns(rate) {
        if (rate <= THREAD_FROM) return opened.startTurns(rate);
        const { startTurnThread } = await import("./sending/turn-thread.ts");
        return startTurnThread(address);
      },
    };
  }
  const { openPostgresLedger } = await import("./postgres/postgres-ledger.ts");
  return withTurns(await openPostgresLedger(address, options));
}

/**
 * Opens the ledger where there is one, over one connection; makes none.
 * @throws as `openLedgerAt`
 */
export async function openLedgerIfThere(
  address: string,
  options: Omit<LedgerOptions, "make"> = {},
): Promise<OpenedLedger | undefined> {
  if (!isServerAddress(address)) {
    return isLedgerFile(address) ? openLedgerAt(address, { ...options, make: "never" }) : undefined;
  }
  const { openPostgresIfThere } = await import("./postgres/postgres-ledger.ts");
  const ledger = await openPostgresIfThere(address, { ...options, make: "never" });
  return ledger && withTurns(ledger);
}

/** Turns on the ledger's own connection. */
function withTurns(ledger: PlacedLedger): OpenedLedger {
  const { turn, turnAll } = ledger;
  return { ...ledger, startTurns: async () => ({ turn, turnAll, close: async () => {} }) };
}

/**
 * Whether there is a ledger; of a file, whether there is anything in it, of whatever kind.
 * @throws LedgerError when a server does not answer
 */
export async function isLedgerAt(address: string): Promise<boolean> {
  if (!isServerAddress(address)) return isLedgerFile(address);
  const { isPostgresLedger } = await import("./postgres/postgres-ledger.ts");
  return isPostgresLedger(address);
}

/** The address as people may see it: without a password. */
export function placeOf(address: string): string {
  return isServerAddress(address) ? readPostgresUrl(address).shown : address;
}
