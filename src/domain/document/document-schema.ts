// Finds its way in a zod schema: what may stand at a place of a document, in words, and where else
// a key is known. Judges nothing, and knows nothing of YAML.

import type * as z from "zod";

/** Keys and list indexes from the root of a document to a place in it. */
export type Path = readonly (string | number)[];

/** What stands at a place: the shapes that YAML and JSON know. */
export type YamlKind = "mapping" | "list" | "text" | "number" | "boolean" | "nothing";

export type Schema = z.core.$ZodType;

/** Tells what stands at a path of the document; undefined for nothing at all. */
export type KindAt = (path: Path) => YamlKind | undefined;

/** How deep a schema is followed; ours are four deep, a recursive one must end somewhere. */
const MAX_DEPTH = 12;
/** How many known keys or values are listed in a hint. */
const MAX_LISTED = 12;

/**
 * The schema of the place at `path`, with what may stand there of the given kind; undefined when
 * unknown.
 */
export function schemaAt(root: Schema, path: Path, kindAt: KindAt): Schema | undefined {
  let schema: Schema | undefined = branch(root, kindAt([]));
  for (let depth = 0; depth < path.length && schema !== undefined; depth += 1) {
    const part = path[depth];
    if (part === undefined) return undefined;
    schema = branch(childOf(schema, part), kindAt(path.slice(0, depth + 1)));
  }
  return schema;
}

/** The schema of one key of a mapping, or of one item of a list. */
export function childOf(schema: Schema | undefined, part: string | number): Schema | undefined {
  const def = schema === undefined ? undefined : definition(schema);
  if (def?.type === "object") {
    return Object.hasOwn(def.shape, part) ? def.shape[part] : undefined;
  }
  if (def?.type === "record") return def.valueType;
  if (def?.type === "array") return def.element;
  return undefined;
}

/**
 * Unwraps optional, default and the like, and of a union takes the first member that a value of
 * this kind can meet. A union that has no such member is given whole, so that it can be described.
 */
export function branch(schema: Schema | undefined, kind: YamlKind | undefined): Schema | undefined {
  if (schema === undefined) return undefined;
  const bare = unwrap(schema);
  const def = definition(bare);
  if (def.type !== "union") return bare;
  const members = def.options.map((option) => branch(option, kind));
  return (
    members.find((member) => member !== undefined && kind !== undefined && takes(member, kind)) ??
    bare
  );
}

/**
 * Tells whether the schema takes plain text beside numbers or booleans: then a number is meant as
 * written.
 */
export function takesText(schema: Schema | undefined): boolean {
  if (schema === undefined) return false;
  const def = definition(unwrap(schema));
  return (
    def.type === "union" &&
    def.options.some((option) => takes(unwrap(option), "text")) &&
    def.options.some((option) => takes(unwrap(option), "number"))
  );
}

/** Tells whether a value of this kind can meet the schema at all. */
export function takes(schema: Schema, kind: YamlKind): boolean {
  const def = definition(unwrap(schema));
  switch (def.type) {
    case "union":
      return def.options.some((option) => takes(option, kind));
    case "object":
    case "record":
      return kind === "mapping";
    case "array":
      return kind === "list";
    case "string":
    case "enum":
      return kind === "text";
    case "number":
      return kind === "number";
    case "boolean":
      return kind === "boolean";
    case "literal":
      return def.values.some((value) => typeof value === (kind === "text" ? "string" : kind));
    case "null":
      return kind === "nothing";
    default:
      return true;
  }
}

/** A path as zod gives it, without the symbols that a document cannot have. */
export function plainPath(path: readonly PropertyKey[]): Path {
  return path.filter((part): part is string | number => typeof part !== "symbol");
}

/** `template.body[1]`; the root is `the file`. */
export function label(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text === "" ? "the file" : text;
}

/** The schema at `path` before a member of a union is taken: it is to be described whole. */
export function schemaBefore(root: Schema, path: Path, kindAt: KindAt): Schema | undefined {
  const last = path.at(-1);
  const schema =
    last === undefined ? root : childOf(schemaAt(root, path.slice(0, -1), kindAt), last);
  return schema === undefined ? undefined : unwrap(schema);
}

/** What a schema takes, in words: "text", "a list", "one of …". */
export function describe(schema: Schema | undefined): string {
  if (schema === undefined) return "something else";
  const bare = unwrap(schema);
  const def = definition(bare);
  switch (def.type) {
    case "string":
      return "text";
    case "number":
      return def.checks?.some((check) => isInteger(check)) === true || "format" in def
        ? "a whole number"
        : "a number";
    case "boolean":
      return "true or false";
    case "object":
      return `a mapping of ${listed(keysOf(bare))}`;
    case "record":
      return "a mapping";
    case "array":
      return "a list";
    case "literal":
      return listed(def.values.map(String));
    case "enum":
      return `one of ${listed(Object.values(def.entries).map(String))}`;
    case "union":
      return [...new Set(def.options.map((option) => describe(option)))].join(" or ");
    default:
      return def.type;
  }
}

function isInteger(check: z.core.$ZodCheck): boolean {
  const def = check._zod.def as { check: string; format?: string };
  return def.check === "number_format" && (def.format?.includes("int") ?? false);
}

/** Words in a row, each as code; the rest of a long list as `…`. */
export function listed(words: string[]): string {
  const shown = words.slice(0, MAX_LISTED).map((word) => `\`${word}\``);
  return shown.join(", ") + (words.length > MAX_LISTED ? ", …" : "");
}

/** The keys that a mapping may have. */
export function keysOf(schema: Schema): string[] {
  const def = definition(unwrap(schema));
  return def.type === "object" ? Object.keys(def.shape) : [];
}

/** Every key that is known anywhere. */
export function allKeys(root: Schema): string[] {
  const keys: string[] = [];
  visitKeys(root, [], (key) => keys.push(key));
  return keys;
}

/** The paths of the mappings that know such a key. */
export function placesOf(root: Schema, matches: (key: string) => boolean): Path[] {
  const places: Path[] = [];
  visitKeys(root, [], (key, parent) => {
    if (matches(key)) places.push(parent);
  });
  return places;
}

function visitKeys(schema: Schema, path: Path, visit: (key: string, parent: Path) => void): void {
  if (path.length > MAX_DEPTH) return;
  const def = definition(unwrap(schema));
  if (def.type === "union") for (const option of def.options) visitKeys(option, path, visit);
  if (def.type === "array") visitKeys(def.element, path, visit);
  if (def.type !== "object") return;
  for (const [key, value] of Object.entries(def.shape)) {
    visit(key, path);
    visitKeys(value, [...path, key], visit);
  }
}

/** The members of a union, or none. */
export function unionOptions(schema: Schema | undefined): readonly Schema[] {
  const def = schema === undefined ? undefined : definition(schema);
  return def?.type === "union" ? def.options : [];
}

function unwrap(schema: Schema): Schema {
  let bare = schema;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const def = definition(bare);
    if (def.type === "pipe") bare = definition(def.in).type === "transform" ? def.out : def.in;
    else if ("innerType" in def) bare = def.innerType as Schema;
    else return bare;
  }
  return bare;
}

function definition(schema: Schema): z.core.$ZodTypes["_zod"]["def"] {
  return (schema as z.core.$ZodTypes)._zod.def;
}
