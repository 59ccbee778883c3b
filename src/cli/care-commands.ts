// The commands that care for the ledger.

import { Argument, Option } from "commander";
import { age, JSON_OPTION, wholeNumber, YES } from "./arguments.ts";
import type { Action, CommandEntry, Group } from "./command-entry.ts";

const doctor: Action = {
  name: "doctor",
  description: "look whether the ledger is sound and whether this machine can send with it",
  options: [JSON_OPTION],
  work: "reading",
  load: async () => (await import("./commands/doctor.ts")).doctor,
};

const backup: Action = {
  name: "backup",
  description: "copy the ledger into one whole, checked file, also while a campaign runs",
  arguments: [new Argument("<file>", "the copy; a file that is there is never written over")],
  options: [JSON_OPTION],
  notes: `A ledger that is put back from a copy does not know who was messaged, and who opted out, since. A run from it stops
(ledger_went_back), and docs/ledger.md says what to do then. Keep the webhook bodies of that time as well.`,
  work: "changing",
  load: async () => (await import("./commands/backup.ts")).backup,
};

const purge: Action = {
  name: "purge",
  description: "erase what people gave us in campaigns that are long over, and keep the counts",
  options: [
    new Option("--older-than <age>", "of quiet campaigns only, such as 90d or 12w")
      .argParser(age)
      .makeOptionMandatory(),
    new Option("--campaign <name>", "only this campaign, and nothing besides"),
    new Option("--dry-run", "say what would be erased, and erase nothing"),
    YES,
    JSON_OPTION,
  ],
  notes: `Erased are numbers, user ids, values, cells, message ids, Meta's words, and old webhook bodies. Rows, statuses, reasons,
error codes, countries, prices and instants stay, so that every count and report stays as it was. Opt-outs stay. A
campaign that was purged cannot be run, retried or resolved any more. After any stop the same command goes on.`,
  work: "changing",
  load: async () => (await import("./commands/purge.ts")).purge,
};

const REGION = new Option(
  "--region <code>",
  "read a number without country code as of this country, such as BR",
);

const forget: Action = {
  name: "forget",
  description: "erase one person everywhere but on the opt-out list, kept there as a keyed hash",
  arguments: [
    new Argument("<who>", "the number with + and country code, or the business-scoped user id"),
  ],
  options: [REGION, YES, JSON_OPTION],
  notes:
    "The CSV files, exports and logs that you keep are not in the ledger: see docs/data-protection.md.",
  work: "changing",
  load: async () => (await import("./commands/forget.ts")).forget,
};

const history: Action = {
  name: "history",
  description: "everything the ledger knows of one person: campaigns, attempts, receipts, opt-outs",
  arguments: [
    new Argument("<who>", "the number with + and country code, or the business-scoped user id"),
  ],
  options: [REGION, JSON_OPTION],
  work: "reading",
  load: async () => (await import("./commands/history.ts")).history,
};

const audit: Action = {
  name: "audit",
  description: "who changed the ledger by hand, and what: newest first",
  options: [
    new Option("--limit <n>", "at most so many entries").argParser(wholeNumber),
    JSON_OPTION,
  ],
  work: "reading",
  load: async () => (await import("./commands/audit.ts")).audit,
};

const ledger: Group = {
  name: "ledger",
  description: "move the ledger between a file and a PostgreSQL server",
  commands: [
    {
      name: "copy",
      description: "copy a ledger to a new place, compare the two, and go on there",
      arguments: [
        new Argument("<from>", "the ledger: a file, or postgres://USER@HOST/DATABASE"),
        new Argument("<to>", "its new place, where none is yet: the same"),
      ],
      options: [JSON_OPTION],
      notes: `No run may be at work. Every table is copied at one instant and read back; the old ledger is then marked as moved: it
can be read, and neither sends nor receives any more. The new one is the same ledger (its id, callback keys, opt-outs).
After any interruption give the same command again. docs/servers.md says when a server is worth it.`,
      work: "changing",
      load: async () => (await import("./commands/ledger-copy.ts")).ledgerCopy,
    },
  ],
};

/** The commands that care for the ledger. */
export const CARE_COMMANDS: readonly CommandEntry[] = [
  doctor,
  backup,
  ledger,
  purge,
  forget,
  history,
  audit,
];
