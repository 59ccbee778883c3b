import fc from "fast-check";
import { Liquid } from "liquidjs";
import { describe, expect, it } from "vitest";
import type { MessageSource } from "../../../src/domain/message/body.ts";
import { buildBody, compileMessage } from "../../../src/domain/message/body.ts";
import { compileValue } from "../../../src/domain/message/liquid.ts";
import type { TemplateBinding, TemplateDefinition } from "../../../src/domain/message/template.ts";
import { definitionFor } from "../../../src/domain/message/template.ts";
import { codePoint, runsOf } from "../../support/arbitraries.ts";

function source(template: Partial<TemplateBinding>, delivery = {}): MessageSource {
  return {
    template: { name: "spring_sale", language: "pt_BR", ...template },
    delivery: { product_policy: "CLOUD_API_FALLBACK", ...delivery },
  };
}

/** What one body value renders to; undefined when it is missing. */
function rendered(value: string, cells: Record<string, string>): string | undefined {
  const result = compileMessage(source({ body: [value] })).render(cells);
  return result.kind === "rendered" ? JSON.parse(result.values)[0] : undefined;
}

function missing(body: string[], cells: Record<string, string>): string[] {
  const result = compileMessage(source({ body })).render(cells);
  return result.kind === "missing" ? result.names : [];
}

const CELLS = {
  first_name: "Ana",
  "First name": "Bea",
  coupon: "SPRING",
  blank: " \u00A0 ",
  empty: "",
  row: "R",
  constructor: "C",
  day: "2026-11-30",
  at: "2026-11-30T22:30:00-03:00",
  local: "2026-11-30 22:30",
  price: "9.9",
};

