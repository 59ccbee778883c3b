// Words what is wrong with a document, issue by issue as zod raises them. Knows nothing of YAML or
// of files: places and texts come from its caller.

import type * as z from "zod";
import { nearest } from "../common/nearest.ts";
import type { Path, Schema, YamlKind } from "./document-schema.ts";
import {
  allKeys,
  describe,
  keysOf,
  label,
  listed,
  placesOf,
  plainPath,
  schemaAt,
  schemaBefore,
  takes,
  unionOptions,
} from "./document-schema.ts";

/** Most places that are named where a key belongs. */
const MAX_PLACES = 3;

/** What the explanation of an issue needs to know of the document. */
export interface DocumentView {
  kind(path: Path): YamlKind | undefined;
  /** The value at a place as it may be shown to people; never a substituted secret. */
  text(path: Path): string;
  /** Keys by other names that people give them. */
  synonyms: Readonly<Record<string, string>>;
}

/** A problem without its place in the file: `path` and `on` tell where it is. */
export interface DocumentFinding {
  path: Path;
  /** `key`: the key at `path`; `value`: what stands there. */
  on: "key" | "value";
  /** UTF-16 units into the value, when the problem is inside it. */
  offset?: number;
  message: string;
  hint: string;
  /** Of an unknown key: where the key belongs that was probably meant. */
  meant?: string;
  /** Of a missing key: where it belongs; of several of which one is needed, where each does. */
  missing?: string[];
}

/** Gives every finding of one issue that zod raised against `root`. */
export function explainIssue(
  root: Schema,
  issue: z.core.$ZodIssue,
  seen: DocumentView,
): DocumentFinding[] {
  const path = plainPath(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(root, path, key, seen.synonyms));
    case "invalid_union":
      return explainUnion(root, path, issue, seen);
    case "invalid_type":
      return [wrongType(root, path, seen)];
    case "invalid_value":
      return [wrongValue(path, issue.values.map(String), seen)];
    case "too_small":
    case "too_big":
      return [wrongSize(path, issue, seen)];
    case "invalid_key": {
      const wanted = issue.issues[0]?.message ?? "another";
      const message = `\`${label(path)}\`: the key must be ${wanted}`;
      return [{ path, on: "key", message, hint: `Write ${wanted} as the key.` }];
    }
    case "custom":
      return [customFinding(path, issue.message, issue.params ?? {}, seen)];
    default:
      // The schemas word the message of a format as a noun phrase: "digits only".
      return [
        {
          path,
          on: "value",
          message: `\`${label(path)}\` must be ${issue.message}, not ${seen.text(path)}`,
          hint: `Write ${issue.message.split("; ")[0]}.`,
        },
      ];
  }
}

/**
 * A check of the schema's own. With `about` its message goes on after the key's name, and a "must
 * …" is followed by the value seen; without, it is a sentence of its own. `on`, `offset` and `hint`
 * are those of a finding, `missing` names keys of which one is needed.
 */
function customFinding(
  path: Path,
  message: string,
  params: Record<string, unknown>,
  seen: DocumentView,
): DocumentFinding {
  const { about, on, offset, hint, missing } = params;
  const must = message.startsWith("must ");
  const sentence = must ? `${message}, not ${seen.text(path)}` : message;
  return {
    path,
    on: on === "key" ? "key" : "value",
    message: about === true || must ? `\`${label(path)}\` ${sentence}` : message,
    hint: typeof hint === "string" ? hint : asked(message),
    ...(typeof offset === "number" ? { offset } : {}),
    ...(Array.isArray(missing) ? { missing: missing.map((key) => label([...path, key])) } : {}),
  };
}

/**
 * What to do about a value of which a sentence says what it must be: of `must be a date such as
 * 2026-12-25` to write a date such as 2026-12-25, of `at most 60 fit` to shorten it.
 */
export function asked(message: string): string {
  const [, most] = /\bat most (\d+) fit$/.exec(message) ?? [];
  if (most !== undefined) return `Shorten it to ${most} characters.`;
  const [, wanted] = /^(?:must be|needs|is not) (.+)$/.exec(message) ?? [];
  return wanted === undefined ? "Change this value, or take its key out." : `Write ${wanted}.`;
}

function explainUnion(
  root: Schema,
  path: Path,
  issue: z.core.$ZodIssueInvalidUnion,
  seen: DocumentView,
): DocumentFinding[] {
  const kind = seen.kind(path);
  const union = schemaBefore(root, path, seen.kind);
  const options = unionOptions(union);
  const index = options.findIndex((option) => kind !== undefined && takes(option, kind));
  const chosen = issue.errors[index];
  if (index < 0 || chosen === undefined) return [wrongType(root, path, seen)];
  return chosen.flatMap((inner) =>
    explainIssue(root, { ...inner, path: [...path, ...inner.path] }, seen),
  );
}

