// `campaign template list`: the templates of a manifest's account, and what each needs.

import type { TemplateFacts } from "../../domain/account/facts.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { needsOf } from "../../domain/setup/needs.ts";
import { accountProblem, connectAccount } from "../account/account-facts.ts";
import { known, requireWaba } from "../account/template-at-meta.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { left, widest } from "../print/columns.ts";
import { print, printJson, say } from "../print/print.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";

const HEAD = ["name", "language", "category", "status", "quality", "variables"];

/** Runs the command; gives its exit code. */
export async function templateList(
  file: string,
  { json }: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  requireWaba(loaded);
  if (loaded.manifest.account === "sandbox") say(SANDBOX_WORDS);
  const { account, close } = await connectAccount(loaded, { stop: context.stop });
  try {
    const { templates, isWhole } = await account.listAllTemplates();
    const sorted = templates.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    if (json) printJson({ templates: sorted.map(jsonOf), complete: isWhole });
    else print(tableOf(sorted));
    if (!isWhole) say("The account has more templates than these; they were not read.");
    return EXIT.done;
  } catch (error) {
    throw accountProblem(error, file);
  } finally {
    await close();
  }
}

function keyOf({ definition: { name, language } }: TemplateFacts): string {
  return `${name}\n${language}`;
}

/** Keys of what a message fills. */
function variablesOf({ definition }: TemplateFacts): string[] {
  return needsOf(definition).map(({ key }) => key);
}

/** Null is not known. */
function jsonOf(template: TemplateFacts): Record<string, unknown> {
  const { id, definition, quality } = template;
  const { name, language } = definition;
  const [category, status] = [known(definition.category), known(definition.status)];
  return { id, name, language, category, status, quality, variables: variablesOf(template) };
}

function tableOf(templates: readonly TemplateFacts[]): string {
  if (templates.length === 0) return "The account has no template.";
  const rows = templates.map((template) => {
    const { name, language, category, status } = template.definition;
    const variables = variablesOf(template).join(" ");
    const words = [category, status, template.quality ?? "UNKNOWN"];
    return [name, language, ...words.map((word) => word.toLowerCase()), variables];
  });
  const table = [HEAD, ...rows];
  const widths = HEAD.map((_, at) => widest(table.map((row) => row[at] ?? "")));
  return table
    .map((row) =>
      row
        .map((cell, at) => left(cell, widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
