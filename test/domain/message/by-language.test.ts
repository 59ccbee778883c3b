// A message whose language each row gives: the language is the first of its values, and what the
// values read and the room that they have are those of the row's language.

import { describe, expect, it } from "vitest";
import {
  compileMessages,
  messagesOf,
  templateOfRow,
} from "../../../src/domain/manifest/arms-of-manifest.ts";
import {
  columnsUsed,
  frozenMessages,
  frozenOf,
  readManifest,
} from "../../../src/domain/manifest/manifest.ts";
import { buildBody } from "../../../src/domain/message/body.ts";
import { languageOf } from "../../../src/domain/message/messages.ts";
import { fillSlots } from "../../../src/domain/message/preview.ts";
import type { TemplateDefinition } from "../../../src/domain/message/template.ts";

const TO = "+5511987650001";

interface Written {
  language?: string;
  body?: string;
  more?: string;
}

function read({ language = '"{{ lang }}"', body, more = "" }: Written) {
  const written = body ?? `["{{ name }}", "{{ day | date: '%d %B' }}"]`;
  const text = `campaign: spring
account: sandbox
recipients: { file: list.csv }
template: { name: spring, language: ${language}, body: ${written} }
delivery: { product_policy: STRICT }
${more}`;
  return readManifest(text, { file: "m.yaml" });
}

function manifestOf(written: Written = {}) {
  const found = read(written);
  if ("problems" in found) throw new Error(JSON.stringify(found.problems));
  return found.manifest;
}

function problemsOf(written: Written): string[] {
  const found = read(written);
  return "problems" in found
    ? found.problems.map(({ line, message, hint }) => `${line}: ${message} ${hint ?? ""}`)
    : [];
}

function definition(language: string, text: string): TemplateDefinition {
  const known = {
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
  } as const;
  return { name: "spring", language, ...known, components: [{ type: "BODY", text }] };
}

const ROW = { name: "Ana", day: "2026-12-01" };

