// `campaign schema`: the JSON Schema of a manifest or a policy, which editors check it by.

import { readFile } from "node:fs/promises";

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { print } from "../print/print.ts";

/** What a schema is of. */
export type SchemaOf = "manifest" | "policy";

const FILES: Readonly<Record<SchemaOf, string>> = {
  manifest: "campaign.schema.json",
  policy: "policy.schema.json",
};

/** Runs the command. */
export async function schema(of: SchemaOf): Promise<ExitCode> {
  print((await readFile(schemaFile(of), "utf8")).trimEnd());
  return EXIT.done;
}

/** Where the schema is that comes with the program. */
export function schemaFile(of: SchemaOf): URL {
  // The built program is two folders deep.
  return new URL(`../../${FILES[of]}`, import.meta.url);
}
