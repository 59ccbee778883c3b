// Sending with everything on, beside a bare undici loop: same server, same bodies, same sockets,
// each in a process of its own, as a campaign is. (In one process V8 would have to serve two ways
// of using undici at once, and the second one is the slower.)

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bare, whole } from "./children.ts";
import { startPeer } from "./peer.ts";
import { writePeople } from "./people.ts";

/** What `max_in_flight` of the bench's manifest says. */
const SOCKETS = 64;

/** One measurement of each round, of both. */
export interface Rounds {
  bare: number[];
  everything: number[];
}

/**
 * Messages a second of both with no rate, and CPU a message at a rate, in microseconds; in turns,
 * so that noise is shared.
 */
export async function benchSend(
  messages: number,
  rounds: number,
  rate = 0,
): Promise<{ perSecond: Rounds; cpuMicroseconds: Rounds }> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  const peer = await startPeer(0, 0);
  const { manifest } = writePeople(folder, messages, peer.url);
  const perSecond: Rounds = { bare: [], everything: [] };
  const cpuMicroseconds: Rounds = { bare: [], everything: [] };
  for (let round = 0; round < rounds; round += 1) {
    const alone = await bare(peer.url, messages, SOCKETS, rate);
    await peer.arrivals();
    const all = await whole(manifest, "send", peer.url, rate);
    if ((await peer.arrivals()).length !== messages) throw new Error("not all arrived");
    perSecond.bare.push((messages / alone.ms) * 1000);
    perSecond.everything.push((messages / all.sendMs) * 1000);
    cpuMicroseconds.bare.push((alone.cpuMs / messages) * 1000);
    cpuMicroseconds.everything.push((all.sendCpuMs / messages) * 1000);
    rmSync(join(folder, "data"), { recursive: true });
  }
  await peer.end();
  rmSync(folder, { recursive: true });
  return { perSecond, cpuMicroseconds };
}
