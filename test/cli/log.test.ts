import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, vi } from "vitest";

import { closeLog, openLog } from "../../src/cli/print/log.ts";
import { test as it } from "../support/fixture.ts";

const FDS = "/proc/self/fd";

describe("a log in a file", () => {
  it("holds no descriptor once it is closed, however often it is opened", async ({ folder }) => {
    const file = join(folder, "campaign.log");
    const descriptors = () => (process.platform === "linux" ? readdirSync(FDS).length : 0);
    const before = descriptors();
    for (let run = 1; run <= 20; run += 1) {
      const log = openLog({ file });
      log.info({ run }, "begins");
      closeLog(log);
    }
    await vi.waitFor(() => expect(descriptors()).toBeLessThan(before + 5));
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(20);
  });
});
