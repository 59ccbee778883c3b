// What `npm pack` ships: the program as it was built last, and nothing of a clone that was worked in.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";

const STALE = "dist/cli/chunk-OF-AN-EARLIER-BUILD.js";

it("ships no part of an earlier build, and every part of this one", () => {
  writeFileSync(STALE, "");
  let files: string[];
  try {
    // What `prepare` would do first is done: the tests build the program.
    const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const [packed] = JSON.parse(execFileSync("npm", args, { encoding: "utf8" }));
    files = packed.files.map(({ path }: { path: string }) => path);
  } finally {
    rmSync(STALE);
  }
  expect(files).not.toContain(STALE);
  const shipped = files.filter((file) => file.startsWith("dist/"));
  expect(shipped).toContain("dist/cli/main.js");
  // Each part names the others that it loads.
  for (const file of shipped.filter((name) => name.endsWith(".js"))) {
    for (const [, part] of readFileSync(file, "utf8").matchAll(/"\.\/([\w-]+\.js)"/g)) {
      if (readdirSync("dist/cli").includes(part ?? ""))
        expect(shipped).toContain(`dist/cli/${part}`);
    }
  }
  for (const file of ["README.md", "LICENSE", "docs/first-minute.md", "campaign.schema.json"]) {
    expect(files).toContain(file);
  }
});