describe("a value", () => {
  it.each([
    ["{{ first_name }}", "Ana"],
    ["{{first_name}}", "Ana"],
    ["{{ row['First name'] }}", "Bea"],
    ['{{ row["first_name"] }} {{ row.coupon }}', "Ana SPRING"],
    ["{{ row.row }}", "R"],
    ["{{ constructor }}", "C"],
    ["{{ first_name | default: 'x' }}", "Ana"],
    ["{{ empty | default: 'você' }}", "você"],
    ["{{ blank | default: 'você' }}", "você"],
    ["{{ nowhere | default: 'você' }}", "você"],
    ["{{ empty | default: first_name }}", "Ana"],
    ["{{ empty | default: '' }}x", "x"],
    ["{{ first_name | upcase }}!", "ANA!"],
    ["{% if empty == '' %}a{% else %}b{% endif %}", "a"],
    ["{{ day | date: '%d/%m/%Y %H:%M' }}", "30/11/2026 00:00"],
    ["{{ day | date: '%-d de %B' }}", "30 de novembro"],
    ["{{ at | date: '%d %H:%M' }}", "30 22:30"],
    ["{{ local | date: '%d %H:%M' }}", "30 22:30"],
    ["{{ price | times: 2 }}", "19.8"],
    ["{{ 'a  \n\t b' }}", "a b"],
    ["a & <b> {{ first_name }}", "a & <b> Ana"],
  ])("%s gives %j", (value, expected) => {
    expect(rendered(value, CELLS)).toBe(expected);
  });

  it("keeps a single no-break space, and makes one blank of every run and line break", () => {
    expect(rendered("{{ a }}", { a: " 10\u00A0€ \u00A0 a\r\nb\u2028c     d\te " })).toBe(
      "10\u00A0€ a b c d e",
    );
  });

  it.each([
    [["{{ coupon }}"], ["coupon (body 1)"]],
    [["{{ first_name }}", "use {{ coupon }} now"], ["coupon (body 2)"]],
    [["{{ coupon | upcase }} {{ nowhere }}"], ["coupon (body 1)", "nowhere (body 1)"]],
    [["{% if coupon %}{{ coupon }}{% endif %}"], ["body 1: empty"]],
    [["{{ coupon | default: '' }}"], ["body 1: empty"]],
    [
      ["{% if big != '1' %}{% for i in (1..2000000) %}x{% endfor %}{% endif %}"],
      ["body 1: memory alloc limit exceeded"],
    ],
    [["{{ toString }}"], ["toString (body 1)"]],
    [
      ["{{ moment | date: '%d' }}"],
      ["body 1: a value must not depend on the moment of planning (`now`)"],
    ],
  ])("%j is missing %j", (body, names) => {
    const cells = { first_name: "Ana", coupon: " ", moment: "now" };
    expect(missing(body, cells)).toEqual(names);
  });

  it.each([
    ["{{ x | constructor }}", "there is no filter `constructor` here"],
    ["{{ x | sample }}", "there is no filter `sample` here"],
    ["{% render 'x' %}", "there is no tag `render` here"],
    ["{% layout 'x' %}", "there is no tag `layout` here"],
    ["{% if x %}", "tag {% if x %} not closed"],
    ["{{ x | append }}", "append expect 2 arguments"],
    ["{{ }}", "invalid value expression"],
    ["{{ a b }}", "`a b` is not one word"],
    ["{% for i in (1..2000000) %}x{% endfor %}", "memory alloc limit exceeded"],
    ["x".repeat(10_001), "longer than 10000 characters"],
  ])("%s is refused", (value, expected) => {
    const compiled = compileValue(value, "pt_BR");
    expect("fault" in compiled ? compiled.fault.message : "").toContain(expected);
  });

  it("knows nothing that the row does not have itself", () => {
    for (const name of ["__proto__", "toString", "hasOwnProperty"]) {
      expect(rendered(`{{ ${name} }}`, CELLS)).toBeUndefined();
      expect(rendered(`{{ row["${name}"] }}`, CELLS)).toBeUndefined();
      expect(rendered(`{{ first_name.${name} | append: "x" }}`, CELLS)).toBe("x");
    }
  });

  it("gives in its short cut what Liquid gives", () => {
    const liquid = new Liquid({ strictFilters: true, ownPropertyOnly: true });
    const literal = fc
      .string({ unit: "grapheme", maxLength: 8 })
      .filter((text) => !/["'{}\\]/.test(text));
    const column = fc.constantFrom("a", "b", "first_name", "size", "constructor");
    const piece = fc.oneof(
      literal,
      column.map((name) => `{{ ${name} }}`),
      column.map((name) => `{{- row["${name}"] -}}`),
      fc.tuple(column, literal).map(([name, text]) => `{{ ${name} | default: '${text}' }}`),
      fc.tuple(column, literal).map(([name, text]) => `{{ ${name} | default: "${text}" }}`),
    );
    const cell = fc.string({ unit: "grapheme", maxLength: 6 });
    // A column is always there: Liquid's own idea of a `size` that is not is of no use.
    const cells = fc.record({ a: cell, b: cell, first_name: cell, size: cell, constructor: cell });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), cells, (pieces, row) => {
        const text = pieces.join("");
        const compiled = compileValue(text, "en");
        if (!("value" in compiled)) throw new Error(JSON.stringify(compiled));
        const trimmed = Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v.trim()]));
        const expected = liquid.parseAndRenderSync(text, { ...trimmed, row: trimmed });
        expect(compiled.value.text(row)).toBe(expected);
      }),
      { numRuns: runsOf(1000) },
    );
  });

  it("renders a usual template at no more than eight times the cost of writing its values down", () => {
    const message = compileMessage(
      source({ body: ["{{ first_name | default: 'você' }}", "{{ coupon }}"] }),
    );
    const rows = Array.from({ length: 2_000 }, (_, i) => ({
      first_name: i % 3 === 0 ? "" : `Ana ${i}`,
      coupon: `C${i}`,
    }));
    // The best of many rounds of each, taken in turns, and of more while other tests beside this one
    // make them slow.
    const best = { render: Number.POSITIVE_INFINITY, write: Number.POSITIVE_INFINITY };
    const timed = (name: keyof typeof best, work: () => void) => {
      const start = performance.now();
      work();
      best[name] = Math.min(best[name], performance.now() - start);
    };
    for (let round = 0; round < 20 || (round < 200 && best.render > 8 * best.write); round += 1) {
      timed("render", () => {
        for (const row of rows) message.render(row);
      });
      timed("write", () => {
        for (const row of rows) JSON.stringify([row.first_name, row.coupon]);
      });
    }
    expect(best.render / best.write).toBeLessThan(8);
  });
});

