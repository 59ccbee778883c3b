// Finds what belongs to a manifest, wherever the command is given: its policy, its variables, its
// ledger. The only place that reads the environment.

import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parseEnv } from "node:util";

import { assert, OperatorError } from "../../domain/common/errors.ts";
import {
  isServerAddress,
  ledgerNameFault,
  withServerVariables,
} from "../../domain/manifest/ledger-name.ts";
import type { ReadPolicy, readPolicy } from "../../domain/manifest/policy.ts";
import type { GlobalOptions } from "../context.ts";
import { keepSecret } from "../print/redact.ts";
import { readText } from "./text-file.ts";

const ENV_FILE = ".env";
const POLICY_FILE = "policy.yaml";
/** What stands in the top folder of a project. */
const ROOT_MARKS = [POLICY_FILE, "package.json", ".git"];
const DEFAULT_LEDGER = join("data", "ledger.sqlite");

type EnvVariables = Record<string, string | undefined>;

export interface Project {
  /** The nearest folder upwards with one of the marks; else the folder itself. */
  root: string;
  /** Null when there is none upwards. */
  policy: ProjectPolicy | null;
  /** Those that count, the nearer to the manifest first; absolute. */
  envFiles: string[];
  /** The environment over the `.env` files. */
  env: EnvVariables;
  /**
   * What a relative CAMPAIGN_LEDGER is relative to: the folder of the file that sets it, or the
   * working directory.
   */
  ledgerBase: string;
}

/** The policy that a project is under. */
interface ProjectPolicy extends ReadPolicy {
  /** Absolute. */
  file: string;
  text: string;
}

/**
 * The project of a folder: a manifest's, or the working directory where a command has none.
 * @throws OperatorError when its policy or its `.env` cannot be read, with every problem in them
 */
export function openProject(folder: string = process.cwd()): Project {
  const above = foldersUpwards(resolve(folder));
  const root = above.find((folder) => ROOT_MARKS.some((mark) => existsSync(join(folder, mark))));
  const inside = root === undefined ? above.slice(0, 1) : above.slice(0, above.indexOf(root) + 1);
  const envFiles = envFilesOf(inside);
  const layers = [
    { base: process.cwd(), variables: process.env as EnvVariables },
    ...envFiles.map((file) => ({ base: dirname(file), variables: readVariables(file) })),
  ];
  const env = Object.assign(
    {},
    ...layers.toReversed().map(({ variables }) => variables),
  ) as EnvVariables;
  hideSecrets(env);
  const setter = layers.find(({ variables }) => variables.CAMPAIGN_LEDGER !== undefined);
  return {
    root: root ?? resolve(folder),
    policy: policyOf(above, env),
    envFiles,
    env,
    ledgerBase: setter?.base ?? process.cwd(),
  };
}

/** Where this machine keeps what belongs to no project (XDG Base Directory Specification 0.8). */
export function stateFolder(): string {
  const { XDG_STATE_HOME: given = "" } = process.env;
  return join(isAbsolute(given) ? given : join(homedir(), ".local", "state"), "campaign");
}

/** Where a ledger is, and which setting names it. */
export interface LedgerPlace {
  /** The absolute path of a file, or the URL of a server. */
  address: string;
  from: "--ledger" | "CAMPAIGN_LEDGER" | "policy" | "default";
}

/**
 * Where the ledger of a project is: --ledger, CAMPAIGN_LEDGER, the policy, or data/ledger.sqlite of
 * the project.
 * @throws OperatorError when it is named by nothing, or by what is no place for it
 */
export function ledgerPlace(project: Project, options: GlobalOptions): LedgerPlace {
  const { policy, env, ledgerBase, root } = project;
  if (options.ledger !== undefined) {
    return {
      address: placeNamed("--ledger", options.ledger, { base: process.cwd(), env }),
      from: "--ledger",
    };
  }
  if (env.CAMPAIGN_LEDGER !== undefined) {
    const from = "CAMPAIGN_LEDGER";
    return { address: placeNamed(from, env.CAMPAIGN_LEDGER, { base: ledgerBase, env }), from };
  }
  const named = policy?.policy.ledger;
  if (policy !== null && named !== undefined) {
    return { address: absolute(named, { base: dirname(policy.file), env }), from: "policy" };
  }
  return { address: join(root, DEFAULT_LEDGER), from: "default" };
}

