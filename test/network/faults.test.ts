// Every fault of the network at every moment, with real sockets: what the dispatch becomes, and the
// proof, from the servers' own lists, that nobody got a message twice. The table is data
// (*.table.ts) and is drawn in docs/network-faults.md.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { RunEnd } from "../../src/domain/sending/run-ports.ts";
import { numberOf } from "../support/harness.ts";
import { ANSWER } from "./answer.table.ts";
import type { Becomes, Cell, Met } from "./cell.ts";
import { CONNECTION } from "./connection.table.ts";
import { renderTable } from "./render.ts";
import type { Received } from "./scripted.ts";
import { acceptance, chunked, http, refusal } from "./scripted.ts";
import { silentAfterEachByte } from "./silence.ts";
import { STORM } from "./storm.table.ts";
import { stopSecureSender } from "./trust.ts";

const TABLE = [...CONNECTION, ...ANSWER, ...STORM];
const DOCUMENT = new URL("../../docs/network-faults.md", import.meta.url).pathname;
/** Cells that are played together; those that mostly wait are not counted, and begin at once. */
const AT_ONCE = 12;

interface Play {
  name: string;
  section: string;
  cell: Cell;
  met: Promise<Met>;
  start(): Promise<void>;
}

const plays = TABLE.flatMap(({ moment, cells }) =>
  cells.flatMap((cell) =>
    (cell.meet.onlyNew ? [false] : [false, true]).map((kept): Play => {
      let begin: (met: Promise<Met>) => void = () => {};
      const met = new Promise<Met>((resolve) => {
        begin = resolve;
      });
      met.catch(() => {});
      return {
        name: kept ? `${cell.fault}, on a kept socket` : cell.fault,
        section: moment,
        cell,
        met,
        start: async () => {
          begin(cell.meet.play(kept));
          await met.catch(() => {});
        },
      };
    }),
  ),
);

/** Answers that go silent after each of their bytes, and what the whole answer means. */
const silences = [
  {
    name: "200 with a length",
    answer: (request: Received) => http("200 OK", acceptance(request)),
    wholeMeans: "accepted",
  },
  {
    name: "200 in chunks",
    answer: (request: Received) => chunked("200 OK", acceptance(request)),
    wholeMeans: "accepted",
  },
  {
    name: "400 with Meta's error",
    answer: () => http("400 Bad Request", refusal(131026)),
    wholeMeans: "failed",
  },
  {
    name: "429 with Meta's error",
    answer: () => http("429 Too Many Requests", refusal(130429)),
    wholeMeans: "pending",
  },
].map((silence) => ({ ...silence, heard: undefined as Promise<string[]> | undefined }));

beforeAll(async () => {
  for (const silence of silences) {
    const { begun, heard } = await silentAfterEachByte(silence.answer);
    heard.catch(() => {});
    silence.heard = heard;
    await begun;
  }
  const queue = plays.filter(({ cell }) => cell.meet.slow !== true);
  for (const play of plays) if (play.cell.meet.slow === true) void play.start();
  const worker = async () => {
    for (let play = queue.shift(); play !== undefined; play = queue.shift()) await play.start();
  };
  for (let workers = 0; workers < AT_ONCE; workers += 1) void worker();
});
afterAll(stopSecureSender);

describe.each(TABLE.map(({ moment }) => moment))("%s", (moment) => {
  for (const play of plays.filter(({ section }) => section === moment)) {
    it(play.name, async () => {
      const met = await play.met;
      holds(play.cell, met);
      nobodyTwice(met);
      nobodyLost(met);
      if (play.cell.strangeIds !== true) idsAreTheirOwn(met);
      play.cell.check?.(met);
    });
  }
});

describe("in the answer: silence after each of its bytes", () => {
  for (const silence of silences) {
    it(silence.name, async () => {
      const heard = (await silence.heard) ?? [];
      expect(heard.length).toBeGreaterThan(100);
      heard.forEach((next, bytes) => {
        const expected = bytes === heard.length - 1 ? silence.wholeMeans : "unknown";
        expect(next, `after ${bytes} of ${heard.length - 1} bytes`).toBe(expected);
      });
    });
  }
});

/** The cell says what happened. */
function holds(cell: Cell, { sent, server, struck }: Met): void {
  const first = sent.attempts.find(({ row, attempt }) => row === struck && attempt === 1);
  const became = first?.next === "pending" ? "pending again" : first?.next;
  expect(cell.becomes, first?.detail ?? "").toContain(became as Becomes);
  // What is called pending was never begun, or was answered with a refusal.
  if (became === "pending again" && first?.httpStatus === null) expect(first.startedAt).toBeNull();
  expect(sent.end, JSON.stringify(sent.end)).toMatchObject(endOf(cell));
  if (cell.run === "waits, one try at a time") {
    expect(sent.attempts.every(({ next }) => next === "pending")).toBe(true);
  } else if (!cell.run.startsWith("halts")) {
    const others = sent.statuses.filter((_status, index) => index + 1 !== struck);
    if (cell.meet.cuts !== true) expect(new Set(others)).toEqual(new Set(["accepted"]));
    const last = sent.statuses[struck - 1];
    expect(last).toBe(became === "pending again" ? "accepted" : became);
  }
  const arrived = server?.wholeFor(numberOf(struck)).length ?? 0;
  expect(arrived).toBeGreaterThanOrEqual(cell.arrives[0]);
  expect(arrived).toBeLessThanOrEqual(cell.arrives[1]);
}

function endOf({ run }: Cell): Partial<RunEnd> | object {
  if (run.startsWith("halts: ")) return { kind: "halted", halt: { code: run.slice(7) } };
  if (run === "goes on, holds this one") return { kind: "stopped", why: "held" };
  if (run === "waits, one try at a time") return { kind: "stopped", why: "interrupted" };
  return { kind: "finished" };
}

/**
 * After a request that arrived whole and was not provably refused, none came for the same person.
 */
function nobodyTwice({ server }: Met): void {
  const taken = new Map<string, Received>();
  for (const request of server?.received ?? []) {
    if (!request.whole) continue;
    const before = taken.get(request.to);
    expect(before, `${request.to} again as request ${request.nth}`).toBeUndefined();
    if (!request.refused) taken.set(request.to, request);
  }
}

/**
 * Every row has an end or is open, people who were posted to are not open, and the ledger is sound.
 */
function nobodyLost({ sent, server }: Met): void {
  expect(sent.statuses).not.toContain("claimed");
  expect(sent.violations).toEqual([]);
  sent.statuses.forEach((status, index) => {
    const arrived = server?.wholeFor(numberOf(index + 1)) ?? [];
    const isTaken = arrived.some(({ refused }) => !refused);
    if (isTaken) expect(["accepted", "unknown", "failed"]).toContain(status);
    if (status === "accepted" && server !== undefined) {
      expect(server.received.length).toBeGreaterThan(0);
    }
  });
}

/** A message id that the ledger has was given to a request of the same person. */
function idsAreTheirOwn({ sent, server }: Met): void {
  for (const { row, messageId } of sent.messageIds) {
    const own = server?.wholeFor(numberOf(row)).map(({ nth }) => `wamid.${nth}`) ?? [];
    if (own.length > 0) expect(own, `row ${row}`).toContain(messageId);
  }
}

it("is what docs/network-faults.md says", () => {
  const text = renderTable(TABLE);
  if (process.env.UPDATE_DOCS === "1") {
    mkdirSync(new URL("../../docs/", import.meta.url), { recursive: true });
    writeFileSync(DOCUMENT, text);
  }
  expect(readFileSync(DOCUMENT, "utf8")).toBe(text);
});
