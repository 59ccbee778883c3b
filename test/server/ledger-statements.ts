// Every statement that a ledger asks of its engine, as text.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import type { ParameterType } from "../../src/ledger/engine.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  sendUser,
  T0,
  turn,
} from "../ledger/conformance/builders.ts";

const ENGINE = "../../src/ledger/engine.ts";

/** What a claim asks about each dispatch; a statement for every combination. */
const QUESTIONS = ["suppressed", "userIds", "forgotten", "refused", "excluded"] as const;
type Question = (typeof QUESTIONS)[number];

export interface LedgerStatements {
  statements: string[];
  /** Those that are asked for sets, with the types of their parameters. */
  sets: Map<string, readonly ParameterType[]>;
}

/**
 * Notes the statements while a ledger is opened, which makes nearly all of them, and while it
 * claims with every combination of what it has to ask.
 */
export async function ledgerStatements(): Promise<LedgerStatements> {
  const texts = new Set<string>();
  const sets = new Map<string, readonly ParameterType[]>();
  vi.resetModules();
  vi.doMock(ENGINE, async (importOriginal) => {
    const engine = await importOriginal<typeof import("../../src/ledger/engine.ts")>();
    const statement: typeof engine.statement = (sql) => {
      texts.add(sql);
      return engine.statement(sql);
    };
    const setStatement: typeof engine.setStatement = (sql, types) => {
      texts.add(sql);
      const made: ReturnType<typeof engine.setStatement> = engine.setStatement(sql, types);
      sets.set(sql, made.types);
      return made as never;
    };
    return { ...engine, statement, setStatement };
  });
  const folder = await mkdtemp(join(tmpdir(), "ledger-statements-"));
  try {
    const { openSqliteLedger } = await import("../../src/ledger/ledger.ts");

    for (let bits = 0; bits < 2 ** QUESTIONS.length; bits += 1) {
      const asked = new Set(QUESTIONS.filter((_, at) => (bits >> at) % 2 === 1));
      // Who was forgotten is on the list of the suppressed.
      if (asked.has("forgotten") && !asked.has("suppressed")) continue;
      const ledger = await openSqliteLedger(join(folder, `${bits}.sqlite`));
      await claim(ledger, asked);
      await ledger.violations();
      await ledger.close();
    }
    return { statements: [...texts], sets };
  } finally {
    vi.doUnmock(ENGINE);
    vi.resetModules();
    await rm(folder, { recursive: true });
  }
}

/** Claims from a campaign of which these questions have to be asked. */
async function claim(ledger: Ledger, asked: ReadonlySet<Question>): Promise<void> {
  const user = asked.has("userIds") ? [sendUser(5, "BR.1234567890")] : [];
  const id = await planned(ledger, [send(1), send(2), send(3), send(4), ...user]);
  if (asked.has("excluded")) {
    const other = await planned(ledger, [send(1)]);
    const campaigns = await ledger.listCampaigns();
    const name = campaigns.find((campaign) => campaign.id === other)?.name ?? "";
    await ledger.keepExclusions(id, [name]);
  }
  if (asked.has("suppressed")) {
    const entry = { phone: phoneOf(8), person: personKey(8), userId: null };
    await ledger.suppress([{ ...entry, reason: "asked", source: "manual" }], T0);
  }
  if (asked.has("forgotten")) await ledger.forget({ person: personKey(9) }, null, T0);
  if (asked.has("refused")) {
    const { claimed } = await ledger.turn(turn(id, { claim: 1 }));
    const record = claimed.map((one) => answerTo(one, accepted(one.row), { refusesRegion: "BR" }));
    await ledger.turn(turn(id, { record }));
  }
  await ledger.turn(turn(id, { claim: 2 }));
}
