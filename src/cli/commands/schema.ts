// `campaign schema`: the JSON Schema of a manifest or a policy, which editors check it by.

import { readFile } from "node:fs/promises";

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { print } from "../print/print.ts";
import type { SchemaOf } from "../setup/shipped.ts";
import { schemaFile } from "../setup/shipped.ts";

/** Runs the command. */
export async function schema(of: SchemaOf): Promise<ExitCode> {
  print((await readFile(schemaFile(of), "utf8")).trimEnd());
  return EXIT.done;
}
