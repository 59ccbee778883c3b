// The commands and their arguments, as the person types them. Each command's code is loaded only when it runs, so that
// `--help` answers at once.

import { readFileSync } from "node:fs";

import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { parseAge } from "../domain/ledger/erasure.ts";
import type { ExitCode } from "../domain/common/errors.ts";
import { EXIT } from "../domain/common/errors.ts";
import type { FindingId } from "../domain/preflight/finding.ts";
import { FINDINGS, isFindingId } from "../domain/preflight/finding.ts";
import { nearest } from "../domain/common/nearest.ts";
import { LOG_LEVELS } from "./levels.ts";
import type { StopRequests, Work } from "./process/signals.ts";
import { explainUsage, withDefaultCommand } from "./usage.ts";

/** What every command is given besides its own arguments. */
export interface GlobalOptions {
  ledger?: string;
  newLedger?: boolean;
  logFile?: string;
  logLevel?: string;
}

export interface CommandContext extends Pick<StopRequests, "stop" | "beforeQuit"> {
  options: GlobalOptions;
}

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

const JSON_HELP = "one JSON document on stdout";
const ADDRESS_HELP = "say where it listens as JSON, also at a terminal";
const DESPITE_HELP = "count this finding of the check as a warning only (may be given again)";

type Ends = (code: ExitCode) => void;
type Context = (work?: Work) => CommandContext;

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
      "plan every row that was not posted yet anew, from the manifest and file of today",
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
    .option("--rejects <file>", "the rows that can be mended, as `rejects` writes them")
    .option("--json", "summary and report as one JSON document on stdout")
    .addOption(
      new Option("--delimiter <sign>", "between the cells of --csv")
        .choices([",", ";", "tab"])
        .default(","),
    )
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
    .description("the rows that could not be read, as CSV to be mended")
    .argument("<manifest>")
    .option("--csv <file>", "write to this file instead of stdout")
    .option("--all", "every skipped row, not only those that can be mended")
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

function addReceipts(program: Command, context: Context, ends: Ends): void {
  program
    .command("receipts")
    .description("what Meta's webhooks told of every message, and who opted out")
    .command("import")
    .description("apply the webhook bodies of a file: delivered, read, failed, opt-outs")
    .argument("<file>", "JSON lines, one webhook body a line")
    .option("--json", JSON_HELP)
    .addHelpText(
      "after",
      `
Each line is a body as Meta posted it. What a log wrote around it is seen through: a JSON object
that has the body under body, rawBody, payload, webhook, event, data or message, as an object or as
JSON text; a list of bodies; JSON text. Other lines are counted and left out. Importing a file again
changes nothing, and a campaign may be sending meanwhile. CAMPAIGN_STOP_WORDS may name a file of
words by which people opt out, one a line, beside the built-in ones and the manifests'.`,
    )
    .action(async (file: string, options) => {
      const { receiptsImport } = await import("./commands/receipts.ts");
      ends(await receiptsImport(file, options, context()));
    });
}

function addWebhooks(program: Command, context: Context, ends: Ends): void {
  program
    .command("webhooks")
    .description(
      "receive what Meta tells by webhook, beside whatever is sending: delivered, read, opt-outs",
    )
    .option("--port <n>", "0: any free port", wholeNumber, 8090)
    .option("--host <address>", "where to listen; a proxy with TLS stands before it", "127.0.0.1")
    .option(
      "--allow-host <name>",
      "a name by which /health and /metrics are read, besides addresses (may be given again)",
      collectText,
    )
    .option("--json", ADDRESS_HELP)
    .addHelpText(
      "after",
      `
WHATSAPP_APP_SECRET (several, separated by commas) and WHATSAPP_VERIFY_TOKEN are read from the
environment or .env; CAMPAIGN_STOP_WORDS may name a file of words by which people opt out, one a
line, beside the built-in ones and the manifests'. GET and POST /webhooks are for Meta; GET /health
and GET /metrics for you, and not for the outside. docs/receipts.md has the set-up at Meta, nginx and systemd.`,
    )
    .action(async (options) => {
      const { webhooks } = await import("./commands/webhooks.ts");
      ends(await webhooks(options, context("receiving")));
    });
}

