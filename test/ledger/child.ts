// A process of its own for the tests that kill one: opens a ledger and does as its arguments say.
// Not a test.

import { setTimeout as sleep } from "node:timers/promises";
import type { Claim } from "../../src/domain/campaign/attempt.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { accepted, answerTo, turn } from "./conformance/builders.ts";

const [what, file = "", campaign = "c", lane = "l"] = process.argv.slice(2);

/** Takes turns as fast as it can; half of every turn's claims are answered in the next. */
async function takeTurns(): Promise<void> {
  const ledger = await openSqliteLedger(file);
  const id = Number(campaign);
  let flying: Claim[] = [];
  say("started");
  for (;;) {
    const answered = flying.slice(0, flying.length / 2);
    const record = answered.map((one) => answerTo(one, accepted(one.row)));
    const result = await ledger.turn(turn(id, { record, claim: 40 }));
    flying = [...flying.slice(answered.length), ...result.claimed];
    // What is claimed is said only now: the claim is on disk, and its message would be posted.
    say(`posted ${result.claimed.map((one) => one.row).join(" ")}`);
    await sleep(1);
  }
}

async function holdAndWait(): Promise<void> {
  const ledger = await openSqliteLedger(file);
  const since = 1_795_000_000_000;
  const hold = await ledger.hold({
    pid: process.pid,
    host: "test",
    campaign,
    lanes: [lane],
    since,
  });
  say(hold.kind);
  if (hold.kind === "held") await sleep(60_000);
}

async function openOnly(): Promise<void> {
  try {
    const ledger = await openSqliteLedger(file);
    say(`opened ${ledger.id}`);
    await ledger.close();
  } catch (error) {
    say(`refused ${String((error as { fault?: string }).fault)}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (what === "turns") await takeTurns();
else if (what === "hold") await holdAndWait();
else await openOnly();
