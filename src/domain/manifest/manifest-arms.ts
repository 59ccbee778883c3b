// Hold-outs and tests in the manifest: shares of people who are kept out, and arms that get
// different messages.

import * as z from "zod";
import type { ArmChanges } from "../arms/arm-message.ts";
import { pathInArm, withArm } from "../arms/arm-message.ts";
import { fitTogether, TEST_METRICS } from "../arms/split.ts";
import type { MessageSource } from "../message/body.ts";
import { isByRow } from "../message/template.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { ALWAYS, say } from "./manifest-say.ts";
import { readShare, share, span } from "./manifest-spans.ts";
import { checkTogether, delivery, templateSchema } from "./manifest-template.ts";

/** Arms of one test: more need more people than lists have. */
const ARMS_MIN = 2;
const ARMS_MAX = 5;
/** Looks of one test: more of them find next to nothing. */
const LOOKS_MAX = 10;
/** `rest`, when the arm that won gets the rest; no arm's name. */
export const WINNER = "winner";

/** The key `hold_out`. @param whom who is kept out, and of what */
export function holdOut(whom: string) {
  return z
    .string()
    .transform((written, context): number => {
      const read = readShare(written, context);
      const hint = "Write a share such as 5%.";
      if (read === 1) say(context, "must be less than 100%: with it nothing is sent", hint);
      return read;
    })
    .meta({ description: whom, examples: ["5%"] });
}

/** A key of the message, which an arm may be without. */
function orOff<S extends z.ZodType>(schema: S) {
  return z.union([z.literal("off"), schema]);
}

const keys = templateSchema.shape;
const armTemplate = z
  .strictObject({
    name: keys.name.optional(),
    language: keys.language.optional(),
    header: orOff(keys.header.unwrap()).optional(),
    body: keys.body,
    limited_time_offer: orOff(keys.limited_time_offer.unwrap()).optional(),
    buttons: keys.buttons,
    carousel: orOff(keys.carousel.unwrap()).optional(),
    tap_target: keys.tap_target,
  })
  .optional()
  .meta({
    description:
      "Keys of `template` that this arm has otherwise. The whole value of a key is replaced; `off`: this arm is without it.",
    examples: [{ name: "spring_b" }],
  });

const sent = delivery.unwrap().shape;
const armDelivery = z
  .strictObject({
    api: z
      .enum(["marketing_messages", "cloud"])
      .optional()
      .meta({
        description:
          "`cloud`: this arm is sent by the Cloud API. Left out: by the Marketing Messages API.",
        examples: ["cloud"],
      }),
    product_policy: sent.product_policy.removeDefault().optional(),
    message_activity_sharing: sent.message_activity_sharing,
    bid_multiplier: orOff(sent.bid_multiplier.unwrap()).optional(),
  })
  .optional()
  .meta({
    description: "Keys of `delivery` that this arm has otherwise.",
    examples: [{ api: "cloud" }],
  });

const arm = z.strictObject({
  share: share().meta({
    description: "How many of all people are in this arm.",
    examples: ["10%"],
  }),
  template: armTemplate,
  delivery: armDelivery,
});

/** An arm as the manifest has it; its share from 0 to 1. */
export type ArmKeys = z.output<typeof arm>;

/** The key `test`. */
export const test = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, "1 to 64 letters without accent, digits, `.`, `_` or `-`")
      .meta({
        description:
          "The test's name. It says who is in which arm: tests of one name split people alike.",
        examples: ["cta"],
      }),
    arms: z
      .record(
        z
          .string()
          .regex(
            /^(?!winner$)[a-z][a-z0-9_]{0,31}$/,
            "a small letter, then small letters, digits or `_`; and not `winner`",
          ),
        arm,
      )
      .superRefine(checkArms, ALWAYS)
      .meta({
        description:
          "Two to five arms. An arm is the manifest's own message, with the keys that it has here.",
        examples: [{ a: { share: "10%" }, b: { share: "10%", template: { name: "spring_b" } } }],
      }),
    metric: z.enum(TEST_METRICS).meta({
      description: "What the arms are compared by: the share of people whose message was so.",
      examples: ["clicked"],
    }),
    wait: span("1s", "30d")
      .prefault("24h")
      .meta({
        description: "How long after the arms' last message the test is decided.",
        examples: ["24h", "3d"],
      }),
    looks: z
      .number()
      .int()
      .min(2)
      .max(LOOKS_MAX)
      .optional()
      .meta({
        description:
          "How often the test is looked at, the end included, while its arms are sent over hours or days. An arm that wins beyond doubt wins early. Left out: at the end alone.",
        examples: [3],
      }),
    least: share()
      .prefault("5%")
      .meta({
        description:
          "The smallest relative difference that is worth knowing: `check` says what the list can show.",
        examples: ["5%"],
      }),
    rest: z
      .string()
      .default(WINNER)
      .meta({
        description:
          "What people in no arm get: the message of the arm that won, and without a winner that of the first; or of the arm that is named.",
        examples: ["winner", "a"],
      }),
  })
  .superRefine(checkRest, ALWAYS)
  .meta({
    description:
      "A test: some people get another message, and the rest waits until it is known which one works.",
  });

