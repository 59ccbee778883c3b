// Sending with everything on, beside a bare undici loop: same server, same bodies, same sockets, each in a process of its own, as a
// campaign is. (In one process V8 would have to serve two ways of using undici at once, and the second one is the slower.)

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bare, whole } from "./children.ts";
import { startPeer } from "./peer.ts";
import { writePeople } from "./people.ts";

/** What `max_in_flight` of the bench's manifest says. */
const SOCKETS = 64;

/** Messages a second of both, taken in turns so that a noisy machine is noisy for both. */
export async function benchSend(
  messages: number,
  rounds: number,
): Promise<{ bare: number[]; everything: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  const peer = await startPeer(0, 0);
  const { manifest } = writePeople(folder, messages, peer.url);
  const result = { bare: [] as number[], everything: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    result.bare.push((messages / (await bare(peer.url, messages, SOCKETS))) * 1000);
    await peer.arrivals();
    const { sendMs } = await whole(manifest, "send", peer.url);
    result.everything.push((messages / sendMs) * 1000);
    if ((await peer.arrivals()).length !== messages) throw new Error("not all arrived");
    rmSync(join(folder, "data"), { recursive: true });
  }
  await peer.end();
  rmSync(folder, { recursive: true });
  return result;
}
