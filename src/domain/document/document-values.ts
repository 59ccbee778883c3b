// Turns the tree of a YAML document into plain data and notes where each value stands, putting in
// the values of `${NAME}`. Decides nothing about the schema but which kind of value is meant; reads
// no environment itself.

import { type Document, isAlias, isCollection, isMap, isNode, isScalar, isSeq } from "yaml";
import type * as z from "zod";
import type { Path, YamlKind } from "./document-schema.ts";
import { branch, childOf, label, takes, takesText } from "./document-schema.ts";

/** Most values in a document, those behind aliases counted each time: the end of an alias bomb. */
const MAX_VALUES = 50_000;
/** How deep values may stand in each other. */
const MAX_DEPTH = 64;
/** Longest piece of a value that is shown in a message, in characters. */
const MAX_SHOWN = 60;

/** Something wrong at an offset of the text, in UTF-16 units. */
export interface DocumentFault {
  path: Path;
  offset: number;
  message: string;
  hint: string;
}

/** A document as plain data. */
export interface Values {
  data: unknown;
  faults: DocumentFault[];
  /** Where each value stands, by `pathKey`. */
  places: Map<string, ValuePlace>;
  /** Places of which the schema's opinion is of no use, since a fault tells what is wrong there. */
  settled: Set<string>;
  /** True when the data is not worth checking. */
  unusable: boolean;
}

/** One value of the document as it stands there; offsets in UTF-16 units. */
export interface ValuePlace {
  kind: YamlKind;
  /** Offset of the key that names it, or of the value where there is none. */
  keyOffset: number;
  offset: number;
  /** Offset of the value's first character, when places inside it can be counted from there. */
  innerOffset: number | undefined;
  /** As it may be shown in a message: what is written in the file, shortened, or a word for it. */
  shown: string;
  /** What `${NAME}` gave, by name. */
  substituted: ReadonlyMap<string, string>;
}

export interface ValuesOptions {
  schema: z.core.$ZodType;
  env: Record<string, string | undefined>;
  secrets: readonly string[];
  /**
   * A secret whose variable is not set, or holds nothing usable, is replaced by `UNUSED_SECRET`.
   */
  secretsUnused?: boolean | undefined;
}

/** Stands for a secret that is not needed. */
export const UNUSED_SECRET = "not-needed";

/** Where a value is noted in `Values.places`. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/**
 * Turns a document without syntax errors into plain data, its values' places, and what is wrong so
 * far.
 */
export function valuesOf(document: Document.Parsed, text: string, options: ValuesOptions): Values {
  const values: Values = {
    data: undefined,
    faults: [],
    places: new Map(),
    settled: new Set(),
    unusable: false,
  };
  const root: unknown = document.contents;
  const offset = offsetOf(root) ?? 0;
  if (isMap(root)) {
    const walk = { ...options, document, text, values, count: 0 };
    const here = { path: [], keyOffset: offset, schema: options.schema };
    values.data = convert(walk, root, here);
    return values;
  }
  const empty = root === null || (isScalar(root) && root.value === null);
  const shape = isSeq(root) ? "a list" : "a single value";
  values.unusable = true;
  values.faults.push({
    path: [],
    offset: empty ? 0 : offset,
    message: empty ? "the file is empty" : `the file must be a mapping of keys, not ${shape}`,
    hint: "Begin with a line such as `key: value`.",
  });
  return values;
}

interface Walk extends ValuesOptions {
  document: Document.Parsed;
  text: string;
  values: Values;
  count: number;
}

/** Where in the document, and under which schema, a node is met. */
interface Here {
  path: Path;
  keyOffset: number;
  schema: z.core.$ZodType | undefined;
}

