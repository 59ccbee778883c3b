import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** Files that take longest, in the order in which they start. */
const LONGEST = [
  "e2e/readme.test.ts",
  "ledger/postgres/ledger.test.ts",
  "e2e/refusals.test.ts",
  "domain/sending/run.test.ts",
  "e2e/check-account.test.ts",
  "clock/pacer.test.ts",
  "e2e/several-numbers.test.ts",
  "e2e/work.test.ts",
  "e2e/ledger-copy.test.ts",
  "e2e/sandbox-loop.test.ts",
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
