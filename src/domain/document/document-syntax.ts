// Words the syntax errors of YAML for people who do not know YAML. Never quotes the file: it may
// hold a secret.

import type { Problem } from "../common/errors.ts";

interface Wording {
  message: string;
  hint: string;
}

const QUOTE = "Put the whole value in double quotes.";

/** By error code of the package `yaml` 2.9. */
const WORDINGS: Readonly<Record<string, Wording>> = {
  ALIAS_PROPS: { message: "an alias (`*name`) must stand alone", hint: QUOTE },
  BAD_ALIAS: { message: "`*` begins an alias in YAML, and this one is malformed", hint: QUOTE },
  BAD_DIRECTIVE: {
    message: "`%` begins a directive in YAML, and this one is unknown",
    hint: QUOTE,
  },
  BAD_DQ_ESCAPE: {
    message: "a backslash in double quotes begins an escape, and this one is unknown",
    hint: "Use single quotes, or write the backslash twice.",
  },
  BAD_INDENT: {
    message: "the indentation does not fit the lines around it, or a bracket is not closed",
    hint: "Give keys of one level the same number of spaces, and close every `[`, `{` and quote.",
  },
  BAD_SCALAR_START: {
    message: "a value without quotes cannot begin with this character",
    hint: QUOTE,
  },
  BLOCK_AS_IMPLICIT_KEY: { message: "two `: ` on one line", hint: QUOTE },
  KEY_OVER_1024_CHARS: { message: "a key is longer than 1024 characters", hint: QUOTE },
  MISSING_CHAR: {
    message: "something is missing here: a closing quote or bracket, a comma, or `: ` after a key",
    hint: "Look at this line and the one before it.",
  },
  MULTILINE_IMPLICIT_KEY: {
    message: "a key must stand on one line, with `: ` after it",
    hint: "Look for a missing `:` or a missing closing quote.",
  },
  MULTIPLE_DOCS: {
    message: "the file holds several documents, parted by `---`",
    hint: "Make a file of each.",
  },
  RESOURCE_EXHAUSTION: {
    message: "the brackets are nested too deeply",
    hint: "Give the right file: no manifest or policy nests so deeply.",
  },
  TAB_AS_INDENT: {
    message: "a tab is used for indentation, which YAML does not allow",
    hint: "Use spaces.",
  },
  TAG_RESOLVE_FAILED: {
    message: "`!` begins a tag in YAML, and this one means nothing here",
    hint: QUOTE,
  },
  UNEXPECTED_TOKEN: {
    message: "there is more after the end of the value",
    hint: "Put the whole value in double quotes, or look for a missing `:` or line break.",
  },
};

/**
 * Words one syntax error: `code` as the YAML parser gives it, `line` the offending line. The
 * parser's own sentence is not used, since it can quote the file.
 */
export function explainSyntax(code: string, line: string): Pick<Problem, "message" | "hint"> {
  // A Liquid value without quotes ends in half a dozen different errors of YAML, with one remedy.
  if (/[:[,-]\s*\{\{/.test(line)) {
    return {
      message: "a value with `{{ … }}` must be in quotes: YAML reads a bare `{` as a mapping",
      hint: 'Write it as "{{ … }}".',
    };
  }
  return WORDINGS[code] ?? { message: `this is not YAML (${code})`, hint: QUOTE };
}
