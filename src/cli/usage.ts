// What is wrong with a command line: which word is no command, and which one was meant; which
// option is missing, and where it is explained. Commander finds out what; this says it.

import type { Command, CommanderError } from "commander";

import { EXIT, OperatorError } from "../domain/common/errors.ts";
import { nearest } from "../domain/common/nearest.ts";

/** What people type who know another tool, and what does it here. */
const FOREIGN: Readonly<Record<string, string>> = {
  ...meaning(
    "resume restart continue go-on goon",
    "The same command goes on where it stopped: `campaign run MANIFEST`. `campaign unpause MANIFEST` lifts a pause.",
  ),
  ...meaning("start send launch execute", "`campaign run MANIFEST` sends a campaign."),
  ...meaning(
    "test dry-run dryrun validate verify lint simulate",
    "`campaign check MANIFEST` does everything short of sending, `campaign preview MANIFEST` prints one message.",
  ),
  ...meaning(
    "stop halt kill abort",
    "`campaign pause MANIFEST` stops a campaign until `unpause`, `campaign cancel MANIFEST` ends it.",
  ),
  ...meaning(
    "list ls show",
    "`campaign status` lists campaigns, `campaign suppress list` opt-outs.",
  ),
  ...meaning(
    "optout opt-out unsubscribe block",
    "`campaign suppress add NUMBER` adds to the opt-out list.",
  ),
  ...meaning(
    "optin opt-in unblock",
    "`campaign suppress remove NUMBER` takes off the opt-out list.",
  ),
  ...meaning(
    "import",
    "`campaign receipts import FILE` reads webhook bodies, `campaign suppress import FILE` opt-outs.",
  ),
  ...meaning(
    "export download",
    "`campaign report MANIFEST --csv FILE` exports results, `campaign suppress export` opt-outs.",
  ),
  ...meaning(
    "delete erase",
    "`campaign forget NUMBER` erases one person, `campaign purge` old campaigns.",
  ),
  ...meaning("server live dashboard", "`campaign serve` serves the live page."),
};

function meaning(words: string, hint: string): Record<string, string> {
  return Object.fromEntries(words.split(" ").map((word) => [word, hint]));
}

/** Whether a word names a manifest. */
function isManifestName(word: string): boolean {
  return /\.ya?ml$/i.test(word);
}

/**
 * `campaign spring.yaml` is `campaign run spring.yaml`.
 * @returns the arguments with the command that is meant
 * @throws OperatorError when the first word is neither a command nor a manifest
 */
export function withDefaultCommand(program: Command, args: string[]): string[] {
  const first = firstWord(program, args);
  const wanted = first === "help" ? args[args.indexOf("help") + 1] : first;
  if (first === undefined || wanted === undefined || namesOf(program).includes(wanted)) return args;
  if (isManifestName(first)) return ["run", ...args];
  throw new OperatorError(unknownCommand(program, wanted));
}

/**
 * The first argument that is neither an option nor an option's value; options of `run` may come
 * before its manifest.
 */
function firstWord(program: Command, args: string[]): string | undefined {
  const run = program.commands.find((command) => command.name() === "run");
  const options = [...program.options, ...(run?.options ?? [])];
  const valued = new Set(options.filter(({ required }) => required).map(({ long }) => long));
  const isValue = (at: number) => at > 0 && valued.has(args[at - 1]);
  return args.find((word, at) => !word.startsWith("-") && !isValue(at));
}

function namesOf(command: Command): string[] {
  return [...command.commands.map((child) => child.name()), "help"];
}

function unknownCommand(
  command: Command,
  word: string,
): { id: string; message: string; hint: string } {
  const isTop = command.parent === null;
  const message = `there is no command "${pathOf(command)} ${word}"`;
  if (isTop && /[./\\]/.test(word)) {
    return {
      id: "usage",
      message: `"${word}" is neither a command nor a manifest`,
      hint: "Give the manifest, whose name ends in .yaml and which names the list; `campaign --help` lists the commands.",
    };
  }
  const foreign = isTop ? FOREIGN[word.toLowerCase()] : undefined;
  const near = nearest(word, namesOf(command));
  const hint =
    foreign ??
    (near === undefined
      ? `\`${pathOf(command)} --help\` lists the commands.`
      : `Did you mean \`${pathOf(command)} ${near}\`?`);
  return { id: "usage", message, hint };
}

/** `campaign suppress add`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/**
 * Makes each command say what is wrong with its arguments as every other mistake is said, and name
 * its own help. Call it when all commands are there.
 */
export function explainUsage(command: Command): void {
  // What is wrong is printed where every failure is.
  command.configureOutput({ outputError: () => {} });
  command.exitOverride((error) => {
    if (error.exitCode === 0) throw error;
    throw usageError(command, error);
  });
  for (const child of command.commands) explainUsage(child);
}

function usageError(command: Command, error: CommanderError): OperatorError {
  if (error.code === "commander.unknownCommand") {
    const word = command.args[0];
    if (word !== undefined) return new OperatorError(unknownCommand(command, word), EXIT.operator);
  }
  const help = `\`${pathOf(command)} --help\` explains its arguments.`;
  if (error.code === "commander.help") {
    const names = namesOf(command).filter((name) => name !== "help");
    const message = `"${pathOf(command)}" needs a command: ${names.join(", ")}`;
    return new OperatorError({ id: "usage", message, hint: help });
  }
  // Commander puts a suggestion on a line of its own.
  const [said = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const near = suggestion?.replace(/[()]/g, "");
  const message = said + choicesOf(command, error, said);
  const hint = near === undefined ? help : `${near} ${help}`;
  return new OperatorError({ id: "usage", message, hint });
}

/** Of an option that is missing: what may be chosen. */
function choicesOf(command: Command, error: CommanderError, said: string): string {
  if (error.code !== "commander.missingMandatoryOptionValue") return "";
  const option = command.options.find(({ flags }) => said.includes(`'${flags}'`));
  if (option === undefined) return "";
  const choices = option.argChoices === undefined ? "" : ` (${option.argChoices.join(" or ")})`;
  return `: ${option.description}${choices}`;
}
