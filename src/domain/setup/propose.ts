// Proposes which column of a list fills which value of a template, from the names of the columns,
// the words around a variable, and what stands in the first rows. A person decides.

import { nearest } from "../common/nearest.ts";
import type { Need } from "./needs.ts";

/** The first rows of a list. */
export interface ListSample {
  /** As `columnName` cleans them. */
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A column that fits a value. */
export interface Proposal {
  column: string;
  /** The column has the variable's own name: there is nothing to decide. */
  isSure: boolean;
}

/** Less than this is a guess that a person would have to correct. */
const LEAST = 30;
const SAME_NAME = 100;
const SIMILAR_NAME = 60;
const WORD_BESIDE = 50;
const GREETED = 45;
const SAME_SHAPE = 30;
/** Words of a text that are looked at before a variable. */
const WORDS_BEFORE = 3;
/** Letters that two words must begin with to be forms of one. */
const STEM = 4;
/** Share of the rows in which a column of numbers has one. */
const MOSTLY = 0.6;
const PHONE_DIGITS_MIN = 7;
const PHONE_DIGITS_MAX = 16;

/** Before a name, in the languages that most templates are written in. */
const GREETINGS = new Set(
  "hi hello hey dear ola oi hola querido querida estimado estimada bonjour salut cher chere ciao caro cara hallo liebe lieber hej hei hoi beste merhaba namaste halo hai".split(
    " ",
  ),
);
const FIRST_NAME =
  /^(first|given|fore|vor|pre|primer)[ _-]?(name|nome|nombre|nom|navn|namn)?$|^prenom$|^nombre$|^nome$/;
const ANY_NAME = /name|nome|nombre|^nom$|cliente|customer$|navn|namn/;
const CODE = /code|codigo|coupon|cupom|cupon|voucher|promo|gutschein/;
const PHONE = /phone|fone|telef|cel(ular)?\b|mobil|movil|whats|wa_?id|msisdn|handy|numero|^tel/;

/** Columns for the needs of a template, by the key of the need; none where nothing fits. */
export function proposeColumns(
  needs: readonly Need[],
  sample: ListSample,
  taken: readonly string[] = [],
): Map<string, Proposal> {
  const found = new Map<string, Proposal>();
  const used = new Map<string, string[]>();
  const scored = needs.flatMap((need) =>
    sample.columns.flatMap((column, at) => {
      if (column === "" || taken.includes(column)) return [];
      const score = scoreOf(need, column, cellsOf(sample, at));
      return score < LEAST ? [] : [{ need, column, score }];
    }),
  );
  for (const { need, column, score } of scored.sort((a, b) => b.score - a.score)) {
    // A text does not say the same twice; a button may repeat what the text says.
    const inText = used.get(need.text) ?? [];
    if (found.has(need.key) || inText.includes(column)) continue;
    found.set(need.key, { column, isSure: score >= SAME_NAME });
    used.set(need.text, [...inText, column]);
  }
  return found;
}

/** A column of ids in a catalog. */
const PRODUCTS = /^(?:skus|products|product_?ids|produtos|productos)$/;
/** What no column of people has. */
const UNPROPOSED: readonly Need["kind"][] = ["instant", "fixed", "section"];

function scoreOf(need: Need, column: string, cells: readonly string[]): number {
  const name = folded(column);
  if (need.kind === "media") return isMostly(cells, isMediaLink) ? WORD_BESIDE : 0;
  if (need.kind === "products") return PRODUCTS.test(name) ? WORD_BESIDE : 0;
  if (UNPROPOSED.includes(need.kind)) return 0;
  const variable = need.variable ?? "";
  if (variable !== "" && !/^\d+$/.test(variable)) {
    if (folded(variable) === name) return SAME_NAME;
    if (isFormOf(folded(variable), name) || nearest(variable, [column]) !== undefined) {
      return SIMILAR_NAME;
    }
  }
  let score = 0;
  const before = wordsBefore(need.text, variable);
  if (before.some((word) => isFormOf(word, name))) score = WORD_BESIDE;
  if (GREETINGS.has(before.at(-1) ?? "")) {
    if (FIRST_NAME.test(name)) score = Math.max(score, GREETED + 1);
    else if (ANY_NAME.test(name)) score = Math.max(score, GREETED);
  }
  if (need.kind === "code" || before.some((word) => CODE.test(word))) {
    if (CODE.test(name)) score = Math.max(score, WORD_BESIDE);
  }
  if (need.kind === "suffix" && need.text.includes("=")) {
    const key = folded(/([\w-]+)=[^=]*$/.exec(need.text.split("{{")[0] ?? "")?.[1] ?? "");
    if (isFormOf(key, name) || (CODE.test(key) && CODE.test(name))) {
      score = Math.max(score, WORD_BESIDE);
    }
  }
  const shape = shapeOf(need.example);
  if (shape === "code" && isMostly(cells, (cell) => shapeOf(cell) === "code")) {
    score = Math.max(score, SAME_SHAPE);
  }
  if (shape === "word" && FIRST_NAME.test(name)) score = Math.max(score, SAME_SHAPE);
  return score;
}

/** Columns that may hold the phone numbers of a list, the likeliest first. */
export function phoneColumns(sample: ListSample): string[] {
  return sample.columns
    .map((column, at) => ({ column, cells: cellsOf(sample, at), name: folded(column) }))
    .filter(({ column, cells }) => column !== "" && isMostly(cells, isPhoneLike))
    .sort((a, b) => Number(PHONE.test(b.name)) - Number(PHONE.test(a.name)))
    .map(({ column }) => column);
}

/** Whether only one column of those can be meant: its name says so, or there is no other. */
export function isPhoneSure(columns: readonly string[]): boolean {
  const named = columns.filter((column) => PHONE.test(folded(column)));
  return named.length === 1 || columns.length === 1;
}

/** Numbers of a column that have no country code in front: how many, of how many. */
export function withoutCountry(
  sample: ListSample,
  column: string,
): { without: number; of: number } {
  const cells = cellsOf(sample, sample.columns.indexOf(column)).filter((cell) => cell !== "");
  const without = cells.filter((cell) => !/^\W*(\+|00)/.test(cell) && isPhoneLike(cell));
  return { without: without.length, of: cells.length };
}

/** Rows in which a column is empty. */
export function emptyIn(sample: ListSample, column: string): number {
  const at = sample.columns.indexOf(column);
  return sample.rows.filter((row) => (row[at] ?? "").trim() === "").length;
}

function cellsOf({ rows }: ListSample, at: number): string[] {
  return rows.map((row) => (row[at] ?? "").trim());
}

function isMostly(cells: readonly string[], holds: (cell: string) => boolean): boolean {
  const filled = cells.filter((cell) => cell !== "");
  return filled.length > 0 && filled.filter(holds).length >= filled.length * MOSTLY;
}

function isPhoneLike(cell: string): boolean {
  const digits = cell.replace(/\D/g, "").length;
  if (digits < PHONE_DIGITS_MIN || digits > PHONE_DIGITS_MAX) return false;
  // Dates, times and amounts have as many digits.
  if (/^\d{4}-\d\d-\d\d|^\d{1,2}[./]\d{1,2}[./]\d{4}$|:\d\d|\d[.,]\d\d$/.test(cell)) return false;
  return /^[+\d\s()./-]+$/.test(cell);
}

function isMediaLink(cell: string): boolean {
  return /^https:\/\/\S+\.(jpe?g|png|mp4|3gp|pdf|gif|webp)(\?|$)/i.test(cell);
}

function shapeOf(text: string): "code" | "word" | "other" {
  if (/^(?=.*[A-Z])[A-Z0-9-]{4,20}$/.test(text)) return "code";
  return /^\p{Lu}\p{Ll}+$/u.test(text) ? "word" : "other";
}

/** Words in front of a variable, the nearest last. */
function wordsBefore(text: string, variable: string): string[] {
  const [start = ""] = text.split(new RegExp(`\\{\\{\\s*${variable}\\s*\\}\\}`));
  if (start === text) return [];
  // What stands before another variable belongs to that one.
  const own = start.slice(start.lastIndexOf("}}") + 1);
  return folded(own).split(" ").filter(Boolean).slice(-WORDS_BEFORE);
}

/** As `voucher` and `voucher_code` are, or `name` and `first_name`; not `cupom` and `code`. */
function isFormOf(word: string, name: string): boolean {
  if (word.length < STEM) return false;
  return name.split(" ").some((part) => {
    if (part.length < STEM) return false;
    const [short, long] = part.length < word.length ? [part, word] : [word, part];
    return long.startsWith(short) || nearest(word, [part]) !== undefined || word === part;
  });
}

/** Small letters without accents; one blank for all that is neither letter nor digit. */
function folded(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ")
    .toLowerCase()
    .replace(/[^\p{L}\d]+/gu, " ")
    .trim();
}
