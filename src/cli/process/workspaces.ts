// Several workspaces in one server: each a folder with its own policy, secrets and ledger. A ledger
// that cannot be opened is tried again, and stops none of the others.

import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import type { Senders } from "../../domain/campaign/campaign-ports.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import type { WebhookBody } from "../../domain/receipts/processing.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { openLedgerAt, placeOf } from "../../ledger/open.ts";
import type { WebhookSecrets } from "../campaign/wiring.ts";
import { givenWebhookSecrets, ledgerAddress, stopWords } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { openProject, preparePolicy } from "../files/project.ts";
import type { Log } from "../print/log.ts";
import { withoutSecrets } from "../print/redact.ts";
import type { LedgerWork } from "./ledger-work.ts";
import { startLedgerWork } from "./ledger-work.ts";

/** How long a verb waits for another process's transaction, blocking this one, in milliseconds. */
const BUSY_MS = 250;
/** A ledger that cannot be opened is tried again after this, in milliseconds. */
const OPEN_AGAIN_MS = 10_000;
/** Senders that are not known are asked for again after this, in milliseconds. */
const SENDERS_MS = 1_000;
/** A name stands in addresses and in metrics. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** A folder with its own policy, secrets and ledger. */
export interface Workspace {
  name: string;
  /** Of the ledger: an absolute path, or the URL of a server. */
  address: string;
  secrets: WebhookSecrets;
  stopWords: readonly string[];
}

/**
 * Reads the workspaces of a server.
 * @param given folders, each as `FOLDER` or `NAME=FOLDER`; its last part is its name
 * @throws OperatorError for a folder that is none, and for two with one name or one ledger
 */
export async function readWorkspaces(
  given: readonly string[],
  { options }: Pick<CommandContext, "options">,
): Promise<Workspace[]> {
  if (options.ledger !== undefined) {
    throw new OperatorError({
      message: "--ledger names one ledger, and each workspace has its own",
      hint: 'Leave it out: "ledger:" in a workspace\'s policy.yaml, or CAMPAIGN_LEDGER in its .env, names another place.',
    });
  }
  const workspaces: Workspace[] = [];
  for (const text of given) workspaces.push(await readWorkspace(text));
  for (const [at, one] of workspaces.entries()) {
    const before = workspaces.slice(0, at);
    if (before.some(({ name }) => name === one.name)) {
      throw new OperatorError({
        message: `two workspaces are called ${one.name}`,
        hint: "Give one of them another name: --workspace NAME=FOLDER.",
      });
    }
    const same = before.find(({ address }) => address === one.address);
    if (same === undefined) continue;
    throw new OperatorError({
      message: `the workspaces ${same.name} and ${one.name} have the same ledger, ${placeOf(one.address)}`,
      hint: "CAMPAIGN_LEDGER in the environment counts for all of them: take it out, and name each ledger in its workspace's policy.yaml or .env.",
    });
  }
  return workspaces;
}

async function readWorkspace(text: string): Promise<Workspace> {
  const [, given, path = text] = /^([^=/\\]+)=(.+)$/s.exec(text) ?? [];
  const folder = resolve(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new OperatorError({
      message: `--workspace ${text}: there is no such folder`,
      hint: "Name the folder that has the workspace's policy.yaml, or its campaigns.",
    });
  }
  const name = given ?? basename(folder);
  if (!NAME.test(name)) {
    throw new OperatorError({
      message: `${JSON.stringify(name)} cannot be a workspace's name`,
      hint: "Give one of letters, digits, dots, dashes and underscores, since it stands in addresses: --workspace NAME=FOLDER.",
    });
  }
  await preparePolicy(folder);
  const project = openProject(folder);
  return {
    name,
    address: ledgerAddress({}, { project }),
    secrets: givenWebhookSecrets(project),
    stopWords: stopWords(project),
  };
}

/** A workspace as a server works with it. */
export interface OpenWorkspace extends Workspace {
  /** Keeps bodies. @throws LedgerError also while the ledger could not be opened */
  store(bodies: readonly WebhookBody[]): Promise<void>;
  /** What was kept is applied. */
  wake(): void;
  /**
   * Whose webhooks it is for, as far as it was ever known; null: the ledger could never be asked.
   */
  senders(isFresh: boolean): Promise<Senders | null>;
  /** The ledger's work; undefined while it cannot be opened. */
  work(): LedgerWork | undefined;
  /** Why the ledger is not open; null when it is. */
  fault(): Error | null;
  close(): Promise<void>;
}

/** Opens a workspace's ledger, now or as soon as that can be done. */
export async function openWorkspace(
  workspace: Workspace,
  { context, log }: { context: CommandContext; log: Log },
): Promise<OpenWorkspace> {
  const end = new AbortController();
  let make: "never" | "if_missing_or_empty" =
    context.options.newLedger === true ? "if_missing_or_empty" : "never";
  let ledger: OpenedLedger | undefined;
  let work: LedgerWork | undefined;
  let fault: Error | null = null;
  let known: { at: number; senders: Senders } | null = null;

  async function attempt(): Promise<void> {
    try {
      const opened = await openLedgerAt(workspace.address, { busyTimeoutMs: BUSY_MS, make });
      // Only a ledger that was asked for is made, and never again in its place.
      make = "never";
      work = startLedgerWork(opened, {
        log: log.child({ workspace: workspace.name }),
        stopWords: workspace.stopWords,
      });
      ledger = opened;
      if (fault !== null) log.info({ workspace: workspace.name }, "the ledger is open now");
      fault = null;
    } catch (error) {
      const first = fault === null;
      fault = error instanceof Error ? error : new Error(String(error));
      if (first) {
        const { name } = workspace;
        log.error(
          { err: error, workspace: name },
          "the ledger cannot be opened; it is tried again",
        );
      }
    }
  }

  await attempt();
  const trying = (async () => {
    while (ledger === undefined && !end.signal.aborted) {
      await systemClock.sleep(OPEN_AGAIN_MS, end.signal);
      if (!end.signal.aborted) await attempt();
    }
  })();
  return {
    ...workspace,
    async store(bodies) {
      if (ledger === undefined) throw asLedgerError(fault);
      await ledger.storeWebhookBodies(bodies.map(withoutSecrets));
    },
    wake: () => work?.applying.wake(),
    async senders(isFresh) {
      const isOld = known === null || systemClock.monotonic() - known.at > SENDERS_MS;
      if (ledger !== undefined && isOld && (isFresh || known === null)) {
        try {
          known = { at: systemClock.monotonic(), senders: await ledger.senders() };
        } catch (error) {
          if (!(error instanceof LedgerError)) throw error;
        }
      }
      return known?.senders ?? null;
    },
    work: () => work,
    fault: () => fault,
    async close() {
      end.abort();
      await trying;
      await work?.close();
      await ledger?.close();
    },
  };
}

function asLedgerError(fault: Error | null): LedgerError {
  if (fault instanceof LedgerError) return fault;
  return new LedgerError("unreachable", fault?.message ?? "the ledger is not open yet");
}