/** What a relative name, and what a URL leaves out, are completed from. */
interface Around {
  base: string;
  env: EnvVariables;
}

/**
 * The address of a ledger that a person names.
 * @param said what names it, as an error calls that
 * @throws OperatorError when it is no place for a ledger
 */
export function placeNamed(said: string, name: string, around: Around): string {
  const fault = ledgerNameFault(name);
  // A script's variable that was not set: another ledger than the one that was meant would send to
  // everybody again.
  if (fault !== null)
    throw new OperatorError({ message: `${said} ${fault.wrong}`, hint: fault.hint });
  return absolute(name, around);
}

function absolute(name: string, { base, env }: Around): string {
  return isServerAddress(name) ? withServerVariables(name, env) : resolve(base, name);
}

/**
 * A folder and all above it, but for those that anybody may write to: a mark in /tmp may be another
 * person's.
 */
function foldersUpwards(folder: string): string[] {
  const folders = [folder];
  for (let above = dirname(folder); above !== folders.at(-1); above = dirname(above))
    folders.push(above);
  return folders.filter((folder, at) => at === 0 || !mayAnybodyWrite(folder));
}

function mayAnybodyWrite(folder: string): boolean {
  if (process.platform === "win32") return false;
  return ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o002) !== 0;
}

/** The nearest `.env` of the project, and that of the working directory. */
function envFilesOf(inside: readonly string[]): string[] {
  const own = inside.map((folder) => join(folder, ENV_FILE)).find((file) => existsSync(file));
  const here = resolve(ENV_FILE);
  return [...new Set([...(own === undefined ? [] : [own]), ...(existsSync(here) ? [here] : [])])];
}

function readVariables(file: string): EnvVariables {
  return parseEnv(readText(file, "a file of variables")) as EnvVariables;
}

let policyReader: typeof readPolicy | undefined;

/**
 * Loads what reads a policy, where there is one: most of a start. Comes before `openProject` of the
 * folder.
 */
export async function preparePolicy(folder: string = process.cwd()): Promise<void> {
  if (policyFile(foldersUpwards(resolve(folder))) !== undefined) await loadPolicyReader();
}

async function loadPolicyReader(): Promise<void> {
  policyReader ??= (await import("../../domain/manifest/policy.ts")).readPolicy;
}

function policyFile(above: readonly string[]): string | undefined {
  return above.map((folder) => join(folder, POLICY_FILE)).find((path) => existsSync(path));
}

function policyOf(above: readonly string[], env: EnvVariables): Project["policy"] {
  const file = policyFile(above);
  if (file === undefined) return null;
  return policyIn(readText(file, "a policy"), { file, env });
}

function policyIn(text: string, { file, env }: { file: string; env: EnvVariables }): ProjectPolicy {
  assert(policyReader !== undefined, "the policy's reader is loaded");
  const read = policyReader(text, { file, env });
  if ("problems" in read) throw new OperatorError(read.problems);
  return { ...read, file, text };
}

/**
 * A project under the policy that a ledger keeps, in place of what stands in its folders.
 * @param kept null: there was none
 * @throws OperatorError when that cannot be read, with every problem in it
 */
export async function withKeptPolicy(
  project: Project,
  kept: { file: string; text: string } | null,
): Promise<Project> {
  if (kept === null) return { ...project, policy: null };
  await loadPolicyReader();
  const { file, text } = kept;
  return { ...project, policy: policyIn(text, { file, env: project.env }) };
}

/**
 * A process that reads no manifest does not know which variable holds its token: what is named like
 * one is masked too.
 */
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY/i;
const SECRET_MIN = 12;

function hideSecrets(env: EnvVariables): void {
  for (const [name, value] of Object.entries(env)) {
    if (SECRET_NAME.test(name) && (value ?? "").length >= SECRET_MIN) keepSecret(value as string);
  }
}
