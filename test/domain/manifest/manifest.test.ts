import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Problem } from "../../../src/domain/common/errors.ts";
import type { Manifest } from "../../../src/domain/manifest/manifest.ts";
import {
  columnProblems,
  columnsUsed,
  frozenChanges,
  frozenOf,
  laneOf,
  lanesOf,
  manifestJsonSchema,
  numbersOf,
  readManifest,
  SYNONYMS,
  stopWordsOf,
  whoColumns,
} from "../../../src/domain/manifest/manifest.ts";

const BASE = [
  "campaign: spring",
  "account: sandbox",
  "recipients: { file: a.csv }",
  "template: { name: sale, language: pt_BR }",
  "",
].join("\n");

const REAL = BASE.replace(
  "account: sandbox",
  'account: { phone_number_id: "106540352242922", access_token: "${TOKEN}" }',
);

const FIRST = "106540352242922";
const SECOND = "106540352242923";

/** REAL with several numbers, each in braces: `numbers('phone_number_id: "10654"', …)`. */
function numbers(...each: string[]): string {
  const list = each.map((keys) => `    - { ${keys} }\n`).join("");
  return BASE.replace(
    "account: sandbox\n",
    `account:\n  access_token: "\${TOKEN}"\n  numbers:\n${list}`,
  );
}

/** Numbers FIRST, SECOND and so on, with more keys of each. */
function idAnd(first: string, second: string): string {
  return numbers(`phone_number_id: "${FIRST}"${first}`, `phone_number_id: "${SECOND}"${second}`);
}

/** BASE with the template's line continued: `template(", ttl: 24h")`. */
function template(more: string): string {
  return BASE.replace("pt_BR }", `pt_BR${more} }`);
}

function read(text: string) {
  return readManifest(text, { file: "m.yaml", env: { TOKEN: "t0ken", EMPTY: "" } });
}

function manifestOf(text: string): Manifest {
  const result = read(text);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.manifest;
}

function problemsOf(text: string): string[] {
  const result = read(text);
  return "problems" in result ? result.problems.map(brief) : [];
}

function brief({ line, column, message, hint }: Problem): string {
  return `${line}:${column} ${message}${hint === undefined ? "" : ` | ${hint}`}`;
}

describe("a sound manifest", () => {
  it("has its defaults filled in", () => {
    expect(manifestOf(BASE)).toEqual({
      campaign: "spring",
      account: "sandbox",
      recipients: { file: "a.csv", phone: "phone" },
      template: { name: "sale", language: "pt_BR", apply_ttl: false },
      delivery: { product_policy: "CLOUD_API_FALLBACK", callback_key: true, capped_tries: 3 },
      rate: { messages_per_second: 80, max_in_flight: 64 },
      suppress: { files: [], campaigns: [], us_territories: true, stop_words: {} },
    });
  });

  it("has a real account with its token from the environment", () => {
    expect(manifestOf(REAL).account).toEqual({
      phone_number_id: "106540352242922",
      access_token: "t0ken",
      graph_version: "v25.0",
      base_url: "https://graph.facebook.com",
      numbers: [{ phone_number_id: "106540352242922" }],
    });
    const local = REAL.replace('"${TOKEN}"', '"${TOKEN}", base_url: "http://127.0.0.1:8080/"');
    expect(manifestOf(local).account).toMatchObject({ base_url: "http://127.0.0.1:8080" });
  });

  it("may say everything there is to say", () => {
    const text = [
      "campaign: spring",
      "account: sandbox",
      "recipients: { file: a.csv, phone: Tel, default_region: BR, delimiter: tab, encoding: utf-16le }",
      "template:",
      "  { name: sale, language: zh_Hant_HK, ttl: 3d, apply_ttl: true,",
      "    header: { document: { link: 'https://x.example/{{ id }}.pdf', filename: '{{ id }}.pdf' } },",
      "    body: { name: '{{ n }}', price: 1.50, on: true },",
      "    buttons: [{ index: 1, quick_reply: YES }, { index: 0, copy_code: '{{ c }}' }] }",
      "delivery: { product_policy: STRICT, message_activity_sharing: false, callback_key: false }",
      "rate: { messages_per_second: 0.5, max_in_flight: 1 }",
      "hours: { from: '21:00', to: '06:00', time_zone: America/Sao_Paulo, days: [sat, sun] }",
      "ends: 2026-04-30",
      "suppress: { files: [o.csv], us_territories: false, stop_words: { pt: [chega], pt_BR: [chega, não!] } }",
      "sandbox: { scenario: s.yaml }",
    ].join("\n");
    const manifest = manifestOf(text);
    expect(manifest.template.ttl).toBe(259_200);
    expect(manifest.template.body).toEqual({ name: "{{ n }}", price: "1.50", on: "true" });
    expect(manifest.ends).toBe(Date.parse("2026-05-01T00:00:00-03:00"));
    expect(manifest.hours?.days).toEqual(["sat", "sun"]);
    expect(stopWordsOf(manifest)).toEqual(["chega", "não!"]);
  });

  it.each([
    ["12h", 43_200],
    ["720m", 43_200],
    ["43200s", 43_200],
    ["30d", 2_592_000],
  ])("reads a ttl of %s as %d seconds", (written, seconds) => {
    expect(manifestOf(template(`, ttl: ${written}`)).template.ttl).toBe(seconds);
  });

  it.each([
    ["2026-04-30", "", "2026-05-01T00:00:00Z"],
    ["2026-04-30T18:00-03:00", "", "2026-04-30T21:00:00Z"],
    ["2026-04-30T18:00:30Z", "Asia/Tokyo", "2026-04-30T18:00:30Z"],
    ["2026-04-30", "Asia/Tokyo", "2026-04-30T15:00:00Z"],
    // The clocks of Berlin go forward on the morning of the 29th of March.
    ["2026-03-28", "Europe/Berlin", "2026-03-28T23:00:00Z"],
    ["2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00Z"],
    // Those of Santiago go back at midnight, so that the day has 25 hours.
    ["2026-04-04", "America/Santiago", "2026-04-05T04:00:00Z"],
    // And forward at midnight, so that the next day begins at 01:00.
    ["2025-09-06", "America/Santiago", "2025-09-07T04:00:00Z"],
    ["2026-04-30T18:00", "America/Sao_Paulo", "2026-04-30T21:00:00Z"],
    // A time that is skipped is the instant after the gap.
    ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:00:00Z"],
  ])("ends: %s in %s is %s", (ends, zone, instant) => {
    const hours = zone === "" ? "" : `hours: { from: '01:00', to: '02:00', time_zone: ${zone} }\n`;
    const { ends: got = 0 } = manifestOf(`${BASE}${hours}ends: ${ends}\n`);
    expect(new Date(got).toISOString()).toBe(new Date(instant).toISOString());
  });
});

