// Puts the worlds together: variables, manifest, ledger.

import { dirname, relative, resolve } from "node:path";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import type { LockLedger, Taken } from "../../domain/ledger/ledger.ts";
import { isServerAddress, passwordsOf } from "../../domain/manifest/ledger-name.ts";
import type { Locate, Manifest } from "../../domain/manifest/manifest.ts";
import type { PolicyInForce } from "../../domain/manifest/under-policy.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import { readStopWords, STOP_WORD_MAX } from "../../domain/recipient/stop-words.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { isLedgerAt, openLedgerIfThere, placeOf } from "../../ledger/open.ts";
import type { GlobalOptions } from "../context.ts";
import type { Project } from "../files/project.ts";
import { ledgerPlace, openProject, preparePolicy, withKeptPolicy } from "../files/project.ts";
import { shownPath } from "../files/shown-path.ts";
import { readText } from "../files/text-file.ts";
import { isLogged, say, sayBeforeNext, warn } from "../print/print.ts";
import { keepSecret } from "../print/redact.ts";

/** Bad lines of a file of stop words that are named. */
const PROBLEMS_SHOWN = 10;

/** A manifest that was read, with its place. */
export interface LoadedManifest {
  manifest: Manifest;
  /** As the operator wrote it. */
  file: string;
  /** Folder that its relative paths start from. */
  folder: string;
  /** The file's text; null of the ledger's copy. */
  text: string | null;
  /** What belongs to it: variables, policy, and the place of the ledger. */
  project: Project;
  /** The name of the campaign that it tries out; left out: it is one itself. */
  testOf?: string;
  /** Where a value stands in the file. */
  at: Locate;
  /**
   * The templates as Meta has them, once they were read: their own words count against the limits
   * of a text.
   */
  definitions?: readonly TemplateDefinition[] | undefined;
}

/** What the receiver of webhooks must know of the app at Meta. */
export interface WebhookSecrets {
  appSecrets: string[];
  verifyToken: string;
}

/** The same as far as they are set; the token is empty without one. */
export function givenWebhookSecrets({ env }: Pick<Project, "env"> = openProject()): WebhookSecrets {
  const { WHATSAPP_APP_SECRET: apps = "", WHATSAPP_VERIFY_TOKEN: token = "" } = env;
  const appSecrets = apps
    .split(",")
    .map((secret) => secret.trim())
    .filter((secret) => secret !== "");
  const verifyToken = token.trim();
  for (const secret of [...appSecrets, verifyToken]) keepSecret(secret);
  return { appSecrets, verifyToken };
}

/**
 * WHATSAPP_APP_SECRET (several, separated by commas) and WHATSAPP_VERIFY_TOKEN; never printed from
 * then on.
 * @throws OperatorError when one of them is missing
 */
export function webhookSecrets(): WebhookSecrets {
  const { appSecrets: given, verifyToken } = givenWebhookSecrets();
  const problems = [];
  if (given.length === 0) {
    problems.push({
      message:
        "WHATSAPP_APP_SECRET is not set: without it nobody can tell Meta's webhooks from others",
      hint: "Put the app's secret (Meta's App Dashboard, App settings, Basic) into .env or the environment; several, separated by commas.",
    });
  }
  if (verifyToken === "") {
    problems.push({
      message: "WHATSAPP_VERIFY_TOKEN is not set: Meta's handshake could not be answered",
      hint: 'Make up a long random text, put it into .env or the environment, and enter the same as "Verify token" beside the callback URL at Meta.',
    });
  }
  if (problems.length > 0) throw new OperatorError(problems);
  return { appSecrets: given, verifyToken };
}

/**
 * What people write to be left alone, beside the built-in words: those of the file that
 * CAMPAIGN_STOP_WORDS names, one a line.
 * @throws OperatorError when that cannot be read, or has lines that are no such word
 */
