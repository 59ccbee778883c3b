import { describe, expect, it } from "vitest";

import type {
  TemplateBinding,
  TemplateComponent,
  TemplateDefinition,
} from "../../../src/domain/message/template.ts";
import { matchTemplate } from "../../../src/domain/message/template-match.ts";

const RICH: TemplateComponent[] = [
  { type: "HEADER", format: "TEXT", text: "Sale in {{1}}" },
  { type: "BODY", text: "Hello {{1}}, use {{2}}." },
  {
    type: "BUTTONS",
    buttons: [
      { type: "URL", text: "Shop", url: "https://example.com/{{1}}" },
      { type: "QUICK_REPLY", text: "Stop" },
      { type: "COPY_CODE", text: "Copy" },
      { type: "PHONE_NUMBER", text: "Call" },
      { type: "URL", text: "Home", url: "https://example.com/" },
      { type: "FLOW", text: "Book" },
      { type: "MPM", text: "Items" },
    ],
  },
];
const products = { thumbnail_product_retailer_id: "p", sections: [{ title: "t", items: ["p"] }] };
const FITTING: Partial<TemplateBinding> = {
  header: { text: "{{ city }}" },
  body: ["{{ name }}", "{{ code }}"],
  buttons: [
    { index: 0, url: "a" },
    { index: 2, copy_code: "a" },
    { index: 5, flow: {} },
    { index: 6, products },
  ],
};

function found(
  binding: Partial<TemplateBinding>,
  components: TemplateComponent[],
  naming: TemplateDefinition["parameter_format"] = "POSITIONAL",
): string[] {
  const definition: TemplateDefinition = {
    name: "offer",
    language: "en",
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: naming,
    components,
  };
  return matchTemplate({ name: "offer", language: "en", ...binding }, definition).map(
    ({ path, message, hint }) => `${path.slice(1).join(".")}: ${message} | ${hint}`,
  );
}

describe("a template that fits", () => {
  it("has nothing to say", () => {
    expect(found(FITTING, RICH)).toEqual([]);
    expect(found({}, [{ type: "BODY", text: "Hello." }])).toEqual([]);
  });

  it("may be written in small letters, as in Meta's samples", () => {
    const small = RICH.map((one) => ({ ...one, type: one.type.toLowerCase() as "body" }));
    expect(found(FITTING, small)).toEqual([]);
    expect(found({}, small)).not.toEqual([]);
  });

  it("may leave out what Meta does not ask for", () => {
    const buttons = [{ type: "QUICK_REPLY" }, { type: "CATALOG" }, { type: "SPM" }];
    expect(found({}, [{ type: "BUTTONS", buttons }])).toEqual([]);
  });
});

