// The commands of the opt-out list.

import { Argument, Option } from "commander";
import { collectFinding, JSON_OPTION } from "./arguments.ts";
import type { Group } from "./command-entry.ts";

const AS_WITH_ADD = new Option("--region <code>", "as with add");

/** The opt-out list. */
export const SUPPRESS: Group = {
  name: "suppress",
  description: "the opt-out list, shared by all campaigns of the ledger",
  commands: [
    {
      name: "add",
      description: "nobody of these gets a campaign from now on, running ones included",
      arguments: [
        new Argument(
          "<who...>",
          "numbers with + and country code, WhatsApp ids, or business-scoped user ids (BR.123…)",
        ),
      ],
      options: [
        new Option("--reason <text>", "kept with the entry").default("asked by hand"),
        new Option(
          "--region <code>",
          "read numbers without country code as of this country, such as BR",
        ),
        JSON_OPTION,
      ],
      work: "changing",
      load: async () => (await import("./commands/suppress.ts")).suppressAdd,
    },
    {
      name: "remove",
      description: "take entries off the list",
      arguments: [new Argument("<who...>")],
      options: [AS_WITH_ADD, JSON_OPTION],
      work: "changing",
      load: async () => (await import("./commands/suppress.ts")).suppressRemove,
    },
    {
      name: "check",
      description: "whether these people are on the list, and why",
      arguments: [new Argument("<who...>")],
      options: [AS_WITH_ADD, JSON_OPTION],
      work: "reading",
      load: async () => (await import("./commands/history.ts")).suppressCheck,
    },
    {
      name: "import",
      description: "add everybody of a CSV (columns phone, wa_id or user_id; reason)",
      arguments: [new Argument("<file>")],
      options: [
        AS_WITH_ADD,
        new Option(
          "--despite <finding>",
          "unreadable_optouts: lines that cannot be read are no fault",
        ).argParser(collectFinding),
        JSON_OPTION,
      ],
      work: "changing",
      load: async () => (await import("./commands/suppress.ts")).suppressImport,
    },
    {
      name: "export",
      description: "the list as CSV",
      options: [new Option("--csv <file>", "write to this file instead of stdout"), JSON_OPTION],
      work: "changing",
      load: async () => (await import("./commands/suppress-list.ts")).suppressExport,
    },
    {
      name: "list",
      description: "the list, to read",
      options: [JSON_OPTION],
      work: "reading",
      load: async () => (await import("./commands/suppress-list.ts")).suppressList,
    },
  ],
};
