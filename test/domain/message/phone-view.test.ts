// A message in the parts of which a phone draws it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frozenMessages } from "../../../src/domain/manifest/manifest.ts";
import { compileMessage } from "../../../src/domain/message/body.ts";
import { bubbleOf, runsOf } from "../../../src/domain/message/phone-view.ts";
import type { TemplateDefinition } from "../../../src/domain/message/template.ts";

/** The one message of a campaign without a test. */
const frozenMessage = (frozen: Parameters<typeof frozenMessages>[0]) =>
  (frozenMessages(frozen)[0] as ReturnType<typeof frozenMessages>[number]).manifest;

describe("runsOf", () => {
  const marked = (text: string): string =>
    runsOf(text)
      .map((run) => (run.style === "plain" ? run.text : `<${run.style}:${run.text}>`))
      .join("");

  it.each([
    ["plain", "plain"],
    ["*bold* and _italic_", "<bold:bold> and <italic:italic>"],
    ["~gone~, `code`, ```block```", "<strike:gone>, <code:code>, <code:block>"],
    ["2*3*4 and snake_case_word", "2*3*4 and snake_case_word"],
    ["* not bold *", "* not bold *"],
    ["(*bold*)!", "(<bold:bold>)!"],
    ["*one\nline*", "*one\nline*"],
    ["**", "**"],
    ["é*ça*", "é*ça*"],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(marked(text)).toBe(expected);
  });

  it("loses nothing but marks", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const kept = runsOf(text)
          .map((run) => run.text)
          .join("");
        expect(kept.replace(/[*_~`]/g, "")).toBe(text.replace(/[*_~`]/g, ""));
      }),
    );
  });
});

describe("bubbleOf", () => {
  const definition: TemplateDefinition = {
    name: "offer",
    language: "en_GB",
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
    components: [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Hello *{{1}}*." },
      { type: "FOOTER", text: "Bye." },
      {
        type: "BUTTONS",
        buttons: [
          { type: "URL", text: "Shop", url: "https://example.com/{{1}}" },
          { type: "QUICK_REPLY", text: "Stop" },
        ],
      },
    ],
  };
  const frozen = {
    "template.name": "offer",
    "template.language": "en_GB",
    "template.header": { image: { link: "https://example.com/a.jpg" } },
    "template.body": ["{{ first_name }}"],
    "template.buttons": [{ index: 0, url: "{{ coupon }}" }],
    "delivery.product_policy": "STRICT",
  };

  it("draws what a campaign froze, with a row's values", () => {
    const message = compileMessage(frozenMessage(frozen));
    expect(bubbleOf(message, `["Ana","SPRING"]`, { definition, now: 0 })).toEqual({
      header: { kind: "image", text: "(image) https://example.com/a.jpg" },
      offer: null,
      body: [
        { text: "Hello ", style: "plain" },
        { text: "Ana", style: "bold" },
        { text: ".", style: "plain" },
      ],
      footer: "Bye.",
      buttons: [
        { label: "Shop", kind: "link", detail: "https://example.com/SPRING" },
        { label: "Stop", kind: "reply", detail: "" },
      ],
      cards: [],
    });
  });

  it("draws the cards of a carousel, each with its own", () => {
    const card = (text: string) => ({ components: [{ type: "BODY" as const, text }] });
    const components = [
      { type: "BODY" as const, text: "Look:" },
      { type: "CAROUSEL" as const, cards: [card("One {{1}}"), card("Two {{1}}")] },
    ];
    const cards = ["{{ a }}", "{{ b }}"].map((value) => ({ body: [value] }));
    const message = compileMessage(
      frozenMessage({
        ...frozen,
        "template.header": null,
        "template.body": null,
        "template.buttons": null,
        "template.carousel": { cards },
      }),
    );
    const bubble = bubbleOf(message, `["x","y"]`, {
      definition: { ...definition, components },
      now: 0,
    });
    expect(bubble.cards.map(({ body }) => body.map(({ text }) => text).join(""))).toEqual([
      "One x",
      "Two y",
    ]);
  });
});
