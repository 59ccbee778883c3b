// Posts as a loop over a bare undici pool does, with nothing around it, in a process of its own.
// Arguments: URL, messages, sockets, messages a second (0 for as fast as it can). Prints one line
// of JSON.

import { setTimeout as sleep } from "node:timers/promises";

import { Pool } from "undici";

import type { Claim } from "../src/domain/campaign/attempt.ts";
import { bodyOf, MESSAGE, PHONE_NUMBER_ID } from "./campaign.ts";
import { cellsOf, digitsOf } from "./people.ts";

const [url = "", messages = "0", sockets = "1", perSecond = "0"] = process.argv.slice(2);

const pool = new Pool(url, { connections: Number(sockets), pipelining: 1 });
const path = `/v25.0/${PHONE_NUMBER_ID}/marketing_messages`;
const headers = { authorization: "Bearer token", "content-type": "application/json" };
const build = bodyOf("bench", 1);
const bodies = Array.from({ length: Number(messages) }, (_, at) => {
  const rendered = MESSAGE.render(cellsOf(at + 1));
  const values = rendered.kind === "rendered" ? rendered.values : "[]";
  return build({ row: at + 1, attempt: 1, phone: `+${digitsOf(at + 1)}`, values } as Claim);
});

/** How often a loop with a rate looks at the clock, in milliseconds. */
const TICK_MS = 5;
const rate = Number(perSecond);
let next = 0;
const before = process.cpuUsage();
const from = performance.now();
/** Messages that may have been posted by now. */
const due = () => (rate === 0 ? bodies.length : ((performance.now() - from) / 1000) * rate);
await Promise.all(
  Array.from({ length: Number(sockets) }, async () => {
    while (next < bodies.length) {
      if (next >= due()) {
        await sleep(TICK_MS);
        continue;
      }
      const body = bodies[next++] as string;
      const answer = await pool.request({ path, method: "POST", headers, body });
      await answer.body.text();
    }
  }),
);
const ms = performance.now() - from;
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${JSON.stringify({ ms, cpuMs: (user + system) / 1000 })}\n`);
await pool.close();
