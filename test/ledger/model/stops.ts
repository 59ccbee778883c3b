// The model's part of stops from outside the runner.

import fc from "fast-check";
import type { Stop } from "../../../src/domain/campaign/campaign.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { World } from "./model.ts";

/** A person stops the campaign, or lifts that again. */
export const stopCommand = fc.record({
  do: fc.constant("stop" as const),
  kind: fc.constantFrom<Stop["kind"]>("paused", "halted", "ramp", "plan"),
  how: fc.constantFrom("ask", "lift", "lift all"),
});

export type StopCommand = typeof stopCommand extends fc.Arbitrary<infer T> ? T : never;

export async function stopAsTold(
  ledger: Ledger,
  id: number,
  world: World,
  { kind, how }: StopCommand,
): Promise<void> {
  const { now, stops } = world;
  if (how === "lift all") {
    await ledger.askStop(id, null, now);
    Object.assign(stops, { paused: null, halted: null, ramp: null, plan: null });
  } else if (how === "ask") {
    await ledger.askStop(id, { kind, code: "asked", sentence: "Asked for.", at: now }, now);
    stops[kind] = now;
  } else {
    await ledger.liftStop(id, kind, now);
    stops[kind] = null;
    if (kind === "halted") world.checkedAt = now;
  }
}

/** What the next turn is reported. */
export function modelStop({ cancelled, stops, proof }: World): Stop["kind"] | null {
  if (cancelled) return null;
  if (proof !== null && proof.overriddenAt === null) return "halted";
  if (stops.halted !== null) return "halted";
  if (stops.ramp !== null) return "ramp";
  if (stops.plan !== null) return "plan";
  return stops.paused === null ? null : "paused";
}
