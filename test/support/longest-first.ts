import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** Files that take longest, in the order in which they start. */
const LONGEST = [
  "crash/several-processes.test.ts",
  "crash/partition/matrix.test.ts",
  "crash/own-hours.test.ts",
  "crash/changed-list.test.ts",
  "crash/several-numbers.test.ts",
  "crash/conditions.test.ts",
  "crash/budget.test.ts",
  "crash/signals.test.ts",
  "crash/stopping.test.ts",
  "crash/witness.test.ts",
  "e2e/readme-commands.thorough.test.ts",
  "crash/postgres.test.ts",
  "network/faults.test.ts",
  "crash/points.test.ts",
  "crash/sandbox-loop.test.ts",
  "e2e/arms.thorough.test.ts",
  "e2e/ramp.thorough.test.ts",
  "e2e/work.thorough.test.ts",
  "e2e/refusals.test.ts",
  "server/conformance.test.ts",
  "server/ledger-copy.test.ts",
  "e2e/check-account.test.ts",
  "e2e/json.test.ts",
  "e2e/insights.test.ts",
  "e2e/notify.test.ts",
  "e2e/sandbox-loop.test.ts",
  "e2e/arms.test.ts",
  "e2e/commands.test.ts",
  "e2e/sources.test.ts",
  "e2e/workspaces.test.ts",
  "e2e/schedule.test.ts",
  "e2e/report.test.ts",
  "e2e/faces.test.ts",
  "e2e/init.test.ts",
  "e2e/serve.test.ts",
  "e2e/receipts.test.ts",
  "domain/sending/run.test.ts",
  "clock/pacer.test.ts",
  "ledger/ledger.test.ts",
];

const placeOf = ({ moduleId }: TestSpecification) => {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}`));
  return place < 0 ? LONGEST.length : place;
};

/** Starts the longest files first, so that no worker is left alone with one at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
