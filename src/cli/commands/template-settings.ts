// `campaign template set-max-price|optimise`: what a message of the template may cost, and what
// Meta may change in it by itself.

import type { CreativeFeatures } from "../../domain/account/creative.ts";
import {
  CREATIVE_FEATURES,
  creativeConflicts,
  creativeText,
} from "../../domain/account/creative.ts";
import type { MaxPrice, TemplateFacts } from "../../domain/account/facts.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { nearest } from "../../domain/common/nearest.ts";
import { money } from "../../domain/common/numbers.ts";
import { isUnsureUnit, readPrice } from "../../domain/cost/max-price.ts";
import type { Account } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";
import { recordChange } from "../account/meta-change.ts";
import type { LanguageFlag } from "../account/template-at-meta.ts";
import {
  known,
  requireMarketing,
  templateText,
  withTemplate,
} from "../account/template-at-meta.ts";
import type { TemplateChange } from "../account/template-edit.ts";
import { changeTemplate, maxPriceJson, maxPriceText, sayStatus } from "../account/template-edit.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { print, printJson, say } from "../print/print.ts";
import { requireYes } from "../process/ask.ts";

/** `template set-max-price`. @param amount such as `0.06USD`, for one delivered message */
export async function templateSetMaxPrice(
  file: string,
  amount: string,
  flags: LanguageFlag & { yes?: boolean; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  const { yes, json } = flags;
  return withTemplate(loaded, flags, context, async ({ account, template: before }) => {
    requireMarketing(loaded, before);
    const { currency } = await account.readWaba();
    const read = readPrice(amount, currency);
    if ("wrong" in read) throw new OperatorError({ message: read.wrong, hint: read.todo });
    const maxPrice: MaxPrice = { bidAmount: read.bidAmount };
    const named = templateText(before);
    const had = maxPriceText(before, currency) ?? "not known";
    const wanted = maxPriceText({ ...before, maxPrice }, currency) ?? "";
    const result = {
      name: before.definition.name,
      language: before.definition.language,
      max_price: maxPriceJson(maxPrice, currency),
      previous_max_price: maxPriceJson(before.maxPrice, currency),
    };
    if (before.maxPrice?.bidAmount === read.bidAmount) {
      const status = known(before.definition.status);
      if (json) printJson({ ...result, status, changed: false });
      else print(`${named}: the max price is ${wanted} already.`);
      return;
    }
    say(`${named}: the max price is ${had}; it is to be ${wanted}.`);
    say(`1,000 deliveries then cost ${money(read.price * 1_000)} ${currency} at most.`);
    for (const sentence of consequences(loaded, before, maxPrice)) say(sentence);
    if (isUnsureUnit(currency ?? "")) say(unsure(currency ?? ""));
    await requireYes(`Set the max price of ${named} to ${wanted}?`, yes, context.stop);
    const after = await changeTemplate(
      account,
      before,
      maxPriceChange(maxPrice, currency),
      async () =>
        recordChange(context.options, loaded, {
          action: "set_max_price",
          subject: named,
          detail: { before: before.maxPrice?.bidAmount ?? null, after: read.bidAmount, currency },
        }),
    );
    if (json) printJson({ ...result, status: known(after.definition.status), changed: true });
    else print(`${named}: the max price is ${wanted} now, as read from Meta; it was ${had}.`);
    sayStatus(before, after);
  });
}

function maxPriceChange(maxPrice: MaxPrice, currency: string | null): TemplateChange {
  return {
    edit: { maxPrice },
    isMade: (template) => template.maxPrice?.bidAmount === maxPrice.bidAmount,
    wanted: "the max price",
    hasText: (template) => maxPriceText(template, currency),
    todo: "Make a new template with a max price, if this one was made without: it may not take one yet.",
  };
}

/** What a max price means beside what it costs (Meta, "Set a max price", 2026-06). */
function consequences(
  { manifest: { budget } }: LoadedManifest,
  { maxPrice: before }: TemplateFacts,
  after: MaxPrice,
): string[] {
  const sentences = [
    "It counts for everything that sends this template, from the next message on.",
  ];
  if (before === null || before === undefined) {
    sentences.push(
      "With a max price its messages cannot go to a user id (131062) or by the Cloud API (131061). Meta names no way to take the price off again.",
    );
  }
  const rises = before === null || before === undefined || after.bidAmount > before.bidAmount;
  if (budget !== undefined && rises) {
    sentences.push("Who is planned already gets the new price by a run with --replan.");
  }
  return sentences;
}

function unsure(currency: string): string {
  return `WARNING: it is not certain what Meta takes as the smallest unit of ${currency}. Compare with \`campaign check\`, whose estimates are in Meta's own units, before anything is sent.`;
}

interface OptimiseFlags extends LanguageFlag {
  optOut?: string[];
  optIn?: string[];
  json?: boolean;
}

/** `template optimise`: switches creative optimisations of the template off and on. */
export async function templateOptimise(
  file: string,
  flags: OptimiseFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const wanted = readFeatures(flags);
  const loaded = await loadManifest(file);
  return withTemplate(loaded, flags, context, async ({ account, template: before }) => {
    requireMarketing(loaded, before);
    const named = templateText(before);
    // Whether Meta keeps what a request leaves out is not documented: all of it is said again.
    const creative = { ...switchable(before.creative ?? {}), ...wanted };
    const change = creativeChange(creative);
    const result = {
      name: before.definition.name,
      language: before.definition.language,
      previous: before.creative ?? null,
    };
    const isMade = change.isMade(before);
    const after = isMade
      ? before
      : await changeTemplate(account, before, change, async () =>
          recordChange(context.options, loaded, {
            action: "optimise",
            subject: named,
            detail: { ...wanted },
          }),
        );
    const has = creativeText(after.creative ?? {});
    if (flags.json) {
      const status = known(after.definition.status);
      const features = after.creative ?? null;
      printJson({ ...result, creative_features: features, status, changed: !isMade });
    } else if (isMade) print(`${named}: creative optimisations are ${has} already.`);
    else {
      const had = before.creative === undefined ? "not known" : creativeText(before.creative);
      print(
        `${named}: creative optimisations are ${has} now, as read from Meta; they were ${had}.`,
      );
    }
    sayStatus(before, after);
    await sayConflicts(account, after.creative ?? {});
  });
}

/** @throws OperatorError for a feature that Meta does not document, or that is asked for twice */
function readFeatures({ optOut = [], optIn = [] }: OptimiseFlags): CreativeFeatures {
  const asked = [
    ...optOut.map((feature) => [feature, "OPT_OUT"] as const),
    ...optIn.map((feature) => [feature, "OPT_IN"] as const),
  ];
  if (asked.length === 0) {
    throw new OperatorError({
      message: "no feature is given",
      hint: `Name some by --opt-out or --opt-in: ${CREATIVE_FEATURES.join(", ")}.`,
    });
  }
  const wanted: Record<string, string> = {};
  const problems = asked.flatMap(([feature, status]) => {
    if (!CREATIVE_FEATURES.includes(feature)) {
      const near = nearest(feature, CREATIVE_FEATURES);
      const all = `There are ${CREATIVE_FEATURES.join(", ")}.`;
      const hint = near === undefined ? all : `Did you mean ${near}?`;
      return [{ message: `"${feature}" is no creative feature that Meta documents`, hint }];
    }
    const other = wanted[feature];
    wanted[feature] = status;
    if (other === undefined || other === status) return [];
    const hint = "Give it to one of --opt-out and --opt-in.";
    return [{ message: `${feature} is to be both off and on`, hint }];
  });
  if (problems.length > 0) throw new OperatorError(problems);
  return wanted;
}

/** Of what was read, what can be posted again. */
function switchable(features: CreativeFeatures): CreativeFeatures {
  const entries = Object.entries(features).filter(
    ([feature, status]) =>
      CREATIVE_FEATURES.includes(feature) && ["OPT_IN", "OPT_OUT"].includes(status),
  );
  return Object.fromEntries(entries);
}

function creativeChange(creative: CreativeFeatures): TemplateChange {
  return {
    edit: { creative },
    isMade: (template) =>
      Object.entries(creative).every(
        ([feature, status]) => template.creative?.[feature] === status,
      ),
    wanted: `creative optimisations (${creativeText(creative)})`,
    hasText: ({ creative: has }) => (has === undefined ? null : creativeText(has)),
    todo: "Look at the template in WhatsApp Manager: it may be in review, or Meta may have paused the feature.",
  };
}

/** Only a hint: it may fail, and changes nothing. */
async function sayConflicts(account: Account, creative: CreativeFeatures): Promise<void> {
  try {
    const differ = creativeConflicts(creative, (await account.readCreative()) ?? {});
    if (differ.length === 0) return;
    say(
      `The account's own setting differs: ${differ.join(", ")}. Meta does not say which of the two counts.`,
    );
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
  }
}
