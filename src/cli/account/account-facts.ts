// What a campaign depends on at Meta, for the commands: opens the account of a manifest, reads its
// facts, and keeps them in the ledger for a while, since Meta limits the calls of an hour.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CacheLedger } from "../../domain/account/cache-port.ts";
import type { AccountFacts } from "../../domain/account/facts.ts";
import { templatesOf } from "../../domain/account/facts.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { assert, EXIT, OperatorError } from "../../domain/common/errors.ts";
import { duration } from "../../domain/common/numbers.ts";
import { templateNames } from "../../domain/manifest/arms-of-manifest.ts";
import { GRAPH_VERSION } from "../../domain/manifest/manifest-account.ts";
import {
  isOfPermission,
  isOfToken,
  mayBeNoSuchObject,
  ruleByText,
} from "../../domain/sending/error-codes.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { Account } from "../../graph/account.ts";
import { openAccount } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";
import type { Sandbox } from "../../sandbox/server/server.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { say } from "../print/print.ts";
import { redact } from "../print/redact.ts";
import { startInnerSandbox } from "./inner-sandbox.ts";

/** Facts of an account are used again for so long. */
const KEPT_MS = 10 * 60_000;
/** Of the shape of facts: a version with another one finds none of this one's. */
const FORM = 5;
/** A wait for Meta that is longer than this is reported. */
const WAIT_SAID_MS = 2_000;

/** An open account; for `account: sandbox` with a sandbox of its own, unless one was given. */
export interface AccountConnection {
  account: Account;
  close(): Promise<void>;
}

/**
 * Opens the account of a manifest.
 * @param sandbox one that runs already, for `account: sandbox`; left out, one is started and ends
 * with `close`
 */
export async function connectAccount(
  loaded: LoadedManifest,
  options: {
    sandbox?: Sandbox | undefined;
    stop?: AbortSignal | undefined;
    /** As with `accessOf`. */
    lane?: string;
    /** Logs of sandboxes whose messages its own sandbox counts. */
    countedLogs?: readonly string[];
  } = {},
): Promise<AccountConnection> {
  const isOwn = loaded.manifest.account === "sandbox" && options.sandbox === undefined;
  const inner = isOwn ? await startOwnSandbox(loaded, options.countedLogs) : undefined;
  const access = accessOf(loaded, options.sandbox ?? inner?.sandbox, options.lane);
  let words = "";
  // The parts of an account are asked for side by side, and meet the same limit together.
  const onWait = (sentence: string, forMs: number): void => {
    if (forMs >= WAIT_SAID_MS && sentence !== words) {
      say(`Waiting ${duration(forMs)}: ${redact(sentence)}`);
    }
    words = sentence;
  };
  const open = openAccount({ ...access, redact, onWait, signal: options.stop });
  return {
    account: open,
    async close() {
      await open.close();
      await inner?.close();
    },
  };
}

/**
 * Where the account of a manifest is reached, and with what.
 * @param sandbox the one that runs, for `account: sandbox`
 * @param lane of several sending numbers the one; left out: the first
 */
export function accessOf(
  { manifest: { account } }: LoadedManifest,
  sandbox?: Sandbox,
  lane?: string,
): Access {
  if (account !== "sandbox") {
    return {
      baseUrl: account.base_url,
      version: account.graph_version,
      accessToken: account.access_token,
      phoneNumberId: lane ?? account.phone_number_id,
      phoneNumberIds: account.numbers.map((number) => number.phone_number_id),
      wabaId: account.waba_id,
    };
  }
  assert(sandbox !== undefined, "the simulator runs");
  return {
    baseUrl: sandbox.url,
    version: GRAPH_VERSION,
    accessToken: sandbox.accessToken,
    phoneNumberId: sandbox.phoneNumberId,
    phoneNumberIds: [sandbox.phoneNumberId],
    wabaId: sandbox.wabaId,
  };
}

interface Access {
  baseUrl: string;
  version: string;
  accessToken: string;
  phoneNumberId: string;
  /** All sending numbers; that one is the first. */
  phoneNumberIds: string[];
  wabaId: string | undefined;
}

