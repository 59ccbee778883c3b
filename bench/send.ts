// Sending with everything on, beside a bare undici loop: same server, same bodies, same sockets.

import { Pool } from "undici";

import type { Claim } from "../src/ledger.ts";
import { bodyOf, MESSAGE, PHONE_NUMBER_ID, planCampaign, sendCampaign } from "./campaign.ts";
import { startPeer } from "./peer.ts";
import { digitsOf } from "./people.ts";

const SOCKETS = 64;

/** Messages a second of a loop that does nothing but post. */
async function bare(url: string, messages: number): Promise<number> {
  const pool = new Pool(url, { connections: SOCKETS, pipelining: 1 });
  const path = `/v25.0/${PHONE_NUMBER_ID}/marketing_messages`;
  const headers = { authorization: "Bearer token", "content-type": "application/json" };
  const build = bodyOf("bench", 1);
  const bodies = Array.from({ length: messages }, (_, at) => {
    const rendered = MESSAGE.render({ first_name: `Ana ${at}`, coupon: `SPRING${at % 100}` });
    const values = rendered.kind === "rendered" ? rendered.values : "[]";
    return build({ row: at, attempt: 1, phone: `+${digitsOf(at)}`, values } as Claim);
  });
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      while (next < messages) {
        const body = bodies[next++] as string;
        const answer = await pool.request({ path, method: "POST", headers, body });
        await answer.body.text();
      }
    }),
  );
  const rate = (messages / (performance.now() - from)) * 1000;
  await pool.close();
  return rate;
}

async function everything(url: string, messages: number): Promise<number> {
  const planned = await planCampaign(messages);
  const from = performance.now();
  const { end, progress } = await sendCampaign(planned, {
    url,
    messagesPerSecond: null,
    maxInFlight: SOCKETS,
  });
  const rate = (messages / (performance.now() - from)) * 1000;
  if (end.kind !== "finished" || progress.accepted !== messages)
    throw new Error("not all were accepted");
  await planned.remove();
  return rate;
}

/** Messages a second of both, taken in turns so that a noisy machine is noisy for both. */
export async function benchSend(
  messages: number,
  rounds: number,
): Promise<{ bare: number[]; everything: number[] }> {
  const peer = await startPeer(0, 0);
  const result = { bare: [] as number[], everything: [] as number[] };
  await bare(peer.url, messages / 4);
  for (let round = 0; round < rounds; round += 1) {
    result.bare.push(await bare(peer.url, messages));
    result.everything.push(await everything(peer.url, messages));
    await peer.arrivals();
  }
  await peer.end();
  return result;
}
