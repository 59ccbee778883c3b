// `campaign serve`: the live page, together with the receiver of webhooks, in one process on one
// port.

import { randomBytes } from "node:crypto";
import { isAbsolute, relative } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { shellWord } from "../../domain/result/open-items.ts";
import { placeOf } from "../../ledger/open.ts";
import type { LiveLedger, LiveServerOptions } from "../../web/live/context.ts";
import { livePage, workspacePages } from "../../web/live/live.ts";
import { startLiveServer } from "../../web/live/server.ts";
import { makeManifestSettings } from "../campaign/manifest-settings.ts";
import { readSuppressed } from "../campaign/optouts.ts";
import type { WebhookSecrets } from "../campaign/wiring.ts";
import {
  givenServePassword,
  givenWebhookSecrets,
  usePort,
  webhookSecrets,
} from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import type { Log } from "../print/log.ts";
import { openServerLog } from "../print/log.ts";
import { say, warn } from "../print/print.ts";
import { keepSecret, redact } from "../print/redact.ts";
import { printAddress } from "../process/address.ts";
import { startActingThread, startReadingThread } from "../process/ledger-thread.ts";
import { openPatientLedger, startReceiving } from "../process/receiving.ts";
import { makeTestSender } from "../process/test-sending.ts";
import {
  makeUnrouted,
  startWorkspaceReceiving,
  unroutedSentence,
} from "../process/workspace-receiving.ts";
import type { OpenWorkspace, Workspace } from "../process/workspaces.ts";
import { openWorkspace, readWorkspaces } from "../process/workspaces.ts";

/** Bytes of a generated password: 24 characters, too many to guess. */
const PASSWORD_BYTES = 18;
/** A shorter password of the operator's is worth a warning. */
const PASSWORD_LENGTH_MIN = 12;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;
/** Listening there is listening everywhere; no browser uses it as a host name. */
const EVERYWHERE = ["0.0.0.0", "::"];

interface ServeFlags {
  port: number;
  host: string;
  allowHost?: string[];
  https?: boolean;
  webhooks: boolean;
  /** Folders; left out: the one ledger of this folder. */
  workspace?: string[];
}

/** Runs the command until a signal; gives its exit code. */
export async function serve(flags: ServeFlags, context: CommandContext): Promise<ExitCode> {
  return flags.workspace === undefined
    ? await serveOne(flags, context)
    : await serveSeveral(flags.workspace, flags, context);
}

async function serveOne(flags: ServeFlags, context: CommandContext): Promise<ExitCode> {
  const secrets = secretsFor(flags);
  const password = passwordFor();
  const log = openServerLog(context.options);
  const ledger = await openPatientLedger(context);
  const threads = threadsOf(ledger.address, context);
  const shown = pageOptions(flags, password, log);
  try {
    const { allowHosts } = shown;
    const page = livePage({ ...shown, ...threads.live });
    const { host, port } = flags;
    const server =
      secrets === undefined
        ? await usePort(port, () => startLiveServer({ host, port, register: page }))
        : await startReceiving(ledger, { host, port, ...secrets, allowHosts, register: page, log });
    const { url } = server;
    warnOf(flags);
    const webhooks = secrets === undefined ? null : `${url}/webhooks`;
    await serveUntilStopped(server, { webhooks, more: { ledger: ledger.place }, context, log });
  } finally {
    await threads.close();
    await ledger.close();
  }
  return EXIT.done;
}

/** One server for several folders, each with its own policy, secrets and ledger. */
async function serveSeveral(
  folders: readonly string[],
  flags: ServeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const password = passwordFor();
  const workspaces = await readWorkspaces(folders, context);
  const isReceiving = flags.webhooks && receivesAny(workspaces);
  const log = openServerLog(context.options);
  const opened: OpenWorkspace[] = [];
  const threads: Threads[] = [];
  const unrouted = makeUnrouted();
  const shown = pageOptions(flags, password, log);
  try {
    for (const one of workspaces) {
      say(`workspace ${one.name}: ledger ${placeOf(one.address)}`);
      const workspace = await openWorkspace(one, { context, log });
      opened.push(workspace);
      const fault = workspace.fault();
      if (fault !== null) warn(`workspace ${one.name}: ${fault.message}`);
      threads.push(threadsOf(one.address, context));
    }
    const page = workspacePages({
      ...shown,
      workspaces: threads.map(({ live }, at) => ({ ...live, name: opened[at]?.name ?? "" })),
      notice: () => unroutedSentence(unrouted),
    });
    const { host, port } = flags;
    const { allowHosts } = shown;
    const server = isReceiving
      ? await startWorkspaceReceiving(opened, {
          ...{ host, port, allowHosts, register: page, log, unrouted },
        })
      : await usePort(port, () => startLiveServer({ host, port, register: page }));
    warnOf(flags);
    const webhooks = isReceiving ? `${server.url}/webhooks` : null;
    const more = {
      workspaces: workspaces.map(({ name, address }) => ({ name, ledger: placeOf(address) })),
    };
    await serveUntilStopped(server, { webhooks, more, context, log });
  } finally {
    await Promise.all(threads.map((one) => one.close()));
    await Promise.all(opened.map((one) => one.close()));
  }
  return EXIT.done;
}

