// The model's part of a ledger that went back: receipts of attempts that it never made.

import fc from "fast-check";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { ReceiptStatus } from "../../../src/domain/receipts/receipt.ts";
import { receive } from "../conformance/receipts.ts";
import type { Dispatch, World } from "./model.ts";
import type { Reported } from "./receipts.ts";
import { bodyOfTold, modelReceive } from "./receipts.ts";

/**
 * A receipt of the attempt that would be the row's next one, or a person's decision to send all the
 * same.
 */
export const lostCommand = fc.record({
  do: fc.constant("lost" as const),
  row: fc.nat(30),
  status: fc.constantFrom<ReceiptStatus>("sent", "delivered", "read", "failed"),
  code: fc.constantFrom(131026, 131049),
  isOthers: fc.boolean(),
  how: fc.constantFrom("receipt", "receipt", "override"),
});

export type LostCommand = typeof lostCommand extends fc.Arbitrary<infer T> ? T : never;

const SETTLED_FROM = ["pending", "held", "failed", "unknown"];

export async function loseAsTold(
  ledger: Ledger,
  id: number,
  world: World,
  command: LostCommand,
): Promise<void> {
  const { now } = world;
  if (command.how === "override") {
    await ledger.overrideWentBack(world.lane, now);
    if (world.proof !== null) world.proof.overriddenAt = now;
    return;
  }
  const row = 1 + (command.row % world.rows.size);
  const dispatch = world.rows.get(row) as Dispatch;
  const attempt = dispatch.attempts + 1;
  const { status } = command;
  const reported: Reported = {
    ...{
      row,
      attempt,
      status,
      keyed: true,
      isNamed: true,
      messageId: `wamid.${world.lane}.${row}.${attempt}`,
    },
    person: (dispatch.person ?? 999) + (command.isOthers ? 50 : 0),
    code: status === "failed" ? command.code : undefined,
  };
  const applied = await receive(ledger, [bodyOfTold(world, ledger.id, id, reported)], now);
  expectLost(applied.lost);
  // What was parked comes first, and may settle the row before.
  modelReceive(world, []);
  prove(world, reported);
  if (SETTLED_FROM.includes(dispatch.status) && !command.isOthers) {
    const empty = { reason: null, messageId: null, acceptedAt: null, givenUp: false };
    Object.assign(dispatch, { ...empty, status: "unknown", attempts: attempt, claimedAt: now });
    world.made
      .get(row)
      ?.push({ person: reported.person, messageId: reported.messageId, outcome: "lost" });
  }
  modelReceive(world, [reported]);
}

function expectLost(lost: number): void {
  if (lost !== 1) throw new Error(`one receipt of a lost attempt was counted as ${lost}`);
}

function prove(world: World, { status }: Reported): void {
  const { proof, now } = world;
  const overriddenAt = proof?.overriddenAt ?? null;
  const isSentSince = overriddenAt !== null && status === "sent" && now > overriddenAt;
  if (proof === null || isSentSince) world.proof = { overriddenAt: null };
}