export function stopWords({ env }: Pick<Project, "env"> = openProject()): readonly string[] {
  const { CAMPAIGN_STOP_WORDS: file } = env;
  if (file === undefined || file === "") return [];
  const { words, badLines } = readStopWords(readText(file, "a list of stop words"));
  if (badLines.length > 0) {
    throw new OperatorError(
      badLines.slice(0, PROBLEMS_SHOWN).map((line) => ({
        file,
        line,
        message: "this line cannot be a stop word",
        hint: `Write one word or short phrase a line, with a letter or digit and at most ${STOP_WORD_MAX} characters; what follows a # does not count.`,
      })),
    );
  }
  return words;
}

/** What CAMPAIGN_SERVE_PASSWORD is set to, which is never printed; empty without it. */
export function givenServePassword(): string {
  const { CAMPAIGN_SERVE_PASSWORD: password = "" } = openProject().env;
  keepSecret(password);
  return password;
}

/**
 * Starts a server; an unusable port is the operator's mistake.
 * @throws OperatorError
 */
export async function usePort<T>(port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === "ERR_SOCKET_BAD_PORT") {
      throw new OperatorError({
        message: `${port} is no port: the largest is 65535`,
        hint: "Choose another one with --port; 0 takes any that is free.",
      });
    }
    if (syscall !== "listen" && syscall !== "getaddrinfo" && syscall !== "bind") throw error;
    if (code === "EADDRINUSE" || code === "EACCES") {
      throw new OperatorError({
        message: `port ${port} cannot be used (${code})`,
        hint: "Choose another one with --port; 0 takes any that is free.",
      });
    }
    throw new OperatorError({
      message: `the server cannot listen there (${code})`,
      hint: "Check --host: it is an address of this machine, such as 127.0.0.1.",
    });
  }
}

/**
 * Reads and validates a manifest.
 * @param options.tokenUnused the command never asks Meta: the token may be unset
 * @throws OperatorError with every problem in it
 */
export async function loadManifest(
  file: string,
  { tokenUnused }: { tokenUnused?: boolean } = {},
): Promise<LoadedManifest> {
  const text = readText(file, "a manifest");
  const folder = dirname(resolve(file));
  await preparePolicy(folder);
  const project = openProject(folder);
  return { ...(await parseManifest(text, file, { project, tokenUnused })), text };
}

/**
 * Reads and validates the text of a manifest that the ledger keeps, under the policy that it keeps.
 * @param file where that stood on the machine that kept it
 * @param policy the same of the policy; null: there was none
 * @throws OperatorError with every problem in it
 */
export async function loadKeptManifest(
  text: string,
  file: string,
  policy: CampaignRecord["manifestPolicy"],
): Promise<LoadedManifest> {
  const folder = dirname(resolve(file));
  await preparePolicy(folder);
  const project = await withKeptPolicy(openProject(folder), policy);
  return { ...(await parseManifest(text, file, { project })), text: null };
}

async function parseManifest(
  text: string,
  file: string,
  { project, tokenUnused }: { project: Project; tokenUnused?: boolean | undefined },
): Promise<Omit<LoadedManifest, "text">> {
  const folder = dirname(resolve(file));
  // Most of a start is what reads YAML, Liquid and phone numbers: commands without a manifest do
  // without.
  const { readManifest } = await import("../../domain/manifest/manifest.ts");
  const { UNUSED_SECRET } = await import("../../domain/document/document-values.ts");
  const policy = policyInForce(project, folder);
  const result = readManifest(text, { file, env: project.env, tokenUnused, policy });
  if ("problems" in result) throw new OperatorError(result.problems);
  const { manifest, at } = result;
  if (manifest.account !== "sandbox" && manifest.account.access_token !== UNUSED_SECRET) {
    keepSecret(manifest.account.access_token);
  }
  return { manifest, file, folder, project, at };
}

/** The policy of a project as a manifest in a folder sees it; undefined without one. */
function policyInForce({ policy }: Project, folder: string): PolicyInForce | undefined {
  if (policy === null) return undefined;
  const { file } = policy;
  const nameOf = (name: string) => relative(folder, resolve(dirname(file), name));
  return { ...policy, shownAs: shownPath(file), nameOf };
}

/**
 * Where the ledger is: the absolute path of a file, or the URL of a server, whose password is then
 * kept out of whatever is printed.
 * @param loaded the manifest that the command was given; without one the working directory counts
 * @throws OperatorError when it is named by nothing
 */
