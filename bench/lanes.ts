// A campaign over several numbers in one process, by the built program, with the receipts of all of
// them coming in to a receiver on the same ledger.

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { openLedgerAt } from "../src/ledger/open.ts";
import type { FromLanesServer, LanesLog, ToLanesServer } from "./lanes-server.ts";
import { digitsOf } from "./people.ts";
import { appliedAll, partOf, SECRET, startReceiver } from "./webhooks.ts";

const SERVER = fileURLToPath(new URL("./lanes-server.js", import.meta.url));
const MAIN = resolve("dist/cli/main.js");
/** Fifteen thousand statuses a second take longer to apply than to send, in milliseconds. */
const APPLIED_MS_MAX = 120_000;
/** A campaign begins with a single request, and ends number by number: the rate is that between. */
const EDGE = 0.1;

export interface LanesResult {
  /** Requests a second of each number. */
  perSecond: number[];
  messages: number;
  statuses: number;
  refused: number;
  medianMs: number;
  p99Ms: number;
  /** From the last delivery to the last receipt that was applied. */
  appliedAfterMs: number;
  /** Messages whose receipts were all applied. */
  read: number;
}

/** Sends for so many seconds from so many numbers at a rate each. */
export async function benchLanes(
  lanes: number,
  rate: number,
  seconds: number,
): Promise<LanesResult> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  const server = fork(SERVER, [SECRET]);
  const ask = (asked: ToLanesServer) => server.send(asked);
  const [{ port }] = (await once(server, "message")) as [
    Extract<FromLanesServer, { port: number }>,
  ];
  writeCampaign(folder, { lanes, rate, people: lanes * rate * seconds, port });
  await program(folder, ["run", "campaign.yaml", "--plan-only", "--new-ledger"]);
  const ledger = join(folder, "data", "ledger.sqlite");
  const receiver = await startReceiver(ledger);
  ask({ webhooks: receiver.url });
  await program(folder, ["run", "campaign.yaml", "--yes"]);
  ask("log");
  const [{ log }] = (await once(server, "message")) as [{ log: LanesLog }];
  const opened = await openLedgerAt(ledger);
  const appliedAfterMs = await appliedAll(opened, APPLIED_MS_MAX);
  const campaign = await opened.findCampaign("lanes");
  const { counts } = await opened.tally(campaign?.id ?? 0);
  await opened.close();
  await receiver.end();
  ask("end");
  await once(server, "exit");
  rmSync(folder, { recursive: true });
  const latencies = log.latenciesMs.toSorted((one, other) => one - other);
  return {
    perSecond: Object.values(log.arrivals).map(rateOf),
    messages: Object.values(log.arrivals).flat().length,
    statuses: log.statuses,
    refused: log.refused,
    medianMs: partOf(latencies, 0.5),
    p99Ms: partOf(latencies, 0.99),
    appliedAfterMs,
    read: counts.read ?? 0,
  };
}

function rateOf(arrivals: readonly number[]): number {
  const [first, last] = [EDGE, 1 - EDGE].map((part) => Math.floor(arrivals.length * part)) as [
    number,
    number,
  ];
  return ((last - first) * 1_000) / ((arrivals[last] as number) - (arrivals[first] as number));
}

function writeCampaign(
  folder: string,
  about: { lanes: number; rate: number; people: number; port: number },
): void {
  const { lanes, rate, people, port } = about;
  const rows = Array.from({ length: people }, (_, at) => `+${digitsOf(at + 1)},Ana`);
  writeFileSync(join(folder, "list.csv"), `phone,first_name\n${rows.join("\n")}\n`);
  const numbers = Array.from({ length: lanes }, (_, at) => `10654035224300${at}`);
  writeFileSync(
    join(folder, "campaign.yaml"),
    `campaign: lanes
account:
  numbers:
${numbers.map((id) => `    - { phone_number_id: "${id}" }`).join("\n")}
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: http://127.0.0.1:${port}
recipients: { file: list.csv, phone: phone }
template: { name: spring_sale, language: pt_BR, body: ["{{ first_name }}"] }
rate: { messages_per_second: ${rate}, max_in_flight: 64 }
`,
  );
}

async function program(folder: string, args: string[]): Promise<void> {
  const env = { ...process.env, XDG_STATE_HOME: folder, WHATSAPP_ACCESS_TOKEN: "bench-token" };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${output}`);
}
