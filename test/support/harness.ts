// What the tests of the whole program share: a folder with a campaign in it, the built program as a
// child process, and a sandbox in another process, whose log is the proof.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import Database from "better-sqlite3";

import type { Ended, ProgramOptions, Running } from "./programs.ts";
import { makeFolder, startProgram } from "./programs.ts";
import { startShared } from "./sandboxes.ts";

export type { Ended, Running };
export { makeFolder };

const MAIN = resolve("dist/cli/main.js");
const CLOCK_AHEAD = new URL("clock-ahead.mjs", import.meta.url).href;
/**
 * Claims are made at most this far ahead of posting (AHEAD_MAX_MS of src/domain/sending/run-state.ts),
 * in milliseconds.
 */
const AHEAD_MS = 80;
const STOPS_IN_BODY = 500;

export interface StartOptions extends ProgramOptions {
  /**
   * The command may make the ledger that is not there yet; true when left out, since every test
   * begins without one.
   */
  newLedger?: boolean;
  /** How far the program's clock is ahead, in milliseconds. */
  aheadMs?: number;
  /** What begins the command, such as `nsenter` with its options. */
  prefix?: readonly string[];
}

/** Starts the program as a person does. */
export function start(args: string[], options: StartOptions): Running {
  const { newLedger = true, aheadMs = 0, prefix = [], ...program } = options;
  const flags = newLedger ? ["--new-ledger"] : [];
  const clock = { CLOCK_AHEAD_MS: String(aheadMs), NODE_OPTIONS: `--import=${CLOCK_AHEAD}` };
  const env = { ...program.env, ...(aheadMs !== 0 && clock) };
  const [command, ...rest] = [...prefix, process.execPath, MAIN, ...flags, ...args];
  return startProgram(command as string, rest, { ...program, env });
}

/** Runs the program to its end. */
export function campaign(args: string[], options: StartOptions): Promise<Ended> {
  return start(args, options).ended;
}

export interface TestSandbox {
  url: string;
  phoneNumberId: string;
  /** All numbers of the account, the first one first. */
  phoneNumberIds: string[];
  token: string;
  log: string;
  /** Changes the scenario while it runs. */
  patch(change: object): Promise<void>;
  /** Ends it without warning: every connection is cut, answered or not. */
  kill(): Promise<void>;
}

/** Starts a sandbox that ends with the folder, in the process that sandboxes of tests share. */
export async function startSandbox(
  folder: string,
  scenario: string,
  port = 0,
): Promise<TestSandbox> {
  const files = writeScenario(folder, scenario);
  const { accessToken, close, ...address } = await startShared(folder, { ...files, port });
  return { ...address, token: accessToken, log: files.log, patch: patchOf(address), kill: close };
}

/** Starts a sandbox as people do: a program of its own. */
export async function startSandboxProcess(
  folder: string,
  scenario: string,
  port = 0,
): Promise<TestSandbox> {
  const { log } = writeScenario(folder, scenario);
  const args = ["sandbox", "--port", String(port), "--scenario", "scenario.yaml", "--log", log];
  const running = start(args, { cwd: folder });
  const address = JSON.parse(await running.line());
  return {
    url: address.url,
    phoneNumberId: address.phone_number_id,
    phoneNumberIds: address.phone_number_ids,
    token: address.access_token,
    log,
    patch: patchOf(address),
    async kill() {
      running.child.kill("SIGKILL");
      await running.ended;
    },
  };
}

function writeScenario(folder: string, text: string): { scenario: string; log: string } {
  const scenario = join(folder, "scenario.yaml");
  writeFileSync(scenario, text);
  return { scenario, log: join(folder, "sandbox.jsonl") };
}

function patchOf({ url }: { url: string }): TestSandbox["patch"] {
  return async (change) => {
    const answer = await fetch(`${url}/_sandbox`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(change),
    });
    if (!answer.ok) throw new Error(`PATCH /_sandbox: ${answer.status} ${await answer.text()}`);
  };
}

