// The commands that check, send and show campaigns, and the decisions on them.

import { Argument, Option } from "commander";
import {
  collectText,
  DESPITE,
  date,
  delimiterOption,
  JSON_OPTION,
  MANIFEST,
  planDigestText,
  wholeNumber,
  YES,
} from "./arguments.ts";
import type { Action } from "./command-entry.ts";
import type { InitFlags } from "./commands/init.ts";
import type { CommandContext } from "./context.ts";

const init: Action = {
  name: "init",
  description: "begin: ask what a campaign needs, write its files, make the ledger, check it",
  options: [
    new Option("--sandbox", "a try without an account: nothing goes to WhatsApp"),
    new Option("--list <file>", "the list: CSV, .xlsx or .jsonl; with --sandbox an example"),
    new Option("--token-file <file>", "the file with the access token, - for stdin"),
    new Option("--waba <id>", "the WhatsApp Business Account, where the token has several"),
    new Option("--number <id>", "the sending number, where the account has several"),
    new Option("--template <name>", "the approved marketing template"),
    new Option("--language <code>", "its language, such as pt_BR"),
    new Option("--phone <column>", "the column of phone numbers"),
    new Option("--region <country>", "of numbers without a country code, such as BR; or none"),
    new Option(
      "--bind <key=value>",
      "a column, a text or Liquid for a value of the template, such as body.1=first_name (again for each)",
    ).argParser(collectText),
    new Option(
      "--default <key=text>",
      "what stands there for people whose cell is empty; left out, they are skipped (again for each)",
    ).argParser(collectText),
    new Option("--campaign <name>", "the campaign's name in the ledger"),
    new Option("--manifest <file>", "where the manifest goes; campaigns/NAME.yaml when left out"),
    new Option("--base-url <url>", "another address than Meta's, such as a sandbox's"),
    new Option("--yes", "take whatever is proposed"),
    JSON_OPTION,
  ],
  notes: `It writes policy.yaml, the manifest, .env with the token (readable by you alone), the JSON Schemas for
editors and .gitignore, never over a file that is there, and nothing before the last answer. In a
folder that has a policy it adds a campaign. Where nobody can answer, a missing answer is an error
that names its option.`,
  work: "changing",
  async load() {
    const [{ init }, { check }] = await Promise.all([
      import("./commands/init.ts"),
      import("./commands/check.ts"),
    ]);
    return (flags: InitFlags, context: CommandContext) => init(flags, context, check);
  },
};

const ALLOW_COMMAND = new Option(
  "--allow-command",
  "run the command that prints the list (recipients.command), where it was not run before",
);

const REREAD = new Option(
  "--reread",
  "read a list from stdin or a command again, although it was read before",
);

const METRICS_FILE = new Option(
  "--metrics-file <file>",
  "write Prometheus metrics of the ledger's campaigns to this file at the end, for cron",
);

const run: Action = {
  name: "run",
  description:
    "check, plan what is not planned, send what remains (also just: campaign <manifest>)",
  arguments: [new Argument("<manifest>", "the campaign file, YAML")],
  options: [
    new Option("--json", "print the summary as one JSON document on stdout"),
    new Option("--dry-run", "do everything short of planning and sending"),
    new Option("--limit <n>", "post at most so many messages in this run").argParser(wholeNumber),
    new Option("--yes", "do not ask before the first real message"),
    new Option("--quiet", "print nothing when all went well: for cron"),
    METRICS_FILE,
    new Option(
      "--wait",
      "wait while other runs have the campaign or its numbers, and take over what they leave; and until hours begin, holds are due, a test is decided and the daily limit has room",
    ),
    new Option(
      "--plan <digest>",
      "send only what this plan has, as check printed it; else say what is otherwise",
    ).argParser(planDigestText),
    new Option("--plan-only", "check and plan only: a worker sends it, see campaign work"),
    new Option(
      "--replan",
      "plan again every row that was not posted yet, from the manifest and file of today",
    ),
    ALLOW_COMMAND,
    REREAD,
    new Option(
      "--apply-ttl",
      "set the template's TTL at Meta to template.ttl first, where it differs",
    ),
    DESPITE,
  ],
  notes: "After any stop the same command goes on where it stopped.",
  work: ({ dryRun }) => (dryRun ? "changing" : "sending"),
  load: async ({ dryRun }) =>
    dryRun ? (await import("./commands/check.ts")).check : (await import("./commands/run.ts")).run,
};