/** The recursion ends at MAX_DEPTH and at MAX_VALUES, so an alias to its own parent ends too. */
function convert(walk: Walk, node: unknown, here: Here): unknown {
  const { path, keyOffset, schema } = here;
  const { values } = walk;
  walk.count += 1;
  if (walk.count > MAX_VALUES || path.length > MAX_DEPTH) {
    if (!values.unusable) {
      const message = path.length > MAX_DEPTH ? "values are nested too deeply" : "too many values";
      values.faults.push({
        path,
        offset: keyOffset,
        message,
        hint: "Do without anchors and aliases.",
      });
    }
    values.unusable = true;
    return null;
  }
  const target: unknown = isAlias(node) ? node.resolve(walk.document) : node;
  if (isAlias(node) && target === undefined) {
    note(walk, node, here, "nothing");
    settle(walk, path, {
      offset: offsetOf(node) ?? keyOffset,
      message: `\`*${clip(node.source)}\` is an alias in YAML, and there is no \`&${clip(node.source)}\``,
      hint: "Put the value in quotes.",
    });
    return null;
  }
  if (isMap(target)) {
    note(walk, node, here, "mapping");
    return convertMapping(walk, target, { ...here, schema: branch(schema, "mapping") });
  }
  if (isSeq(target)) {
    note(walk, node, here, "list");
    const list = branch(schema, "list");
    return target.items.map((item, index) => {
      const offset = offsetOf(item) ?? keyOffset;
      return convert(walk, item, {
        path: [...path, index],
        keyOffset: offset,
        schema: childOf(list, index),
      });
    });
  }
  return convertScalar(walk, node, target, { ...here, schema });
}

function convertMapping(
  walk: Walk,
  map: { items: { key: unknown; value: unknown }[] },
  { path, keyOffset, schema }: Here,
): unknown {
  // Without a prototype, so that a key such as `__proto__` is a key like any other.
  const data: Record<string, unknown> = Object.create(null);
  const firsts = new Map<string, number>();
  for (const { key, value } of map.items) {
    const offset = offsetOf(key) ?? keyOffset;
    if (!isScalar(key)) {
      settle(walk, path, oddKey(walk, key, offset));
      continue;
    }
    const name = typeof key.value === "string" ? key.value : (key.source ?? "");
    const first = firsts.get(name);
    if (first !== undefined) {
      const line = lineOf(walk.text, first);
      const message = `\`${label([...path, name])}\` is written twice; the first is on line ${line}`;
      walk.values.faults.push({ path, offset, message, hint: "Keep one of the two." });
      continue;
    }
    firsts.set(name, offset);
    const child = { path: [...path, name], keyOffset: offset, schema: childOf(schema, name) };
    data[name] = convert(walk, value, child);
  }
  return data;
}

function convertScalar(walk: Walk, node: unknown, target: unknown, here: Here): unknown {
  const { path, schema } = here;
  const value: unknown = isScalar(target) ? target.value : null;
  switch (typeof value) {
    case "string":
      return convertText(walk, node, value, here);
    case "number":
      note(walk, node, here, "number");
      return takesText(schema) && isScalar(target) ? (target.source ?? String(value)) : value;
    case "boolean":
      note(walk, node, here, "boolean");
      return takesText(schema) && isScalar(target) ? (target.source ?? String(value)) : value;
    default: {
      note(walk, node, here, "nothing");
      if (value === null) return null;
      const message = `\`${label(path)}\` has a tag that means nothing here`;
      const offset = offsetOf(node) ?? here.keyOffset;
      settle(walk, path, { offset, message, hint: "Take the `!!…` out." });
      return null;
    }
  }
}

