// The pages whose commands are run, and what they are together.

import { readFileSync } from "node:fs";

import { commandLinesOf } from "./readme.tables.ts";

/** In the order in which a person reads them, and in which their commands are run. */
const PAGES = [
  "README.md",
  ...[
    "first-minute",
    "first-campaign",
    "running",
    "recovery",
    "output",
    "receiver",
    "opt-outs",
    "csv",
    "manifest",
    "commands",
    "sandbox",
    "error-codes",
    "meta-api",
    "glossary",
  ].map((name) => `docs/${name}.md`),
];
/** The text of a page. */
export const page = (name: string): string => readFileSync(name, "utf8");
/** All of them. */
export const README = PAGES.map(page).join("\n");
/** Their commands. */
export const LINES = commandLinesOf(README);
/** The line that a person begins with. */
export const SHIPPED = "npm ci && npm run campaign -- campaigns/spring.yaml";
/** The line that runs the tests. */
export const TESTED = "npm ci && npm test";
