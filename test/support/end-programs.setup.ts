// After each file of tests: nothing that it started may still be there.
import type { RunnerTask } from "vitest";
import { afterAll } from "vitest";

import { endAll } from "./programs.ts";

// biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
afterAll(async ({}, file) => {
  const left = await endAll(hasFailed(file));
  if (left.length > 0) throw new Error(`still running after the tests:\n${left.join("\n")}`);
});

function hasFailed(task: RunnerTask): boolean {
  return task.result?.state === "fail" || ("tasks" in task && task.tasks.some(hasFailed));
}
