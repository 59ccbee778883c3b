// Reads `policy.yaml`: where the ledger of a project is. It is pure: the text and the environment
// come in as arguments.

import * as z from "zod";
import type { Problem } from "../common/errors.ts";
import { parseDocument } from "../document/document.ts";
import { ledgerNameFault } from "./ledger-name.ts";

const MAX_PATH_LENGTH = 1_024;

const policySchema = z.strictObject({
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
        "File of the ledger, relative to this file; left out: data/ledger.sqlite of the project.",
      examples: ["data/ledger.sqlite"],
    }),
});

export type Policy = z.output<typeof policySchema>;

/**
 * Reads the text of a policy; an empty one, or one of comments, has no rules.
 * @param options.env what `${NAME}` is read from
 * @returns the policy, or every problem in it with its place
 */
export function readPolicy(
  text: string,
  options: { file: string; env?: Record<string, string | undefined> },
): { policy: Policy } | { problems: Problem[] } {
  if (text.replace(/^\s*#.*$/gm, "").trim() === "") return { policy: {} };
  const { file, env = {} } = options;
  const parsed = parseDocument(text, { file, what: "a policy", schema: policySchema, env });
  return "problems" in parsed ? parsed : { policy: parsed.value };
}
