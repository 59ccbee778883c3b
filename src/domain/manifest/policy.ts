// Reads `policy.yaml`: where the ledger of a project is, and rules for all campaigns under it. It
// is pure: the text and the environment come in as arguments.

import * as z from "zod";
import type { Problem } from "../common/errors.ts";
import type { Locate } from "../document/document.ts";
import { parseDocument } from "../document/document.ts";
import { ledgerNameFault } from "./ledger-name.ts";
import { holdOut } from "./manifest-arms.ts";
import { hours } from "./manifest-hours.ts";
import { budget, cap, peoplePerDay } from "./manifest-limits.ts";
import { notify } from "./manifest-notify.ts";
import { suppressKeys } from "./manifest-suppress.ts";

const MAX_PATH_LENGTH = 1_024;

const policySchema = z
  .strictObject({
    ledger: z
      .string()
      .max(MAX_PATH_LENGTH)
      .superRefine((name, context) => {
        const fault = ledgerNameFault(name);
        if (fault === null) return;
        const params = { about: true, hint: fault.hint };
        context.addIssue({ code: "custom", message: fault.wrong, params });
      })
      .optional()
      .meta({
        description:
          "File of the ledger, relative to this file, or the address of a server; left out: data/ledger.sqlite of the project.",
        examples: ["data/ledger.sqlite"],
      }),
    hours: hours.optional(),
    people_per_day: peoplePerDay.optional(),
    cap: cap.optional(),
    budget: budget.optional(),
    notify: notify.optional(),
    require_plan: z
      .boolean()
      .optional()
      .meta({
        description:
          "Nothing is sent before a person starts the plan that `check` prints, by its digest.",
        examples: [true],
      }),
    hold_out: holdOut(
      "People who get no campaign under this policy for a quarter of the year, the same ones in each; by chance.",
    ).optional(),
    suppress: z
      .strictObject(
        suppressKeys(
          "the policy",
          "Campaigns of the ledger whose people get no other campaign. One that is named here leaves out those that stand before it.",
        ),
      )
      .prefault({})
      .meta({ description: "Who must not be messaged, beside what a manifest says." }),
  })
  .meta({
    title: "Campaign policy",
    description:
      "Where the ledger is, and rules for all campaigns under it; a manifest may only be stricter.",
  });

export type Policy = z.output<typeof policySchema>;

/** A policy that was read. */
export interface ReadPolicy {
  policy: Policy;
  /** Where a value stands in the file. */
  at: Locate;
}

/** Keys whose values come from variables alone. */
const SECRETS = ["url", "secret"];

/** What people call a key, from the manifest's words for it. */
const SYNONYMS: Readonly<Record<string, string>> = { rate: "people_per_day" };

/**
 * Reads the text of a policy; an empty one, or one of comments, has no rules.
 * @param options.env what `${NAME}` is read from
 * @returns the policy with a way to find places in it, or every problem in it with its place
 */
export function readPolicy(
  text: string,
  options: { file: string; env?: Record<string, string | undefined> },
): ReadPolicy | { problems: Problem[] } {
  const { file, env = {} } = options;
  const isEmpty = text.replace(/^\s*#.*$/gm, "").trim() === "";
  const schema = policySchema;
  const what = "a policy";
  const synonyms = SYNONYMS;
  // Only a run notifies: every other command does without these variables.
  const secrets = { secrets: SECRETS, secretsUnused: true };
  const asked = { file, what, schema, env, synonyms, ...secrets };
  const parsed = parseDocument(isEmpty ? "{}" : text, asked);
  return "problems" in parsed ? parsed : { policy: parsed.value, at: parsed.at };
}

/** The JSON Schema (draft 7, as editors read it) of a policy as it is written. */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(policySchema, { target: "draft-7", io: "input" });
}