describe("a row's values against Meta's limits", () => {
  const button = (key: string) => [{ index: 0, [key]: "{{ v }}" }];
  const location = { latitude: "{{ v }}", longitude: "{{ v }}", name: "n", address: "a" };
  const products = {
    thumbnail_product_retailer_id: "p",
    sections: [{ title: "{{ v }}", items: ["p"] }],
  };
  const offer = { expires: "1777582800000" };
  const productsOf = (items: string) => ({
    thumbnail_product_retailer_id: "p",
    sections: [
      { title: "t", items },
      { title: "fixed", items: ["p"] },
    ],
  });
  const long = (length: number) => "x".repeat(length);

  it.each<[string, Partial<TemplateBinding>, string, string[]]>([
    [
      "header",
      { header: { text: "{{ v }}" } },
      long(61),
      ["header is 61 characters long; at most 60 fit"],
    ],
    [
      "body",
      { body: ["{{ v }}"] },
      long(1025),
      ["body 1 is 1025 characters long; at most 1024 fit"],
    ],
    [
      "code",
      { buttons: button("copy_code") },
      long(21),
      ["button 0 is 21 characters long; at most 20 fit"],
    ],
    [
      "code of an offer",
      { buttons: button("copy_code"), limited_time_offer: offer },
      long(16),
      ["button 0 is 16 characters long; at most 15 fit"],
    ],
    [
      "minutes of a call",
      { buttons: [{ index: 0, voice_call: { ttl_minutes: "{{ v }}" } }] },
      "43201",
      ["button 0 ttl_minutes is not a whole number of minutes from 1 to 43200"],
    ],
    [
      "payload of a call",
      { buttons: [{ index: 0, voice_call: { payload: "{{ v }}" } }] },
      long(513),
      ["button 0 payload is 513 characters long; at most 512 fit"],
    ],
    [
      "amount",
      { body: [{ currency: { amount: "{{ v }}", code: "BRL", fallback_value: "R$ {{ v }}" } }] },
      "1.234,50",
      ["body 1 amount is not an amount such as 1234.50, without a mark for thousands"],
    ],
    [
      "currency",
      { body: [{ currency: { amount: "1", code: "{{ v }}", fallback_value: "{{ v }}" } }] },
      "R$",
      ["body 1 code is not a currency by its three letters, such as BRL"],
    ],
    [
      "what is shown of an amount",
      { body: [{ currency: { amount: "1", code: "BRL", fallback_value: "{{ v }}" } }, long(1000)] },
      long(25),
      ["body as a whole is 1025 characters long; at most 1024 fit"],
    ],
    [
      "a number of a flow",
      { buttons: [{ index: 0, flow: { data: { guests: { $number: "{{ v }}" } } } }] },
      "two",
      ["button 0 flow data guests is not a number such as 12 or 12.5"],
    ],
    [
      "true or false of a flow",
      { buttons: [{ index: 0, flow: { data: { member: { $boolean: "{{ v }}" } } } }] },
      "maybe",
      ["button 0 flow data member is not true or false (yes, no, 1 and 0 do as well)"],
    ],
    [
      "products by row",
      { buttons: [{ index: 0, products: productsOf("{{ v }}") }] },
      Array.from({ length: 30 }, (_, at) => `p${at}`).join(","),
      ["button 0 has 31 products; at most 30 fit"],
    ],
    [
      "no product by row",
      { buttons: [{ index: 0, products: productsOf("{{ v }}") }] },
      " , ;",
      ["button 0 section 1 items has no product in it"],
    ],
    [
      "payload",
      { buttons: button("quick_reply") },
      long(257),
      ["button 0 is 257 characters long; at most 256 fit"],
    ],
    [
      "url",
      { buttons: button("url") },
      long(2001),
      ["button 0 is 2001 characters long; at most 2000 fit"],
    ],
    [
      "title",
      { buttons: [{ index: 0, products }] },
      long(25),
      ["button 0 section 1 title is 25 characters long; at most 24 fit"],
    ],
    [
      "link",
      { header: { image: { link: "{{ v }}" } } },
      "a.jpg",
      ["header image link is not a link that begins with https:// or http://"],
    ],
    [
      "latitude",
      { header: { location } },
      "95",
      ["header location latitude is not a latitude from -90 to 90, such as -23.5505"],
    ],
    [
      "comma",
      { header: { location } },
      "23,5",
      [
        "header location latitude is not a latitude from -90 to 90, such as -23.5505",
        "header location longitude is not a longitude from -180 to 180, such as -46.6333",
      ],
    ],
    [
      "instant",
      { limited_time_offer: { expires: "{{ v }}" } },
      "soon",
      ["offer expires is not an instant with its offset, such as 2026-04-30T18:00-03:00"],
    ],
    [
      "card",
      { carousel: { cards: [{ body: ["{{ v }}"] }] } },
      long(161),
      ["card 1 body 1 is 161 characters long; at most 160 fit"],
    ],
    [
      "two values",
      { body: ["{{ v }}", "{{ v }}"] },
      long(600),
      ["body as a whole is 1200 characters long; at most 1024 fit"],
    ],
    [
      "a constant",
      { body: ["{{ v }}", long(1000)] },
      long(25),
      ["body as a whole is 1025 characters long; at most 1024 fit"],
    ],
    [
      "an offer",
      { body: ["{{ v }}"], limited_time_offer: offer },
      long(601),
      ["body as a whole is 601 characters long; at most 600 fit"],
    ],
  ])("%s", (_, template, v, faults) => {
    expect(compileMessage(source(template)).render({ v })).toEqual({ kind: "invalid", faults });
    expect(compileMessage(source(template)).render({ v: "" }).kind).toBe("missing");
  });

  it("counts characters, not UTF-16 units", () => {
    const message = compileMessage(source({ header: { text: "{{ v }}" } }));
    expect(message.render({ v: "🌷".repeat(60) }).kind).toBe("rendered");
    expect(message.render({ v: "🌷".repeat(61) }).kind).toBe("invalid");
  });

  it("counts the template's own words when they are known, a variable as often as it is there", () => {
    const manifest = source({ body: ["{{ v }}"], buttons: [{ index: 0, url: "{{ v }}" }] });
    const url = `https://${long(1970)}/{{1}}`;
    const definition: TemplateDefinition = {
      ...definitionFor(manifest),
      components: [
        { type: "BODY", text: `${long(1000)}{{1}}{{1}}` },
        { type: "BUTTONS", buttons: [{ type: "URL", url }] },
      ],
    };
    const message = compileMessage(manifest, { definition });
    expect(message.render({ v: long(12) }).kind).toBe("rendered");
    expect(message.render({ v: long(13) })).toEqual({
      kind: "invalid",
      faults: ["body as a whole is 1026 characters long; at most 1024 fit"],
    });
    expect(message.render({ v: long(22) })).toMatchObject({
      faults: [
        expect.stringMatching(/^body/),
        "button 0 as a whole is 2001 characters long; at most 2000 fit",
      ],
    });
  });

  it("keeps an instant in milliseconds, and puts it into the body as a number", () => {
    const template = { body: ["{{ a }}"], limited_time_offer: { expires: "{{ at }}" } };
    const message = compileMessage(source(template));
    const rendered = message.render({ a: "x", at: "2026-04-30T18:00-03:00" });
    expect(rendered).toEqual({ kind: "rendered", values: '["x","1777582800000"]' });
    const body = buildBody(message, { to: "+1", values: '["x","1777582800000"]' });
    expect(body).toContain('{"expiration_time_ms":1777582800000}');
  });
});

