import { describe, expect, it } from "vitest";

import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import { readPolicy } from "../../../src/domain/manifest/policy.ts";
import type {
  TemplateComponent,
  TemplateDefinition,
} from "../../../src/domain/message/template.ts";
import { matchTemplate } from "../../../src/domain/message/template-match.ts";
import type { Need } from "../../../src/domain/setup/needs.ts";
import { bindTemplate, needsOf } from "../../../src/domain/setup/needs.ts";
import type { NewManifest } from "../../../src/domain/setup/project-text.ts";
import { campaignName, manifestText, policyText } from "../../../src/domain/setup/project-text.ts";

function definition(
  components: TemplateComponent[],
  parameter_format: TemplateDefinition["parameter_format"] = "POSITIONAL",
): TemplateDefinition {
  const known = { name: "offer", language: "pt_BR", category: "MARKETING", status: "APPROVED" };
  return { ...known, parameter_format, components };
}

/** What a person might answer. */
const VALUES: Record<Need["kind"], string> = {
  text: "{{ first_name }}",
  media: "https://example.com/a.jpg",
  suffix: "{{ row['First name'] }}",
  code: "{{ code }}",
  instant: "2099-12-24T23:59:00-03:00",
  fixed: "1",
  products: "{{ skus }}",
  section: "For you",
};

const CARD: TemplateComponent[] = [
  { type: "HEADER", format: "IMAGE" },
  { type: "BODY", text: "{{1}} for you" },
  { type: "BUTTONS", buttons: [{ type: "URL", text: "See", url: "https://example.com/{{1}}" }] },
];

/** [what, definition, keys of its needs] */
const TEMPLATES: [string, TemplateDefinition, string[]][] = [
  ["no variable", definition([{ type: "BODY", text: "Hello." }]), []],
  [
    "counted variables, out of order and twice",
    definition([{ type: "BODY", text: "{{2}} and {{1}}, {{2}}" }]),
    ["body.1", "body.2"],
  ],
  [
    "named variables",
    definition(
      [
        { type: "HEADER", format: "TEXT", text: "For {{first_name}}" },
        { type: "BODY", text: "{{first_name}}: {{coupon}}" },
        { type: "BUTTONS", buttons: [{ type: "URL", url: "https://example.com/{{slug}}" }] },
      ],
      "NAMED",
    ),
    ["header.first_name", "body.first_name", "body.coupon", "button.0"],
  ],
  [
    "several products",
    definition([{ type: "BUTTONS", buttons: [{ type: "MPM", text: "View items" }] }]),
    ["button.0.products", "button.0.title", "button.0.thumbnail"],
  ],
  [
    "every kind of button that takes a value",
    definition([
      { type: "BODY", text: "Hi" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Stop" },
          { type: "URL", text: "Home", url: "https://example.com/" },
          { type: "COPY_CODE", text: "Copy", example: "CODE" },
          { type: "FLOW", text: "Book" },
          { type: "URL", text: "Shop", url: "https://example.com/{{1}}" },
        ],
      },
    ]),
    ["button.2", "button.4"],
  ],
  ["a picture", definition([{ type: "HEADER", format: "IMAGE" }]), ["header.image"]],
  [
    "a place",
    definition([{ type: "HEADER", format: "LOCATION" }]),
    ["header.latitude", "header.longitude", "header.name", "header.address"],
  ],
  [
    "an offer that ends",
    definition([
      { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: "Now", has_expiration: true } },
      { type: "BODY", text: "{{1}}" },
    ]),
    ["body.1", "offer.expires"],
  ],
  [
    "a carousel",
    definition([
      { type: "BODY", text: "Look" },
      { type: "CAROUSEL", cards: [{ components: CARD }, { components: CARD }] },
    ]),
    ["card.1.header.image", "card.1.body.1", "card.1.button.0"].flatMap((key, at, all) =>
      at === 2 ? [key, ...all.map((one) => one.replace("card.1", "card.2"))] : [key],
    ),
  ],
];