const work: Action = {
  name: "work",
  description: "run every campaign of the ledger that is due, on every number that is free",
  options: [
    new Option("--once", "work through what is due now, and end: for cron"),
    new Option("--json", "print one JSON document a line on stdout, for each event"),
    new Option("--quiet", "print nothing but what a person must know: for cron"),
    METRICS_FILE,
  ],
  notes: `Started once on every machine, it sends what is planned and not finished: campaigns of different numbers
side by side, those of one number one after the other, the oldest first. A campaign that is paused,
halted or stopped at --limit is left until a person lets it go on: \`campaign unpause\`, or a run by
hand. The manifest is the file that the campaign was run with, where it is on this machine, else the
ledger's copy; variables come from this machine's environment. What it cannot send it names, once,
and leaves to other workers. docs/servers.md has a systemd unit and containers.`,
  work: "sending",
  load: async () => (await import("./commands/work.ts")).work,
};

const check: Action = {
  name: "check",
  description: "everything short of sending: manifest, CSV, account, template, time and cost",
  arguments: [MANIFEST],
  options: [
    JSON_OPTION,
    new Option("--rejects <file>", "write the rows that would be rejected to this CSV"),
    new Option(
      "--rate-card <file>",
      "Meta's rate card as CSV, for the cost; else the manifest's own",
    ),
    new Option("--apply-ttl", "say what run --apply-ttl would set"),
    new Option("--replan", "judge as run --replan would"),
    ALLOW_COMMAND,
    REREAD,
    DESPITE,
  ],
  work: "changing",
  load: async () => (await import("./commands/check.ts")).check,
};

const insights: Action = {
  name: "insights",
  description: "read what Meta counted of the template, keep it, and show it beside our own counts",
  arguments: [MANIFEST],
  options: [
    JSON_OPTION,
    new Option("--since <date>", "first day, YYYY-MM-DD in the account's zone").argParser(date),
    new Option("--until <date>", "last day; left out: 8 after the last message").argParser(date),
    new Option("--no-ads", "leave out the benchmarks, which need ads_read"),
  ],
  notes: `Meta resets reads and clicks 7 days after a message: run it daily for 8 days, by cron. The highest value is kept.
It changes nothing at Meta. docs/insights.md says what each figure is.`,
  work: "reading",
  load: async () => (await import("./commands/insights.ts")).insights,
};

const preview: Action = {
  name: "preview",
  description: "the exact request for a row, and how the message reads",
  arguments: [MANIFEST],
  options: [
    new Option("--row <n>", "the data row; left out: the first that would be sent").argParser(
      wholeNumber,
    ),
    new Option("--arm <name>", "of a test; left out: the arm of the row, or the first"),
    ALLOW_COMMAND,
    new Option("--json", "only the request body on stdout"),
  ],
  work: "reading",
  load: async () => (await import("./commands/preview.ts")).preview,
};

const sendTest: Action = {
  name: "send-test",
  description: "send the message of one row to a phone of your own; no count has it",
  arguments: [MANIFEST],
  options: [
    new Option(
      "--to <phone>",
      "your own number, with its country code; - for stdin",
    ).makeOptionMandatory(),
    new Option("--row <n>", "data row of the list whose values it has").argParser(wholeNumber),
    new Option("--id <id>", "the same by recipients.id"),
    new Option("--arm <name>", "of a test, the message of this arm"),
    ALLOW_COMMAND,
    YES,
    DESPITE,
    JSON_OPTION,
  ],
  notes: "Without --row or --id it has the values of the first row that would be sent.",
  work: "sending",
  load: async () => (await import("./commands/send-test.ts")).sendTest,
};

const status: Action = {
  name: "status",
  description: "where campaigns stand",
  arguments: [new Argument("[manifest]", "one campaign; left out: all of the ledger")],
  options: [JSON_OPTION],
  work: "reading",
  load: async () => (await import("./commands/status.ts")).status,
};

const report: Action = {
  name: "report",
  description: "the result of a campaign: to read, as a page, and row by row",
  arguments: [MANIFEST],
  options: [
    new Option("--html <file>", "the report page, one file that opens anywhere"),
    new Option("--csv <file>", "every row, for a spreadsheet"),
    new Option("--xlsx <file>", "the same as an Excel workbook"),
    new Option("--jsonl <file>", "every row as JSON lines, for programs"),
    new Option("--rejects <file>", "the rows that can be fixed, as `rejects` writes them"),
    new Option("--json", "summary and report as one JSON document on stdout"),
    new Option(
      "--columns <names>",
      "columns of the campaign's list in every row: names separated by commas, or all",
    ),
    delimiterOption(
      "between the cells of --csv; left out, that of the campaign's CSV, and a comma with --plain",
    ),
    new Option("--plain", "cells of --csv exactly as they are: not for a spreadsheet"),
  ],
  notes: `Without an option the result is printed to be read. Several may be given at once; - stands for stdout.
A file has its name only once it is whole. A ' stands in --csv before what a spreadsheet would run as a
formula or change, phone numbers included. docs/exports.md explains every column.`,
  work: "changing",
  load: async () => (await import("./commands/report.ts")).report,
};