function checkArms(arms: unknown, context: RefinementContext): void {
  if (typeof arms !== "object" || arms === null) return;
  const all = Object.entries(arms as Record<string, Partial<ArmKeys> | null>);
  if (all.length < ARMS_MIN || all.length > ARMS_MAX) {
    const hint = all.length > ARMS_MAX ? "Take some out." : "Add another message to compare with.";
    say(context, `has ${all.length}; a test has from ${ARMS_MIN} to ${ARMS_MAX} arms`, hint);
  }
  const shares = all.map(([, one]) => one?.share ?? 0);
  const lower = "Lower the shares: what they leave is the rest, which gets the winner.";
  if (!fitTogether(shares)) say(context, "has shares of more than 100% together", lower);
  for (const [name, one] of all) {
    if (one?.delivery?.api !== "cloud") continue;
    for (const key of ["product_policy", "message_activity_sharing", "bid_multiplier"] as const) {
      if (one.delivery[key] === undefined || one.delivery[key] === "off") continue;
      const hint = "Take it out of this arm: the Cloud API has no such thing.";
      say(context, "does not go with `api: cloud`", hint, [name, "delivery", key], "key");
    }
  }
}

function checkRest(written: unknown, context: RefinementContext): void {
  const { arms, rest = WINNER, metric, looks } = (written ?? {}) as Record<string, unknown>;
  if (metric === "converted" && looks !== undefined) {
    const hint = "Take `looks` out: orders are known when their file is imported, after the end.";
    say(context, "do not go with `metric: converted`", hint, ["looks"], "key");
  }
  if (typeof arms !== "object" || arms === null || rest === WINNER) return;
  if (typeof rest !== "string" || Object.hasOwn(arms, rest)) return;
  const names = Object.keys(arms).map((name) => `\`${name}\``);
  say(context, "is no arm of this test", `Write one of \`winner\`, ${names.join(", ")}.`, ["rest"]);
}

/** The parts of a manifest that a test needs, of which any may be missing or of another shape. */
interface WithTest {
  template?: unknown;
  delivery?: unknown;
  test?: { arms?: unknown; metric?: unknown } | undefined;
}

/** The message of each arm as a whole, and whether the arms can be compared. */
export function checkTest(keys: WithTest | undefined, context: RefinementContext): void {
  const { template, delivery: sent, test: written } = keys ?? {};
  const arms = written?.arms;
  if (![template, sent, arms].every((part) => typeof part === "object" && part !== null)) return;
  const base = { template, delivery: sent } as MessageSource;
  const known = new Set(issuesOf(base.template).map((issue) => JSON.stringify(issue)));
  const all = Object.entries(arms as Record<string, (ArmChanges & { share?: unknown }) | null>);
  const isCompared = all.some(([, one]) => one?.delivery?.api === "cloud");
  if (isCompared && written?.metric === "clicked") {
    const hint = "Compare them by `delivered`, `read` or `replied`.";
    const wrong = "does not go with an arm of the Cloud API: Meta reports no clicks of it";
    say(context, wrong, hint, ["test", "metric"]);
  }
  for (const [name, one] of all) {
    if (one === null || typeof one !== "object") continue;
    checkLanguage(name, { own: one.template?.language, ofAll: base.template.language }, context);
    const message = withArm(base, one);
    for (const issue of issuesOf(message.template)) {
      if (known.has(JSON.stringify(issue))) continue;
      const path = pathInArm(name, one, ["template", ...((issue.path ?? []) as string[])]);
      const isOwn = path[0] === "test";
      context.addIssue({ ...issue, path: isOwn ? [...path] : ["test", "arms", name] });
    }
    if (message.delivery.api === "cloud") checkCloud(name, message, context);
    else if (isCompared && message.delivery.product_policy !== "STRICT") {
      const hint =
        "Set `delivery: { product_policy: STRICT }`: otherwise some of its messages go by the Cloud API as well.";
      const wrong = "must send `STRICT`: it is compared with an arm of the Cloud API";
      say(context, wrong, hint, ["test", "arms", name], "key");
    }
  }
}

/** People of every language are split alike, so that arms differ in nothing but what is tested. */
function checkLanguage(
  name: string,
  { own, ofAll }: { own: unknown; ofAll: unknown },
  context: RefinementContext,
): void {
  if (own === undefined || own === ofAll || ![own, ofAll].some(variesByRow)) return;
  const hint = "Take it out of the arm: `template.language` by row is that of every arm.";
  const path = ["test", "arms", name, "template", "language"];
  say(context, "must be that of all arms where it is given by row", hint, path);
}

function variesByRow(language: unknown): boolean {
  return typeof language === "string" && isByRow(language);
}

/** What the Cloud API does not send (Meta, marketing messages send page, 2026-09). */
function checkCloud(name: string, { template }: MessageSource, context: RefinementContext): void {
  const path = ["test", "arms", name];
  if (template.header?.gif !== undefined) {
    const hint = "Take another header for all arms.";
    say(context, "has a `gif` header, which the Cloud API does not send", hint, path, "key");
  }
}

type Issue = Parameters<RefinementContext["addIssue"]>[0] & { path?: PropertyKey[] };

/** What is wrong with a template's keys together. */
function issuesOf(template: unknown): Exclude<Issue, string>[] {
  const issues: Exclude<Issue, string>[] = [];
  const addIssue = (issue: Issue) => issues.push(issue as Exclude<Issue, string>);
  checkTogether(template, { addIssue } as unknown as RefinementContext);
  return issues;
}

/** The key `conversions`. */
export const conversions = z
  .strictObject({
    window: span("1s", "90d").meta({
      description:
        "How long after the campaign's last message orders count, for its worth; 7d when left out.",
      examples: ["7d", "24h"],
    }),
  })
  .meta({ description: "Which orders of `conversions import` count for the campaign." });
