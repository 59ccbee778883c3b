// The commands and their arguments, as the person types them. Each command's code is loaded only when it runs, so that
// `--help` answers at once.

import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import type { ExitCode } from "../domain/common/errors.ts";
import { EXIT } from "../domain/common/errors.ts";
import { addAccount, addTemplate } from "./account-commands.ts";
import type { Context, Ends } from "./arguments.ts";
import {
  collectFinding,
  DESPITE_HELP,
  delimiterOption,
  JSON_HELP,
  wholeNumber,
} from "./arguments.ts";
import { addBackup, addDataProtection, addDoctor } from "./care-commands.ts";
import type { CommandContext, GlobalOptions } from "./context.ts";
import { LOG_LEVELS } from "./levels.ts";
import type { StopRequests, Work } from "./process/signals.ts";
import { addReceipts, addSandbox, addServe, addWebhooks } from "./server-commands.ts";
import { explainUsage, withDefaultCommand } from "./usage.ts";

const NOTES = `
Exit codes: 0 done · 2 a mistake in manifest, CSV or arguments, or a blocker of the check · 3 halted, a person must act ·
75 stopped part-way, the same command goes on (interrupted, held recipients, hours, paused, busy) · 1 a bug.
The ledger is --ledger FILE, or CAMPAIGN_LEDGER, or what policy.yaml names, or data/ledger.sqlite of the manifest's project:
the nearest folder upwards with a policy.yaml, package.json or .git. A new one is made only with --new-ledger, or when you say yes.`;

/** Builds the program; `run` takes the arguments and gives the exit code. */
export function buildProgram({
  begins,
  stop,
  beforeQuit,
}: Pick<StopRequests, "begins" | "stop" | "beforeQuit">): {
  program: Command;
  run(args: string[]): Promise<ExitCode>;
} {
  let exitCode: ExitCode = EXIT.done;
  const program = new Command("campaign")
    .description(
      "Sends WhatsApp marketing campaigns over Meta's Marketing Messages API: nobody twice, nobody lost.",
    )
    .version(version(), "-V, --version", "print the version")
    .option("--ledger <file>", "the database of campaigns, recipients and opt-outs")
    .option("--new-ledger", "make the ledger where there is none yet")
    .option("--log-file <file>", "append the log (JSON lines) to this file instead of stderr")
    .addOption(new Option("--log-level <level>", "what the log keeps").choices([...LOG_LEVELS]))
    .helpCommand(true)
    .addHelpText("after", NOTES)
    .exitOverride();
  const withContext = (work: Work = "changing"): CommandContext => {
    begins(work);
    return { stop, beforeQuit, options: program.opts<GlobalOptions>() };
  };
  const ends = (code: ExitCode) => {
    exitCode = code;
  };
  addRun(program, withContext, ends);
  addLooking(program, withContext, ends);
  addDeciding(program, withContext, ends);
  addSuppress(program, withContext, ends);
  addReceipts(program, withContext, ends);
  addWebhooks(program, withContext, ends);
  addServe(program, withContext, ends);
  addTemplate(program, withContext, ends);
  addAccount(program, withContext, ends);
  addSandbox(program, withContext, ends);
  addDoctor(program, withContext, ends);
  addBackup(program, withContext, ends);
  addDataProtection(program, withContext, ends);
  explainUsage(program);
  return {
    program,
    async run(args) {
      try {
        await program.parseAsync(withDefaultCommand(program, args), { from: "user" });
      } catch (error) {
        if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
        // Help and version, which commander has printed; what is wrong is an OperatorError (usage.ts).
        return EXIT.done;
      }
      return exitCode;
    },
  };
}

