import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The commands are tested as the built program that people run, so it is built once before.
    globalSetup: ["test/build.setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
