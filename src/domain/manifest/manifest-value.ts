// One value of the template's section of the manifest: how it is written, and what of it can be
// checked without a row. It knows no other key.

import * as z from "zod";
import { asked } from "../document/document-findings.ts";
import { compileValue, isLiquid } from "../message/liquid.ts";
import type { ValueKind } from "../message/template-limits.ts";
import { lengthOf, settleValue, tooLong, VALUE_LIMITS } from "../message/template-limits.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { say } from "./manifest-say.ts";

/** Highest throughput of a number, in messages a second (Meta, throughput page, 2026-09). */
const MAX_MESSAGES_PER_SECOND = 1_000;

/** A rate, wherever it stands. */
export const messagesPerSecond = z.number().min(0.1).max(MAX_MESSAGES_PER_SECOND);

/**
 * A value of the template: Liquid over the columns; numbers and true/false are taken as they are
 * written. What is the same for every row is held to Meta's limits here, and what varies when a row
 * is rendered.
 */
export function value(kind: ValueKind, what: string, example: string) {
  return z
    .union([z.string(), z.number(), z.boolean()])
    .transform(String)
    .superRefine((text, context) => checkValue(kind, text, context))
    .meta({ description: `${what} Liquid over the columns of the CSV.`, examples: [example] });
}

/** Says what is wrong with a value, whose place is `path` below the value being checked. */
export function checkValue(
  kind: ValueKind,
  text: string,
  context: RefinementContext,
  path: (string | number)[] = [],
): void {
  const compiled = compileValue(text, "en");
  if ("fault" in compiled) {
    const { message, hint, offset } = compiled.fault;
    context.addIssue({ code: "custom", message, path, params: { hint, offset }, input: text });
  }
  if (kind === "link") checkLink(text, context, path);
  if (isLiquid(text)) return;
  if (text.trim() === "")
    say(context, "is empty", "Write a text: Meta refuses an empty value.", path);
  else if (kind === "link") {
    const { most } = VALUE_LIMITS.link;
    const wrong = tooLong(lengthOf(text), most);
    if (lengthOf(text) > most) say(context, wrong, asked(wrong), path);
  } else {
    const settled = settleValue(kind, text.trim());
    if ("fault" in settled) say(context, settled.fault, asked(settled.fault), path);
  }
}

/** Of a link that varies, what stands before the first `{` is there for every row. */
function checkLink(text: string, context: RefinementContext, path: (string | number)[]): void {
  if (isLiquid(text) && !/^\s*http:/i.test(text)) return;
  if (!/^https:\/\/[^\s/]+/i.test(text.trim()) || !URL.canParse(text.trim().replace(/\{.*/s, ""))) {
    const hint = "Write the file's public address, which begins with https://.";
    say(context, "must be a link that begins with https://", hint, path);
  }
}

/**
 * Says so when not exactly one of the keys is there. Of none, nothing is said where one of them is
 * only misspelt, which is reported already.
 */
export function exactlyOne(
  keys: unknown,
  names: readonly string[],
  context: RefinementContext,
): void {
  if (typeof keys !== "object" || keys === null) return;
  const present = names.filter((name) => (keys as Record<string, unknown>)[name] !== undefined);
  if (present.length === 1) return;
  const list = names.map((name) => `\`${name}\``).join(", ");
  const [, second] = present;
  if (second === undefined) {
    const hint = `Add one of ${list} below it.`;
    const params = { on: "key", about: true, missing: names, hint };
    context.addIssue({ code: "custom", message: `needs one of ${list}`, params, input: keys });
  } else
    say(
      context,
      `is one too many: only one of ${list} goes`,
      "Keep one, and take the others out.",
      [second],
      "key",
    );
}