function addRun(program: Command, context: Context, ends: Ends): void {
  program
    .command("run")
    .description(
      "check, plan what is not planned, send what remains (also just: campaign <manifest>)",
    )
    .argument("<manifest>", "the campaign file, YAML")
    .option("--json", "print the summary as one JSON document on stdout")
    .option("--dry-run", "do everything short of planning and sending")
    .option("--limit <n>", "post at most so many messages in this run", wholeNumber)
    .option("--yes", "do not ask before the first real message")
    .option(
      "--replan",
      "plan again every row that was not posted yet, from the manifest and file of today",
    )
    .option("--apply-ttl", "set the template's TTL at Meta to template.ttl first, where it differs")
    .option("--despite <finding>", DESPITE_HELP, collectFinding)
    .addHelpText("after", "\nAfter any stop the same command goes on where it stopped.")
    .action(async (manifest: string, options) => {
      if (options.dryRun) {
        const { check } = await import("./commands/check.ts");
        return ends(await check(manifest, options, context()));
      }
      const { run } = await import("./commands/run.ts");
      ends(await run(manifest, options, context("sending")));
    });
}

function addLooking(program: Command, context: Context, ends: Ends): void {
  program
    .command("check")
    .description("everything short of sending: manifest, CSV, account, template, time and cost")
    .argument("<manifest>")
    .option("--json", JSON_HELP)
    .option("--rejects <file>", "write the rows that would be rejected to this CSV")
    .option("--rate-card <file>", "Meta's rate card as CSV, for the cost; else the manifest's own")
    .option("--apply-ttl", "say what run --apply-ttl would set")
    .option("--despite <finding>", DESPITE_HELP, collectFinding)
    .action(async (manifest: string, options) => {
      const { check } = await import("./commands/check.ts");
      ends(await check(manifest, options, context()));
    });
  program
    .command("preview")
    .description("the exact request for a row, and how the message reads")
    .argument("<manifest>")
    .option("--row <n>", "the data row; left out: the first that would be sent", wholeNumber)
    .option("--json", "only the request body on stdout")
    .action(async (manifest: string, options) => {
      const { preview } = await import("./commands/preview.ts");
      ends(await preview(manifest, options, context("reading")));
    });
  program
    .command("status")
    .description("where campaigns stand")
    .argument("[manifest]", "one campaign; left out: all of the ledger")
    .option("--json", JSON_HELP)
    .action(async (manifest: string | undefined, options) => {
      const { status } = await import("./commands/status.ts");
      ends(await status(manifest, options, context("reading")));
    });
  program
    .command("report")
    .description("the result of a campaign: to read, as a page, and row by row")
    .argument("<manifest>")
    .option("--html <file>", "the report page, one file that opens anywhere")
    .option("--csv <file>", "every row, for a spreadsheet")
    .option("--jsonl <file>", "every row as JSON lines, for programs")
    .option("--rejects <file>", "the rows that can be fixed, as `rejects` writes them")
    .option("--json", "summary and report as one JSON document on stdout")
    .addOption(delimiterOption("between the cells of --csv").default(","))
    .option("--plain", "cells of --csv exactly as they are: not for a spreadsheet")
    .addHelpText(
      "after",
      `
Without an option the result is printed to be read. Several may be given at once; - stands for stdout.
A file has its name only once it is whole. A ' stands in --csv before what a spreadsheet would run as a
formula or change, phone numbers included. docs/exports.md explains every column.`,
    )
    .action(async (manifest: string, options) => {
      const { report } = await import("./commands/report.ts");
      ends(await report(manifest, options, context()));
    });
  program
    .command("compare")
    .description(
      "two campaigns side by side: how far they got, who failed, and whether it is chance",
    )
    .argument("<a>", "a manifest, or a campaign's name in the ledger")
    .argument("<b>", "the other one")
    .option("--json", JSON_HELP)
    .action(async (a: string, b: string, options) => {
      const { compare } = await import("./commands/compare.ts");
      ends(await compare([a, b], options, context("reading")));
    });
  program
    .command("rejects")
    .description("the rows that could not be read, as CSV to be fixed")
    .argument("<manifest>")
    .option("--csv <file>", "write to this file instead of stdout")
    .option("--all", "every skipped row, not only those that can be fixed")
    .addOption(delimiterOption("between the cells; left out, that of the campaign's CSV"))
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { rejects } = await import("./commands/rejects.ts");
      ends(await rejects(manifest, options, context()));
    });
}