function unknownKey(
  root: Schema,
  path: Path,
  key: string,
  synonyms: DocumentView["synonyms"],
): DocumentFinding {
  const here = schemaAt(root, path, () => "mapping");
  const known = here === undefined ? [] : keysOf(here);
  const place = path.length === 0 ? "" : ` under \`${label(path)}\``;
  const finding = {
    path: [...path, key],
    on: "key" as const,
    message: `unknown key \`${key}\`${place}`,
  };
  const elsewhere = placesOf(root, (name) => name === key);
  const synonym = Object.hasOwn(synonyms, key.toLowerCase())
    ? synonyms[key.toLowerCase()]
    : undefined;
  const isHere = synonym !== undefined && known.includes(synonym);
  const near = isHere ? synonym : nearest(key, known);
  const nearElsewhere = synonym ?? nearest(key, [...new Set(allKeys(root))]);
  if (elsewhere.length > 0) {
    const meant = label([...(elsewhere[0] ?? []), key]);
    return { ...finding, meant, hint: belongs(key, elsewhere) };
  }
  if (near !== undefined) {
    const meant = label([...path, near]);
    return { ...finding, meant, hint: `Did you mean \`${near}\`?` };
  }
  if (nearElsewhere !== undefined) {
    const places = placesOf(root, (name) => name === nearElsewhere);
    return { ...finding, hint: `Did you mean \`${nearElsewhere}\`? ${belongs("it", places)}` };
  }
  const list = listed(known);
  return { ...finding, hint: list === "" ? "Take it out." : `Known here: ${list}.` };
}

function belongs(key: string, places: Path[]): string {
  const nearestFirst = places.toSorted((a, b) => a.length - b.length);
  const names = [...new Set(nearestFirst.map((place) => `\`${label(place)}\``))];
  if (names.length > MAX_PLACES) names.splice(MAX_PLACES, names.length, "others");
  const top = places.some((place) => place.length === 0);
  const subject = key === "it" ? "It" : `\`${key}\``;
  if (top) return `${subject} belongs at the top level, not indented.`;
  return `${subject} belongs under ${names.join(" or ")}.`;
}

function wrongType(root: Schema, path: Path, seen: DocumentView): DocumentFinding {
  const kind = seen.kind(path);
  const expected = schemaBefore(root, path, seen.kind);
  const words = describe(expected);
  const name = label(path);
  if (kind === undefined) return missing(path, words);
  if (kind === "nothing") {
    return {
      path,
      on: "key",
      message: `\`${name}\` is empty, and must be ${words}`,
      hint: "Give it a value, or take the key out.",
    };
  }
  const text = seen.text(path);
  const finding: DocumentFinding = {
    path,
    on: "value",
    message: `\`${name}\` must be ${words}, not ${text}`,
    hint: `Write ${words}${placeFor(path, expected)}.`,
  };
  if (expected === undefined) return finding;
  if (takes(expected, "text") && (kind === "number" || kind === "boolean")) {
    return { ...finding, hint: `Put it in quotes: "${text.replace(/`/g, "")}"${loss(kind)}` };
  }
  if (takes(expected, "list") && kind !== "mapping") {
    return { ...finding, hint: `Make it a list: [${text.replace(/`/g, "")}].` };
  }
  if (kind === "text" && (takes(expected, "number") || takes(expected, "boolean"))) {
    const near = nearest(text.replace(/[`"']/g, ""), ["true", "false"]);
    if (!takes(expected, "boolean"))
      return { ...finding, hint: "Write the bare number, without quotes or unit." };
    return {
      ...finding,
      hint: near === undefined ? "Write true or false." : `Did you mean ${near}?`,
    };
  }
  return finding;
}

/** Where the value of a key is written. */
function placeFor(path: Path, expected: Schema | undefined): string {
  const key = path.at(-1);
  if (typeof key !== "string") return " there";
  const isNested =
    expected !== undefined && (takes(expected, "mapping") || takes(expected, "list"));
  return isNested ? `, indented below \`${key}:\`` : ` after \`${key}:\``;
}

function loss(kind: YamlKind): string {
  return kind === "number" ? " (a bare number may lose digits or zeros)." : ".";
}

function missing(path: Path, words: string): DocumentFinding {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const place = parent.length === 0 ? "" : ` under \`${label(parent)}\``;
  return {
    path: parent,
    on: "key",
    message: `\`${key}\` is missing${place}`,
    hint: `Add \`${key}:\` with ${words}.`,
    missing: [label(path)],
  };
}

function wrongValue(path: Path, values: string[], seen: DocumentView): DocumentFinding {
  const text = seen.text(path);
  const near = nearest(text.replace(/^[`"']+|[`"']+$/g, ""), values);
  const prefix = values.length === 1 ? "" : "one of ";
  return {
    path,
    on: "value",
    message: `\`${label(path)}\` must be ${prefix}${listed(values)}, not ${text}`,
    hint: near === undefined ? `Write ${prefix}${listed(values)}.` : `Did you mean \`${near}\`?`,
  };
}

function wrongSize(
  path: Path,
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  seen: DocumentView,
): DocumentFinding {
  const small = issue.code === "too_small";
  const limit = Number(small ? issue.minimum : issue.maximum);
  const unit =
    issue.origin === "string" ? "character" : issue.origin === "array" ? "item" : undefined;
  const name = label(path);
  const empty = small && limit === 1 && unit !== undefined;
  const isOpen = issue.inclusive === false;
  const bound = small ? (isOpen ? "more than" : "at least") : isOpen ? "less than" : "at most";
  const most = `${limit} ${unit}${limit === 1 ? "" : "s"}`;
  const size = unit === undefined ? `${limit}` : `${most} long`;
  const change = small ? "Lengthen" : "Shorten";
  const todo =
    unit === undefined ? `Write a number of ${bound} ${limit}.` : `${change} it to ${most}.`;
  return {
    path,
    on: "value",
    message: empty
      ? `\`${name}\` must not be empty`
      : `\`${name}\` must be ${bound} ${size}, not ${seen.text(path)}`,
    hint: empty ? `Give \`${String(path.at(-1))}\` a value, or take the key out.` : todo,
  };
}
