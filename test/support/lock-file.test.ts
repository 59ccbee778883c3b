// The lock file pins what every platform installs: with a digest of each package, and from npm's
// own registry.

import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

interface Entry {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
}

const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  packages: Record<string, Entry>;
};
const installed = Object.entries(packages).filter(([path, { link }]) => path !== "" && !link);

it("has a digest of every package, those of other platforms included", () => {
  expect(installed.length).toBeGreaterThan(300);
  const without = installed.filter(
    ([, { integrity = "" }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
  );
  expect(without.map(([path]) => path)).toEqual([]);
});

it("names no other registry", () => {
  const other = installed.filter(
    ([, { resolved }]) =>
      resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"),
  );
  expect(other.map(([path]) => path)).toEqual([]);
});