describe("a bad manifest", () => {
  it.each([
    [
      BASE.replace("spring", "été"),
      [
        "1:11 `campaign` must be 1 to 64 letters without accent, digits, `.`, `_` or `-`, and not dots alone, not `été` | Write 1 to 64 letters without accent, digits, `.`, `_` or `-`, and not dots alone.",
      ],
    ],
    [
      BASE.replace("spring", '".."'),
      [
        '1:11 `campaign` must be 1 to 64 letters without accent, digits, `.`, `_` or `-`, and not dots alone, not `".."` | Write 1 to 64 letters without accent, digits, `.`, `_` or `-`, and not dots alone.',
      ],
    ],
    [
      BASE.replace("sandbox", "Sandbox"),
      ["2:10 `account` must be `sandbox`, not `Sandbox` | Did you mean `sandbox`?"],
    ],
    [
      BASE.replace("sandbox", '{ phone_number_id: 106540352242922, access_token: "${TOKEN}" }'),
      [
        '2:29 `account.phone_number_id` must be text, not `106540352242922` | Put it in quotes: "106540352242922" (a bare number may lose digits or zeros).',
      ],
    ],
    [
      REAL.replace("TOKEN", "WHATSAPP_ACCESS_TOKEN"),
      [
        "2:62 the environment variable WHATSAPP_ACCESS_TOKEN is not set | Export WHATSAPP_ACCESS_TOKEN, or put WHATSAPP_ACCESS_TOKEN=… into .env.",
      ],
    ],
    [
      REAL.replace("TOKEN", "EMPTY"),
      [
        '2:62 `account.access_token` must be a token without blanks; the variable may be empty, not `"${EMPTY}"` | Write a token without blanks.',
      ],
    ],
    [
      REAL.replace('"${TOKEN}"', '"${TOKEN}", base_url: "http://example.com"'),
      [
        '2:84 `account.base_url` must begin with https:// (http:// only to this computer), not `"http://example.com"` | Begin it with https://: over http the access token could be read on the way.',
      ],
    ],
    [
      `${REAL}sandbox: { scenario: s.yaml }\n`,
      ["5:1 `sandbox` means nothing with a real account | Take it out, or set `account: sandbox`."],
    ],
    [
      `${BASE}max_in_flight: 3\n`,
      ["5:1 unknown key `max_in_flight` | `max_in_flight` belongs under `rate`."],
    ],
    [
      "campaign: spring\naccount: sandbox\nrecipients: { csv: a.csv, Country: BR }\ntemplate: { name: sale, lang: pt_BR, params: [a] }\nmps: 5\n",
      [
        "3:15 unknown key `csv` under `recipients` | Did you mean `file`?",
        "3:27 unknown key `Country` under `recipients` | Did you mean `default_region`?",
        "4:25 unknown key `lang` under `template` | Did you mean `language`?",
        "4:38 unknown key `params` under `template` | Did you mean `body`?",
        "5:1 unknown key `mps` | Did you mean `messages_per_second`? It belongs under `rate` or `account.numbers`.",
      ],
    ],
    [
      `${BASE}rate: { messages_per_seconds: 90, max_in_flight: 0 }\n`,
      [
        "5:9 unknown key `messages_per_seconds` under `rate` | Did you mean `messages_per_second`?",
        "5:50 `rate.max_in_flight` must be at least 1, not `0` | Write a number of at least 1.",
      ],
    ],
    [
      BASE.replace("file: a.csv", "file: a.csv, default_region: br, delimiter: tabs"),
      [
        "3:44 `recipients.default_region` must be a country by two capital letters, such as `BR`, not `br` | Write a country by two capital letters, such as `BR`.",
        "3:59 `recipients.delimiter` must be one of `,`, `;`, `tab`, `|`, not `tabs` | Did you mean `tab`?",
      ],
    ],
    [
      BASE.replace("file: a.csv", "file: a.csv, default_region: BR, numbers: international"),
      [
        "3:28 `recipients.default_region` does not go with `numbers: international` | Take one of the two out: with `numbers: international` no country is needed.",
      ],
    ],
    [
      BASE.replace("file: a.csv", "file: a.csv, region: country, numbers: national"),
      [
        "3:54 `recipients.numbers` must be `international`, not `national` | Write `international`.",
      ],
    ],
    [
      template(", ttl: 2h"),
      [
        "4:47 `template.ttl` must be from 12h to 30d, not `2h` | Write one from 12h to 30d: Meta takes no other for marketing templates.",
      ],
    ],
    [
      template(", ttl: 86400"),
      [
        "4:47 `template.ttl` must be a number with a unit, such as 24h, 3d, 900m or 90000s, not `86400` | Write it such as 24h, 3d, 900m or 90000s.",
      ],
    ],
    [
      template(", body: ['{{ name | upcas }}']"),
      ["4:60 Liquid: there is no filter `upcas` here | Did you mean `upcase`?"],
    ],
    [
      template(", body: ['{{ First name }}', 'x {{ a']"),
      [
        '4:53 `First name` is not one word | Write row["First name"] for a column with blanks in its name.',
        '4:72 Liquid: output "{{ a" not closed | Write it such as {{ first_name | default: "you" }}: two braces on each side, and every quote closed.',
      ],
    ],
    [
      template(", body: [\"{% include 'x' %}\", \"{{ 'now' | date: '%d' }}\"]"),
      [
        "4:53 Liquid: there is no tag `include` here | Take the tag out.",
        "4:71 Liquid: a value must not depend on the moment of planning (`now`) | Put the date into a column of the list.",
      ],
    ],
    [
      template(", body: ['', 'a b']").replace("'a b'", `"${"x".repeat(1025)}"`),
      [
        "4:49 `template.body[0]` is empty | Write a text: Meta refuses an empty value.",
        "4:53 `template.body[1]` is 1025 characters long; at most 1024 fit | Shorten it to 1024 characters.",
      ],
    ],
    [
      `${BASE}suppress: { stop_words: { Portuguese: [chega], pt: [''], es: ['!!!', ya no mas] } }`,
      [
        "5:27 `suppress.stop_words.Portuguese`: the key must be a language such as `pt` or `pt_BR` | Write a language such as `pt` or `pt_BR` as the key.",
        "5:53 `suppress.stop_words.pt[0]` cannot be a stop word | Write one with a letter or digit, of at most 60 characters.",
        "5:63 `suppress.stop_words.es[0]` cannot be a stop word | Write one with a letter or digit, of at most 60 characters.",
      ],
    ],
    [
      template(", body: { Name: x }"),
      [
        "4:50 `template.body.Name`: the key must be a parameter's name: small letters, digits and `_` | Write a parameter's name: small letters, digits and `_` as the key.",
      ],
    ],
    [
      template(", header: { text: hi }, body: { name: x }"),
      [
        "4:52 `template.header.text` needs a name, as the variables of `body` have | Write it as `text: { name: value }`.",
      ],
    ],
    [
      template(", header: { image: { link: 'http://x.example/a.jpg' }, video: {} }"),
      [
        "4:67 `template.header.image.link` must be a link that begins with https://, not `'http://x.example/a.jpg'` | Write the file's public address, which begins with https://.",
        "4:95 `template.header.video` needs one of `link`, `id`, `file` | Add one of `link`, `id`, `file` below it.",
        "4:95 `template.header.video` is one too many: only one of `text`, `image`, `video`, `document`, `gif`, `location`, `product` goes | Keep one, and take the others out.",
      ],
    ],
    [
      template(
        ", buttons: [{ index: 0, url: a }, { index: 0, url: b }, { index: 12, url: a, copy_code: b }]",
      ),
      [
        "4:83 `template.buttons[1].index` is button 0 again, after buttons[0] | Give it another index, or take it out: each button is filled once, and they count from 0.",
        "4:105 `template.buttons[2].index` must be at most 9, not `12` | Write a number of at most 9.",
        "4:117 `template.buttons[2].copy_code` is one too many: only one of `url`, `quick_reply`, `copy_code`, `flow`, `catalog`, `products`, `voice_call` goes | Keep one, and take the others out.",
      ],
    ],
    [
      template(
        ", header: { location: { latitude: 91, longitude: east, name: '' } }, limited_time_offer: { expires: 2026-04-30 }",
      ),
      [
        "4:52 `address` is missing under `template.header.location` | Add `address:` with text or a number or true or false.",
        "4:74 `template.header.location.latitude` is not a latitude from -90 to 90, such as -23.5505 | Write a latitude from -90 to 90, such as -23.5505.",
        "4:89 `template.header.location.longitude` is not a longitude from -180 to 180, such as -46.6333 | Write a longitude from -180 to 180, such as -46.6333.",
        "4:101 `template.header.location.name` is empty | Write a text: Meta refuses an empty value.",
        "4:140 `template.limited_time_offer.expires` is not an instant with its offset, such as 2026-04-30T18:00-03:00 | Write an instant with its offset, such as 2026-04-30T18:00-03:00.",
      ],
    ],
    [
      template(
        ", header: { image: { file: a.gif } }, buttons: [{ index: 0, copy_code: ABCDEFGHIJKLMNOPQRSTU }, { index: 1, flow: { data: { a: [1, '{{ b | upcas }}'] } } }]",
      ),
      [
        "4:67 `template.header.image.file` must be JPEG or PNG up to 5 MB by its ending, not `a.gif` | Save the file as JPEG or PNG up to 5 MB.",
        "4:111 `template.buttons[0].copy_code` is 21 characters long; at most 20 fit | Shorten it to 20 characters.",
        "4:179 Liquid: there is no filter `upcas` here | Did you mean `upcase`?",
      ],
    ],
    [
      template(
        ", limited_time_offer: { expires: 1777582800000 }, buttons: [{ index: 0, copy_code: ABCDEFGHIJKLMNOP }]",
      ),
      [
        "4:123 `template.buttons[0].copy_code` is 16 characters long; at most 15 fit | Take a shorter code: one beside a limited-time offer is shorter than another one.",
      ],
    ],
    [
      template(
        ", body: [{ currency: { amount: 1.2345, code: R$, fallback_value: x } }, { date_time: {} }, { currency: { amount: 1, code: BRL, fallback_value: x }, date_time: { fallback_value: y } }, {}]",
      ),
      [
        "4:71 `template.body[0].currency.amount` is not an amount such as 1234.50, without a mark for thousands | Write an amount such as 1234.50, without a mark for thousands.",
        "4:85 `template.body[0].currency.code` is not a currency by its three letters, such as BRL | Write a currency by its three letters, such as BRL.",
        "4:114 `fallback_value` is missing under `template.body[1].date_time` | Add `fallback_value:` with text or a number or true or false.",
        "4:188 `template.body[2].date_time` is one too many: only one of `currency`, `date_time` goes | Keep one, and take the others out.",
        "4:224 `template.body[3]` needs one of `currency`, `date_time` | Add one of `currency`, `date_time` below it.",
      ],
    ],
    [
      template(
        ", buttons: [{ index: 0, voice_call: { ttl_minutes: 43201 } }, { index: 1, url: { a: b, c: d } }, { index: 2, flow: { data: { n: { $number: x }, b: { $boolean: maybe } } } }]",
      ),
      [
        "4:91 `template.buttons[0].voice_call.ttl_minutes` is not a whole number of minutes from 1 to 43200 | Write a whole number of minutes from 1 to 43200.",
        "4:114 `template.buttons[1].url` needs exactly one name, not 2 | Write it as `url: { name: value }`: a button has one variable.",
        "4:179 `template.buttons[2].flow.data.n.$number` is not a number such as 12 or 12.5 | Write a number such as 12 or 12.5.",
        "4:199 `template.buttons[2].flow.data.b.$boolean` is not true or false (yes, no, 1 and 0 do as well) | Write true or false (yes, no, 1 and 0 do as well).",
      ],
    ],
    [
      template(", header: { video: { file: '{{ sku }}.mp4' } }, carusel: {}"),
      [
        "4:67 `template.header.video.file` is one file for every row, and takes no Liquid | Use `link` or `id` for media that varies.",
        "4:88 unknown key `carusel` under `template` | Did you mean `carousel`?",
      ],
    ],
    [
      template(
        ", body: [a], carousel: { cards: [{ header: { image: { id: 1 } }, body: [x] }, { header: { video: { id: 1 } }, body: { y: z } }] }",
      ),
      [
        "4:118 `template.carousel.cards[1]` has header video, 1 body value, and the first card header image, 1 body value | Give every card the same parts: the cards of a carousel are alike.",
        "4:150 `template.carousel.cards[1].body` is a mapping, but the other variables are a list | Write both as a list, or both as a mapping: a template's parameters are all counted or all named.",
      ],
    ],
    [
      template(
        `, limited_time_offer: { expires: 1777582800000 }, body: [${"x".repeat(400)}, ${"y".repeat(201)}]`,
      ),
      [
        "4:90 `template.body` as a whole is 601 characters long; at most 600 fit | Shorten its values to 600 characters in all.",
      ],
    ],
    [
      template(
        `, buttons: [{ index: 0, products: { thumbnail_product_retailer_id: a, sections: [{ title: ${"t".repeat(25)}, items: [${Array(16).fill("a")}] }, { title: b, items: [${Array(15).fill("b")}] }] } }]`,
      ),
      [
        "4:110 `template.buttons[0].products.sections` has 31 items in all; at most 30 fit | Take 1 out: a list shows at most 30 products.",
        "4:130 `template.buttons[0].products.sections[0].title` is 25 characters long; at most 24 fit | Shorten it to 24 characters.",
      ],
    ],
    [
      `${BASE}delivery: { bid_multiplier: 0, product_polcy: STRICT }\n`,
      [
        "5:29 `delivery.bid_multiplier` must be more than 0, not `0` | Write a number of more than 0.",
        "5:32 unknown key `product_polcy` under `delivery` | Did you mean `product_policy`?",
      ],
    ],
    [
      `${BASE}hours: { from: "9:00", to: "25:00", time_zone: Brazil/Rio, days: [so] }\n`,
      [
        '5:16 `hours.from` must be a time of day such as `09:00`, not `"9:00"` | Write a time of day such as `09:00`.',
        '5:28 `hours.to` must be a time of day such as `20:00`, not `"25:00"` | Write a time of day such as `20:00`.',
        "5:48 `hours.time_zone` must be a time zone such as `America/Sao_Paulo`, or `recipient`, not `Brazil/Rio` | Write a time zone such as `America/Sao_Paulo`, or `recipient`.",
        "5:67 `hours.days[0]` must be one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, not `so` | Write one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.",
      ],
    ],
    [
      `${BASE}hours: { from: "09:00", to: "20:00", time_zone: UTC, column: tz }\n`,
      [
        "5:54 `hours.column` means nothing with one time zone for all | Set `time_zone: recipient`, or take it out.",
      ],
    ],
    [
      `${BASE}hours: { from: "09:00", to: "09:00", time_zone: UTC, days: [] }\n`,
      [
        "5:29 `hours.to` is the same as `from` | Leave `hours` out to send at any time.",
        "5:60 `hours.days` must not be empty | Give `days` a value, or take the key out.",
      ],
    ],
    [
      `${BASE}ends: 2026-02-30\n`,
      [
        "5:7 `ends` must be a date (2026-04-30), a date and time (2026-04-30T18:00), or an instant with its offset (2026-04-30T18:00-03:00), not `2026-02-30` | Write a date (2026-04-30), a date and time (2026-04-30T18:00), or an instant with its offset (2026-04-30T18:00-03:00).",
      ],
    ],
    [
      `${BASE}starts: 2026-04-30T09:00\nends: 2026-04-30T24:00\n`,
      [
        "5:9 `starts` is a time of day, and no time zone is named | Add the offset, such as `2026-04-30T09:00-03:00`, or set `hours.time_zone`.",
        "6:7 `ends` must be a date (2026-04-30), a date and time (2026-04-30T18:00), or an instant with its offset (2026-04-30T18:00-03:00), not `2026-04-30T24:00` | Write a date (2026-04-30), a date and time (2026-04-30T18:00), or an instant with its offset (2026-04-30T18:00-03:00).",
      ],
    ],
    [
      `${BASE}starts: 2026-05-01\nends: 2026-04-30\nhours: { from: "09:00", to: "20:00", time_zone: UTC, except: [2026-13-01] }\n`,
      [
        "6:7 `ends` is not after `starts` | Write a later moment, or take `ends` out: the campaign then ends when all is sent.",
        "7:63 `hours.except[0]` must be a date such as `2026-12-25`, or a CSV file, not `2026-13-01` | Write the day as 2026-12-25, or the path of a CSV file of days.",
      ],
    ],
    [
      "account: sandbox\nrecipients: {}\n",
      [
        "1:1 `campaign` is missing | Add `campaign:` with text.",
        "1:1 `template` is missing | Add `template:` with a mapping of `name`, `language`, `ttl`, `apply_ttl`, `header`, `body`, `limited_time_offer`, `buttons`, `carousel`, `tap_target`.",
        "2:1 `file` is missing under `recipients` | Add `file:` with text.",
      ],
    ],
  ])("%j", (text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it("never shows the token, wherever it got to", () => {
    const text = REAL.replaceAll("spring", '"${TOKEN} x"').replace(
      "a.csv",
      '"${TOKEN}", phone: [x]',
    );
    const problems = JSON.stringify(read(text));
    expect(problems).toContain("${TOKEN}");
    expect(problems).not.toContain("t0ken");
  });

  it("never throws, whatever is put in for one value", () => {
    const value = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom("{{ x }}", "'{{ x | y: }}'", "~", "*a"),
    );
    const spots = BASE.replaceAll(/(sandbox|spring|a\.csv|sale|pt_BR)/g, "¤").split("¤");
    fc.assert(
      fc.property(fc.nat(spots.length - 2), value, (spot, text) => {
        const mixed = spots.map(
          (part, i) => part + (i === spot ? text : i < spots.length - 1 ? "sale" : ""),
        );
        const result = read(mixed.join(""));
        if ("problems" in result) expect(result.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("columns", () => {
  const text = template(
    `, body: ["{{ first_name | default: 'x' }}", '{{ row["Cupom 1"] }} {% if vip %}{{ extra }}{% endif %}', fixed]`,
  );

  it("are reported with the slot and with whether an empty cell matters", () => {
    expect(columnsUsed(manifestOf(text))).toEqual([
      {
        column: "first_name",
        hasDefault: true,
        slot: "body 1",
        path: ["template", "body", 0],
        offset: 3,
      },
      {
        column: "Cupom 1",
        hasDefault: false,
        slot: "body 2",
        path: ["template", "body", 1],
        offset: 3,
      },
      {
        column: "vip",
        hasDefault: true,
        slot: "body 2",
        path: ["template", "body", 1],
        offset: 27,
      },
      {
        column: "extra",
        hasDefault: true,
        slot: "body 2",
        path: ["template", "body", 1],
        offset: 36,
      },
    ]);
  });

  it("that the CSV lacks are reported at their place in the manifest, with the nearest", () => {
    const result = read(text);
    if ("problems" in result) throw new Error("expected a manifest");
    const header = ["Phone", "First Name", "Cupom 1", "vip", "extra"];
    expect(columnProblems(result.manifest, result.at, header).map(brief)).toEqual([
      "3:1 the CSV has no column `phone` | Did you mean `Phone`?",
      '4:53 the CSV has no column `first_name` | Did you mean `row["First Name"]`?',
    ]);
  });
});

describe("the columns that say who a recipient is", () => {
  const withWho = (who: string) =>
    manifestOf(BASE.replace("{ file: a.csv }", `{ file: a.csv, ${who} }`));

  it.each([
    ["phone: tel", ["tel"], { phone: "tel", userId: undefined }],
    ["user_id: id", ["id"], { phone: undefined, userId: "id" }],
    ["user_id: id", ["id", "phone"], { phone: "phone", userId: "id" }],
    ["user_id: id", ["id", "Phone"], { phone: undefined, userId: "id" }],
    ["user_id: id, phone: tel", ["id", "tel", "phone"], { phone: "tel", userId: "id" }],
  ])("%s, of a CSV with %j", (who, header, expected) => {
    expect(whoColumns(withWho(who), header)).toEqual(expected);
  });

  it.each([
    ["user_id: id", ["phone"], ["the CSV has no column `id`"]],
    ["user_id: id", ["id"], []],
    [
      "user_id: id, phone: phone",
      ["x"],
      ["the CSV has no column `phone`", "the CSV has no column `id`"],
    ],
  ])("%s must be in the CSV, which has %j", (who, header, expected) => {
    const result = readManifest(BASE.replace("{ file: a.csv }", `{ file: a.csv, ${who} }`), {
      file: "m.yaml",
    });
    if ("problems" in result) throw new Error("the manifest is sound");
    const problems = columnProblems(result.manifest, result.at, header);
    expect(problems.map((one) => one.message)).toEqual(expected);
  });

  it.each(["https://docs.google.com/a?b=c", "s3://lists/july.csv", "HTTP://x"])(
    "are a file: %s is an address",
    (address) => {
      const text = BASE.replace("{ file: a.csv }", `{ file: "${address}" }`);
      expect(readManifest(text, { file: "m.yaml" })).toMatchObject({
        problems: [
          { message: expect.stringContaining("this is a web address"), line: expect.any(Number) },
        ],
      });
    },
  );

  it.each(["user_id: phone", "user_id: x, phone: x"])("are two: %s is a mistake", (who) => {
    const result = readManifest(BASE.replace("{ file: a.csv }", `{ file: a.csv, ${who} }`), {
      file: "m.yaml",
    });
    expect(result).toMatchObject({
      problems: [{ message: expect.stringContaining("is the column of `phone` too") }],
    });
  });
});

describe("the sending numbers", () => {
  const several = `${idAnd(", messages_per_second: 20", ", regions: [MX, AR]")}rate: { messages_per_second: 40 }\n`;

  it("are one by `phone_number_id`, and the sandbox is one", () => {
    const rate = { messagesPerSecond: 80, regions: [] };
    expect(numbersOf(manifestOf(REAL))).toEqual([{ lane: FIRST, ...rate }]);
    expect(numbersOf(manifestOf(BASE))).toEqual([{ lane: "sandbox", ...rate }]);
    expect(lanesOf(manifestOf(REAL))).toEqual([FIRST]);
  });

  it("are several, each with its own rate or that of the manifest", () => {
    const manifest = manifestOf(several);
    expect(manifest.account).toMatchObject({
      phone_number_id: FIRST,
      numbers: [
        { phone_number_id: FIRST, messages_per_second: 20 },
        { phone_number_id: SECOND, regions: ["MX", "AR"] },
      ],
    });
    expect(laneOf(manifest)).toBe(FIRST);
    expect(lanesOf(manifest)).toEqual([FIRST, SECOND]);
    expect(numbersOf(manifest)).toEqual([
      { lane: FIRST, messagesPerSecond: 20, regions: [] },
      { lane: SECOND, messagesPerSecond: 40, regions: ["MX", "AR"] },
    ]);
  });

  it("freeze their ids and regions, and not their rates", () => {
    const changed = (text: string) =>
      frozenChanges(frozenOf(manifestOf(several)), frozenOf(manifestOf(text)));
    expect(frozenOf(manifestOf(several))).toMatchObject({
      account: [FIRST, SECOND],
      "account.numbers.regions": { [SECOND]: ["AR", "MX"] },
    });
    expect(changed(idAnd("", ", messages_per_second: 1, regions: [AR, MX]"))).toEqual([]);
    expect(changed(idAnd("", ", regions: [AR]")).map(({ key }) => key)).toEqual([
      "account.numbers.regions",
    ]);
    expect(changed(several.replaceAll(FIRST, "106540352242924"))).toEqual([
      { key: "account", before: [FIRST, SECOND], now: ["106540352242924", SECOND] },
    ]);
    const alone = numbers(`phone_number_id: "${FIRST}"`);
    expect(frozenChanges(frozenOf(manifestOf(REAL)), frozenOf(manifestOf(alone)))).toEqual([]);
  });

  it.each([
    [
      REAL.replace('phone_number_id: "106540352242922", ', ""),
      [
        "2:1 `account` needs one of `phone_number_id`, `numbers` | Add one of `phone_number_id`, `numbers` below it.",
      ],
    ],
    [
      REAL.replace("phone_number_id", "phone_id"),
      ["2:12 unknown key `phone_id` under `account` | Did you mean `phone_number_id`?"],
    ],
    [
      numbers(`phone_number_id: "${FIRST}"`).replace("numbers:", "phone_numbers:"),
      ["4:3 unknown key `phone_numbers` under `account` | Did you mean `numbers`?"],
    ],
    [
      REAL.replace("access_token", `numbers: [{ phone_number_id: "${SECOND}" }], access_token`),
      [
        "2:48 `account.numbers` is one too many: only one of `phone_number_id`, `numbers` goes | Keep one, and take the others out.",
      ],
    ],
    [
      numbers(`phone_number_id: "${FIRST}"`, `phone_number_id: "${FIRST}"`),
      [
        "6:26 `account.numbers[1].phone_number_id` is a number that is listed already | Name each number once.",
      ],
    ],
    [
      idAnd(", regions: [MX]", ", regions: [AR, MX]"),
      [
        "6:59 `account.numbers[1].regions[1]` is a region of `account.numbers[0]` already | People of one country are sent to by one number. Name it once.",
      ],
    ],
    [
      idAnd(", regions: [MX, MX]", ""),
      [
        "5:59 `account.numbers[0].regions[1]` is a region of this number already | People of one country are sent to by one number. Name it once.",
      ],
    ],
    [
      idAnd(", regions: [mx, Mexico, QQ]", ""),
      [
        "5:55 `account.numbers[0].regions[0]` must be a country by its two capital letters, such as `BR`, not `mx` | Did you mean `MX`?",
        "5:59 `account.numbers[0].regions[1]` must be a country by its two capital letters, such as `BR`, not `Mexico` | Did you mean `MX`?",
        "5:67 `account.numbers[0].regions[2]` must be a country by its two capital letters, such as `BR`, not `QQ` | Write its code of ISO 3166-1, such as BR.",
      ],
    ],
    [
      idAnd(", regions: MX", ", regions: []"),
      [
        "5:54 `account.numbers[0].regions` must be a list, not `MX` | Make it a list: [MX].",
        "6:54 `account.numbers[1].regions` must not be empty | Give `regions` a value, or take the key out.",
      ],
    ],
    [
      idAnd(", messages_per_second: 0", ", messages_per_second: 1001"),
      [
        "5:66 `account.numbers[0].messages_per_second` must be at least 0.1, not `0` | Write a number of at least 0.1.",
        "6:66 `account.numbers[1].messages_per_second` must be at most 1000, not `1001` | Write a number of at most 1000.",
      ],
    ],
    [
      numbers("messages_per_second: 5"),
      [
        "5:7 `phone_number_id` is missing under `account.numbers[0]` | Add `phone_number_id:` with text.",
      ],
    ],
    [
      numbers(
        ...Array.from({ length: 21 }, (_, at) => `phone_number_id: "1065403522429${at + 10}"`),
      ),
      ["5:5 `account.numbers` must be at most 20 items long, not a list | Shorten it to 20 items."],
    ],
    [
      BASE.replace("sandbox", '{ numbers: [], access_token: "${TOKEN}" }'),
      ["2:21 `account.numbers` must not be empty | Give `numbers` a value, or take the key out."],
    ],
  ])("%j", (text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });
});

describe("what is frozen", () => {
  const rich = template(", header: { image: { id: a } }, body: { a: x, b: y }");

  it("is the lane, the message and the reading of the CSV", () => {
    expect(laneOf(manifestOf(BASE))).toBe("sandbox");
    expect(laneOf(manifestOf(REAL))).toBe("106540352242922");
    expect(frozenOf(manifestOf(rich))).toMatchObject({
      account: "sandbox",
      "recipients.file": "a.csv",
      "template.header": { image: { id: "a" } },
      "template.buttons": null,
    });
    expect(JSON.stringify(frozenOf(manifestOf(REAL)))).not.toContain("t0ken");
  });

  it("is equal to what a ledger kept before there were keys for all of it", () => {
    const before = JSON.parse(JSON.stringify(frozenOf(manifestOf(rich))));
    for (const key of ["limited_time_offer", "carousel", "tap_target"]) {
      delete before[`template.${key}`];
    }
    delete before["delivery.bid_multiplier"];
    delete before["recipients.user_id"];
    expect(frozenChanges(before, frozenOf(manifestOf(rich)))).toEqual([]);
  });

  it("is equal after a way through JSON, and whatever else changes", () => {
    const kept = JSON.parse(JSON.stringify(frozenOf(manifestOf(rich))));
    const other = `${rich.replace("language", "ttl: 3d, apply_ttl: true, language")}${[
      "rate: { messages_per_second: 5 }",
      "hours: { from: '01:00', to: '02:00', time_zone: UTC }",
      "ends: 2030-01-01",
      "suppress: { files: [o.csv], stop_words: { pt: [chega] } }",
      "delivery: { callback_key: false }",
    ].join("\n")}`;
    expect(frozenChanges(kept, frozenOf(manifestOf(other)))).toEqual([]);
  });

  it.each([
    [rich.replace("pt_BR", "pt_PT"), "template.language"],
    [`${rich}hours: { from: "09:00", to: "20:00", time_zone: recipient }\n`, "hours.time_zone"],
    [rich.replace("a: x, b: y", "b: y, a: x"), "template.body"],
    [rich.replace("a.csv", "a.csv, delimiter: ;".replace(";", '";"')), "recipients.delimiter"],
    [rich.replace("a.csv", "a.csv, phone: phone, user_id: id"), "recipients.user_id"],
    [rich.replace("a.csv", "a.csv, region: country"), "recipients.region"],
    [rich.replace("a.csv", "a.csv, numbers: international"), "recipients.numbers"],
    [rich.replace("a.csv", "a.csv, id: code"), "recipients.id"],
    [rich.replace("image: { id: a }", "gif: { file: a.mp4 }"), "template.header"],
    [rich.replace("body:", "carousel: { cards: [{}] }, body:"), "template.carousel"],
    [
      rich.replace("body:", "limited_time_offer: { expires: 1777582800000 }, body:"),
      "template.limited_time_offer",
    ],
    [
      rich.replace("body:", "tap_target: [{ url: https://a.example, title: b }], body:"),
      "template.tap_target",
    ],
    [`${rich}delivery: { bid_multiplier: 0.8 }\n`, "delivery.bid_multiplier"],
    [`${rich}suppress: { us_territories: false }\n`, "suppress.us_territories"],
    [`${rich}delivery: { message_activity_sharing: true }\n`, "delivery.message_activity_sharing"],
  ])("tells a change: %j", (text, key) => {
    const [change, ...others] = frozenChanges(
      frozenOf(manifestOf(rich)),
      frozenOf(manifestOf(text)),
    );
    expect(others).toEqual([]);
    expect(change?.key).toBe(key);
    expect(JSON.stringify(change?.before)).not.toBe(JSON.stringify(change?.now));
  });
});

describe("campaign.schema.json", () => {
  const file = new URL("../../../campaign.schema.json", import.meta.url);

  it("is what the code says; UPDATE_SCHEMA=1 npx vitest run test/domain/manifest/manifest.test.ts writes it again", () => {
    const text = `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`;
    if (process.env.UPDATE_SCHEMA === "1") writeFileSync(file, text);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("describes every key, with examples for every value", () => {
    const bare: string[] = [];
    visit(manifestJsonSchema(), "", (path, node) => {
      const isMapping = node.type === "object";
      if (node.description === undefined) bare.push(`${path}: description`);
      if (node.examples === undefined && !isMapping) bare.push(`${path}: examples`);
    });
    expect(bare).toEqual([]);
  });

  it("has every key that a synonym stands for", () => {
    const keys = new Set<string>();
    visit(manifestJsonSchema(), "", (path) => keys.add(path.split(".").at(-1) ?? ""));
    for (const [synonym, key] of Object.entries(SYNONYMS)) {
      expect([synonym, keys.has(key)]).toEqual([synonym, true]);
    }
  });

  it("is named in the shipped manifest, which is sound", () => {
    const shipped = readFileSync(
      new URL("../../../campaigns/spring.yaml", import.meta.url),
      "utf8",
    );
    expect(shipped.split("\n")[0]).toBe("# yaml-language-server: $schema=../campaign.schema.json");
    const result = readManifest(shipped, { file: "campaigns/spring.yaml", env: {} });
    expect(result).toMatchObject({ manifest: { campaign: "spring-2026", account: "sandbox" } });
  });

  it("is sound with the real account's lines in place of the sandbox's", () => {
    const shipped = readFileSync(
      new URL("../../../campaigns/spring.yaml", import.meta.url),
      "utf8",
    );
    const real = shipped
      .replace("account: sandbox\n", "")
      .replace(/^# (account:| {2}(?:phone_number_id|waba_id|access_token): )/gm, "$1")
      .replace(/^sandbox:\n.*\n/m, "");
    const result = readManifest(real, { file: "m.yaml", env: { WHATSAPP_ACCESS_TOKEN: "t" } });
    expect(result).toMatchObject({ manifest: { account: { waba_id: "102290129340398" } } });
  });
});

type Node = Record<string, unknown>;

function visit(node: Node, path: string, see: (path: string, node: Node) => void): void {
  const properties = (node.properties ?? {}) as Record<string, Node>;
  for (const [key, child] of Object.entries(properties)) {
    see(`${path}.${key}`, child);
    visit(child, `${path}.${key}`, see);
  }
  for (const option of (node.anyOf ?? []) as Node[]) visit(option, path, see);
  if (typeof node.items === "object") visit(node.items as Node, `${path}[]`, see);
}
