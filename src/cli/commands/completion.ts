// `campaign completion <shell>`: a script by which a shell completes commands, options and files.

import type { Option } from "commander";

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import type { CommandEntry } from "../command-entry.ts";
import { print } from "../print/print.ts";

/** The shells that a script is made for. */
export type Shell = "bash" | "zsh" | "fish";

/** What may follow a command: its path (`suppress add`; empty for the program), and the words. */
interface Place {
  path: string;
  words: { word: string; about: string }[];
}

/**
 * Runs the command.
 * @param program every command, and the options that all of them take
 */
export async function completion(
  program: { commands: readonly CommandEntry[]; options: readonly Option[] },
  shell: Shell,
): Promise<ExitCode> {
  const top = { path: "", words: [...program.commands.map(wordOf), ...optionWords(program)] };
  const places = [top, ...program.commands.flatMap((entry) => placesOf(entry, ""))];
  print({ bash, zsh, fish }[shell](places));
  return EXIT.done;
}

function placesOf(entry: CommandEntry, above: string): Place[] {
  const path = above === "" ? entry.name : `${above} ${entry.name}`;
  if (!("commands" in entry)) return [{ path, words: optionWords(entry) }];
  const below = entry.commands.flatMap((child) => placesOf(child, path));
  return [{ path, words: entry.commands.map(wordOf) }, ...below];
}

const wordOf = ({ name, description }: CommandEntry) => ({ word: name, about: description });

function optionWords({ options }: { options: readonly Option[] }): Place["words"] {
  return options.flatMap(({ long, description }) =>
    typeof long === "string" ? [{ word: long, about: description }] : [],
  );
}
/** A word of one of the shells that stands for itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const wordsOf = ({ words }: Place) => words.map(({ word }) => word).join(" ");

/**
 * Finds the command that is typed: as many of the words as are commands. `path` and `words` are
 * zsh's own.
 */
const FIND = `for word in "\${typed[@]}"; do
    case " $commands " in *" \${at:+$at/}$word "*) at="\${at:+$at/}$word" ;; esac
  done`;

const slashed = (path: string) => path.replaceAll(" ", "/");

function casesOf(places: readonly Place[]): string {
  return places
    .map((place) => `    ${quoted(slashed(place.path))}) known=${quoted(wordsOf(place))} ;;`)
    .join("\n");
}

/** The same for bash and zsh: sets `known` to the words that may follow. */
function known(places: readonly Place[]): string {
  const commands = places.map(({ path }) => slashed(path)).join(" ");
  return `  local commands=${quoted(commands.trim())} at="" known="" word
  ${FIND}
  case "$at" in
${casesOf(places)}
  esac`;
}

function bash(places: readonly Place[]): string {
  return `# Completion of \`campaign\` for bash: eval "$(campaign completion bash)"
_campaign() {
  local typed=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${known(places)}
  COMPREPLY=($(compgen -W "$known" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -o bashdefault -F _campaign campaign`;
}

function zsh(places: readonly Place[]): string {
  return `#compdef campaign
# Completion of \`campaign\` for zsh: eval "$(campaign completion zsh)", after compinit
_campaign() {
  local -a typed
  typed=("\${(@)words[2,CURRENT-1]}")
${known(places)}
  compadd -- \${=known}
  _files
}
compdef _campaign campaign`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const parts = path.split(" ").filter((part) => part !== "");
    const when =
      parts.length === 0
        ? "__fish_use_subcommand"
        : parts.map((part) => `__fish_seen_subcommand_from ${part}`).join("; and ");
    return words.map(({ word, about }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c campaign -n ${quoted(when)} ${what} -d ${quoted(about)}`;
    });
  });
  return ["# Completion of `campaign` for fish: campaign completion fish | source", ...lines].join(
    "\n",
  );
}
