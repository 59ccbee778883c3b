import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The commands are tested as the built program that people run, so it is built once before.
    globalSetup: ["test/support/global.setup.ts"],
    setupFiles: ["test/support/end-programs.setup.ts"],
    // A worker for each core: the tests start programs that compute as well.
    maxWorkers: availableParallelism(),
    // For a machine on which much else runs: a test that is well waits for events, and never so long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