function addDeciding(program: Command, context: Context, ends: Ends): void {
  program
    .command("retry")
    .description("queue failed recipients again, on purpose")
    .argument("<manifest>")
    .requiredOption("--code <codes...>", "the error codes to queue again, such as 131026")
    .option("--yes", "do not ask (of given_up, since some may get it twice)")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { retry } = await import("./commands/decide.ts");
      ends(await retry(manifest, options, context()));
    });
  program
    .command("resolve")
    .description("your decision on recipients whose answer was lost")
    .argument("<manifest>")
    .addOption(
      new Option(
        "--unknown <decision>",
        "send to them again (some may get it twice), or give them up",
      )
        .choices(["resend", "give-up"])
        .makeOptionMandatory(),
    )
    .option("--yes", "do not ask")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { resolve } = await import("./commands/decide.ts");
      ends(await resolve(manifest, options, context()));
    });
  program
    .command("pause")
    .description("stop a campaign: a run that is at work stops, and none sends until unpause")
    .argument("<manifest>")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { pause } = await import("./commands/pause.ts");
      ends(await pause(manifest, options, context()));
    });
  program
    .command("unpause")
    .description("lift the pause: the next run goes on where the campaign stopped")
    .argument("<manifest>")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { unpause } = await import("./commands/pause.ts");
      ends(await unpause(manifest, options, context()));
    });
  program
    .command("cancel")
    .description("end a campaign early: nobody who is still waiting gets it")
    .argument("<manifest>")
    .option("--yes", "do not ask")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { cancel } = await import("./commands/decide.ts");
      ends(await cancel(manifest, options, context()));
    });
}

function addSuppress(program: Command, context: Context, ends: Ends): void {
  const suppress = program
    .command("suppress")
    .description("the opt-out list, shared by all campaigns of the ledger");
  suppress
    .command("add")
    .description("nobody of these gets a campaign from now on, running ones included")
    .argument(
      "<who...>",
      "numbers with + and country code, WhatsApp ids, or business-scoped user ids (BR.123…)",
    )
    .option("--reason <text>", "kept with the entry", "asked by hand")
    .option("--region <code>", "read numbers without country code as of this country, such as BR")
    .option("--json", JSON_HELP)
    .action(async (who: string[], options) => {
      const { suppressAdd } = await import("./commands/suppress.ts");
      ends(await suppressAdd(who, options, context()));
    });
  suppress
    .command("remove")
    .description("take entries off the list")
    .argument("<who...>")
    .option("--region <code>", "as with add")
    .option("--json", JSON_HELP)
    .action(async (who: string[], options) => {
      const { suppressRemove } = await import("./commands/suppress.ts");
      ends(await suppressRemove(who, options, context()));
    });
  suppress
    .command("import")
    .description("add everybody of a CSV (columns phone, wa_id or user_id; reason)")
    .argument("<file>")
    .option("--region <code>", "as with add")
    .option(
      "--despite <finding>",
      "unreadable_optouts: lines that cannot be read are no fault",
      collectFinding,
    )
    .option("--json", JSON_HELP)
    .action(async (file: string, options) => {
      const { suppressImport } = await import("./commands/suppress.ts");
      ends(await suppressImport(file, options, context()));
    });
  suppress
    .command("export")
    .description("the list as CSV")
    .option("--csv <file>", "write to this file instead of stdout")
    .option("--json", JSON_HELP)
    .action(async (options) => {
      const { suppressExport } = await import("./commands/suppress.ts");
      ends(await suppressExport(options, context()));
    });
  suppress
    .command("list")
    .description("the list, to read")
    .option("--json", JSON_HELP)
    .action(async (options) => {
      const { suppressList } = await import("./commands/suppress.ts");
      ends(await suppressList(options, context("reading")));
    });
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
