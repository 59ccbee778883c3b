import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The commands are tested as the built program that people run, so it is built once before.
    globalSetup: ["test/global.setup.ts"],
    setupFiles: ["test/end-programs.setup.ts"],
    // More than there are cores: the long tests wait for processes and clocks, and compute little.
    maxWorkers: 4,
    // For a machine on which much else runs: a test that is well waits for events, and never so long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
