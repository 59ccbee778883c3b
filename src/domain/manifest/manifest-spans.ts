// Spans of time and shares as a manifest writes them: `30s`, `30m`, `24h`, `7d`; `10%`.

import * as z from "zod";
import { readSpan } from "../common/spans.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { say } from "./manifest-say.ts";

const SPAN_FORM = "a number with a unit, such as 30s, 30m, 24h or 7d";

/**
 * A key that is a span of time: its schema reads it into milliseconds.
 * @param least as written, as `most`; both are allowed
 */
export function span(least: string, most: string) {
  const [from, to] = [readSpan(least) ?? 0, readSpan(most) ?? 0];
  return z.union([z.string(), z.number()]).transform((written, context): number => {
    const read = readSpan(written);
    if (read === undefined) {
      say(context, `must be ${SPAN_FORM}`, `Write ${SPAN_FORM}.`);
    } else if (read < from || read > to) {
      say(context, `must be from ${least} to ${most}`, `Write one from ${least} to ${most}.`);
    }
    return read ?? Number.NaN;
  });
}

/** A key that is a share: `10%` is read as 0.1. */
export function share() {
  return z.string().transform((written, context): number => readShare(written, context));
}

/** A share as a number, 0 < x ≤ 1; says so when the text is none. */
export function readShare(written: string, context: RefinementContext): number {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(written.trim()) ?? [];
  const read = Number(percent) / 100;
  const hint = "Write a share such as 10%.";
  if (percent === undefined) say(context, "must be a share such as 10%", hint);
  else if (read <= 0 || read > 1) say(context, "must be more than 0% and at most 100%", hint);
  return read;
}