/** A sandbox for questions only; its log proves nothing and is deleted with it. */
async function startOwnSandbox(
  loaded: LoadedManifest,
  countedLogs?: readonly string[],
): Promise<{ sandbox: Sandbox; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-account-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const logFile = join(folder, "sandbox.jsonl");
    const sandbox = await startInnerSandbox(loaded, logFile, undefined, countedLogs);
    return {
      sandbox,
      async close() {
        await sandbox.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

export interface FactsOptions {
  clock: Pick<Clock, "now">;
  /** Where facts are kept; left out: Meta is asked, and nothing is kept. */
  cache?: CacheLedger;
  /** Ask Meta in any case. */
  fresh?: boolean;
  /** As with `connectAccount`. */
  sandbox?: Sandbox | undefined;
  stop?: AbortSignal | undefined;
}

/**
 * The facts of a manifest's account, number and template, not older than ten minutes. Never throws
 * for what the other side does: what could not be read is in `unread`.
 */
export async function factsFor(
  loaded: LoadedManifest,
  options: FactsOptions,
): Promise<AccountFacts> {
  const { manifest } = loaded;
  const { clock, fresh = false } = options;
  // The sandbox's state is its scenario file's, which may change at any time, and asking it costs
  // nothing.
  const cache = manifest.account === "sandbox" ? undefined : options.cache;
  const kept = fresh ? undefined : await keptFacts(cache, keyOf(loaded), clock.now());
  if (kept !== undefined) return kept;
  const connection = await connectAccount(loaded, options);
  try {
    const facts = await connection.account.readFacts({
      templates: templateNames(manifest),
      now: clock.now(),
    });
    if (isWorthKeeping(loaded, facts)) {
      const entry = { key: keyOf(loaded), value: facts, at: facts.readAt };
      await cache?.keepCached("facts", entry, facts.readAt - KEPT_MS);
    }
    return facts;
  } finally {
    await connection.close();
  }
}

/** A clock that was put back must not make facts immortal. */
async function keptFacts(
  cache: CacheLedger | undefined,
  key: string,
  now: number,
): Promise<AccountFacts | undefined> {
  const entry = (await cache?.cached("facts"))?.find((one) => one.key === key);
  if (entry === undefined || now < entry.at || now >= entry.at + KEPT_MS) return undefined;
  return entry.value as AccountFacts;
}

/**
 * How a command ends that Meta, or the network, did not let through: 2 where manifest or token are
 * wrong, 75 where the same command may do later, 3 where a person must act at Meta. Any other error
 * comes back as it is.
 */
export function accountProblem(error: unknown, file: string): unknown {
  if (!(error instanceof GraphError)) return error;
  const { fault, message } = error;
  const { hint, exit } = howToFix(error);
  const id = fault === "refused" ? "meta_refused" : "meta_unreachable";
  return new OperatorError({ id, file, message, hint }, exit);
}

function howToFix({ fault, code, message }: GraphError): { hint: string; exit: ExitCode } {
  if (fault !== "refused") {
    return { hint: "Try the same command again later.", exit: EXIT.stopped };
  }
  const byText = code === null ? undefined : ruleByText({ code, message });
  if (byText !== undefined) return { hint: byText.todo, exit: EXIT.halted };
  if (isOfToken(code)) {
    const hint = "Put a token that is valid into the variable that account.access_token names.";
    return { hint, exit: EXIT.operator };
  }
  if (isOfPermission(code)) {
    const hint =
      "Give the token whatsapp_business_management, and its system user full control of the WhatsApp account.";
    return { hint, exit: EXIT.operator };
  }
  if (code === null || mayBeNoSuchObject(code)) {
    const hint =
      "Compare account.waba_id, account.phone_number_id and account.base_url with WhatsApp Manager, and see that the token may use them.";
    return { hint, exit: EXIT.operator };
  }
  return { hint: "Look at the account in WhatsApp Manager.", exit: EXIT.halted };
}

/** A digest, so that the ledger has nothing of the token; another token may see other things. */
function keyOf({ manifest }: LoadedManifest): string {
  return createHash("sha256")
    .update(JSON.stringify([FORM, manifest.account, templateNames(manifest)]))
    .digest("hex");
}

/**
 * Half an answer is not kept: who fixes what was wrong wants to see it fixed. Tokens often may not
 * be asked for.
 */
function isWorthKeeping({ manifest }: LoadedManifest, facts: AccountFacts): boolean {
  if (facts.token?.isValid === false) return false;
  // Without its id the account is never asked for, and there is nothing to wait for.
  const hasWaba = manifest.account === "sandbox" || manifest.account.waba_id !== undefined;
  if (!hasWaba) return facts.numbers.every((number) => number.facts !== null);
  return facts.unread.every(({ part }) => part === "token") && hasTemplates(facts);
}

function hasTemplates(facts: AccountFacts): boolean {
  if (facts.variants !== undefined) return facts.variants.length > 0;
  return templatesOf(facts).length === 1 + (facts.others ?? []).length;
}
