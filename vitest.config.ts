import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

import { compiledSource } from "./test/support/built.ts";
import { LongestFirst } from "./test/support/longest-first.ts";

/** Of the projects whose files leave nothing behind: they share the modules that are loaded, which saves a third of the time. */
const together = { isolate: false };
/** Of the projects that only CI runs: every run of every property, of which others make a part. */
const thorough = { env: { TEST_RUNS: "all" } };
/** The files with properties of which `npm test` makes only a part of the runs. */
const PROPERTIES = [
  "test/csv/{file,records}.test.ts",
  "test/domain/document/document.test.ts",
  "test/domain/message/{body,plain-text}.test.ts",
  "test/domain/recipient/{opt-out-line,phone,phone.slips,recipient,stop-words}.test.ts",
  "test/ledger/{blocks,ledger,ramp-order,replan}.test.ts",
];
/** What takes large lists, simulated campaigns, real pace and waits, or programs side by side. */
const THOROUGH = "test/**/*.thorough.test.ts";
/** Of the projects that take the program as it is, and replace no part of it. */
const compiled = { plugins: [compiledSource()] };
/** Of every project. */
const shared = {
  setupFiles: ["test/support/end-programs.setup.ts"],
  // For a machine on which much else runs: a test waits for events, and never so long.
  testTimeout: 240_000,
  hookTimeout: 240_000,
  // What is compiled is loaded by Node itself.
  server: { deps: { external: [/compiled-for-tests/] } },
};

export default defineConfig({
  test: {
    // The commands are tested as the built program that people run, so it is built once before.
    globalSetup: ["test/support/global.setup.ts"],
    // Of the projects that say nothing else; projects that say so need places in the order.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...compiled,
        test: {
          ...shared,
          ...together,
          name: "unit",
          sequence: { groupOrder: 1 },
          // Some of them wait for timers; each worker more loads the modules once more.
          maxWorkers: availableParallelism() + 3,
          include: [
            "test/{cli,clock,csv,domain,graph,ledger,report,sandbox,support,web}/**/*.test.ts",
          ],
          exclude: [THOROUGH],
        },
      },
      {
        ...compiled,
        test: {
          ...shared,
          ...together,
          name: "e2e",
          sequence: { groupOrder: 0 },
          // A test of the whole program also waits for receipts, pauses and retries.
          maxWorkers: availableParallelism() + 4,
          include: ["test/e2e/**/*.test.ts"],
          exclude: [THOROUGH],
        },
      },
      // What needs a PostgreSQL server.
      {
        test: {
          ...shared,
          ...together,
          ...thorough,
          name: "server",
          sequence: { groupOrder: 2 },
          include: ["test/server/**/*.test.ts"],
        },
      },
      {
        ...compiled,
        test: {
          ...shared,
          ...together,
          ...thorough,
          name: "thorough",
          sequence: { groupOrder: 2 },
          include: [...PROPERTIES, THOROUGH],
        },
      },
      {
        ...compiled,
        test: {
          ...shared,
          // Each of them has several programs at work, for minutes where there is little time for all.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          ...thorough,
          name: "crash",
          sequence: { groupOrder: 2 },
          include: ["test/{browser,crash,network,simulation}/**/*.test.ts"],
        },
      },
    ],
  },
});
