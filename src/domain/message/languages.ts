// Which of Meta's codes a language means as lists have it: `pt_BR`, `pt-br`, a name. What may mean
// two of them is not read: nobody gets a message in a language that was guessed.

import { marketKey } from "../common/name-key.ts";

/** Meta's codes of template languages (Meta, supported languages page, 2026-05). */
export const LANGUAGE_CODES: readonly string[] = `
  af ar ar_AE ar_EG ar_LB ar_MA ar_QA az be_BY bg bn bn_IN ca cs da de de_AT de_CH el
  en en_AE en_AU en_CA en_GB en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_US en_ZA
  es es_AR es_CL es_CO es_CR es_DO es_EC es_ES es_HN es_MX es_PA es_PE es_UY et fa fi fil
  fr fr_BE fr_CA fr_CH fr_CI fr_MA ga gu ha he hi hr hu id it ja ka kk kn ko ky_KG lo lt lv
  mk ml mr ms nb nl nl_BE pa pl prs_AF ps_AF pt_BR pt_PT ro ru rw_RW si_LK sk sl sq sr sv sw
  ta te th tr uk ur uz vi zh_CN zh_HK zh_TW zu
`
  .trim()
  .split(/\s+/);

/** Codes of other tables for what Meta has under one code (ISO 639 and CLDR, 2025). */
const ALSO_CODED: Readonly<Record<string, string>> = {
  fa_af: "prs_AF",
  in: "id",
  iw: "he",
  no: "nb",
  tl: "fil",
  zh_hans: "zh_CN",
  zh_hans_cn: "zh_CN",
  zh_hant_hk: "zh_HK",
  zh_hant_tw: "zh_TW",
};

/** What a text means as a language. */
export type LanguageReading =
  | { code: string }
  /** Meta's codes that it may mean; empty: none is known. */
  | { among: readonly string[] };

/** Texts that were read: a list has few different ones. */
const read = new Map<string, LanguageReading>();
const READ_KEPT = 1_000;

/**
 * Reads a language: a code in any case, with `_`, `-` or a blank, or a name in English or in the
 * language itself. A country that Meta has no code for counts for nothing where Meta has the
 * language alone: `de-DE` is `de`.
 */
export function readLanguage(text: string): LanguageReading {
  const known = read.get(text);
  if (known !== undefined) return known;
  if (read.size === READ_KEPT) read.clear();
  const reading = readingOf(text);
  read.set(text, reading);
  return reading;
}

function readingOf(text: string): LanguageReading {
  const tag = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
  const code = byTag().get(tag);
  if (code !== undefined) return { code };
  const [, base] = /^([a-z]{2,3})(?:_[a-z]{2})?$/.exec(tag) ?? [];
  if (base !== undefined) {
    const ofBase = baseReading(base);
    if ("code" in ofBase || ofBase.among.length > 0) return ofBase;
  }
  const named = byName().get(marketKey(text));
  if (named === undefined) return { among: [] };
  return named.length === 1 ? { code: named[0] as string } : { among: named };
}

/** A language without its country, or with one that Meta has no code for. */
function baseReading(base: string): LanguageReading {
  const own = byTag().get(base);
  if (own !== undefined) return { code: own };
  const among = LANGUAGE_CODES.filter((code) => baseOf(code) === base);
  return among.length === 1 ? { code: among[0] as string } : { among };
}

function baseOf(code: string): string {
  return code.split("_")[0] as string;
}

let tags: Map<string, string> | undefined;

function byTag(): Map<string, string> {
  tags ??= new Map([
    ...LANGUAGE_CODES.map((code): [string, string] => [code.toLowerCase(), code]),
    ...Object.entries(ALSO_CODED),
  ]);
  return tags;
}

/** `Portuguese (Brazil)`, `Brazilian Portuguese`, `English (US)`. */
const STYLES = [
  { languageDisplay: "dialect", style: "long" },
  { languageDisplay: "standard", style: "long" },
  { languageDisplay: "standard", style: "short" },
] as const;

let names: Map<string, string[]> | undefined;

/** Names in English and in the language itself → what they may mean. Made when one is needed. */
function byName(): Map<string, string[]> {
  if (names !== undefined) return names;
  const found = new Map<string, string[]>();
  const add = (name: string | undefined, codes: readonly string[]): void => {
    if (name === undefined) return;
    const key = marketKey(name);
    found.set(key, [...new Set([...(found.get(key) ?? []), ...codes])]);
  };
  const addAs = (tag: string, codes: readonly string[]): void => {
    for (const display of new Set(["en", tag])) {
      for (const style of STYLES) {
        add(
          new Intl.DisplayNames([display], { type: "language", fallback: "none", ...style }).of(
            tag,
          ),
          codes,
        );
      }
    }
  };
  for (const code of LANGUAGE_CODES) addAs(code.replace("_", "-"), [code]);
  for (const base of new Set(LANGUAGE_CODES.map(baseOf))) {
    const reading = baseReading(base);
    addAs(base, "code" in reading ? [reading.code] : reading.among);
  }
  // Meta's own name for it.
  add("Norwegian", ["nb"]);
  names = found;
  return found;
}