function addServe(program: Command, context: Context, ends: Ends): void {
  program
    .command("serve")
    .description("the live page in a browser, together with the receiver of webhooks")
    .option("--port <n>", "0: any free port", wholeNumber, 8090)
    .option("--host <address>", "where to listen; a proxy with TLS stands before it", "127.0.0.1")
    .option(
      "--allow-host <name>",
      "a name by which the page is reached, besides this machine's own (may be given again)",
      collectText,
    )
    .option("--https", "the page is reached by https only: the login travels by nothing else")
    .option("--no-webhooks", "the live page alone")
    .option("--json", ADDRESS_HELP)
    .addHelpText(
      "after",
      `
The password is CAMPAIGN_SERVE_PASSWORD of the environment or .env; without it one is made up and
printed on stderr, for this time. Webhooks need WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN, as
for \`campaign webhooks\`; without them the live page is served alone. docs/live-page.md tells more.`,
    )
    .action(async (options) => {
      const { serve } = await import("./commands/serve.ts");
      ends(await serve(options, context("receiving")));
    });
}

function addTemplate(program: Command, context: Context, ends: Ends): void {
  const template = program
    .command("template")
    .description("the manifest's template as Meta has it, and its TTL");
  template
    .command("show")
    .description("status, category, quality, TTL, languages, texts")
    .argument("<manifest>")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { templateShow } = await import("./commands/template.ts");
      ends(await templateShow(manifest, options, context("reading")));
    });
  template
    .command("set-ttl")
    .description("set at Meta how long messages of the template are tried, and read it again")
    .argument("<manifest>")
    .argument("[ttl]", "12h to 30d, such as 24h; left out: template.ttl of the manifest")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, ttl: string | undefined, options) => {
      const { templateSetTtl } = await import("./commands/template.ts");
      ends(await templateSetTtl(manifest, { ...options, ttl }, context()));
    });
}

function addAccount(program: Command, context: Context, ends: Ends): void {
  const account = program
    .command("account")
    .description("the manifest's number and WhatsApp Business Account as Meta has them");
  account
    .command("show")
    .description("number, limits, onboarding and what it still needs, payment, health, token")
    .argument("<manifest>")
    .option("--json", JSON_HELP)
    .action(async (manifest: string, options) => {
      const { accountShow } = await import("./commands/account.ts");
      ends(await accountShow(manifest, options, context("reading")));
    });
  account
    .command("cloud-marketing")
    .description("whether the account's marketing templates may be sent by the Cloud API too")
    .addArgument(
      new Argument("<switch>", "off: only by the Marketing Messages API").choices(["on", "off"]),
    )
    .argument("<manifest>")
    .option("--yes", "do not ask")
    .option("--json", JSON_HELP)
    .action(async (wanted: "on" | "off", manifest: string, options) => {
      const { accountCloudMarketing } = await import("./commands/account.ts");
      ends(await accountCloudMarketing(wanted, manifest, options, context()));
    });
}

function addDoctor(program: Command, context: Context, ends: Ends): void {
  program
    .command("doctor")
    .description("look whether the ledger is sound and whether this machine can send with it")
    .option("--json", JSON_HELP)
    .action(async (options) => {
      const { doctor } = await import("./commands/doctor.ts");
      ends(await doctor(options, context("reading")));
    });
}

function addBackup(program: Command, context: Context, ends: Ends): void {
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

function addDataProtection(program: Command, context: Context, ends: Ends): void {
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

function addSandbox(program: Command, context: Context, ends: Ends): void {
  program
    .command("sandbox")
    .description("the simulator of Graph as a server, on loopback")
    .option("--port <n>", "0: any free port", wholeNumber, 8080)
    .option("--scenario <file>", "YAML: templates, limits, shares of fates, faults")
    .option("--log <file>", "append-only log of what it received", "data/sandbox.jsonl")
    .option("--webhooks <url>", "post receipts, opt-outs and account events there, as Meta does")
    .option(
      "--app-secret <secret>",
      "signs what is posted; left out: WHATSAPP_APP_SECRET, which no process list shows",
    )
    .option(
      "--verify-token <token>",
      "for the handshake, before anything is posted; left out: WHATSAPP_VERIFY_TOKEN, or no handshake",
    )
    .option("--numbers", "print the table of special numbers and end")
    .option("--json", ADDRESS_HELP)
    .action(async (options) => {
      const { sandbox } = await import("./commands/sandbox.ts");
      ends(await sandbox(options, context("simulating")));
    });
}

function collectFinding(text: string, before: FindingId[] = []): FindingId[] {
  if (isFindingId(text)) return [...before, text];
  const near = nearest(text, Object.keys(FINDINGS));
  const hint = near === undefined ? "docs/findings.md lists them." : `Did you mean ${near}?`;
  throw new InvalidArgumentError(`The check has no such finding. ${hint}`);
}

/** Milliseconds. */
function age(text: string): number {
  const parsed = parseAge(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError("Days or weeks are needed, such as 90d or 12w; a day at least.");
}

function collectText(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is needed.");
  return Number(text);
}

function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
