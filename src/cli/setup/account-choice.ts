// Which account, number and template a new project is for: what the token may use, and what a
// person chooses of it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { NumberFacts, TemplateFacts } from "../../domain/account/facts.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { nearest } from "../../domain/common/nearest.ts";
import { GRAPH_VERSION } from "../../domain/manifest/manifest-account.ts";
import { isSameLanguage } from "../../domain/message/template.ts";
import { GraphError } from "../../graph/calls.ts";
import type { SetupCalls } from "../../graph/setup.ts";
import { openSetup } from "../../graph/setup.ts";
import type { Scenario } from "../../sandbox/scenario/scenario.ts";
import { accountProblem } from "../account/account-facts.ts";
import { say } from "../print/print.ts";
import { redact } from "../print/redact.ts";
import type { Questions } from "./questions.ts";

/** Choices that are listed; a person names any other. */
const LISTED = 30;

/** What is given of an account by options. */
export interface AccountWishes {
  waba?: string;
  number?: string;
  template?: string;
  language?: string;
}

/** What was chosen at Meta. */
export interface ChosenAccount {
  wabaId: string;
  number: NumberFacts;
  template: TemplateFacts;
}

/** Asks Meta with a token. */
export function connectMeta(baseUrl: string, accessToken: string, stop: AbortSignal): SetupCalls {
  return openSetup({ baseUrl, version: GRAPH_VERSION, accessToken, redact, signal: stop });
}

