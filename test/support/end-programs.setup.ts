// After each file of tests: nothing that it started may still be there.
import { afterAll } from "vitest";

import { endAll } from "./programs.ts";

afterAll(async () => {
  const left = await endAll();
  if (left.length > 0) throw new Error(`still running after the tests:\n${left.join("\n")}`);
});
