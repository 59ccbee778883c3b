// The commands that care for the ledger.

import type { Command } from "commander";
import type { Context, Ends } from "./arguments.ts";
import { age, JSON_HELP, wholeNumber } from "./arguments.ts";

export function addDoctor(program: Command, context: Context, ends: Ends): void {
  program
    .command("doctor")
    .description("look whether the ledger is sound and whether this machine can send with it")
    .option("--json", JSON_HELP)
    .action(async (options) => {
      const { doctor } = await import("./commands/doctor.ts");
      ends(await doctor(options, context("reading")));
    });
}

export function addBackup(program: Command, context: Context, ends: Ends): void {
  program
    .command("backup")
    .description("copy the ledger into one whole, checked file, also while a campaign runs")
    .argument("<file>", "the copy; a file that is there is never written over")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "after",
      `
A ledger that is put back from a copy does not know who was messaged, and who opted out, since. A run from it stops
(ledger_went_back), and docs/ledger.md says what to do then. Keep the webhook bodies of that time as well.`,
    )
    .action(async (file: string, options) => {
      const { backup } = await import("./commands/backup.ts");
      ends(await backup(file, options, context()));
    });
}

export function addDataProtection(program: Command, context: Context, ends: Ends): void {
  program
    .command("purge")
    .description("erase what people gave us in campaigns that are long over, and keep the counts")
    .requiredOption("--older-than <age>", "of quiet campaigns only, such as 90d or 12w", age)
    .option("--campaign <name>", "only this campaign, and nothing besides")
    .option("--dry-run", "say what would be erased, and erase nothing")
    .option("--yes", "do not ask")
    .option("--json", JSON_HELP)
    .addHelpText(
      "after",
      `
Erased are numbers, user ids, values, cells, message ids, Meta's words, and old webhook bodies. Rows, statuses, reasons,
error codes, countries, prices and instants stay, so that every count and report stays as it was. Opt-outs stay. A
campaign that was purged cannot be run, retried or resolved any more. After any stop the same command goes on.`,
    )
    .action(async (options) => {
      const { purge } = await import("./commands/purge.ts");
      ends(await purge(options, context()));
    });
  program
    .command("forget")
    .description("erase one person everywhere but on the opt-out list, kept there as a keyed hash")
    .argument("<who>", "the number with + and country code, or the business-scoped user id")
    .option("--region <code>", "read a number without country code as of this country, such as BR")
    .option("--yes", "do not ask")
    .option("--json", JSON_HELP)
    .addHelpText(
      "after",
      "\nThe CSV files, exports and logs that you keep are not in the ledger: see docs/data-protection.md.",
    )
    .action(async (who: string, options) => {
      const { forget } = await import("./commands/forget.ts");
      ends(await forget(who, options, context()));
    });
  program
    .command("audit")
    .description("who changed the ledger by hand, and what: newest first")
    .option("--limit <n>", "at most so many entries", wholeNumber)
    .option("--json", JSON_HELP)
    .action(async (options) => {
      const { audit } = await import("./commands/audit.ts");
      ends(await audit(options, context("reading")));
    });
}
