// Files that come with the program.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { assert } from "../../domain/common/errors.ts";

/** What a schema is of. */
export type SchemaOf = "manifest" | "policy";

const SCHEMAS: Readonly<Record<SchemaOf, string>> = {
  manifest: "campaign.schema.json",
  policy: "policy.schema.json",
};

/** The path of the schema that comes with the program. */
export function schemaFile(of: SchemaOf): string {
  return shipped(SCHEMAS[of]);
}

/** The path of a file of the campaign that comes with the program. */
export function exampleFile(name: string): string {
  return shipped(join("campaigns", name));
}

/** In the folder of the package, which the built program lies within. */
function shipped(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, SCHEMAS.manifest)) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  const file = join(folder, name);
  assert(existsSync(file), `${name} comes with the program`);
  return file;
}