/** Says which of them get no webhooks; whether any does. */
function receivesAny(workspaces: readonly Workspace[]): boolean {
  const lacking = workspaces.filter(
    ({ secrets: { appSecrets, verifyToken } }) => appSecrets.length === 0 || verifyToken === "",
  );
  for (const { name } of lacking) {
    say(
      `workspace ${name} receives no webhooks: WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN are not both set in its .env or the environment.`,
    );
  }
  return lacking.length < workspaces.length;
}

interface Threads {
  live: LiveLedger;
  close(): Promise<void>;
}

/** The threads in which pages read a ledger and change it. */
function threadsOf(address: string, context: CommandContext): Threads {
  const reads = startReadingThread(address);
  const actions = startActingThread(address);
  const settingsOf = makeManifestSettings();
  const close = async () => {
    await Promise.all([reads.close(), actions.close()]);
  };
  context.beforeQuit(close);
  return {
    live: {
      ...{ ledger: reads, actions, settingsOf },
      async report(campaign: CampaignRecord, page: string): Promise<string> {
        const settings = await settingsOf(campaign);
        return reads.reportPage(campaign.id, systemClock.now(), settings, page);
      },
      sendTest: makeTestSender(address, context.stop),
    },
    close,
  };
}

/** Prints where it listens, and waits for the end. */
async function serveUntilStopped(
  server: { url: string; close(): Promise<void> },
  about: {
    webhooks: string | null;
    /** For scripts. */
    more: Readonly<Record<string, unknown>>;
    context: CommandContext;
    log: Log;
  },
): Promise<void> {
  const { url } = server;
  const { webhooks, more, log } = about;
  const { stop } = about.context;
  const receiver = webhooks === null ? "" : `Receiver: ${webhooks}\n`;
  printAddress({ url, webhooks, ...more }, `Live page: ${url}\n${receiver}Ctrl-C ends it.`);
  log.info({ url, webhooks: webhooks !== null }, "serving");
  await new Promise<void>((ended) => {
    if (stop.aborted) ended();
    stop.addEventListener("abort", () => ended(), { once: true });
  });
  await server.close();
}

function pageOptions(flags: ServeFlags, password: string, log: Log): LiveServerOptions {
  const { host, allowHost = [], https } = flags;
  return {
    clock: systemClock,
    password,
    allowHosts: EVERYWHERE.includes(host) ? allowHost : [...allowHost, host],
    isHttps: https === true,
    readPerson: (text, entry) => readSuppressed(text, { ...entry, region: undefined }),
    mask: redact,
    manifestName: (path) => shellWord(nearPath(path)),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    onError: (error) => log.error({ err: error }, "a page could not be made"),
  };
}

/** As a command in this server's folder names it. */
function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith("..") || isAbsolute(near) ? path : near;
}

/** Half of what webhooks need is a mistake; nothing of it is a wish for the page alone. */
function secretsFor({ webhooks }: ServeFlags): WebhookSecrets | undefined {
  if (!webhooks) return undefined;
  const { appSecrets, verifyToken } = givenWebhookSecrets();
  if (appSecrets.length > 0 || verifyToken !== "") return webhookSecrets();
  say(
    "No webhooks are received: WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN are not set. The live page alone is served.",
  );
  return undefined;
}

function passwordFor(): string {
  const given = givenServePassword();
  if (given === "") {
    const made = randomBytes(PASSWORD_BYTES).toString("base64url");
    say(
      `Password for this time: ${made}\nTo choose one, set CAMPAIGN_SERVE_PASSWORD in the environment or .env.`,
    );
    // Said once; from now on it is kept out of every line.
    keepSecret(made);
    return made;
  }
  if (given.length < PASSWORD_LENGTH_MIN) {
    warn(
      `CAMPAIGN_SERVE_PASSWORD is shorter than ${PASSWORD_LENGTH_MIN} characters; a longer one is harder to guess.`,
    );
  }
  return given;
}

function warnOf({ host, allowHost = [], https }: ServeFlags): void {
  if (LOOPBACK.test(host)) return;
  if (https !== true) {
    warn(
      `${host} can be reached from other machines, and this server speaks no TLS: password and numbers would be readable on the way. Put a proxy with TLS in front, and give --https.`,
    );
  }
  if (EVERYWHERE.includes(host) && allowHost.length === 0) {
    warn(
      "the live page answers only to names of this machine. Give the name by which it is reached with --allow-host.",
    );
  }
}
