// The commands and their arguments, as the person types them. Each command's code is loaded only
// when it runs, so that `--help` answers at once.

import { Command, CommanderError, Option } from "commander";
import about from "../../package.json" with { type: "json" };
import type { ExitCode } from "../domain/common/errors.ts";
import { EXIT } from "../domain/common/errors.ts";
import { ACCOUNT, TEMPLATE } from "./account-commands.ts";
import { CAMPAIGN_COMMANDS } from "./campaign-commands.ts";
import { CARE_COMMANDS } from "./care-commands.ts";
import type { CommandEntry } from "./command-entry.ts";
import { addCommands } from "./command-entry.ts";
import type { CommandContext, GlobalOptions } from "./context.ts";
import { CONVERSIONS } from "./conversion-commands.ts";
import { LOG_LEVELS } from "./levels.ts";
import { SUPPRESS } from "./opt-out-commands.ts";
import type { StopRequests, Work } from "./process/signals.ts";
import { RECEIPTS, RECEIVER_COMMANDS, SANDBOX } from "./server-commands.ts";
import { shellCommands } from "./shell-commands.ts";
import { explainUsage, withDefaultCommand } from "./usage.ts";

/** What every command takes. */
const OPTIONS: readonly Option[] = [
  new Option(
    "--ledger <place>",
    "the database of campaigns, recipients and opt-outs: a file, or postgres://USER@HOST/DATABASE",
  ),
  new Option("--new-ledger", "make the ledger where there is none yet"),
  new Option("--log-file <file>", "append the log (JSON lines) to this file instead of stderr"),
  new Option("--log-level <level>", "what the log keeps").choices([...LOG_LEVELS]),
];

/** In the order of `--help`. */
const COMMANDS: readonly CommandEntry[] = [
  ...CAMPAIGN_COMMANDS,
  SUPPRESS,
  RECEIPTS,
  CONVERSIONS,
  ...RECEIVER_COMMANDS,
  TEMPLATE,
  ACCOUNT,
  SANDBOX,
  ...CARE_COMMANDS,
  ...shellCommands(() => ({ commands: COMMANDS, options: OPTIONS })),
];

const NOTES = `
Exit codes: 0 done · 2 a mistake in manifest, CSV or arguments, or a blocker of the check · 3 halted, a person must act ·
75 stopped part-way, the same command goes on (interrupted, held recipients, hours, paused, busy) · 1 a bug.
The ledger is --ledger FILE or URL, or CAMPAIGN_LEDGER, or what policy.yaml names, or data/ledger.sqlite of the manifest's project:
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
    .version(about.version, "-V, --version", "print the version")
    .helpCommand(true)
    .addHelpText("after", NOTES)
    .exitOverride();
  for (const option of OPTIONS) program.addOption(option);
  const context = (work: Work): CommandContext => {
    begins(work);
    return { stop, beforeQuit, options: program.opts<GlobalOptions>() };
  };
  addCommands(program, COMMANDS, context, (code) => {
    exitCode = code;
  });
  explainUsage(program);
  return {
    program,
    async run(args) {
      try {
        await program.parseAsync(withDefaultCommand(program, args), { from: "user" });
      } catch (error) {
        if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
        // Help and version, which commander has printed; what is wrong is an OperatorError
        // (usage.ts).
        return EXIT.done;
      }
      return exitCode;
    },
  };
}
