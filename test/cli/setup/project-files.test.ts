import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { refuseExisting, writeNew } from "../../../src/cli/setup/project-files.ts";
import { makeFolder } from "../../support/programs.ts";

const { folder: home, remove } = makeFolder();
afterAll(remove);

function empty(name: string): (...path: string[]) => string {
  mkdirSync(join(home, name));
  return (...path) => join(home, name, ...path);
}

describe("the files of a new project", () => {
  it("are all written, each folder with them, and the secret is its owner's", () => {
    const at = empty("whole");
    writeNew([
      { path: at("policy.yaml"), text: "ledger: a\n" },
      { path: at(".env"), text: "A=b\n", isSecret: true },
      { path: at("deep", "er", "a.yaml"), text: "campaign: a\n" },
    ]);
    expect(readdirSync(at()).sort()).toEqual([".env", "deep", "policy.yaml"]);
    expect(readFileSync(at("deep", "er", "a.yaml"), "utf8")).toBe("campaign: a\n");
    expect(statSync(at(".env")).mode & 0o777).toBe(0o600);
  });

  it("are none of them there when one cannot be written, and what was there stays", () => {
    const at = empty("half");
    writeFileSync(at("taken.yaml"), "mine");
    const files = [
      { path: at("new", "a.yaml"), text: "a" },
      { path: at("taken.yaml"), text: "theirs" },
      { path: at("b.yaml"), text: "b" },
    ];
    expect(() => writeNew(files)).toThrow(/taken\.yaml cannot be written \(EEXIST\)/);
    expect(readdirSync(at())).toEqual(["taken.yaml"]);
    expect(readFileSync(at("taken.yaml"), "utf8")).toBe("mine");
  });

  it("are refused by name where they are there already", () => {
    const at = empty("there");
    writeFileSync(at("a.yaml"), "");
    const ask = (name: string) => refuseExisting([{ path: at(name), hint: "Another." }]);
    expect(() => ask("a.yaml")).toThrow(/a\.yaml is there already/);
    expect(() => ask("b.yaml")).not.toThrow();
    expect(existsSync(at("b.yaml"))).toBe(false);
  });
});
