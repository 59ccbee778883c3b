// Reads `policy.yaml`: where the ledger of a project is. It is pure: the text and the environment come in as arguments.

import { z } from "zod";
import type { Problem } from "../common/errors.ts";
import { parseDocument } from "../document/document.ts";

/** The file's name; the nearest one upwards counts. */
export const POLICY_FILE = "policy.yaml";

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

/** Why a text names no file that a ledger can be in; null when it may. */
export function ledgerNameFault(name: string): { wrong: string; hint: string } | null {
  if (name.trim() === "") return { wrong: "is empty: it names no ledger", hint: "Name a file." };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
    return {
      wrong: "is a URL, and this version keeps the ledger in a file only",
      hint: "Name a file on a local disk.",
    };
  }
  if (/^~/.test(name)) {
    return {
      wrong: 'begins with "~", which only a shell replaces by your home folder',
      hint: "Write the path out.",
    };
  }
  return null;
}