const NEW: Omit<NewManifest, "template"> = {
  campaign: "offer-2026-11",
  account: { phoneNumberId: "106540352242922", wabaId: "102290129340398", baseUrl: null },
  list: "list.csv",
  phone: "phone",
  region: "BR",
  templateText: "Olá {{1}}\nTchau",
  scenario: null,
  schema: "../campaign.schema.json",
};

describe("what a template needs", () => {
  it.each(TEMPLATES)("%s", (_, template, keys) => {
    const needs = needsOf(template);
    expect(needs.map(({ key }) => key)).toEqual(keys);
  });

  it.each(TEMPLATES)(
    "%s: the binding fits the template, and is read back the same",
    (_, template) => {
      const binding = bindTemplate(template, ({ kind }) => VALUES[kind]);
      expect(matchTemplate(binding, template)).toEqual([]);
      const text = manifestText({ ...NEW, template: binding });
      const env = { WHATSAPP_ACCESS_TOKEN: "token-of-nobody" };
      const read = readManifest(text, { file: "a.yaml", env });
      if ("problems" in read) expect(read.problems).toEqual([]);
      else expect(read.manifest.template).toMatchObject(binding);
    },
  );

  it("has the examples that the template was made with", () => {
    const example = { body_text: [["Ana", "AB12"]] };
    const named = { body_text_named_params: [{ param_name: "who", example: "Ana" }] };
    const url = {
      type: "URL",
      url: "https://a.example/x?c={{1}}",
      example: ["https://a.example/x?c=AB"],
    };
    const examplesOf = (one: TemplateDefinition) => needsOf(one).map((need) => need.example);
    const body = { type: "BODY", text: "{{1}} {{2}}", example } as TemplateComponent;
    const counted = definition([body, { type: "BUTTONS", buttons: [url] }]);
    expect(examplesOf(counted)).toEqual(["Ana", "AB12", "AB"]);
    const namedBody = { type: "BODY", text: "{{who}}", example: named } as TemplateComponent;
    expect(examplesOf(definition([namedBody], "NAMED"))).toEqual(["Ana"]);
  });

  it("puts the products of a button into one section", () => {
    const buttons = [{ type: "MPM", text: "Items" }];
    const bound = bindTemplate(definition([{ type: "BUTTONS", buttons }]), ({ key }) => key);
    const sections = [{ title: "button.0.title", items: "button.0.products" }];
    expect(bound.buttons).toEqual([
      { index: 0, products: { thumbnail_product_retailer_id: "button.0.thumbnail", sections } },
    ]);
  });
});

describe("the text of a new project", () => {
  it.each([
    ["Meta", NEW.account, { account: { phone_number_id: "106540352242922" } }],
    ["another address", { ...NEW.account, baseUrl: "http://127.0.0.1:1" }, {}],
    ["the sandbox", null, { account: "sandbox" }],
  ])("is a manifest for %s", (_, account, expected) => {
    const template = { name: "offer", language: "pt_BR", body: ['${ {{ a }} "quoted" \\ #'] };
    const made = { ...NEW, account: account as NewManifest["account"], template };
    const scenario = account === null ? "scenario.yaml" : null;
    const env = { WHATSAPP_ACCESS_TOKEN: "token-of-nobody" };
    const read = readManifest(manifestText({ ...made, scenario }), { file: "a.yaml", env });
    if ("problems" in read) expect(read.problems).toEqual([]);
    else expect(read.manifest).toMatchObject({ ...expected, template });
  });

  it("is a policy that sets nothing but the ledger", () => {
    const read = readPolicy(policyText("policy.schema.json"), { file: "policy.yaml" });
    expect(read).toMatchObject({ policy: { ledger: "data/ledger.sqlite" } });
  });

  it.each([
    ["spring_sale", "spring_sale-2026-11"],
    ["Ofertas de ñ", "Ofertas-de--2026-11"],
    ["é", "--2026-11"],
  ])("names a campaign after %s", (template, name) => {
    expect(campaignName(template, "2026-11")).toBe(name);
    expect(name).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });
});
