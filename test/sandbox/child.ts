// A sandbox in a process of its own, to be killed: prints its address, and serves until then.

import { startSandbox } from "../../src/sandbox/server/server.ts";
import { scenarioOf } from "./posting.ts";

const logFile = process.argv[2] ?? "";
const scenario = scenarioOf({ throughput: null, receipt_delay_ms: null });
const sandbox = await startSandbox({ logFile, scenario });
process.stdout.write(`${sandbox.url}\n`);
