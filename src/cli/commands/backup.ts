// `campaign backup`: a copy of the ledger in one file, made while campaigns run.

import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import { isServerAddress } from "../../domain/manifest/ledger-name.ts";
import type { BackupProgress } from "../../ledger/file/backup.ts";
import { backUpLedger } from "../../ledger/file/backup.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import { ledgerAddress, noLedger, sayLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { print, printJson } from "../print/print.ts";
import { startProgress } from "../print/progress.ts";

const MIB = 1024 * 1024;

/** The `--json` document of `backup`. Keys may be added. */
interface BackupResult {
  /** Absolute paths. */
  ledger: string;
  file: string;
  bytes: number;
  campaigns: number;
  rows: number;
  /** ISO 8601 UTC: the copy has everything that was committed before. */
  at: string;
}

/** Runs the command; gives its exit code. */
export async function backup(
  name: string,
  flags: { json?: boolean },
  { options, stop }: CommandContext,
): Promise<ExitCode> {
  const ledger = ledgerAddress(options);
  if (isServerAddress(ledger)) throw ofServer();
  if (!(await sayLedger(ledger))) throw noLedger(ledger);
  const file = targetOf(name);
  const at = new Date().toISOString();
  await copy(ledger, file, stop);
  const result = { ledger, file, bytes: statSync(file).size, ...(await contentsOf(file)), at };
  if (flags.json) printJson(result);
  else print(textOf(result));
  return EXIT.done;
}

function ofServer(): OperatorError {
  return new OperatorError({
    message: "the ledger is on a server, which this command does not copy",
    hint: "Back it up as the server's other databases are: with pg_dump, or by its own backup.",
  });
}

function targetOf(name: string): string {
  if (name === "-" || name.trim() === "") {
    throw new OperatorError({
      message: "the copy of a ledger needs the name of a file",
      hint: "Name a file, such as `campaign backup backups/2026-11-29.sqlite`.",
    });
  }
  const file = resolve(name);
  if (existsSync(file)) throw isThere(name);
  if (!existsSync(dirname(file))) {
    throw new OperatorError({
      message: `there is no folder ${dirname(file)}`,
      hint: "Make it first, for your user alone: the copy holds your customers' numbers.",
    });
  }
  return file;
}

function isThere(name: string): OperatorError {
  return new OperatorError({
    message: `${plain(name)} is there already; nothing was written`,
    hint: "Choose another name, such as one with the date in it.",
  });
}

async function copy(ledger: string, file: string, stop: AbortSignal): Promise<void> {
  let progress: BackupProgress = { kind: "copying", share: 0 };
  const line = startProgress(() =>
    progress.kind === "checking"
      ? "checking the copy"
      : `copying: ${Math.floor(progress.share * 100)}%`,
  );
  try {
    await backUpLedger(ledger, file, (now) => {
      progress = now;
      throwIfStopped(stop, "no copy was made");
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw isThere(file);
    if (error instanceof LedgerError || typeof code !== "string") throw error;
    throw new OperatorError({
      message: `no copy was made: ${file} cannot be written (${code})`,
      hint: "Look at the right to write in its folder, and at the free space on its disk.",
    });
  } finally {
    line.end();
  }
}

async function contentsOf(file: string): Promise<{ campaigns: number; rows: number }> {
  const copied = await openLedgerAt(file, { readOnly: true });
  try {
    const campaigns = await copied.listCampaigns();
    const rows = campaigns.reduce((sum, campaign) => sum + campaign.rows, 0);
    return { campaigns: campaigns.length, rows };
  } finally {
    await copied.close();
  }
}

function textOf({ file, bytes, campaigns, rows }: BackupResult): string {
  const size = `${Math.max(0.1, bytes / MIB).toFixed(1)} MiB`;
  return [
    `${file}: ${plural(campaigns, "campaign")}, ${plural(rows, "row")}, ${size}; whole and checked.`,
    "It does not know of what is sent from now on: read docs/ledger.md before you put it back.",
  ].join("\n");
}
