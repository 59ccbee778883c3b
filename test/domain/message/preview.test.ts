import { describe, expect, it } from "vitest";

import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import type { MessageSource } from "../../../src/domain/message/body.ts";
import { compileMessage } from "../../../src/domain/message/body.ts";
import { explainMessage } from "../../../src/domain/message/preview.ts";
import type { TemplateBinding } from "../../../src/domain/message/template.ts";
import { definitionFor } from "../../../src/domain/message/template.ts";
import { definitionOf, manifestText, TEMPLATE_KINDS } from "./template.kinds.ts";

const NOW = Date.parse("2027-04-28T18:00:00Z");

function source(template: Partial<TemplateBinding>): MessageSource {
  return {
    template: { name: "spring_sale", language: "pt_BR", ...template },
    delivery: { product_policy: "CLOUD_API_FALLBACK" },
  };
}

/** A kind of template as it is drawn for its row. */
function drawn(name: string): string[] {
  const kind = TEMPLATE_KINDS.find((one) => one.name === name);
  if (kind === undefined) throw new Error(name);
  const read = readManifest(manifestText(kind), { file: "m.yaml" });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  const message = compileMessage(read.manifest);
  const rendered = message.render(kind.cells);
  if (rendered.kind !== "rendered") throw new Error(JSON.stringify(rendered));
  const definition = definitionOf(kind);
  const text = explainMessage(message, rendered.values, { definition, now: NOW });
  return text.split("\n").map((line) => line.replace(/^│ (.*?) *│$/, "$1"));
}

describe("how a message reads", () => {
  const manifest = source({
    header: { text: "{{ city }}" },
    body: ["{{ name }}", "10%"],
    buttons: [
      { index: 0, url: "{{ coupon }}" },
      { index: 2, copy_code: "X" },
    ],
  });
  const message = compileMessage(manifest);
  const values = '["Rio","Ana","C1"]';

  it("is reported slot by slot without a definition", () => {
    expect(explainMessage(message, values)).toBe(
      "header: Rio\nbody 1: Ana\nbody 2: 10%\nbutton 0: C1\nbutton 2: X",
    );
  });

  it("is drawn with the template's own words", () => {
    const drawn = explainMessage(message, values, {
      definition: {
        ...definitionFor(manifest),
        components: [
          { type: "HEADER", format: "TEXT", text: "Hello {{1}}" },
          {
            type: "BODY",
            text: "Olá {{1}}!\n{{2}} off for all who are still reading this rather long line {{3}}",
          },
          { type: "FOOTER", text: "Stop? Say so." },
          {
            type: "BUTTONS",
            buttons: [
              { type: "URL", text: "Shop", url: "https://x.example/?c={{1}}" },
              { type: "QUICK_REPLY", text: "Stop" },
              { type: "COPY_CODE", text: "Copy" },
            ],
          },
        ],
      },
    });
    expect(drawn).toBe(
      [
        "┌─────────────────────────────────────────────────────────────┐",
        "│ Hello Rio                                                   │",
        "│                                                             │",
        "│ Olá Ana!                                                    │",
        "│ 10% off for all who are still reading this rather long line │",
        "│ {{3}}                                                       │",
        "│                                                             │",
        "│ Stop? Say so.                                               │",
        "│ [ Shop ] https://x.example/?c=C1                            │",
        "│ [ Stop ]                                                    │",
        "│ [ Copy ] X                                                  │",
        "└─────────────────────────────────────────────────────────────┘",
      ].join("\n"),
    );
  });
});

describe("a message of each kind", () => {
  it.each<[string, string[]]>([
    ["text_header_and_named_body", ["Sale in Recife", "", "Ana, 20% off."]],
    [
      "image_url_and_quick_reply",
      [
        "(image) https://example.com/S1.jpg",
        "",
        "Hello Ana, use C1.",
        "",
        "Stop? Say so.",
        "[ Shop ] https://example.com/?c=C1",
        "[ Stop ] stop-S1",
      ],
    ],
    [
      "document_with_a_name",
      ["(document) https://example.com/7.pdf Prices 7.pdf", "", "A sale for you."],
    ],
    ["gif", ["(gif) https://example.com/spring.mp4", "", "A sale for you."]],
    ["location", ["(location) Loja Centro, Rua A 1 (-23.5505, -46.63330)", "", "A sale for you."]],
    [
      "product",
      ["(product) nqryix03ez of catalog 194836987003835", "", "A sale for you.", "[ View ]"],
    ],
    [
      "limited_time_offer_with_a_code",
      [
        "(image) 1602186516975000",
        "",
        "Expiring offer! · ends 30 Apr 2027, 21:00 UTC, in 2 d 3 h",
        "",
        "Good news, Ana!",
        "[ Copy code ] CARIBE25",
        "[ Book now ] https://example.com/offers?code=n3mtql",
      ],
    ],
    [
      "flow",
      [
        "A sale for you.",
        "[ Book ]",
        "· flow token: spring-7",
        '· flow data name: A"na',
        "· flow data tags 0: a",
      ],
    ],
    ["catalog", ["A sale for you.", "[ View catalog ] the catalog, shown with 2lc20305pt"]],
    [
      "products",
      [
        "Forget something Ana?",
        "",
        "A sale for you.",
        "[ View items ] shown with 2lc20305pt",
        "· Popular: 2lc20305pt, nseiw1x3ch",
        "· For Ana: n6k6x0y7oe",
      ],
    ],
    [
      "tap_target",
      [
        "(image) https://example.com/spring.jpg",
        "",
        "A sale for you.",
        "",
        '(a tap on the message: "Offer details")',
        "https://example.com/S1",
      ],
    ],
  ])("%s", (name, lines) => {
    expect(drawn(name).slice(1, -1)).toEqual(lines);
  });

  it("has the cards of a carousel one under the other", () => {
    expect(drawn("carousel_of_media").filter((line) => !/^[┌└]/.test(line))).toEqual([
      "For Ana:",
      "card 1 of 2",
      "(image) 1013859600285441",
      "",
      "Lovely aloe",
      "[ More like this ] more-aloes",
      "[ Buy ] https://example.com/blue-elf",
      "card 2 of 2",
      "(image) https://example.com/crassula.jpg",
      "",
      "Lovely crassula",
      "[ More like this ] more",
      "[ Buy ] https://example.com/crassula",
    ]);
    expect(drawn("carousel_of_products").filter((line) => line.startsWith("card"))).toEqual([
      "card 1 of 3",
      "card 2 of 3",
      "card 3 of 3",
    ]);
  });

  it.each([
    [NOW - 1, "over"],
    [NOW + 90_000, "in 1 min"],
    [NOW + 3_600_000, "in 1 h"],
    [NOW + 86_400_000, "in 1 d"],
  ])("tells how long an offer lasts: %d %s", (at, words) => {
    const manifest = source({ limited_time_offer: { expires: String(at) } });
    const definition = definitionFor(manifest);
    const text = explainMessage(compileMessage(manifest), "[]", { definition, now: NOW });
    expect(text).toContain(`UTC, ${words} `);
  });

  it("names a file that is uploaded when the campaign runs", () => {
    const message = compileMessage(source({ header: { image: { file: "img/spring.jpg" } } }));
    expect(explainMessage(message, "[]")).toBe("header image file: spring.jpg, uploaded once");
  });
});
