// Files that come with the program.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { assert, OperatorError } from "../../domain/common/errors.ts";

/** What a schema is of. */
export type SchemaOf = "manifest" | "policy";

const SCHEMAS: Readonly<Record<SchemaOf, string>> = {
  manifest: "campaign.schema.json",
  policy: "policy.schema.json",
};

/** The path of the schema that comes with the program. */
export function schemaFile(of: SchemaOf): string {
  const file = shipped(SCHEMAS[of]);
  assert(existsSync(file), `${SCHEMAS[of]} comes with the program`);
  return file;
}

/**
 * The path of a file of the campaign that comes with the program.
 * @throws OperatorError where it was left out, as in an image of a container
 */
export function exampleFile(name: string): string {
  const file = shipped(join("campaigns", name));
  if (existsSync(file)) return file;
  throw new OperatorError({
    id: "usage",
    message: `the example, ${join("campaigns", name)}, is not beside this program`,
    hint: "Take a clone of the repository for it, or make a campaign of your own list.",
  });
}

/** In the folder of the package, which the built program lies within. */
function shipped(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, SCHEMAS.manifest)) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return join(folder, name);
}
