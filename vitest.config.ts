import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The commands are tested as the built program that people run, so it is built once before.
    globalSetup: ["test/build.setup.ts"],
    // More than there are cores: the long tests wait for processes and clocks, and compute little.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