const compare: Action = {
  name: "compare",
  description: "two campaigns side by side: how far they got, who failed, and whether it is chance",
  arguments: [
    new Argument("<a>", "a manifest, or a campaign's name in the ledger"),
    new Argument("<b>", "the other one"),
  ],
  options: [JSON_OPTION],
  work: "reading",
  load: async () => (await import("./commands/compare.ts")).compare,
};

const rejects: Action = {
  name: "rejects",
  description: "the rows that could not be read, as a file to be fixed and given back",
  arguments: [MANIFEST],
  options: [
    new Option("--csv <file>", "write to this file instead of stdout"),
    new Option("--xlsx <file>", "write an Excel workbook"),
    new Option(
      "--apply <file>",
      "plan the rows of this file as they were fixed in it, and no others",
    ),
    new Option("--all", "every skipped row, not only those that can be fixed"),
    delimiterOption("between the cells; left out, that of the campaign's CSV"),
    JSON_OPTION,
  ],
  work: "changing",
  load: async () => (await import("./commands/rejects.ts")).rejects,
};

const retry: Action = {
  name: "retry",
  description: "queue failed recipients again, on purpose",
  arguments: [MANIFEST],
  options: [
    new Option(
      "--code <codes...>",
      "the error codes to queue again, such as 131026",
    ).makeOptionMandatory(),
    new Option("--yes", "do not ask (of given_up, since some may get it twice)"),
    JSON_OPTION,
  ],
  work: "changing",
  load: async () => (await import("./commands/decide.ts")).retry,
};

const resolve: Action = {
  name: "resolve",
  description: "your decision on recipients whose answer was lost",
  arguments: [MANIFEST],
  options: [
    new Option(
      "--unknown <decision>",
      "send to them again (some may get it twice), or give them up",
    )
      .choices(["resend", "give-up"])
      .makeOptionMandatory(),
    YES,
    JSON_OPTION,
  ],
  work: "changing",
  load: async () => (await import("./commands/decide.ts")).resolve,
};

const decide: Action = {
  name: "decide",
  description: "decide a test by hand, before its time: the rest gets the arm that you name",
  arguments: [MANIFEST],
  options: [
    new Option("--rest <arm>", "the arm that people in no arm get").makeOptionMandatory(),
    YES,
    JSON_OPTION,
  ],
  work: "changing",
  load: async () => (await import("./commands/decide-test.ts")).decideTest,
};

const pause: Action = {
  name: "pause",
  description: "stop a campaign: a run that is at work stops, and none sends until unpause",
  arguments: [MANIFEST],
  options: [JSON_OPTION],
  work: "changing",
  load: async () => (await import("./commands/pause.ts")).pause,
};

const unpause: Action = {
  name: "unpause",
  description: "lift the pause: the next run goes on where the campaign stopped",
  arguments: [MANIFEST],
  options: [
    new Option("--despite <halt>", "go on although its ramp halted the campaign").choices(["ramp"]),
    JSON_OPTION,
  ],
  work: "changing",
  load: async () => (await import("./commands/pause.ts")).unpause,
};

const move: Action = {
  name: "move",
  description: "people who wait for one of several sending numbers go by another one",
  arguments: [MANIFEST],
  options: [
    new Option("--from <id>", "the number that they wait for").makeOptionMandatory(),
    new Option("--to <id>", "the number that sends to them instead").makeOptionMandatory(),
    JSON_OPTION,
  ],
  work: "changing",
  load: async () => (await import("./commands/move.ts")).move,
};

const cancel: Action = {
  name: "cancel",
  description: "end a campaign early: nobody who is still waiting gets it",
  arguments: [MANIFEST],
  options: [YES, JSON_OPTION],
  work: "changing",
  load: async () => (await import("./commands/decide.ts")).cancel,
};

/** The commands that check, send and show campaigns, and the decisions on them. */
export const CAMPAIGN_COMMANDS: readonly Action[] = [
  init,
  run,
  work,
  check,
  preview,
  sendTest,
  status,
  report,
  insights,
  compare,
  rejects,
  retry,
  resolve,
  decide,
  pause,
  unpause,
  move,
  cancel,
];
