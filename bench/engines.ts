// The same work on both engines: planning a list and sending it at Meta's ceiling, with the ledger
// in a file and on a PostgreSQL server of this machine, in turns.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ledgerUrl, startPostgres } from "../test/support/postgres.ts";
import type { Whole } from "./children.ts";
import { whole } from "./children.ts";
import { startPeer } from "./peer.ts";
import { writePeople } from "./people.ts";

/** One measurement of each round, of both. */
export interface EngineRounds {
  file: Whole[];
  server: Whole[];
}

/** @param rate messages a second */
export async function benchEngines(
  messages: number,
  rounds: number,
  rate: number,
): Promise<EngineRounds> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  const [peer, server] = await Promise.all([startPeer(0, 0), startPostgres()]);
  const { manifest } = writePeople(folder, messages, peer.url);
  const result: EngineRounds = { file: [], server: [] };
  const sent = async (ledger?: string): Promise<Whole> => {
    const took = await whole(manifest, "send", peer.url, rate, ledger);
    if ((await peer.arrivals()).length !== messages) throw new Error("not all arrived");
    return took;
  };
  try {
    for (let round = 0; round < rounds; round += 1) {
      result.file.push(await sent());
      rmSync(join(folder, "data"), { recursive: true });
      result.server.push(await sent(await ledgerUrl(server)));
    }
  } finally {
    await Promise.all([peer.end(), server.end()]);
    rmSync(folder, { recursive: true });
  }
  return result;
}
