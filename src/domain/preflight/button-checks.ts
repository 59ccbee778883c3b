// Quick replies of a template that read like an opt-out: the person who taps one must be left
// alone.

import type { Manifest } from "../manifest/manifest.ts";
import { stopWordsOf } from "../manifest/manifest.ts";
import { isLiquid } from "../message/liquid.ts";
import type { TemplateButton, TemplateComponent, TemplateDefinition } from "../message/template.ts";
import { componentOf } from "../message/template.ts";
import { looksLikeOptOut, optOutTest } from "../recipient/stop-words.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";

/**
 * Names the quick replies that look like an opt-out and whose tap counts for none.
 * @param words words beside the built-in ones and the manifest's
 */
export function judgeOptOutButtons(
  manifest: Manifest,
  { components }: TemplateDefinition,
  words: readonly string[],
): Finding[] {
  const { isTap } = optOutTest([...stopWordsOf(manifest), ...words]);
  const language = manifest.template.language.split(/[_-]/)[0] ?? "en";
  return quickRepliesOf(manifest, components).flatMap(({ text, payload }): Finding[] => {
    const texts = [text, payload].filter((value) => value !== undefined);
    if (texts.some(isTap) || !texts.some(looksLikeOptOut)) return [];
    const key = `stop_words: { ${language}: [${JSON.stringify(text)}] }`;
    return [finding("button_no_opt_out", ["template"], { text, payload }, { text, key })];
  });
}

interface QuickReply {
  text: string;
  /** What comes back with the tap, where it is the same in every row. */
  payload: string | undefined;
}

function quickRepliesOf(
  { template }: Manifest,
  components: readonly TemplateComponent[],
): QuickReply[] {
  const own = repliesIn(components).map(({ index, text }) => {
    const bound = template.buttons?.find((button) => button.index === index)?.quick_reply;
    const payload = bound === undefined || isLiquid(bound) ? undefined : bound;
    return { text, payload };
  });
  const cards = componentOf(components, "CAROUSEL")?.cards ?? [];
  const ofCards = cards.flatMap((card) =>
    repliesIn(card.components).map(({ text }) => ({ text, payload: undefined })),
  );
  // The cards of a carousel have the same buttons.
  const texts = new Set<string>();
  return [...own, ...ofCards].filter(({ text }) => !texts.has(text) && texts.add(text));
}

function repliesIn(components: readonly TemplateComponent[]): { index: number; text: string }[] {
  const buttons = componentOf(components, "BUTTONS")?.buttons ?? [];
  return buttons.flatMap((button: TemplateButton, index) => {
    const isQuickReply = button.type.toUpperCase() === "QUICK_REPLY";
    return isQuickReply && button.text !== undefined ? [{ index, text: button.text }] : [];
  });
}
