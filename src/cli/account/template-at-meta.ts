// The template of a manifest as Meta has it, for the commands that show and change it.

import type { TemplateFacts } from "../../domain/account/facts.ts";
import { inLanguage } from "../../domain/account/facts.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { isByRow, isMarketing } from "../../domain/message/template.ts";
import type { Account } from "../../graph/account.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { say } from "../print/print.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { accountProblem, connectAccount } from "./account-facts.ts";

/** What a command about a template works with. */
export interface TemplateAtMeta {
  account: Account;
  /** In the manifest's language, or the one that was given. */
  template: TemplateFacts;
  /** All languages of its name. */
  all: readonly TemplateFacts[];
}

/** A flag of the commands about one template. */
export interface LanguageFlag {
  /** Meta's code; left out: the manifest's. */
  language?: string;
}

/**
 * Opens the account of a manifest and reads its template.
 * @throws OperatorError without an account's id, without such a template, and as `accountProblem`
 */
export async function withTemplate(
  loaded: LoadedManifest,
  { language }: LanguageFlag,
  context: CommandContext,
  work: (at: TemplateAtMeta) => Promise<void>,
): Promise<ExitCode> {
  requireWaba(loaded);
  if (loaded.manifest.account === "sandbox") say(SANDBOX_WORDS);
  const { account, close } = await connectAccount(loaded, { stop: context.stop });
  try {
    const all = await account.listTemplates(loaded.manifest.template.name);
    await work({ account, all, template: requireTemplate(loaded, all, language) });
    return EXIT.done;
  } catch (error) {
    throw accountProblem(error, loaded.file);
  } finally {
    await close();
  }
}

/** @throws OperatorError when the manifest does not say which account's */
export function requireWaba(loaded: LoadedManifest): void {
  const { account } = loaded.manifest;
  if (account === "sandbox" || account.waba_id !== undefined) return;
  throw new OperatorError({
    ...loaded.at(["account", "phone_number_id"]),
    message: "`account.waba_id` is left out: Meta cannot be asked for the account or its templates",
    hint: "Add the id of the WhatsApp Business Account; WhatsApp Manager shows it.",
  });
}

function requireTemplate(
  loaded: LoadedManifest,
  all: readonly TemplateFacts[],
  given: string | undefined,
): TemplateFacts {
  const { name, language: own } = loaded.manifest.template;
  const language = given ?? own;
  const found = inLanguage(all, language);
  if (found !== null) return found;
  if (isByRow(language) && all.length > 0) {
    throw new OperatorError({
      ...loaded.at(["template", "language"]),
      message: `each row gives the language of template "${name}", and none was given here`,
      hint: `Say which one is meant by --language: ${languagesText(all)}.`,
    });
  }
  const path = ["template", all.length === 0 ? "name" : "language"];
  throw new OperatorError({
    ...loaded.at(path),
    message: `there is no template "${name}"${isByRow(language) ? "" : ` in ${language}`} at Meta`,
    hint:
      all.length === 0
        ? "No template has this name; compare it with WhatsApp Manager, and account.waba_id too."
        : `It is there in ${languagesText(all)}.`,
  });
}

/**
 * TTL, max price and creative optimisations are for what a campaign sends.
 * @throws OperatorError for a template of another category
 */
export function requireMarketing(loaded: LoadedManifest, template: TemplateFacts): void {
  const { name, category } = template.definition;
  if (isMarketing(template.definition)) return;
  throw new OperatorError({
    ...loaded.at(["template", "name"]),
    message: `template "${name}" is of category ${category}, not MARKETING`,
    hint: "Name a marketing template by `template.name`: only those can be sent by a campaign.",
  });
}

/** `pt_BR (APPROVED), en_US (PAUSED)`. */
export function languagesText(all: readonly TemplateFacts[]): string {
  return all.map(({ definition: { language, status } }) => `${language} (${status})`).join(", ");
}

/** `spring_sale (pt_BR)`. */
export function templateText({ definition: { name, language } }: TemplateFacts): string {
  return `${name} (${language})`;
}

/** Meta's word for a field that did not come is none. */
export function known(text: string): string | null {
  return text === "UNKNOWN" ? null : text;
}