/** Asks a simulator that runs for this alone. */
export async function connectSandbox(scenario: Scenario, stop: AbortSignal): Promise<SetupCalls> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-account-"));
  const { startSandbox } = await import("../../sandbox/server/server.ts");
  const sandbox = await startSandbox({ port: 0, logFile: join(folder, "log.jsonl"), scenario });
  const calls = connectMeta(sandbox.url, sandbox.accessToken, stop);
  return {
    ...calls,
    async close() {
      await calls.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Account, number and template. What there is only one of needs no choice.
 * @returns undefined where a choice is missing: `settle` says which
 * @throws OperatorError when Meta refuses the token, or has nothing to choose
 */
export async function chooseAccount(
  calls: SetupCalls,
  wishes: AccountWishes,
  questions: Questions,
): Promise<ChosenAccount | undefined> {
  try {
    const wabaId = await chooseWaba(calls, wishes, questions);
    if (wabaId === undefined) return undefined;
    const [numbers, templates] = await Promise.all([
      calls.listNumbers(wabaId),
      calls.listTemplates(wabaId),
    ]);
    const number = await chooseNumber(numbers, wishes, questions);
    const template = await chooseTemplate(templates, wishes, questions);
    return number === undefined || template === undefined
      ? undefined
      : { wabaId, number, template };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throwIfStopped(questions.stop, "nothing was written");
    const problem = accountProblem(error, "");
    if (!(problem instanceof OperatorError)) throw problem;
    const [{ id, message }] = problem.problems as [Problem];
    const hint =
      problem.exitCode === 2
        ? "Make a permanent token of a system user with whatsapp_business_management and whatsapp_business_messaging (docs/first-campaign.md), and begin again; nothing was written."
        : "Nothing was written. Try the same command again later.";
    throw new OperatorError({ id: id ?? "meta_refused", message, hint }, problem.exitCode);
  }
}

async function chooseWaba(
  calls: SetupCalls,
  { waba }: AccountWishes,
  questions: Questions,
): Promise<string | undefined> {
  // A partner's server has no such call: then the id must be named.
  const token = await calls.readToken().catch((error: unknown) => {
    if (waba !== undefined && error instanceof GraphError && error.fault === "refused") return null;
    throw error;
  });
  if (token?.isValid === false) {
    throw new GraphError("Meta says that the token is not valid.", { fault: "refused", code: 190 });
  }
  if (waba !== undefined) return waba;
  const accounts = token?.accounts ?? [];
  if (accounts.length === 1) return accounts[0];
  return questions.ask({
    text: "Id of the WhatsApp Business Account",
    option: "--waba <id>",
    read: (answer) => (/^\d{5,20}$/.test(answer) ? answer : notOf(answer, accounts, "an id")),
  });
}

async function chooseNumber(
  numbers: readonly NumberFacts[],
  { number: wanted }: AccountWishes,
  questions: Questions,
): Promise<NumberFacts | undefined> {
  if (numbers.length === 0) {
    throw new OperatorError({
      message: "the account has no phone number",
      hint: "Add one in WhatsApp Manager, or name another account by --waba.",
    });
  }
  if (wanted === undefined && numbers.length === 1) return numbers[0];
  if (wanted === undefined) list("Numbers of the account", numbers.map(numberText));
  return questions.ask(
    {
      text: "Which one sends (its place in this list, or its id)",
      option: "--number <id>",
      proposed: numbers.length === 1 ? "1" : undefined,
      read: (answer) =>
        numbers[Number(answer) - 1] ??
        numbers.find(({ id }) => id === answer) ??
        notOf(
          answer,
          numbers.map(({ id }) => id),
          "a number of the account",
        ),
    },
    wanted,
  );
}

function numberText({ id, displayPhoneNumber, verifiedName, status }: NumberFacts): string {
  return [displayPhoneNumber, verifiedName, `id ${id}`, status].filter(Boolean).join(", ");
}

async function chooseTemplate(
  all: readonly TemplateFacts[],
  wishes: AccountWishes,
  questions: Questions,
): Promise<TemplateFacts | undefined> {
  const usable = all.filter(
    ({ definition: { category, status } }) => category === "MARKETING" && status === "APPROVED",
  );
  if (usable.length === 0) throw noTemplate(all);
  const { template, language } = wishes;
  const inWished = usable.filter(
    ({ definition }) =>
      (template === undefined || definition.name === template) &&
      (language === undefined || isSameLanguage(definition.language, language)),
  );
  if (inWished.length === 1) return inWished[0];
  const names = usable.map(templateText);
  if (inWished.length === 0) {
    const near = nearest(
      template ?? "",
      usable.map(({ definition }) => definition.name),
    );
    throw new OperatorError({
      id: "usage",
      message: `the account has no approved marketing template ${[template && `"${template}"`, language && `in ${language}`].filter(Boolean).join(" ")}`,
      hint: near === undefined ? `It has ${names.join(", ")}.` : `Did you mean "${near}"?`,
    });
  }
  list("Approved marketing templates", inWished.map(templateText));
  const isOfOne = new Set(inWished.map(({ definition }) => definition.name)).size === 1;
  return questions.ask({
    text: "Which one is sent (its place in this list, or its name)",
    option: isOfOne ? "--language <code>" : "--template <name>",
    read(answer) {
      const named = inWished.filter(({ definition }) => definition.name === answer);
      const found = inWished[Number(answer) - 1] ?? (named.length === 1 ? named[0] : undefined);
      return found ?? notOf(answer, names, "a template of this list");
    },
  });
}

function templateText({ definition: { name, language } }: TemplateFacts): string {
  return `${name} (${language})`;
}

function noTemplate(all: readonly TemplateFacts[]): OperatorError {
  const others = all
    .slice(0, LISTED)
    .map(({ definition: { name, language, category, status } }) =>
      `${name} (${language}): ${category}, ${status}`.toLowerCase(),
    );
  const has = others.length === 0 ? "It has no template at all." : `It has ${others.join("; ")}.`;
  return new OperatorError({
    message: "the account has no approved template of the category marketing",
    hint: `${has} Make one in WhatsApp Manager, and begin again once Meta approved it.`,
  });
}

function list(title: string, items: readonly string[]): void {
  say(`\n${title}:`);
  for (const [at, item] of items.slice(0, LISTED).entries()) say(`  ${at + 1}  ${item}`);
  if (items.length > LISTED) say(`  and ${items.length - LISTED} more`);
}

function notOf(answer: string, known: readonly string[], what: string): { problem: Problem } {
  const said = answer === "" ? "an answer is needed" : `"${answer}" is not ${what}`;
  const hint = known.length === 0 ? "WhatsApp Manager shows it." : `There is ${known.join(", ")}.`;
  return { problem: { message: said, hint } };
}
