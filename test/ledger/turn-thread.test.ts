// The ledger turned in a thread of its own, held to what every ledger must do; and what goes from
// thread to thread.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { AttemptRecord, Claim } from "../../src/domain/campaign/attempt.ts";
import type { Turn, TurnResult } from "../../src/domain/sending/turn.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import {
  packResult,
  packTurn,
  unpackResult,
  unpackTurn,
} from "../../src/ledger/sending/turn-message.ts";
import { importCompiled } from "../support/built.ts";
import { describeLedger } from "./conformance/conformance.ts";

const { startTurnThread } = await importCompiled<
  typeof import("../../src/ledger/sending/turn-thread.ts")
>("src/ledger/sending/turn-thread.ts");

describeLedger(
  "the ledger on SQLite, turned in a thread",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "ledger-"));
    const file = join(folder, "ledger.sqlite");
    const ledger = await openSqliteLedger(file);
    const thread = await startTurnThread(file);
    return {
      ledger: { ...ledger, turn: thread.turn },
      dispose: async () => {
        await thread.close();
        await ledger.close();
        await rm(folder, { recursive: true });
      },
    };
  },
  { only: "turns" },
);

describe("the thread", () => {
  it("tells a full disk as the ledger does, and goes on when there is room", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ledger-"));
    const file = join(folder, "ledger.sqlite");
    const ledger = await openSqliteLedger(file);
    const draft = { name: "a", lane: "1", frozen: {}, columns: [], now: 1 };
    const { id } = await ledger.createCampaign(draft);
    const rows = Array.from({ length: 2000 }, (_, at) => ({
      row: at + 1,
      line: at + 2,
      hash: at,
      phone: `+55119700${String(at).padStart(5, "0")}`,
      person: `55119700${String(at).padStart(5, "0")}`,
      userId: null,
      recipientId: null,
      region: "BR",
      verdict: { kind: "send" as const, values: `["${"x".repeat(100)}"]` },
      cells: "[]",
    }));
    await ledger.plan(id, rows, 1);
    const cramped = await startTurnThread(file, { maxPages: 1 });
    const turn = { campaign: id, now: 2, record: [], release: [], claim: 2000 };
    await expect(cramped.turn(turn)).rejects.toMatchObject({ name: "LedgerError", fault: "full" });
    await cramped.close();
    const roomy = await startTurnThread(file);
    expect((await roomy.turn(turn)).claimed).toHaveLength(2000);
    await roomy.close();
    await ledger.close();
    await rm(folder, { recursive: true });
  });

  it("says at the start that the file is no ledger", async () => {
    const file = new URL("../../package.json", import.meta.url).pathname;
    await expect(startTurnThread(file)).rejects.toMatchObject({ fault: "not_a_ledger" });
  });
});

const digits = fc.integer({ min: 1, max: 999_999_999_999_999 }).map(String);
const nullable = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });
const answer = fc.record({
  httpStatus: nullable(fc.constantFrom(200, 400, 500)),
  code: nullable(fc.nat()),
  subcode: nullable(fc.nat()),
  message: nullable(fc.string()),
  details: nullable(fc.string()),
  fbtraceId: nullable(fc.string()),
});
const plain = fc.constant({
  httpStatus: 200,
  code: null,
  subcode: null,
  message: null,
  details: null,
  fbtraceId: null,
});
const accepted = fc.record({
  to: fc.constant("accepted" as const),
  messageId: fc.oneof(fc.string(), fc.constant("wamid.1"), fc.constant("two\nlines")),
  messageStatus: nullable(fc.oneof(fc.constant("accepted"), fc.string())),
  waId: nullable(fc.oneof(digits, fc.string(), fc.constant("0123"))),
  userId: nullable(fc.string()),
});
const refused = fc.record({
  to: fc.constant("failed" as const),
  code: fc.string(),
  message: fc.string(),
});
const record: fc.Arbitrary<AttemptRecord> = fc
  .record({
    row: fc.nat(),
    attempt: fc.integer({ min: 1, max: 9 }),
    phone: nullable(fc.oneof(digits, fc.constant("0551")).map((text) => `+${text}`)),
    startedAt: nullable(fc.nat()),
    endedAt: fc.nat(),
    endpoint: fc.constantFrom("/v25.0/1/marketing_messages", "/v26.0/1/marketing_messages"),
    outcome: fc.constant("accepted" as const),
    answer: fc.oneof(plain, answer),
    next: fc.oneof({ weight: 3, arbitrary: accepted }, refused),
    suppress: fc.option(fc.constant({ reason: "131050" }), { nil: undefined }),
  })
  .map(({ suppress, ...rest }) => (suppress === undefined ? rest : { ...rest, suppress }));
const who = fc.oneof(
  digits.map((text) => ({ phone: `+${text}`, userId: null })),
  digits.map((text) => ({ phone: null, userId: `BR.${text}` })),
);
const claimed: fc.Arbitrary<Omit<Claim, "phone" | "userId">> = fc.record({
  row: fc.nat(),
  attempt: fc.integer({ min: 1, max: 9 }),
  region: nullable(fc.constantFrom("BR", "MX")),
  values: fc.array(fc.string()).map((values) => JSON.stringify(values)),
  holds: fc.nat(9),
  capped: fc.nat(9),
});
const zone = fc.constantFrom({}, { zone: 7 }, { arm: 2 }, { zone: 3, arm: 1 });
const claim = fc
  .tuple(claimed, who, zone)
  .map(([one, to, more]): Claim => ({ ...one, ...to, ...more }));

describe("what goes from thread to thread", () => {
  it("is a turn that comes out as it went in, whatever is in its records", () => {
    fc.assert(
      fc.property(fc.uniqueArray(record, { selector: (one) => one.row }), (records) => {
        const turn: Turn = { campaign: 1, now: 5, record: records, release: [], claim: 3 };
        const other = unpackTurn(structuredClone(packTurn({ ...turn, record: [...records] })));
        const byRow = (a: AttemptRecord, b: AttemptRecord) => a.row - b.row;
        expect(other.record.sort(byRow)).toEqual([...records].sort(byRow));
        expect({ ...other, record: [] }).toEqual({ ...turn, record: [] });
      }),
    );
  });

  it("is a result that comes out as it went in", () => {
    fc.assert(
      fc.property(fc.array(claim), fc.nat(), (claimed, suppressed) => {
        const number = claimed.length > 0 ? suppressed + 1 : null;
        const rest = { number, stale: 0, drained: false, full: null, cancelled: false };
        const stop = { kind: "paused" as const, code: "paused", sentence: "Paused.", at: 5 };
        const result: TurnResult = { claimed, suppressed, held: 2, stop, ...rest };
        expect(unpackResult(structuredClone(packResult(result)))).toEqual(result);
      }),
    );
  });
});
