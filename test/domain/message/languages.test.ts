// Languages as lists have them, and the code of Meta's that each means: of what may mean two, none.

import { describe, expect, it } from "vitest";
import { LANGUAGE_CODES, readLanguage } from "../../../src/domain/message/languages.ts";
import { settleValue } from "../../../src/domain/message/template-limits.ts";

/** What is read, by the code that it means. */
const READ: Record<string, string> = {
  pt_BR:
    "pt_BR, pt-br, PT_BR, pt-BR, pt BR, Portuguese (Brazil), Brazilian Portuguese, Português (Brasil)",
  pt_PT: "pt-PT, European Portuguese, português europeu",
  en: "en, EN, English, en-PH",
  en_US: "en-US, en_us, English (US), American English",
  en_GB: "en-gb, English (UK), British English",
  es: "es, Spanish, español, es-VE",
  es_MX: "es_MX, Mexican Spanish, español de México",
  de: "de, de-DE, German, Deutsch",
  de_AT: "de_AT, Austrian German",
  fr: "fr_FR, French, français",
  nb: "nb, no, Norwegian, nb-NO",
  he: "he, iw, Hebrew",
  id: "id, in, id_ID",
  fil: "fil, tl, fil-PH, Filipino",
  prs_AF: "prs_AF, Dari, fa-AF",
  ky_KG: "ky, ky-KG, Kyrgyz",
  zh_CN: "zh-CN, zh-Hans, zh_Hans_CN",
  zh_TW: "zh_TW, zh-Hant-TW",
  ja: "ja-JP, Japanese, 日本語",
};

/** What is not read, with the codes that it may mean. */
const UNCLEAR: [text: string, among: string[]][] = [
  ["pt", ["pt_BR", "pt_PT"]],
  ["Portuguese", ["pt_BR", "pt_PT"]],
  ["pt-AO", ["pt_BR", "pt_PT"]],
  ["Chinese", ["zh_CN", "zh_HK", "zh_TW"]],
  ["zh-Hant", []],
  ["es-419", []],
  ["sr-Latn", []],
  ["Klingon", []],
  ["xx", []],
  ["en_US.UTF-8", []],
  ["constructor", []],
  ["12", []],
];

describe("a language", () => {
  const cases = Object.entries(READ).flatMap(([code, texts]) =>
    texts.split(", ").map((text): [string, string] => [text, code]),
  );

  it.for(cases)("%s is %s", ([text, code]) => {
    expect(readLanguage(text)).toEqual({ code });
    expect(settleValue("language", text)).toEqual({ text: code });
  });

  it.for(UNCLEAR)("%s may be any of %j", ([text, among]) => {
    expect(readLanguage(text)).toEqual({ among });
  });

  it("has Meta's code for each of Meta's codes", () => {
    expect(new Set(LANGUAGE_CODES).size).toBe(LANGUAGE_CODES.length);
    for (const code of LANGUAGE_CODES) {
      expect(code).toMatch(/^[a-z]{2,3}(_[A-Z]{2})?$/);
      expect(readLanguage(code)).toEqual({ code });
    }
    expect(LANGUAGE_CODES.join("")).not.toContain("{");
  });

  it.for([
    ["Portuguese", "may be pt_BR or pt_PT (Portuguese): write one of these codes"],
    ["Klingon", "is none that Meta has (Klingon): write its code, such as pt_BR"],
    // A number in the wrong column is shown nowhere.
    ["+55 11 98765-0001", "is none that Meta has: write its code, such as pt_BR"],
  ] as const)("says what is wrong with %s", ([text, fault]) => {
    expect(settleValue("language", text)).toEqual({ fault });
  });
});
