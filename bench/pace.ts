// The pace at a rate, against a server that answers in 100 to 200 ms: how many begin in a second at the runner, and how many
// arrive in one at the server. Half-way the run is stopped and begun again, as a restart would.

import type { Planned } from "./campaign.ts";
import { planCampaign, sendCampaign } from "./campaign.ts";
import { startPeer } from "./peer.ts";

export interface PaceResult {
  rate: number;
  /** Part of the rate that was reached while there was work, the second of the restart left out. */
  reached: number;
  /** Most begins in any second at the runner, as a part of the rate. */
  worstAtRunner: number;
  /** Most arrivals in any second at the server, as a part of the rate. */
  worstAtServer: number;
}

/** Sends for so many seconds at a rate. */
export async function benchPace(rate: number, seconds: number): Promise<PaceResult> {
  const peer = await startPeer(100, 200);
  const planned = await planCampaign(rate * seconds);
  const begins: number[] = [];
  const half = Math.floor((rate * seconds) / 2);
  const reached: number[] = [];
  for (const limit of [half, rate * seconds - half]) {
    const mine = await sendPart(planned, peer.url, rate, limit);
    const span = ((mine.at(-1) as number) - (mine[0] as number)) / 1000;
    reached.push((mine.length - 1) / span / rate);
    begins.push(...mine);
  }
  const arrivals = await peer.arrivals();
  await peer.end();
  await planned.remove();
  return {
    rate,
    reached: reached.reduce((sum, one) => sum + one, 0) / reached.length,
    worstAtRunner: worstSecond(begins) / rate,
    worstAtServer: worstSecond(arrivals) / rate,
  };
}

async function sendPart(
  planned: Planned,
  url: string,
  rate: number,
  limit: number,
): Promise<number[]> {
  const begins: number[] = [];
  await sendCampaign(planned, {
    url,
    messagesPerSecond: rate,
    maxInFlight: Math.min(512, Math.max(8, Math.ceil(rate * 0.3))),
    limit,
    onBegin: () => begins.push(performance.timeOrigin + performance.now()),
  });
  return begins;
}

/** Most instants in any window of one second. */
function worstSecond(instants: number[]): number {
  const sorted = [...instants].sort((a, b) => a - b);
  let worst = 0;
  let from = 0;
  sorted.forEach((at, index) => {
    while (at - (sorted[from] as number) >= 1000) from += 1;
    worst = Math.max(worst, index - from + 1);
  });
  return worst;
}