describe("the body of the request", () => {
  const to = "+5521999990000";

  it("has no components when nothing is bound", () => {
    const body = buildBody(compileMessage(source({ body: [] })), { to, values: "[]" });
    expect(body).toBe(
      '{"messaging_product":"whatsapp","recipient_type":"individual","to":"+5521999990000",' +
        '"type":"template","template":{"name":"spring_sale","language":{"policy":"deterministic","code":"pt_BR"}},' +
        '"product_policy":"CLOUD_API_FALLBACK"}',
    );
  });

  it("names a user id as the recipient, and no number beside it", () => {
    const message = compileMessage(source({ body: ["{{ name }}"] }));
    const values = '["Ana"]';
    const body = JSON.parse(buildBody(message, { to: "BR.1349873120", values, callbackKey: "k" }));
    const { to: number, ...rest } = JSON.parse(
      buildBody(message, { to, values, callbackKey: "k" }),
    );
    expect(number).toBe(to);
    expect(body).toEqual({ ...rest, recipient: "BR.1349873120" });
  });

  it("is what Meta documents, for positional parameters and buttons of every kind", () => {
    const message = compileMessage(
      source(
        {
          header: { image: { link: "https://example.com/spring.jpg" } },
          body: ["{{ name }}", "fixed", "{{ coupon }}"],
          buttons: [
            { index: 0, url: "{{ coupon }}" },
            { index: 1, quick_reply: "YES" },
            { index: 2, copy_code: "{{ coupon }}" },
          ],
        },
        { product_policy: "STRICT", message_activity_sharing: false },
      ),
    );
    const values = message.render({ name: 'A"na\\', coupon: "C1" });
    if (values.kind !== "rendered") throw new Error("expected values");
    const body = buildBody(message, { to, values: values.values, callbackKey: "mm1.x.1.2.3" });
    expect(JSON.parse(body)).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to,
      type: "template",
      template: {
        name: "spring_sale",
        language: { policy: "deterministic", code: "pt_BR" },
        components: [
          {
            type: "header",
            parameters: [{ type: "image", image: { link: "https://example.com/spring.jpg" } }],
          },
          {
            type: "body",
            parameters: [
              { type: "text", text: 'A"na\\' },
              { type: "text", text: "fixed" },
              { type: "text", text: "C1" },
            ],
          },
          {
            type: "button",
            sub_type: "url",
            index: "0",
            parameters: [{ type: "text", text: "C1" }],
          },
          {
            type: "button",
            sub_type: "quick_reply",
            index: "1",
            parameters: [{ type: "payload", payload: "YES" }],
          },
          {
            type: "button",
            sub_type: "copy_code",
            index: "2",
            parameters: [{ type: "coupon_code", coupon_code: "C1" }],
          },
        ],
      },
      product_policy: "STRICT",
      message_activity_sharing: false,
      biz_opaque_callback_data: "mm1.x.1.2.3",
    });
  });

  it.each([
    [{ text: "{{ a }}" }, { type: "text", text: "1" }],
    [{ text: { city: "{{ a }}" } }, { type: "text", parameter_name: "city", text: "1" }],
    [{ image: { id: "{{ a }}" } }, { type: "image", image: { id: "1" } }],
    [
      { video: { link: "https://x.example/1" } },
      { type: "video", video: { link: "https://x.example/1" } },
    ],
    [
      { document: { link: "https://x.example/{{ a }}", filename: "{{ a }}.pdf" } },
      { type: "document", document: { link: "https://x.example/1", filename: "1.pdf" } },
    ],
  ])("has the header %j", (header, parameter) => {
    const message = compileMessage(source({ header, body: { n: "{{ a }}" } }));
    const values = message.render({ a: "1" });
    if (values.kind !== "rendered") throw new Error("expected values");
    const body = JSON.parse(buildBody(message, { to, values: values.values }));
    expect(body.template.components).toEqual([
      { type: "header", parameters: [parameter] },
      { type: "body", parameters: [{ type: "text", parameter_name: "n", text: "1" }] },
    ]);
  });

  it("is what JSON.stringify gives, whatever the values are", () => {
    const text = fc.string({ unit: codePoint, maxLength: 20 });
    const key = fc.string({ unit: fc.constantFrom(..."0123456789abcxyz."), maxLength: 60 });
    const row = fc.record({ a: text, b: text, fixed: text, key });
    fc.assert(
      fc.property(row, ({ a, b, fixed, key }) => {
        const clean = fixed.replace(/[{}]/g, "");
        const body = [clean, "{{ a }}", clean, "{{ b }}"];
        const message = compileMessage(source({ body }));
        const values = [a, b];
        const slot = message.slots[0]?.fixed;
        const parameters = [slot, a, slot, b].map((value) => ({ type: "text", text: value }));
        const recipient = { to, values: JSON.stringify(values), callbackKey: key };
        expect(buildBody(message, recipient)).toBe(
          JSON.stringify({
            messaging_product: "whatsapp",
            recipient_type: "individual",
            to,
            type: "template",
            template: {
              name: "spring_sale",
              language: { policy: "deterministic", code: "pt_BR" },
              components: [{ type: "body", parameters }],
            },
            product_policy: "CLOUD_API_FALLBACK",
            biz_opaque_callback_data: key,
          }),
        );
      }),
      { numRuns: runsOf(500) },
    );
  });

  it("has any JSON as the data of a flow, its texts rendered", () => {
    const leaf = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => !/[{}\0]/.test(text)),
      fc.constant("{{ a }}"),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const { data } = fc.letrec((tie) => ({
      data: fc.dictionary(fc.string({ maxLength: 4 }), tie("node"), { maxKeys: 4 }),
      node: fc.oneof({ maxDepth: 3 }, leaf, tie("data"), fc.array(tie("node"), { maxLength: 3 })),
    }));
    const tidied = (text: string): string =>
      text.trim().replace(/\s{2,}|[^\S \u00A0\u202F\u3000]/g, " ");
    const filled = (node: unknown): unknown => {
      if (typeof node === "string") return node === "{{ a }}" ? "A" : tidied(node);
      if (Array.isArray(node)) return node.map(filled);
      if (typeof node !== "object" || node === null) return node;
      return Object.fromEntries(Object.entries(node).map(([key, one]) => [key, filled(one)]));
    };
    fc.assert(
      fc.property(data, (value) => {
        const buttons = [{ index: 0, flow: { data: value as Record<string, unknown> } }];
        const message = compileMessage(source({ buttons, body: ["{{ a }}"] }));
        const rendered = message.render({ a: "A" });
        if (rendered.kind !== "rendered") throw new Error(JSON.stringify(rendered));
        const body = JSON.parse(buildBody(message, { to, values: rendered.values }));
        const [parameter] = body.template.components[1].parameters;
        expect(parameter.action).toEqual({ flow_action_data: filled(value) });
      }),
    );
  });

  it("has the ids of uploaded files, which are not kept for a row", () => {
    const header = { document: { file: "docs/prices.pdf" } };
    const media = new Map([["docs/prices.pdf", "77"]]);
    const manifest = source({ header, body: ["{{ a }}"] });
    expect(compileMessage(manifest).render({ a: "x" })).toEqual({
      kind: "rendered",
      values: '["x"]',
    });
    const body = buildBody(compileMessage(manifest, { media }), { to, values: '["x"]' });
    expect(JSON.parse(body).template.components[0].parameters).toEqual([
      { type: "document", document: { id: "77", filename: "prices.pdf" } },
    ]);
    expect(() => compileMessage(manifest, { media: new Map() })).toThrow("uploaded before");
  });

  it("refuses values of another template", () => {
    const message = compileMessage(source({ body: ["{{ a }}"] }));
    expect(() => buildBody(message, { to, values: '["1","2"]' })).toThrow("another template");
  });
});
