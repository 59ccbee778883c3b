// Who must not be messaged, as the manifest says it, and the policy for all manifests under it.

import * as z from "zod";
import { isStopWordText, STOP_WORD_MAX } from "../recipient/stop-words.ts";
import { say } from "./manifest-say.ts";

/** Most opt-out lists: far more than anybody has. */
const MAX_LIST = 100;

const MAX_PATH_LENGTH = 1_024;

/**
 * The name of a file.
 * @param what it is, as the beginning of a sentence
 * @param of what the name is relative to
 */
export function file(what: string, example: string, of = "the manifest") {
  return z
    .string()
    .min(1)
    .max(MAX_PATH_LENGTH)
    .superRefine((name, context) => {
      if (!/^[a-z][a-z\d+.-]*:\/\//i.test(name)) return;
      const hint = "Download it first, for a spreadsheet as CSV, and name the file.";
      say(context, "must be a file of this machine; this is a web address", hint);
    })
    .meta({ description: `${what}, relative to ${of}.`, examples: [example] });
}

const stopWord = z.string().superRefine((word, context) => {
  if (isStopWordText(word)) return;
  const hint = `Write one with a letter or digit, of at most ${STOP_WORD_MAX} characters.`;
  say(context, "cannot be a stop word", hint);
});

const STOP_WORDS_DESCRIPTION =
  "Words by which people ask to be left alone, by language, beside the built-in ones (`STOP`, `SAIR`, `BAJA`, …). " +
  "A message counts that is such words with nothing but courtesy or a signature around them; on a button they count wherever they stand. Case and accents do not matter.";

/**
 * The keys that a manifest and a policy have alike.
 * @param of what the names of files are relative to
 * @param campaigns what `campaigns` means there
 */
export function suppressKeys(of: string, campaigns: string) {
  return {
    files: z
      .array(file("An opt-out list", "optouts.csv", of))
      .max(MAX_LIST)
      .default([])
      .meta({
        description: `Opt-out lists: CSV files with a phone number a row, relative to ${of}.`,
        examples: [["optouts.csv"]],
      }),
    campaigns: z
      .array(z.string().min(1))
      .max(MAX_LIST)
      .default([])
      .meta({ description: campaigns, examples: [["black-friday-2026"]] }),
    stop_words: z
      .record(
        z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, "a language such as `pt` or `pt_BR`"),
        z.array(stopWord).max(MAX_LIST),
      )
      .default({})
      .meta({ description: STOP_WORDS_DESCRIPTION, examples: [{ pt: ["chega", "não quero"] }] }),
  };
}

const { files, campaigns, stop_words } = suppressKeys(
  "the manifest",
  "Other campaigns of the ledger: nobody gets this one whom one of them may have reached, also when that happens later.",
);

/** The section of the manifest. */
export const suppress = z
  .strictObject({
    files,
    campaigns,
    us_territories: z
      .boolean()
      .default(true)
      .meta({
        description:
          "Do not send to PR, GU, VI, AS, MP and to +1 numbers of no telling country; US numbers never get any.",
        examples: [false],
      }),
    stop_words,
  })
  .prefault({})
  .meta({ description: "Who must not be messaged, beside the ledger's own opt-out list." });