describe("a template that does not fit", () => {
  it.each<[string, Partial<TemplateBinding>, string[]]>([
    [
      "nothing bound",
      {},
      [
        ": the header of the template has the variable {{1}}, and `header` is left out | Add `header` with `text`.",
        ": the body of the template has 2 variables ({{1}}, {{2}}), and `body` gives none | Add `body` with a list in their order.",
        ': button 0 "Shop" of the template takes a value (url), and `buttons` gives it none | Add `{ index: 0, url: … }` to `buttons`.',
        ': button 2 "Copy" of the template takes a value (copy_code), and `buttons` gives it none | Add `{ index: 2, copy_code: … }` to `buttons`.',
        ': button 5 "Book" of the template takes a value (flow), and `buttons` gives it none | Add `{ index: 5, flow: … }` to `buttons`.',
        ': button 6 "Items" of the template takes a value (products), and `buttons` gives it none | Add `{ index: 6, products: … }` to `buttons`.',
      ],
    ],
    [
      "header of another kind",
      { ...FITTING, header: { image: { link: "l" } } },
      [
        "header.image: the header of the template is a text, not an image | Write `header: { text: … }`.",
      ],
    ],
    [
      "a variable too many",
      { ...FITTING, body: ["a", "b", "c"] },
      [
        "body: the body of the template has 2 variables ({{1}}, {{2}}), and `body` gives 3 | Take out what is too many.",
      ],
    ],
    [
      "named for counted",
      { ...FITTING, header: { text: { city: "a" } }, body: { a: "b", c: "d" } },
      [
        "header.text: the header of the template has counted variables ({{1}}), not named ones | Write a plain value.",
        "body: the body of the template has counted variables ({{1}}, {{2}}), not named ones | Write a list, in their order.",
      ],
    ],
    [
      "buttons that are not there, or of another kind",
      {
        ...FITTING,
        buttons: [
          ...(FITTING.buttons ?? []).slice(1),
          { index: 0, quick_reply: "a" },
          { index: 3, quick_reply: "a" },
          { index: 4, url: "a" },
          { index: 7, url: "a" },
        ],
      },
      [
        "buttons.6.index: the template has 7 buttons, and none at index 7 | They count from 0 to 6.",
        'buttons.3.quick_reply: button 0 "Shop" of the template is a url button, not a quick_reply button | Write `url` here, or correct `index`: buttons count from 0.',
        'buttons.4.quick_reply: button 3 "Call" of the template (PHONE_NUMBER) takes no value | Take this button out.',
        'buttons.5.url: button 4 "Home" of the template opens a URL that has no variable | Take this button out.',
      ],
    ],
    [
      "offer, carousel",
      {
        ...FITTING,
        limited_time_offer: { expires: "1777582800000" },
        carousel: { cards: [{}] },
      },
      [
        "limited_time_offer: the template has no limited-time offer | Take `limited_time_offer` out.",
        "carousel: the template has no carousel | Take `carousel` out.",
      ],
    ],
    [
      "too long for everybody",
      { ...FITTING, body: ["{{ name }}", "x".repeat(1010)] },
      [
        "body: body as a whole is 1023 characters long; at most 1024 fit | Shorten the values: the template's own words take 13 of them.",
      ].slice(1),
    ],
    [
      "too long for everybody",
      { ...FITTING, body: ["{{ name }}", "x".repeat(1012)] },
      [
        "body: body as a whole is 1025 characters long; at most 1024 fit | Shorten the values: the template's own words take 13 of them.",
      ],
    ],
  ])("%s", (_, binding, expected) => {
    expect(found(binding, RICH)).toEqual(expected);
  });

  it("takes out what a plain text does not need", () => {
    const binding = { header: { text: "a" }, body: ["a"], buttons: [{ index: 0, url: "a" }] };
    expect(found(binding, [{ type: "HEADER", format: "TEXT", text: "Sale" }])).toEqual([
      "header: the header of the template is a text without a variable | Take `header` out.",
      "body: the body of the template has no variable | Take `body` out.",
      "buttons.0.index: the template has no buttons, and none at index 0 | Take `buttons` out.",
    ]);
    expect(found({ header: { image: { id: "1" } } }, [])).toEqual([
      "header: the template has no header | Take `header` out.",
    ]);
    expect(found({}, [{ type: "HEADER", format: "GIF" }])).toEqual([
      ": the header of the template is a gif, and `header` is left out | Add `header` with `gif`.",
    ]);
  });

  it("knows named variables by their names", () => {
    const named: TemplateComponent[] = [
      { type: "HEADER", format: "TEXT", text: "Sale in {{city}}" },
      { type: "BODY", text: "{{first_name}} {{coupon}} {{percent}}" },
    ];
    const binding = {
      header: { text: { town: "a" } },
      body: { firstname: "a", percent: "b", extra: "c" },
    };
    expect(found(binding, named, "NAMED")).toEqual([
      "header.text.town: the header of the template has no variable `town` | It has `city`.",
      "header.text: the header of the template has the variable {{city}}, which gets no value | Add `city`.",
      "body.firstname: the body of the template has no variable `firstname` | Did you mean `first_name`?",
      "body.extra: the body of the template has no variable `extra` | It has `first_name`, `coupon`, `percent`.",
      "body: the body of the template has the variable {{coupon}}, which gets no value | Add `coupon`.",
    ]);
    expect(found({ header: { text: "a" }, body: ["a", "b", "c"] }, named, "NAMED")).toEqual([
      "header.text: the header of the template has named variables ({{city}}), not counted ones | Write `name: value`, with {{city}}.",
      "body: the body of the template has named variables ({{first_name}}, {{coupon}}, {{percent}}), not counted ones | Write `name: value`, with {{first_name}}, {{coupon}}, {{percent}}.",
    ]);
  });

  it("asks for the end of an offer that has one, and only of such", () => {
    const offer = (has_expiration: boolean): TemplateComponent[] => [
      { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: "t", has_expiration } },
    ];
    expect(found({}, offer(true))).toEqual([
      ": the template has a limited-time offer that ends, and its end is left out | Add `limited_time_offer: { expires: … }`.",
    ]);
    expect(found({ limited_time_offer: { expires: "1777582800000" } }, offer(false))).toEqual([
      "limited_time_offer: the template's limited-time offer has no end | Take `limited_time_offer` out.",
    ]);
  });

  it("asks of a named variable of a URL its name", () => {
    const urlOf = (url: string): TemplateComponent[] => [
      { type: "BUTTONS", buttons: [{ type: "URL", url }] },
    ];
    const named = urlOf("https://example.com/{{code}}");
    const counted = urlOf("https://example.com/{{1}}");
    expect(found({ buttons: [{ index: 0, url: { code: "a" } }] }, named)).toEqual([]);
    expect(found({ buttons: [{ index: 0, url: "a" }] }, named)).toEqual([
      "buttons.0.url: the URL of button 0 of the template has the variable {{code}} | Write `url: { code: … }`.",
    ]);
    expect(found({ buttons: [{ index: 0, url: { city: "a" } }] }, named)).toHaveLength(1);
    expect(found({ buttons: [{ index: 0, url: { code: "a" } }] }, counted)).toEqual([
      "buttons.0.url: the URL of button 0 of the template has a counted variable ({{1}}), not a named one | Write a plain value.",
    ]);
  });

  it("holds a code to the limit of the template's own type", () => {
    const buttons = [{ type: "COPY_CODE" }];
    const coupon: TemplateComponent[] = [{ type: "BUTTONS", buttons }];
    const offer: TemplateComponent[] = [
      { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: "Now", has_expiration: false } },
      ...coupon,
    ];
    const codes = (length: number) => ({ buttons: [{ index: 0, copy_code: "C".repeat(length) }] });
    expect(found(codes(20), coupon)).toEqual([]);
    expect(found(codes(15), offer)).toEqual([]);
    expect(found(codes(16), offer)).toEqual([
      "buttons.0.copy_code: the code is 16 characters long; at most 15 fit | Take a shorter code: the template has a limited-time offer, whose codes are shorter.",
    ]);
  });

  it("looks into every card", () => {
    const card = (text: string, format = "IMAGE"): { components: TemplateComponent[] } => ({
      components: [
        { type: "HEADER", format },
        { type: "BODY", text },
        { type: "BUTTONS", buttons: [{ type: "URL", url: "https://example.com/{{1}}" }] },
      ],
    });
    const carousel: TemplateComponent[] = [
      { type: "CAROUSEL", cards: [card("a {{1}}"), card("b {{1}}")] },
    ];
    expect(found({}, carousel)).toEqual([
      ": the template has a carousel of 2 cards, and `carousel` is left out | Add `carousel: { cards: [ … ] }`.",
    ]);
    const cards = [
      { header: { image: { id: "1" } }, body: ["a"], buttons: [{ index: 0, url: "a" }] },
      { header: { video: { id: "1" } }, body: [], buttons: [{ index: 1, url: "a" }] },
      { header: { image: { id: "1" } } },
    ];
    expect(found({ carousel: { cards } }, carousel)).toEqual([
      "carousel.cards: the template's carousel has 2 cards, and `carousel` gives 3 | Take out what is too many.",
      "carousel.cards.1.header.video: the header of card 2 of the template is an image, not a video | Write `header: { image: … }`.",
      "carousel.cards.1.body: the body of card 2 of the template has 1 variable ({{1}}), and `body` gives none | Add `body` with its value.",
      "carousel.cards.1.buttons.0.index: card 2 of the template has 1 button, and none at index 1 | They count from 0 to 0.",
      "carousel.cards.1.buttons: button 0 of card 2 of the template takes a value (url), and `buttons` gives it none | Add `{ index: 0, url: … }` to `buttons`.",
    ]);
    expect(found({ carousel: { cards: cards.slice(0, 1) } }, carousel)).toEqual([
      "carousel.cards: the template's carousel has 2 cards, and `carousel` gives 1 | Add what is missing: all cards go.",
    ]);
  });

  it("lets a tap target go with an image, a text, or no header", () => {
    const tap_target = [{ url: "https://example.com", title: "t" }];
    for (const format of ["IMAGE", "TEXT"]) {
      const header = format === "IMAGE" ? { header: { image: { id: "1" } } } : {};
      expect(found({ ...header, tap_target }, [{ type: "HEADER", format }])).toEqual([]);
    }
    const binding = { header: { video: { id: "1" } }, tap_target };
    expect(found(binding, [{ type: "HEADER", format: "VIDEO" }])).toEqual([
      "tap_target: the template has a video in its header, and a tap target goes with an image, a text or no header only | Take `tap_target` out.",
    ]);
  });
});
