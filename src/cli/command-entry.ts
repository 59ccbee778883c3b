// What the table of commands says of each command, and how an entry becomes a command of
// commander's.

import type { Argument, Command, Option } from "commander";
import type { ExitCode } from "../domain/common/errors.ts";
import type { CommandContext } from "./context.ts";
import { preparePolicy } from "./files/project.ts";
import type { Work } from "./process/signals.ts";

/** The options of one call, by name. */
type Flags = Readonly<Record<string, unknown>>;

/** Runs a command: its arguments in order, its options, its context. */
type Act = (...given: never[]) => Promise<ExitCode>;

interface Described {
  name: string;
  description: string;
}

/** A command that does something. */
export interface Action extends Described {
  arguments?: readonly Argument[];
  options: readonly Option[];
  /** Stands below the help of arguments and options. */
  notes?: string;
  /** What a signal interrupts. */
  work: Work | ((flags: Flags) => Work);
  /** Loads the code, which `--help` does without. */
  load(flags: Flags): Promise<Act>;
}

/** A word with commands of its own. */
export interface Group extends Described {
  commands: readonly Action[];
}

export type CommandEntry = Action | Group;

/**
 * Adds the commands of a table to a program.
 * @param context makes the context of a command; called once its code is loaded
 * @param ends takes the exit code
 */
export function addCommands(
  program: Command,
  entries: readonly CommandEntry[],
  context: (work: Work) => CommandContext,
  ends: (code: ExitCode) => void,
): void {
  for (const entry of entries) {
    const command = program.command(entry.name).description(entry.description);
    if ("commands" in entry) addCommands(command, entry.commands, context, ends);
    else addAction(command, entry, context, ends);
  }
}

function addAction(
  command: Command,
  entry: Action,
  context: (work: Work) => CommandContext,
  ends: (code: ExitCode) => void,
): void {
  for (const argument of entry.arguments ?? []) command.addArgument(argument);
  for (const option of entry.options) command.addOption(option);
  if (entry.notes !== undefined) command.addHelpText("after", `\n${entry.notes}`);
  command.action(async (...given: unknown[]) => {
    const flags = command.opts<Flags>();
    const words = given.slice(0, command.registeredArguments.length);
    await preparePolicy();
    const act = (await entry.load(flags)) as (...given: unknown[]) => Promise<ExitCode>;
    const work = typeof entry.work === "function" ? entry.work(flags) : entry.work;
    ends(await act(...words, flags, context(work)));
  });
}
