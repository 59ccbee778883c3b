// What comes with the program is found, and what was left out is no bug of it.

import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { exampleFile, schemaFile } from "../../../src/cli/setup/shipped.ts";
import { OperatorError } from "../../../src/domain/common/errors.ts";

it("finds schemas and the example's files", () => {
  const files = [schemaFile("manifest"), schemaFile("policy"), exampleFile("spring.csv")];
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

it("says which file of the example is not there, as in an image", () => {
  expect(() => exampleFile("autumn.csv")).toThrow(OperatorError);
  expect(() => exampleFile("autumn.csv")).toThrow(/campaigns.autumn\.csv, is not beside/);
});
