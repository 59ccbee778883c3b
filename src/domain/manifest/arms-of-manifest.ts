// The arms of a manifest's test: who is in which, and the manifest as each arm has it.

import { pathInArm, withArm } from "../arms/arm-message.ts";
import type { TestRule } from "../arms/decide-test.ts";
import type { HoldOut, Split } from "../arms/split.ts";
import { quarterOf } from "../arms/split.ts";
import type { Problem } from "../common/errors.ts";
import type { Path } from "../document/document-schema.ts";
import type { MessageKnowledge, MessageSource } from "../message/body.ts";
import { compileMessage } from "../message/body.ts";
import type { CompiledMessages } from "../message/messages.ts";
import { joinMessages, languageOf, renderByLanguage } from "../message/messages.ts";
import type { TemplateDefinition } from "../message/template.ts";
import { isByRow, isSameLanguage } from "../message/template.ts";
import type { ArmKeys } from "./manifest-arms.ts";
import { WINNER } from "./manifest-arms.ts";
import type { Manifest } from "./manifest-schema.ts";

/** An arm by its name, in the manifest's order. */
type NamedArm = ArmKeys & { name: string };

/** The arms in their order; none without a test. */
export function armsOf({ test }: Pick<Manifest, "test">): NamedArm[] {
  return Object.entries(test?.arms ?? {}).map(([name, arm]) => ({ name, ...arm }));
}

/** One message that a campaign sends. */
export interface MessageOfArm {
  /** The arm's name; null of a campaign without a test. */
  arm: string | null;
  manifest: MessageSource;
}

/** The same, with all that the manifest says. */
export interface ArmManifest extends MessageOfArm {
  /** The manifest as if it had this message alone. */
  manifest: Manifest;
  /** Where what stands at a path of that manifest is written. */
  pathOf(path: Path): Path;
}

/** What is wrong with the name of an arm that the manifest does not have. */
export function noArm(manifest: Manifest, wanted: string): Problem {
  const names = armsOf(manifest).map(({ name }) => `\`${name}\``);
  const hint =
    names.length === 0 ? "Leave --arm out: it has no `test`." : `Give one of ${names.join(", ")}.`;
  return { message: `the manifest has no arm \`${wanted}\``, hint };
}

/** Every message that the campaign sends: those of its arms in their order, or the one. */
export function messagesOf(manifest: Manifest): ArmManifest[] {
  const arms = armsOf(manifest);
  if (arms.length === 0) return [{ arm: null, manifest, pathOf: (path) => path }];
  return arms.map(({ name, ...changes }) => ({
    arm: name,
    manifest: withArm(manifest, changes),
    pathOf: (path) => pathInArm(name, changes, path),
  }));
}

/** The templates that the campaign's messages use, each once; at least one. */
export function templateNames(manifest: Manifest): { name: string; language: string }[] {
  const all = messagesOf(manifest).map(({ manifest: { template } }) => template);
  const named = all.map(({ name, language }) => ({ name, language }));
  return [...new Map(named.map((one) => [`${one.name} ${one.language}`, one])).values()];
}

/** What is known beside the messages: every template that was read, and ids of uploaded files. */
export interface KnownTemplates extends Pick<MessageKnowledge, "media"> {
  definitions?: readonly TemplateDefinition[] | undefined;
}

/** Of the templates that were read, the one of a message; undefined where it was not. */
export function definitionOf(
  { name, language }: MessageSource["template"],
  definitions: readonly TemplateDefinition[] = [],
): TemplateDefinition | undefined {
  return definitions.find((one) => one.name === name && isSameLanguage(one.language, language));
}

/** A message in one language, where each row gives its own. */
export function withLanguage<M extends Pick<MessageSource, "template">>(
  source: M,
  language: string,
): M {
  return { ...source, template: { ...source.template, language } };
}

/** The template of a message in the language that a row gets. @param values of the row */
export function templateOfRow(
  { manifest }: MessageOfArm,
  values: string,
): MessageSource["template"] {
  const { template } = manifest;
  return isByRow(template.language) ? { ...template, language: languageOf(values) } : template;
}

/** Compiles every message of a campaign, as `compileMessage` does one. @param all at least one */
export function compileMessages(
  all: readonly MessageOfArm[],
  known: KnownTemplates = {},
): CompiledMessages {
  const { definitions, media } = known;
  const messages = joinMessages(
    all.map(({ arm: name, manifest: { template, delivery } }) => {
      const definition = definitionOf(template, definitions);
      const message = compileMessage({ template, delivery }, { definition, media });
      return { name, language: template.language, message };
    }),
  );
  // An arm has no language of its own where each row gives one.
  if (!all.some(({ manifest }) => isByRow(manifest.template.language))) return messages;
  return renderByLanguage(messages, (code) =>
    compileMessages(
      all.map((one) => ({ ...one, manifest: withLanguage(one.manifest, code) })),
      known,
    ),
  );
}

/** How people are split; undefined without a test. */
export function splitOf(manifest: Pick<Manifest, "test">): Split | undefined {
  const { test } = manifest;
  if (test === undefined) return undefined;
  return { name: test.name, shares: armsOf(manifest).map(({ share }) => share) };
}

/** The test as it is decided; undefined without one. */
export function testRuleOf(manifest: Pick<Manifest, "test">): TestRule | undefined {
  const { test } = manifest;
  if (test === undefined) return undefined;
  const arms = armsOf(manifest).map(({ name, share }) => ({ name, share }));
  const rest = test.rest === WINNER ? null : 1 + arms.findIndex(({ name }) => name === test.rest);
  const { name, metric, wait: waitMs, looks } = test;
  return { name, metric, waitMs, rest, looks, arms };
}

/**
 * Who is kept out of the campaign: by the policy, then by its own share.
 * @param createdAt instant at which the campaign was planned first
 */
export function holdOutsOf(
  { campaign, hold_out: own, policyHoldOut: shared }: Manifest,
  createdAt: number,
): HoldOut[] {
  const quarter = quarterOf(createdAt);
  const holdOuts: HoldOut[] = [];
  if (shared !== undefined) {
    const detail = `The policy keeps this person out of every campaign of ${quarter}.`;
    holdOuts.push({ salt: quarter, share: shared, detail });
  }
  if (own !== undefined) {
    const detail = "This person is in the campaign's hold-out.";
    holdOuts.push({ salt: `campaign/${campaign}`, share: own, detail });
  }
  return holdOuts;
}
