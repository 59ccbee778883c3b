// What a new manifest says of a list: its file, the column of numbers, and which column fills which
// value of the template.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { columnIndex } from "../../domain/common/columns.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import type { TemplateBinding, TemplateDefinition } from "../../domain/message/template.ts";
import { readPhone } from "../../domain/recipient/phone.ts";
import { isPhoneRegion } from "../../domain/recipient/phone-regions.ts";
import { regionNamed } from "../../domain/recipient/region-name.ts";
import type { Need } from "../../domain/setup/needs.ts";
import { bindTemplate, needsOf } from "../../domain/setup/needs.ts";
import type { ListSample } from "../../domain/setup/propose.ts";
import {
  emptyIn,
  isPhoneSure,
  phoneColumns,
  proposeColumns,
  withoutCountry,
} from "../../domain/setup/propose.ts";
import type { WrittenValue } from "../../domain/setup/written-value.ts";
import { columnValue, readWritten } from "../../domain/setup/written-value.ts";
import { openList } from "../files/list-file.ts";
import { say } from "../print/print.ts";
import type { Questions } from "./questions.ts";

/** Rows that are looked at for a proposal. */
const SAMPLE_ROWS = 500;
/** What a list can be, by its name. */
const KINDS = [".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".ndjson"];
/** No country: every number has its own. */
const NO_REGION = "none";

/** What is given of a list by options. */
export interface ListWishes {
  phone?: string;
  region?: string;
  /** `KEY=VALUE`. */
  bind?: string[];
  /** `KEY=TEXT`. */
  default?: string[];
}

/** What a manifest says of whom. */
export interface ChosenWho {
  phone: string;
  region: string | null;
}

/**
 * The header and the first rows of a list.
 * @throws OperatorError for what cannot be read as one
 */
export async function sampleList(file: string): Promise<ListSample> {
  const path = resolve(file);
  if (!KINDS.includes(extname(path).toLowerCase())) {
    throw new OperatorError({
      file,
      message: "a list is a CSV, an Excel workbook (.xlsx) or JSON Lines (.jsonl), by its name",
      hint: "Save it as one of these.",
    });
  }
  // Of a workbook a CSV is made, which stays nowhere until there is a project.
  const folder = mkdtempSync(join(tmpdir(), "campaign-list-"));
  try {
    const { columns, rows } = await openList(path, { shownAs: file }, folder);
    for await (const batch of rows({ batch: SAMPLE_ROWS })) {
      return { columns, rows: batch.map(({ cells }) => cells) };
    }
    return { columns, rows: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The column of numbers, and whose national form they have. */
export async function chooseWho(
  sample: ListSample,
  wishes: ListWishes,
  { ownNumber, questions }: { ownNumber: string | null; questions: Questions },
): Promise<ChosenWho | undefined> {
  const likely = phoneColumns(sample);
  const phone = await questions.ask(
    {
      text: "Column of the phone numbers",
      option: "--phone <column>",
      proposed: likely[0],
      isSure: isPhoneSure(likely),
      read: (answer) => {
        const found = columnIndex(sample.columns, answer);
        return found.kind === "found"
          ? (sample.columns[found.index] as string)
          : { problem: found.problem };
      },
    },
    wishes.phone,
  );
  if (phone === undefined) return undefined;
  const { without, of } = withoutCountry(sample, phone);
  if (without === 0 && wishes.region === undefined) return { phone, region: null };
  const own = ownNumber === null ? null : readPhone(ownNumber);
  const region = await questions.ask(
    {
      text: `${count(without)} of the first ${count(of)} numbers have no country code: which country are they of (two letters, such as BR; ${NO_REGION}: skip them)`,
      option: "--region <country>",
      proposed: own?.kind === "phone" ? (own.region ?? undefined) : undefined,
      read: readRegion,
    },
    wishes.region,
  );
  // A missing answer stops nothing here: all that is missing is said together.
  return { phone, region: region === undefined || region === NO_REGION ? null : region };
}

function readRegion(answer: string): string | { problem: Problem } {
  if (answer.toLowerCase() === NO_REGION) return NO_REGION;
  const region = isPhoneRegion(answer.toUpperCase()) ? answer.toUpperCase() : regionNamed(answer);
  if (region !== null) return region;
  const hint = `Give its two letters of ISO 3166-1, such as BR, or "${NO_REGION}".`;
  return { problem: { message: `"${answer}" is no country that is known`, hint } };
}

/**
 * The manifest's `template`: a value for everything that a message must fill.
 * @param isSandbox nothing is fetched: any picture will do
 */
export async function chooseBinding(
  definition: TemplateDefinition,
  sample: ListSample,
  wishes: ListWishes,
  { who, isSandbox, questions }: { who: ChosenWho; isSandbox: boolean; questions: Questions },
): Promise<TemplateBinding | undefined> {
  const needs = needsOf(definition);
  const bound = readPairs("--bind", wishes.bind, needs);
  const defaults = readPairs("--default", wishes.default, needs);
  const proposals = proposeColumns(needs, sample, [who.phone]);
  const values = new Map<string, string>();
  let shown = "";
  for (const need of needs) {
    const { key } = need;
    const proposal = proposals.get(key);
    if (need.text !== shown && need.text !== "" && !bound.has(key)) say(`\n${need.text}`);
    shown = need.text;
    const written = await questions.ask<WrittenValue>(
      {
        text: `${key}${aboutNeed(need)}: a column, or a text for everybody`,
        option: `--bind ${key}=<column or text>`,
        proposed: proposal?.column ?? (isSandbox ? sandboxValue(need) : undefined),
        isSure: proposal?.isSure ?? (isSandbox && sandboxValue(need) !== undefined),
        read(answer) {
          const value = readWritten(answer, sample.columns);
          if (value.kind === "misspelt") {
            const hint = `Did you mean "${value.near}"? Columns are ${sample.columns.filter(Boolean).join(", ")}; a text that is like one stands in quotes.`;
            return { problem: { message: `there is no column "${answer}"`, hint } };
          }
          if (value.kind === "text" && value.text === "") {
            return {
              problem: {
                message: "a value is needed",
                hint: "Give a column or a text: WhatsApp takes no empty value.",
              },
            };
          }
          return value;
        },
      },
      bound.get(key),
    );
    if (written === undefined || written.kind === "misspelt") continue;
    if (written.kind !== "column") {
      values.set(key, written.text);
      continue;
    }
    const { column } = written;
    values.set(key, columnValue(column, await otherwise(need, column)));
  }
  questions.settle();
  return bindTemplate(definition, ({ key }) => values.get(key) ?? "");

  async function otherwise({ key }: Need, column: string): Promise<string | undefined> {
    const empty = emptyIn(sample, column);
    const given = defaults.get(key);
    if (given !== undefined) return given === "" ? undefined : given;
    if (empty === 0) return undefined;
    const text = await questions.ask({
      text: `"${column}" is empty in ${count(empty)} of the first ${count(sample.rows.length)} rows: text in its place (Enter: skip these people)`,
      option: `--default ${key}=<text>`,
      proposed: "",
      isSure: true,
      read: (answer) => answer,
    });
    return text === "" ? undefined : text;
  }
}

function aboutNeed({ kind, example }: Need): string {
  const words: Record<Need["kind"], string> = {
    text: "",
    media: " (an https link, or a file beside the manifest)",
    suffix: " (the end of the link)",
    code: " (the code that is copied)",
    instant: " (when the offer ends, such as 2026-12-24T23:59:00-03:00)",
    fixed: "",
    products: " (ids in the catalog, parted by commas)",
    section: " (the title above the products)",
  };
  const shown = example === "" ? "" : `, such as "${example}"`;
  return `${words[kind]}${shown}`;
}

/** The simulator fetches nothing. */
function sandboxValue({ kind }: Need): string | undefined {
  return kind === "media" ? "https://example.com/picture.jpg" : undefined;
}

/** `KEY=VALUE` of an option that may be given several times. */
function readPairs(
  option: string,
  pairs: readonly string[] = [],
  needs: readonly Need[] = [],
): Map<string, string> {
  const keys = needs.map(({ key }) => key);
  const found = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const key = pair.slice(0, Math.max(0, at));
    if (!keys.includes(key)) {
      throw new OperatorError({
        id: "usage",
        message: `${option} ${pair}: the template has no value "${key}"`,
        hint: keys.length === 0 ? "It has none at all." : `It has ${keys.join(", ")}.`,
      });
    }
    found.set(key, pair.slice(at + 1));
  }
  return found;
}
