// What a start loads: commands that read only the ledger do without what reads YAML, Liquid, CSV
// and phone numbers, and without servers.

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { expect, it } from "vitest";

const HEAVY = [
  "zod",
  "yaml",
  "liquidjs",
  "libphonenumber-js",
  "luxon",
  "csv-parse",
  "undici",
  "fastify",
];

/** Packages that a file imports, itself or by others, before it does anything. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const imports = readFileSync(file, "utf8").matchAll(
    /^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gms,
  );
  for (const [, name = ""] of imports) {
    const isOwn = name.startsWith(".") && name.endsWith(".ts");
    const more = isOwn
      ? packagesOf(normalize(join(dirname(file), name)), seen)
      : [name.split("/")[0] as string];
    for (const one of more) found.add(one);
  }
  return found;
}

it.each([
  "main",
  ...["status", "doctor", "suppress-list", "audit", "backup", "purge", "compare", "pause"].map(
    (name) => `commands/${name}`,
  ),
])("%s loads nothing heavy", (name) => {
  const packages = packagesOf(`src/cli/${name}.ts`);
  expect(packages.size).toBeGreaterThan(1);
  expect(HEAVY.filter((one) => packages.has(one))).toEqual([]);
});

it("sees what a command does load", () => {
  expect(packagesOf("src/cli/commands/check.ts")).toContain("undici");
});