describe("a message in the language of its row", () => {
  it.for([
    [{ lang: "pt-br" }, ["pt_BR", "Ana", "01 dezembro"]],
    [{ lang: "Spanish" }, ["es", "Ana", "01 diciembre"]],
    [{ lang: "en_US" }, ["en_US", "Ana", "01 December"]],
  ] as const)("%j is rendered as %j", ([cells, values]) => {
    const compiled = compileMessages(messagesOf(manifestOf()));
    const rendered = compiled.render({ ...ROW, ...cells });
    expect(rendered).toEqual({ kind: "rendered", values: JSON.stringify(values) });
    const [message] = compiled.messages;
    if (message === undefined || rendered.kind !== "rendered") throw new Error("it is rendered");
    const { template } = JSON.parse(buildBody(message, { to: TO, values: rendered.values }));
    expect(template).toEqual({
      name: "spring",
      language: { policy: "deterministic", code: values[0] },
      components: [
        { type: "body", parameters: values.slice(1).map((text) => ({ type: "text", text })) },
      ],
    });
    expect(languageOf(rendered.values)).toBe(values[0]);
    expect(fillSlots(message, rendered.values, undefined).map(({ value }) => value)).toEqual(
      values,
    );
  });

  it.for([
    ["", { kind: "missing", names: ["lang (language)"] }],
    [
      "Portuguese",
      {
        kind: "invalid",
        faults: ["language may be pt_BR or pt_PT (Portuguese): write one of these codes"],
      },
    ],
  ] as const)("a row with the language %j has none", ([lang, said]) => {
    expect(compileMessages(messagesOf(manifestOf())).render({ ...ROW, lang })).toEqual(said);
  });

  it("takes Liquid as any value does: a default, and another language for one", () => {
    const language = `"{% if lang == 'ca' %}es{% else %}{{ lang | default: 'en' }}{% endif %}"`;
    const { render } = compileMessages(messagesOf(manifestOf({ language, body: "[]" })));
    expect(["", "ca", "it"].map((lang) => render({ lang }))).toEqual(
      ["en", "es", "it"].map((code) => ({ kind: "rendered", values: `["${code}"]` })),
    );
  });

  it("has the room that the words of its own language leave", () => {
    const definitions = [
      definition("de", `${"x".repeat(1_020)} {{1}}`),
      definition("en", "Hi {{1}}"),
    ];
    const manifest = manifestOf({ body: '["{{ name }}"]' });
    const { render } = compileMessages(messagesOf(manifest), { definitions });
    expect(render({ lang: "en", name: "Anabel" })).toMatchObject({ kind: "rendered" });
    expect(render({ lang: "de", name: "Anabel" })).toMatchObject({
      faults: ["body as a whole is 1027 characters long; at most 1024 fit"],
    });
  });

  it("is of every arm of a test, whose values are shared as ever", () => {
    const more = `test:
  name: t
  metric: read
  arms: { a: { share: 50% }, b: { share: 50%, template: { name: spring_b, body: ["{{ day }}", "{{ name }}"] } } }`;
    const all = compileMessages(messagesOf(manifestOf({ more })));
    const rendered = all.render({ ...ROW, lang: "es" });
    if (rendered.kind !== "rendered") throw new Error(rendered.kind);
    expect(JSON.parse(rendered.values)).toEqual(["es", "Ana", "01 diciembre", "2026-12-01"]);
    const texts = all.messages.map((message) => {
      const { template } = JSON.parse(buildBody(message, { to: TO, values: rendered.values }));
      const [{ parameters }] = template.components;
      const own = parameters.map(({ text }: { text: string }) => text);
      return [template.name, template.language.code, ...own];
    });
    expect(texts).toEqual([
      ["spring", "es", "Ana", "01 diciembre"],
      ["spring_b", "es", "2026-12-01", "Ana"],
    ]);
  });

  it("is made again from what the ledger keeps", () => {
    const sources = frozenMessages(frozenOf(manifestOf()));
    const [source] = sources;
    if (source === undefined) throw new Error("there is a message");
    expect(templateOfRow(source, '["pt_BR","Ana","01 dezembro"]').language).toBe("pt_BR");
    const [message] = compileMessages(sources).messages;
    if (message === undefined) throw new Error("there is a message");
    const body = buildBody(message, { to: TO, values: '["pt_BR","Ana","x"]' });
    expect(JSON.parse(body).template.language.code).toBe("pt_BR");
  });

  it("costs a constant language nothing: no value, and one piece", () => {
    const manifest = manifestOf({ language: "pt_BR" });
    const compiled = compileMessages(messagesOf(manifest));
    expect(compiled.render(ROW)).toEqual({ kind: "rendered", values: '["Ana","01 dezembro"]' });
    expect(compiled.messages[0]?.pieces[0]).toContain('"code":"pt_BR"');
    expect(columnsUsed(manifest).map(({ column }) => column)).toEqual(["name", "day"]);
    expect(columnsUsed(manifestOf()).map(({ column }) => column)).toEqual(["lang", "name", "day"]);
  });
});

const ARMS = (own: string) => `test:
  name: t
  metric: read
  arms: { a: { share: 50% }, b: { share: 50%, template: { language: ${own} } } }`;

it("the key template.name is one for all rows", () => {
  const text = 'template: { name: "{{ template }}", language: pt_BR }';
  const found = readManifest(
    `campaign: a\naccount: sandbox\nrecipients: { file: a.csv }\n${text}\n`,
    { file: "m.yaml" },
  );
  const said = "problems" in found ? found.problems.map(({ message }) => message) : [];
  expect(said).toEqual([expect.stringContaining("the template's name at Meta, one for all rows")]);
});

describe("the key template.language", () => {
  it.for([
    [
      "lang",
      {},
      /a language code such as `pt_BR` or `en`, or a column of the CSV such as `{{ lang }}`/,
    ],
    ["\"{{ lang | dfault: 'en' }}\"", {}, /no filter `dfault` here Did you mean `default`\?/],
    ['"{{ First lang }}"', {}, /`First lang` is not one word/],
    ['"{{ lang }}"', { more: ARMS("de") }, /must be that of all arms where it is given by row/],
    ["pt_BR", { more: ARMS('"{{ lang }}"') }, /must be that of all arms where it is given by row/],
  ] as [string, Written, RegExp][])("refuses %s with %j", ([language, more, said]) => {
    expect(problemsOf({ language, ...more })).toEqual([expect.stringMatching(said)]);
  });

  it("may be said again in an arm", () => {
    expect(problemsOf({ more: ARMS('"{{ lang }}"') })).toEqual([]);
    expect(problemsOf({ language: "pt_BR", more: ARMS("de") })).toEqual([]);
  });
});
