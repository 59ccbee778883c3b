// `campaign template show|set-ttl`: the template of a manifest as Meta has it, and its TTL set
// there.

import type { TemplateFacts } from "../../domain/account/facts.ts";
import { inLanguage } from "../../domain/account/facts.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { templateSchema } from "../../domain/manifest/manifest-template.ts";
import type { TemplateComponent } from "../../domain/message/template.ts";
import { ttlText } from "../../domain/preflight/template-checks.ts";
import type { AccountConnection } from "../account/account-facts.ts";
import { accountProblem, connectAccount, dropFacts } from "../account/account-facts.ts";
import { applyTtl, requireWaba, ttlOf } from "../account/template-ttl.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import type { FactRow } from "../print/fact-table.ts";
import { factTable, isoInstant } from "../print/fact-table.ts";
import { print, printJson, say } from "../print/print.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";

/** `template show`. */
export async function templateShow(
  file: string,
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  return withAccount(loaded, context, async ({ account }) => {
    const all = await account.listTemplates(loaded.manifest.template.name);
    const template = requireTemplate(loaded, all);
    if (flags.json) printJson(jsonOf(template, all));
    else print(factTable(rowsOf(loaded, template, all)));
  });
}

/** `template set-ttl`; without a TTL that of the manifest. */
export async function templateSetTtl(
  file: string,
  ttl: string | undefined,
  { json }: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  const seconds = ttl === undefined ? ttlOfManifest(loaded) : readTtl(ttl);
  return withAccount(loaded, context, async ({ account }) => {
    const all = await account.listTemplates(loaded.manifest.template.name);
    const before = requireTemplate(loaded, all);
    const named = `${before.definition.name} (${before.definition.language})`;
    const result = {
      name: before.definition.name,
      language: before.definition.language,
      message_send_ttl_seconds: seconds,
      previous_ttl_seconds: before.definition.message_send_ttl_seconds ?? null,
    };
    if (before.definition.message_send_ttl_seconds === seconds) {
      const status = known(before.definition.status);
      if (json) printJson({ ...result, status, changed: false });
      else print(`${named}: the TTL is ${ttlText(seconds)} already.`);
      return;
    }
    refuseOtherCategories(loaded, before);
    const after = await applyTtl(account, before, seconds);
    await dropFacts(context.options, loaded);
    const { status } = after.definition;
    if (json) printJson({ ...result, status: known(status), changed: true });
    else {
      print(
        `${named}: the TTL is ${ttlText(seconds)} now, as read from Meta; it was ${ttlOf(before) ?? "not known"}.`,
      );
    }
    if (status !== before.definition.status) {
      say(`Its status is ${status} now; it was ${before.definition.status}.`);
    }
    if (loaded.manifest.account === "sandbox") {
      say("The built-in sandbox forgets it when this command ends.");
    }
    const wanted = loaded.manifest.template.ttl;
    if (wanted !== undefined && wanted !== seconds) {
      say(`${file} has \`template.ttl\` of ${ttlText(wanted)}: correct it there too.`);
    }
  });
}

async function withAccount(
  loaded: LoadedManifest,
  context: CommandContext,
  work: (connection: AccountConnection) => Promise<void>,
): Promise<ExitCode> {
  requireWaba(loaded);
  if (loaded.manifest.account === "sandbox") say(SANDBOX_WORDS);
  const connection = await connectAccount(loaded, { stop: context.stop });
  try {
    await work(connection);
    return EXIT.done;
  } catch (error) {
    throw accountProblem(error, loaded.file);
  } finally {
    await connection.close();
  }
}

function requireTemplate(loaded: LoadedManifest, all: readonly TemplateFacts[]): TemplateFacts {
  const { name, language } = loaded.manifest.template;
  const found = inLanguage(all, language);
  if (found !== null) return found;
  const path = ["template", all.length === 0 ? "name" : "language"];
  throw new OperatorError({
    ...loaded.at(path),
    message: `there is no template "${name}" in ${language} at Meta`,
    hint:
      all.length === 0
        ? "No template has this name; compare it with WhatsApp Manager, and account.waba_id too."
        : `It is there in ${languagesText(all)}.`,
  });
}