export function ledgerAddress(
  options: GlobalOptions,
  loaded?: Pick<LoadedManifest, "project">,
): string {
  const { address } = ledgerPlace(loaded?.project ?? openProject(), options);
  if (isServerAddress(address)) keepPassword(address);
  return address;
}

/** Keeps the password of a server's URL out of whatever is printed. */
export function keepPassword(address: string): void {
  for (const secret of passwordsOf(address)) keepSecret(secret);
}

/**
 * Opens the ledger to write.
 * @throws OperatorError when there is none
 */
export async function openLedger(
  options: GlobalOptions,
  loaded?: LoadedManifest,
): Promise<OpenedLedger> {
  const address = ledgerAddress(options, loaded);
  const ledger = await openLedgerIfThere(address);
  if (ledger === undefined) throw noLedger(placeOf(address));
  return ledger;
}

/** Opens the ledger to read; undefined when there is none yet. Changes nothing. */
export async function readLedger(
  options: GlobalOptions,
  loaded?: LoadedManifest,
): Promise<OpenedLedger | undefined> {
  const ledger = await openLedgerIfThere(ledgerAddress(options, loaded), { readOnly: true });
  if (ledger !== undefined && ledger.movedTo !== null) warn(movedSentence(ledger.movedTo));
  return ledger;
}

function movedSentence(to: string): string {
  return `this ledger was moved to ${to}, and shows what it had then. Name the new place with --ledger.`;
}

/** The error of a command that needs a ledger and finds none. */
export function noLedger(place: string): OperatorError {
  return new OperatorError({
    id: "no_ledger",
    message: `there is no ledger at ${place}`,
    hint: 'Another one is named by --ledger, CAMPAIGN_LEDGER, or "ledger:" in policy.yaml.',
  });
}

/**
 * One line on stderr: which ledger a command works with, and that there is none yet.
 * @returns whether there is one
 */
export function sayLedger(address: string, whenNew?: string): Promise<boolean> {
  return sayWhere(address, say, whenNew);
}

/** The same of a run, which may have nothing to do and say all of it in one line. */
export function sayLedgerBeforeNext(address: string): Promise<boolean> {
  return sayWhere(address, isLogged() ? sayBeforeNext : say);
}

async function sayWhere(
  address: string,
  saying: (line: string) => void,
  whenNew = "none there yet",
): Promise<boolean> {
  const isThere = await isLedgerAt(address);
  saying(`ledger: ${placeOf(address)}${isThere ? "" : ` (${whenNew})`}`);
  return isThere;
}

/**
 * The campaign of a manifest, which must have been run before.
 * @throws OperatorError when the ledger has no such campaign
 */
export async function campaignOf(
  ledger: (Pick<RunLedger, "findCampaign"> & Pick<LockLedger, "heldBy">) | undefined,
  loaded: LoadedManifest,
  options: GlobalOptions,
): Promise<CampaignRecord> {
  const campaign = await ledger?.findCampaign(loaded.manifest.campaign);
  if (campaign === undefined) {
    const { lanesOf } = await import("../../domain/manifest/manifest.ts");
    const { campaign: name } = loaded.manifest;
    const [busy] =
      (await ledger?.heldBy({ campaign: name, lanes: lanesOf(loaded.manifest) })) ?? [];
    throw new OperatorError({
      id: "unknown_campaign",
      file: loaded.file,
      message: `campaign "${loaded.manifest.campaign}" is not in the ledger ${placeOf(ledgerAddress(options, loaded))}`,
      hint: `${busy?.of === "lane" ? waitHint(busy) : `Run it first: campaign ${loaded.file}.`} Another ledger is named by --ledger, CAMPAIGN_LEDGER, or "ledger:" in policy.yaml.`,
    });
  }
  return campaign;
}

/** That the campaign could not be planned yet. */
function waitHint({ by }: Taken): string {
  const other = by === null ? "another run" : `the run of campaign "${by.campaign}"`;
  return `Its number is held by ${other}: run it again once that has ended.`;
}
