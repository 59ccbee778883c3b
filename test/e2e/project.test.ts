// Where the ledger of a manifest is, and which variables count, in folders as people have them.

import { chmodSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ledgerPlace, openProject, preparePolicy } from "../../src/cli/files/project.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";
import { makeFolder } from "../support/harness.ts";

let root: string;
let remove: () => void;

beforeEach(async () => {
  const made = makeFolder();
  root = realpathSync(made.folder);
  remove = made.remove;
  put({ "any/policy.yaml": "" });
  await preparePolicy(join(root, "any"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  remove();
});

function put(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** The ledger of a manifest in `folder`, for a command that is given in `cwd`. */
function ledgerOf(folder: string, cwd: string, options: { ledger?: string } = {}): string {
  for (const one of [folder, cwd]) mkdirSync(join(root, one), { recursive: true });
  vi.spyOn(process, "cwd").mockReturnValue(join(root, cwd));
  const { address } = ledgerPlace(openProject(join(root, folder)), options);
  return address.slice(root.length + 1);
}

describe("the ledger", () => {
  it.each<[string, Record<string, string>, string]>([
    [
      "lies under the manifest's folder where nothing marks a project",
      {},
      "a/b/data/ledger.sqlite",
    ],
    ["lies under the folder of package.json", { "a/package.json": "{}" }, "a/data/ledger.sqlite"],
    ["lies under the folder of .git", { "a/.git": "gitdir: x" }, "a/data/ledger.sqlite"],
    ["lies under the folder of policy.yaml", { "policy.yaml": "" }, "data/ledger.sqlite"],
    [
      "lies under the nearest of these",
      { "policy.yaml": "", "a/b/package.json": "{}" },
      "a/b/data/ledger.sqlite",
    ],
    [
      "is what the policy says, relative to it",
      { "a/policy.yaml": "ledger: l/x.sqlite" },
      "a/l/x.sqlite",
    ],
    [
      "is what the nearest policy says, though another mark is nearer",
      { "policy.yaml": "ledger: x.sqlite", "a/b/package.json": "{}" },
      "x.sqlite",
    ],
    [
      "is not what a farther policy says",
      { "policy.yaml": "ledger: far.sqlite", "a/policy.yaml": "# none" },
      "a/data/ledger.sqlite",
    ],
    [
      "is what .env says, relative to it, before the policy",
      { "a/policy.yaml": "ledger: p.sqlite", "a/.env": "CAMPAIGN_LEDGER=l/e.sqlite" },
      "a/l/e.sqlite",
    ],
  ])("%s, from every folder", (_, files, expected) => {
    put(files);
    for (const cwd of ["a/b", "a", ".", "elsewhere"]) {
      expect([cwd, ledgerOf("a/b", cwd)]).toEqual([cwd, expected]);
    }
  });

  it("is first what --ledger says, then CAMPAIGN_LEDGER, relative to the working directory", () => {
    put({ "a/policy.yaml": "ledger: p.sqlite", "a/.env": "CAMPAIGN_LEDGER=e.sqlite" });
    vi.stubEnv("CAMPAIGN_LEDGER", "v.sqlite");
    expect(ledgerOf("a", "b")).toBe("b/v.sqlite");
    expect(ledgerOf("a", "b", { ledger: "o.sqlite" })).toBe("b/o.sqlite");
  });

  it("is named by no mark in a folder that anybody may write to", () => {
    put({ "policy.yaml": "ledger: theirs.sqlite", "package.json": "{}" });
    chmodSync(root, 0o1777);
    expect(ledgerOf("a", "a")).toBe("a/data/ledger.sqlite");
  });

  it.each([
    ["--ledger", "", /--ledger is empty/],
    ["--ledger", "mysql://x/y", /--ledger is a URL of a kind/],
    ["CAMPAIGN_LEDGER", " ", /CAMPAIGN_LEDGER is empty/],
    ["CAMPAIGN_LEDGER", "~/x", /CAMPAIGN_LEDGER begins with "~"/],
  ])("is refused where %s is %j", (from, name, message) => {
    if (from === "CAMPAIGN_LEDGER") vi.stubEnv(from, name);
    const options = from === "--ledger" ? { ledger: name } : {};
    expect(() => ledgerOf("a", "a", options)).toThrow(message);
  });

  it("is refused with every problem of a policy that cannot be read", () => {
    put({ "policy.yaml": "ledgre: x\nledger: 5\n" });
    try {
      ledgerOf("a", "a");
      throw new Error("expected a refusal");
    } catch (error) {
      expect(error).toBeInstanceOf(OperatorError);
      const { problems } = error as OperatorError;
      expect(problems.map(({ file, line }) => [file, line])).toEqual([
        [join(root, "policy.yaml"), 1],
        [join(root, "policy.yaml"), 2],
      ]);
    }
  });
});

describe("variables", () => {
  it("are those of the environment, then of the project's .env, then of the working directory's", () => {
    put({
      "p/package.json": "{}",
      "p/.env": "A=project\nB=project\nC=project",
      "w/.env": "B=here\nC=here\nD=here",
    });
    vi.stubEnv("A", "environment");
    mkdirSync(join(root, "p/campaigns"), { recursive: true });
    vi.spyOn(process, "cwd").mockReturnValue(join(root, "w"));
    const { env, envFiles } = openProject(join(root, "p/campaigns"));
    expect([env.A, env.B, env.C, env.D]).toEqual(["environment", "project", "project", "here"]);
    expect(envFiles).toEqual([join(root, "p/.env"), join(root, "w/.env")]);
  });

  it("come from no .env above the project", () => {
    put({ ".env": "A=above", "p/package.json": "{}", "p/c/x": "", "w/x": "" });
    vi.spyOn(process, "cwd").mockReturnValue(join(root, "w"));
    expect(openProject(join(root, "p/c")).env.A).toBeUndefined();
  });
});
