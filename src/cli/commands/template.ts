// `campaign template show|set-ttl`: the template of a manifest as Meta has it, and its TTL set
// there.

import type { CreativeFeatures } from "../../domain/account/creative.ts";
import { creativeConflicts, creativeText } from "../../domain/account/creative.ts";
import type { TemplateFacts } from "../../domain/account/facts.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { templateSchema } from "../../domain/manifest/manifest-template.ts";
import type { TemplateComponent } from "../../domain/message/template.ts";
import { ttlText } from "../../domain/preflight/template-checks.ts";
import type { Account } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";
import { recordChange } from "../account/meta-change.ts";
import type { LanguageFlag } from "../account/template-at-meta.ts";
import {
  known,
  languagesText,
  requireMarketing,
  templateText,
  withTemplate,
} from "../account/template-at-meta.ts";
import {
  changeTemplate,
  maxPriceJson,
  maxPriceText,
  sayStatus,
  ttlAudit,
  ttlChange,
  ttlOf,
} from "../account/template-edit.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import type { FactRow } from "../print/fact-table.ts";
import { factTable, isoInstant } from "../print/fact-table.ts";
import { print, printJson, say } from "../print/print.ts";
import { timesOf } from "../print/times.ts";

/** `template show`. */
export async function templateShow(
  file: string,
  flags: LanguageFlag & { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  return withTemplate(loaded, flags, context, async ({ account, template, all }) => {
    const more = await readMore(account);
    if (flags.json) printJson(jsonOf(template, all, more));
    else print(factTable(rowsOf(loaded, template, all, more)));
    for (const sentence of more.unread) say(sentence);
  });
}

/** `template set-ttl`; without a TTL that of the manifest. */
export async function templateSetTtl(
  file: string,
  ttl: string | undefined,
  flags: LanguageFlag & { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  const seconds = ttl === undefined ? ttlOfManifest(loaded) : readTtl(ttl);
  const { json } = flags;
  return withTemplate(loaded, flags, context, async ({ account, template: before }) => {
    const named = templateText(before);
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
    requireMarketing(loaded, before);
    const after = await changeTemplate(account, before, ttlChange(seconds), () =>
      recordChange(context.options, loaded, { ...ttlAudit(before, seconds), subject: named }),
    );
    if (json) printJson({ ...result, status: known(after.definition.status), changed: true });
    else {
      print(
        `${named}: the TTL is ${ttlText(seconds)} now, as read from Meta; it was ${ttlOf(before) ?? "not known"}.`,
      );
    }
    sayStatus(before, after);
    const wanted = loaded.manifest.template.ttl;
    if (wanted !== undefined && wanted !== seconds) {
      say(`${file} has \`template.ttl\` of ${ttlText(wanted)}: correct it there too.`);
    }
  });
}

/** What `template show` prints that is not the template's own. */
interface More {
  /** The account's currency; null when not known. */
  currency: string | null;
  /** The account's creative optimisations; null when not known. */
  creative: CreativeFeatures | null;
  /** A sentence for each part that could not be read. */
  unread: string[];
}

/** Each may fail by itself. */
async function readMore(account: Account): Promise<More> {
  const unread: string[] = [];
  const tried = async <T>(what: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      unread.push(`${what} could not be read: ${error.message}`);
      return null;
    }
  };
  const [waba, creative] = await Promise.all([
    tried("The account", () => account.readWaba()),
    tried("The account's creative optimisations", () => account.readCreative()),
  ]);
  return { currency: waba?.currency ?? null, creative, unread };
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

function rowsOf(
  loaded: LoadedManifest,
  template: TemplateFacts,
  all: readonly TemplateFacts[],
  more: More,
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
  rows.push(["max price", maxPriceText(template, more.currency)], ...creativeRows(template, more));
  const { changedAt } = template;
  rows.push(["changed", changedAt === null ? null : timesOf(loaded).named(changedAt)]);
  rows.push(["languages", languagesText(all)], ["parameters", definition.parameter_format]);
  return [...rows, ...componentRows(definition.components)];
}

/** What the template and its account say of creative optimisations, side by side. */
function creativeRows({ creative }: TemplateFacts, more: More): FactRow[] {
  const rows: FactRow[] = [
    ["optimisations", creative === undefined ? null : creativeText(creative, "on")],
    ["the account's", more.creative === null ? null : creativeText(more.creative, "off")],
  ];
  const both = creativeConflicts(creative ?? {}, more.creative ?? {});
  if (both.length > 0) {
    rows.push(["they differ", `${both.join(", ")}; Meta does not say which of the two counts`]);
  }
  return rows;
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
function jsonOf(
  template: TemplateFacts,
  all: readonly TemplateFacts[],
  more: More,
): Record<string, unknown> {
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
    max_price_known: template.maxPrice !== undefined,
    max_price: maxPriceJson(template.maxPrice, more.currency),
    creative_features: {
      template: template.creative ?? null,
      account: more.creative,
      differ: creativeConflicts(template.creative ?? {}, more.creative ?? {}),
    },
    changed_at: template.changedAt === null ? null : isoInstant(template.changedAt),
    components: definition.components,
    languages: all.map((one) => ({
      language: one.definition.language,
      status: known(one.definition.status),
    })),
  };
}
