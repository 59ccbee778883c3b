// The receiver of webhooks as people run it, in a process of its own: `campaign webhooks` without
// the reading of its arguments. Says on its standard output where it listens, ends by SIGTERM, and
// tells what memory and processor time it took. Arguments: file of the ledger.

import { webhooks } from "../src/cli/commands/webhooks.ts";

const [ledger = ""] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const options = { ledger, logLevel: "error" };
const context = { stop: stop.signal, beforeQuit: () => {}, options };
await webhooks({ port: 0, host: "127.0.0.1" }, context);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
process.send?.({ maxRssMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1_000 });
process.disconnect();
