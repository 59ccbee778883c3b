// Starts a server of its own, says which process it is and where its files are, and waits to be
// killed.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { startPostgres } from "./postgres.ts";

const { data, sockets } = await startPostgres();
const [pid] = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
process.stdout.write(`${JSON.stringify({ pid, data, sockets })}\n`);