function refuseOtherCategories(loaded: LoadedManifest, template: TemplateFacts): void {
  const { name, category } = template.definition;
  if (category === "MARKETING" || category === "UNKNOWN") return;
  throw new OperatorError({
    ...loaded.at(["template", "name"]),
    message: `template "${name}" is of category ${category}, not MARKETING`,
    hint: "12h to 30d are for marketing templates, and only those can be sent by a campaign.",
  });
}

function ttlOfManifest(loaded: LoadedManifest): number {
  const { ttl } = loaded.manifest.template;
  if (ttl !== undefined) return ttl;
  throw new OperatorError({
    ...loaded.at(["template", "name"]),
    message: "the manifest has no `template.ttl`",
    hint: `Say which TTL: campaign template set-ttl ${loaded.file} 24h.`,
  });
}

/** Read as the manifest's `template.ttl` is. */
function readTtl(text: string): number {
  const read = templateSchema.shape.ttl.safeParse(text);
  if (read.success && read.data !== undefined) return read.data;
  const said = read.error?.issues[0]?.message ?? "must be a time";
  throw new OperatorError({
    message: `the TTL ${said}; "${text}" was given`,
    hint: "Write it such as 24h, 3d or 90000s; Meta takes 12h to 30d for marketing templates.",
  });
}

function languagesText(all: readonly TemplateFacts[]): string {
  return all.map(({ definition: { language, status } }) => `${language} (${status})`).join(", ");
}

function rowsOf(
  loaded: LoadedManifest,
  template: TemplateFacts,
  all: readonly TemplateFacts[],
): FactRow[] {
  const { definition } = template;
  const rows: FactRow[] = [
    ["template", `${definition.name} (${definition.language}), id ${template.id}`],
    ["status", known(definition.status)],
  ];
  if (template.rejectedReason !== null) rows.push(["rejected for", template.rejectedReason]);
  rows.push(["category", known(definition.category)]);
  if (template.correctCategory !== null) rows.push(["category to be", template.correctCategory]);
  if (template.previousCategory !== null) rows.push(["category was", template.previousCategory]);
  rows.push(["quality", template.quality], ["TTL", ttlOf(template)]);
  const wanted = loaded.manifest.template.ttl;
  if (wanted !== undefined && wanted !== definition.message_send_ttl_seconds) {
    rows.push([
      "TTL wanted",
      `${ttlText(wanted)}; campaign template set-ttl ${loaded.file} sets it`,
    ]);
  }
  const { changedAt } = template;
  rows.push(["changed", changedAt === null ? null : timesOf(loaded).named(changedAt)]);
  rows.push(["languages", languagesText(all)], ["parameters", definition.parameter_format]);
  return [...rows, ...componentRows(definition.components)];
}

/** Meta's word for a field that did not come is none. */
function known(text: string): string | null {
  return text === "UNKNOWN" ? null : text;
}

function componentRows(components: readonly TemplateComponent[], label = ""): FactRow[] {
  return components.flatMap(({ type, format, text, buttons, cards }): FactRow[] => {
    const name = `${label}${type.toLowerCase().replaceAll("_", " ")}`;
    if (buttons !== undefined) {
      return buttons.map((button, index) => [
        `${label}button ${index}`,
        [button.type, button.text && `"${button.text}"`, button.url].filter(Boolean).join(" "),
      ]);
    }
    if (cards !== undefined) {
      return cards.flatMap((card, index) => componentRows(card.components, `card ${index} `));
    }
    return [[name, text ?? format ?? "yes"]];
  });
}

/** The `--json` document of `template show`. Keys may be added; null is not known. */
function jsonOf(template: TemplateFacts, all: readonly TemplateFacts[]): Record<string, unknown> {
  const { definition } = template;
  const ttl = definition.message_send_ttl_seconds;
  return {
    id: template.id,
    name: definition.name,
    language: definition.language,
    status: known(definition.status),
    category: known(definition.category),
    quality: template.quality,
    rejected_reason: template.rejectedReason,
    previous_category: template.previousCategory,
    correct_category: template.correctCategory,
    parameter_format: definition.parameter_format,
    ttl_known: ttl !== undefined,
    message_send_ttl_seconds: ttl ?? null,
    changed_at: template.changedAt === null ? null : isoInstant(template.changedAt),
    components: definition.components,
    languages: all.map((one) => ({
      language: one.definition.language,
      status: known(one.definition.status),
    })),
  };
}