/** Events of the sandbox's log; a line that is not complete yet is left out. */
export function sandboxEvents(log: string): Record<string, unknown>[] {
  return readFileSync(log, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return line === "" ? [] : [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
}

/** A number of nobody's: Brazil's area 11 with a mobile range, one for each row. */
export function numberOf(row: number): string {
  return `+55119${String(70_000_000 + row)}`;
}

/** Writes a CSV of `rows` people, from the person of `first` on. */
export function writeCsv(folder: string, rows: number, name = "list.csv", first = 1): void {
  const lines = ["phone,first_name,coupon"];
  for (let row = first; row < first + rows; row += 1)
    lines.push(`${numberOf(row)},Ana ${row},SPRING${row % 100}`);
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
}

/**
 * A campaign that its pace alone keeps at work for minutes: for what happens in the middle of one,
 * however slow the machine is.
 */
export const LONG = { people: 1_000, pace: { rate: 5, inFlight: 16 } };

/** Starts a sandbox that limits no pair, and writes that campaign and its list. */
export async function startLong(
  folder: string,
): Promise<{ sandbox: TestSandbox; manifest: string; env: Record<string, string> }> {
  const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
  writeCsv(folder, LONG.people);
  const manifest = writeManifest(folder, sandbox, LONG.pace);
  return { sandbox, manifest, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } };
}

/**
 * Numbers that the sandbox of a log took a message to, in order; of a killed run only this tells
 * them.
 */
export function acceptedBy(log: string): string[] {
  return sandboxEvents(log).flatMap(({ event, to }) => (event === "accepted" ? [String(to)] : []));
}

/**
 * How many dispatches are claimed and not settled at any moment: in flight, and ahead of posting.
 */
export function claimedAtMost(pace: { rate: number; inFlight: number }): number {
  return Math.ceil((pace.rate / 1000) * AHEAD_MS) + pace.inFlight;
}

/** Webhook bodies by which the people of rows 1 to `people` opt out. */
export function stopBodies(people: number): string[] {
  const stops = Array.from({ length: people }, (_, at) => ({
    wa_id: numberOf(at + 1).slice(1),
    category: "marketing_messages",
    value: "stop",
    timestamp: 1,
  }));
  const bodies: string[] = [];
  for (let from = 0; from < people; from += STOPS_IN_BODY) {
    const value = { user_preferences: stops.slice(from, from + STOPS_IN_BODY) };
    const entry = [{ changes: [{ field: "user_preferences", value }] }];
    bodies.push(JSON.stringify({ object: "whatsapp_business_account", entry }));
  }
  return bodies;
}

/** Writes a manifest for a test sandbox; `more` is YAML put at its end. */
export function writeManifest(
  folder: string,
  sandbox: { url: string; phoneNumberId: string },
  options: {
    name?: string;
    campaign?: string;
    rate?: number;
    inFlight?: number;
    more?: string;
    template?: string;
    list?: string;
    /** Left out: the usual variable. */
    token?: string;
  } = {},
): string {
  const file = options.name ?? "campaign.yaml";
  writeFileSync(
    join(folder, file),
    `campaign: ${options.campaign ?? "test"}
account:
  phone_number_id: "${sandbox.phoneNumberId}"
  access_token: ${options.token ?? "${WHATSAPP_ACCESS_TOKEN}"}
  base_url: ${sandbox.url}
recipients:
  file: ${options.list ?? "list.csv"}
  phone: phone
template:
  name: ${options.template ?? "offer"}
  language: pt_BR
  body: ["{{ first_name }}", "{{ coupon }}"]
rate:
  messages_per_second: ${options.rate ?? 1000}
  max_in_flight: ${options.inFlight ?? 64}
${options.more ?? ""}`,
  );
  return file;
}

/** A scenario with the template of `writeManifest`, and whatever else. */
export function scenario(more = ""): string {
  return `templates:
  - name: offer
    language: pt_BR
    category: MARKETING
    status: APPROVED
    parameter_format: POSITIONAL
    components:
      - { type: BODY, text: "Oi {{1}}, use {{2}}." }
throughput: 1000
${more}`;
}

/** The keys of a manifest for the simulator inside a run, with receipts at once. */
export const QUICK_SANDBOX = `account: sandbox
sandbox: { scenario: ${resolve("test/support/quick.yaml")} }`;

/** Reads the ledger of a folder with SQL, as its owner would. */
export function query<T>(folder: string, sql: string): T[] {
  const db = new Database(join(folder, "data", "ledger.sqlite"), { readonly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}

/** Status → number, from the public view. */
export function statuses(folder: string): Record<string, number> {
  const rows = query<{ status: string; number: number }>(
    folder,
    "select status, count(*) as number from outcomes group by 1",
  );
  return Object.fromEntries(rows.map((row) => [row.status, row.number]));
}

/**
 * Runs the program at a terminal (a pseudo-terminal of util-linux's `script`), and gives every byte
 * that the terminal got; its line ends are `\r\n`.
 */
export async function atTerminal(
  args: string[],
  options: { cwd: string; env?: Record<string, string>; columns?: number },
): Promise<{ code: number | null; shown: string }> {
  const all = terminalArguments([process.execPath, MAIN, ...args], options.columns);
  const env = { TERM: "xterm-256color", ...options.env };
  const terminal = startProgram("script", all, { ...options, env });
  const { code, stdout } = await terminal.ended;
  return { code, shown: stdout };
}

/** The arguments of util-linux's `script` that run a command at a terminal of so many columns. */
export function terminalArguments(command: readonly string[], columns = 80): string[] {
  const quoted = command.map((one) => `'${one.replaceAll("'", "'\\''")}'`);
  return ["-qec", `stty cols ${columns} rows 24; exec ${quoted.join(" ")}`, "/dev/null"];
}
