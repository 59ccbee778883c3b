// An error as `--json` has it: the command that helps, and whether the same one goes on.

import { describe, expect, it } from "vitest";
import type { ExitCode, Problem } from "../../../src/domain/common/errors.ts";
import { EXIT, errorRecord } from "../../../src/domain/common/errors.ts";

describe("the record of an error", () => {
  it.each<[string, Problem[], ExitCode, { next: string | null; again: boolean }]>([
    [
      "names the command of a remedy",
      [{ message: "No such campaign.", hint: "`campaign status` lists them." }],
      EXIT.operator,
      { next: "campaign status", again: false },
    ],
    [
      "names the first of several, whichever problem has it",
      [
        { message: "One.", hint: "Change `rate.until`." },
        { message: "Two.", hint: "Look: `campaign check a.yaml`, then `campaign run a.yaml`." },
      ],
      EXIT.operator,
      { next: "campaign check a.yaml", again: false },
    ],
    [
      "takes one from the message where no remedy has any",
      [{ message: "Halted. `campaign doctor` says why.", hint: "Free some space." }],
      EXIT.halted,
      { next: "campaign doctor", again: false },
    ],
    [
      "names none where none is named",
      [{ message: "A mistake.", hint: "Correct it." }],
      EXIT.operator,
      { next: null, again: false },
    ],
    [
      "puts the manifest where a remedy names it",
      [{ message: "Paused.", hint: "`campaign unpause <manifest>`.", file: "a.yaml" }],
      EXIT.stopped,
      { next: "campaign unpause a.yaml", again: true },
    ],
    [
      "passes over a command that is not whole",
      [{ message: "Gone.", hint: "`campaign cancel <manifest>`, or `campaign status`." }],
      EXIT.operator,
      { next: "campaign status", again: false },
    ],
    ["says that the same command goes on", [], EXIT.stopped, { next: null, again: true }],
  ])("%s", (_, problems, code, expected) => {
    expect(errorRecord(problems, code)).toMatchObject(expected);
  });
});
