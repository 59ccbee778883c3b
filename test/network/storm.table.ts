// The table's third part: everybody is refused for speed, for a while.

import { expect } from "vitest";

import { limits, refuses } from "./acts.ts";
import type { Met, Scene, Section } from "./cell.ts";
import { cell } from "./cell.ts";
import type { Act } from "./scenes.ts";
import { healthy } from "./scenes.ts";
import { http, startScripted } from "./scripted.ts";
import { send } from "./sending.ts";

const RATE = 60;
const STORM_MS = 2000;

/** For a while everybody gets `act`; before and after it all is well. */
function storming(act: Act, sending: { rows: number; inFlight: number }): Scene {
  return {
    onlyNew: true,
    slow: true,
    async play() {
      let until = 0;
      const server = await startScripted({
        request: (socket, request, raw) => {
          until ||= performance.now() + STORM_MS;
          if (performance.now() < until) act(socket, request, raw);
          else healthy(socket, request);
        },
      });
      try {
        const sent = await send({ baseUrl: server.url, rate: RATE, ...sending });
        return { sent, server, struck: 1 };
      } finally {
        await server.close();
      }
    },
  };
}

/**
 * Slower after the storm began, faster again some time after its end, and within the limit all the
 * time.
 */
function slowsDownAndRecovers({ sent, server }: Met): void {
  expect(sent.statuses.every((status) => status === "accepted")).toBe(true);
  const { rates } = sent;
  const slowest = Math.min(...rates);
  expect(slowest).toBeLessThan(RATE * 0.71);
  expect(rates.at(-1)).toBeGreaterThan(slowest);
  const instants = server?.received.map(({ at }) => at) ?? [];
  const worst = instants.map((at) => instants.filter((one) => one >= at && one < at + 1000).length);
  expect(Math.max(...worst)).toBeLessThanOrEqual(Math.ceil(RATE * 1.02));
}

const many = { rows: 120, inFlight: 16 };
const page = http("429 Too Many Requests", "<h1>Slow down</h1>", "content-type: text/html");

// biome-ignore format: a cell a line
export const STORM: Section[] = [
  { moment: "a storm: everybody gets it for a while", cells: [
    cell("429 with 130429", "pending again", "slows down, recovers", "2-60", storming(refuses("429 Too Many Requests", 130429), many), { check: slowsDownAndRecovers }),
    cell("400 with 130429", "pending again", "slows down, recovers", "2-60", storming(refuses("400 Bad Request", 130429), many), { check: slowsDownAndRecovers }),
    cell("429 with HTML", "pending again", "slows down, recovers", "2-60", storming(limits(page), many), { check: slowsDownAndRecovers }),
  ] },
];