function convertText(walk: Walk, node: unknown, written: string, here: Here): unknown {
  const { path, schema } = here;
  const offset = offsetOf(node) ?? here.keyOffset;
  const substituted = new Map<string, string>();
  const unknown = new Set<string>();
  const text = written.replace(
    /\$\$\{|\$\{(\w*)(\}?)/g,
    (whole, name: string | undefined, close: string) => {
      if (name === undefined) return "${";
      const known = close !== "" && Object.hasOwn(walk.env, name) ? walk.env[name] : undefined;
      if (known === undefined) unknown.add(whole);
      else substituted.set(name, known);
      return known ?? whole;
    },
  );
  const secret = walk.secrets.includes(String(path.at(-1)));
  if (
    secret &&
    walk.secretsUnused === true &&
    isVariable(written) &&
    !/^[\x21-\x7e]+$/.test(text.replace(written, ""))
  ) {
    note(walk, node, here, "text");
    return UNUSED_SECRET;
  }
  for (const reference of unknown) settle(walk, path, { offset, ...missingVariable(reference) });
  if (secret && !/\$\{/.test(written)) {
    settle(walk, path, {
      offset,
      message: `\`${label(path)}\` is a secret, and must not be written into the file`,
      hint: `Write \${NAME} here, and set NAME in the environment or in .env.`,
    });
  }
  const data = substituted.size === 0 ? text : asMeant(text, schema);
  const kind = typeof data === "number" ? "number" : typeof data === "boolean" ? "boolean" : "text";
  const place = note(walk, node, here, kind, substituted);
  if (text !== written) place.innerOffset = undefined;
  return data;
}

/**
 * A variable gives text; where only a number or true/false can be meant, the text is read as such.
 */
function asMeant(text: string, schema: z.core.$ZodType | undefined): string | number | boolean {
  if (schema === undefined || takes(schema, "text")) return text;
  if (takes(schema, "number") && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (takes(schema, "boolean") && /^(true|false)$/.test(text)) return text === "true";
  return text;
}

/** Whether a value is one variable and nothing else. */
function isVariable(written: string): boolean {
  return /^\$\{[A-Za-z_]\w*\}$/.test(written);
}

function missingVariable(reference: string): { message: string; hint: string } {
  const [, name] = /^\$\{([A-Za-z_]\w*)\}$/.exec(reference) ?? [];
  return name !== undefined
    ? {
        message: `the environment variable ${name} is not set`,
        hint: `Export ${name}, or put ${name}=… into .env.`,
      }
    : {
        message: `\`${clip(reference)}\` does not name an environment variable`,
        hint: "Write ${NAME}; a plain ${ is written $${.",
      };
}

/** A Liquid value without quotes is, to YAML, a mapping of which the key is a mapping. */
function oddKey(walk: Walk, key: unknown, offset: number): Omit<DocumentFault, "path"> {
  const before = walk.text.lastIndexOf("{", offset - 1);
  if (isMap(key) && walk.text[offset] === "{" && before >= 0) {
    const end = walk.text.indexOf("}}", offset);
    const liquid = clip(walk.text.slice(before, end < 0 ? offset : end + 2));
    return {
      offset: before,
      message: "a value with `{{ … }}` must be in quotes: YAML reads a bare `{` as a mapping",
      hint: `Write "${liquid}".`,
    };
  }
  return { offset, message: "a key must be a plain word", hint: "Put the value in quotes." };
}

function note(
  walk: Walk,
  node: unknown,
  here: Here,
  kind: YamlKind,
  substituted: ReadonlyMap<string, string> = new Map(),
): ValuePlace {
  const offset = offsetOf(node) ?? here.keyOffset;
  const end = isNode(node) ? (node.range?.[1] ?? offset) : offset;
  const raw = walk.text.slice(offset, end);
  const secret = walk.secrets.includes(String(here.path.at(-1)));
  const words = { mapping: "a mapping", list: "a list", nothing: "nothing" } as const;
  const place: ValuePlace = {
    kind,
    keyOffset: here.keyOffset,
    offset,
    innerOffset: innerOffset(node, raw, offset),
    shown: isCollection(node) || kind === "nothing" ? words[kind as "list"] : `\`${clip(raw)}\``,
    substituted,
  };
  if (secret && !raw.includes("${")) place.shown = "what is written there";
  walk.values.places.set(pathKey(here.path), place);
  return place;
}

/** Only of a value that stands in the file exactly as it is: without escapes and line breaks. */
function innerOffset(node: unknown, raw: string, offset: number): number | undefined {
  if (!isScalar(node) || typeof node.value !== "string") return undefined;
  if (raw === node.value) return offset;
  return raw.slice(1, -1) === node.value ? offset + 1 : undefined;
}

function settle(walk: Walk, path: Path, fault: Omit<DocumentFault, "path">): void {
  walk.values.settled.add(pathKey(path));
  walk.values.faults.push({ path, ...fault });
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function clip(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = Array.from(line.slice(0, 2 * MAX_SHOWN));
  return characters.length > MAX_SHOWN ? `${characters.slice(0, MAX_SHOWN).join("")}…` : line;
}
