// What a person does about the end of a run: a concrete act, and the command that goes on.

import { describe, expect, it } from "vitest";
import { commandIn } from "../../../src/domain/common/errors.ts";
import { endRemedy } from "../../../src/domain/result/end-remedy.ts";
import type { RunEnd } from "../../../src/domain/sending/run-ports.ts";

type Unfinished = Exclude<RunEnd, { kind: "finished" }>;

const halted = (code: string): Unfinished => ({
  kind: "halted",
  halt: { code, sentence: "Something." },
});
const stopped = (why: Extract<RunEnd, { kind: "stopped" }>["why"]): Unfinished => ({
  kind: "stopped",
  why,
  sentence: "Something.",
  goOnAt: null,
});

describe("the remedy of a run's end", () => {
  it.each<[Unfinished, RegExp, string]>([
    [halted("131042"), /payment method/, "campaign run a.yaml"],
    [halted("190"), /new access token/, "campaign run a.yaml"],
    [halted("999999"), /error codes page/, "campaign run a.yaml"],
    [halted("template_disabled"), /new template/, "campaign run a.yaml"],
    [halted("ramp"), /why so many/, "campaign report a.yaml"],
    [halted("connection"), /base_url/, "campaign run a.yaml"],
    [halted("ledger_full"), /Free some space/, "campaign run a.yaml"],
    [halted("ledger_went_back"), /newest copy/, "campaign cancel a.yaml"],
    [halted("database_failed_over"), /last commits/, "campaign run a.yaml"],
    [halted("number_not_found"), /what to correct/, "campaign check a.yaml"],
    [stopped("interrupted"), /goes on/, "campaign run a.yaml"],
    [stopped("paused"), /lifts the pause/, "campaign unpause a.yaml"],
    [stopped("ramp_blind"), /receiver/, "campaign serve"],
    [stopped("lane_taken"), /another process/, "campaign status a.yaml"],
    [stopped("ledger_busy"), /Close what has/, "campaign run a.yaml"],
  ])("of %j", (end, says, next) => {
    const remedy = endRemedy(end, "a.yaml");
    expect(remedy).toMatch(says);
    expect(remedy).not.toMatch(/<manifest>|the same command/i);
    expect(commandIn(remedy, "a.yaml")).toBe(next);
  });
});
