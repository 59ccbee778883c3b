// Posts as fast as a loop over a bare undici pool does, with nothing around it, in a process of its own.
// Arguments: URL, messages, sockets. Prints the milliseconds that it took.

import { Pool } from "undici";

import type { Claim } from "../src/domain/campaign/attempt.ts";
import { bodyOf, MESSAGE, PHONE_NUMBER_ID } from "./campaign.ts";
import { cellsOf, digitsOf } from "./people.ts";

const [url = "", messages = "0", sockets = "1"] = process.argv.slice(2);

const pool = new Pool(url, { connections: Number(sockets), pipelining: 1 });
const path = `/v25.0/${PHONE_NUMBER_ID}/marketing_messages`;
const headers = { authorization: "Bearer token", "content-type": "application/json" };
const build = bodyOf("bench", 1);
const bodies = Array.from({ length: Number(messages) }, (_, at) => {
  const rendered = MESSAGE.render(cellsOf(at + 1));
  const values = rendered.kind === "rendered" ? rendered.values : "[]";
  return build({ row: at + 1, attempt: 1, phone: `+${digitsOf(at + 1)}`, values } as Claim);
});

let next = 0;
const from = performance.now();
await Promise.all(
  Array.from({ length: Number(sockets) }, async () => {
    while (next < bodies.length) {
      const body = bodies[next++] as string;
      const answer = await pool.request({ path, method: "POST", headers, body });
      await answer.body.text();
    }
  }),
);
process.stdout.write(`${performance.now() - from}\n`);
await pool.close();
