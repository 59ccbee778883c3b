// One template for every kind of component that a marketing template can have: how a manifest binds
// it, the template in Meta's own shape, and the `components` that Meta's pages ask for, written
// down by hand from them.

import type { TemplateDefinition } from "../../../src/domain/message/template.ts";

export interface TemplateKind {
  /** The template's name, and what it shows. */
  name: string;
  /** The keys of `template` in the manifest, after name and language. */
  manifest: string;
  cells: Record<string, string>;
  definition: Pick<TemplateDefinition, "components"> & { parameter_format?: "NAMED" };
  /** Of the body that is posted. */
  components: unknown[];
  /** Keys of `delivery` in the manifest, and what they add to the body. */
  delivery?: { manifest: string; body: Record<string, unknown>; definition: object };
}

/** Ids that a sandbox must be reported of. */
export const KNOWN_MEDIA = ["1013859600285441", "1602186516975000"];

const BODY = { type: "BODY", text: "A sale for you." } as const;

export const TEMPLATE_KINDS: TemplateKind[] = [
  {
    name: "text_header_and_named_body",
    manifest: `{ header: { text: { city: "{{ city }}" } }, body: { first_name: "{{ name }}", percent: 20% } }`,
    cells: { city: "Recife", name: "Ana" },
    definition: {
      parameter_format: "NAMED",
      components: [
        { type: "HEADER", format: "TEXT", text: "Sale in {{city}}" },
        { type: "BODY", text: "{{first_name}}, {{percent}} off." },
      ],
    },
    components: [
      {
        type: "header",
        parameters: [{ type: "text", parameter_name: "city", text: "Recife" }],
      },
      {
        type: "body",
        parameters: [
          { type: "text", parameter_name: "first_name", text: "Ana" },
          { type: "text", parameter_name: "percent", text: "20%" },
        ],
      },
    ],
  },
  {
    name: "image_url_and_quick_reply",
    manifest: `{ header: { image: { link: "https://example.com/{{ sku }}.jpg" } }, body: ["{{ name }}", "{{ coupon }}"],
      buttons: [{ index: 0, url: "{{ coupon }}" }, { index: 1, quick_reply: "stop-{{ sku }}" }] }`,
    cells: { sku: "S1", name: "Ana", coupon: "C1" },
    definition: {
      components: [
        { type: "HEADER", format: "IMAGE" },
        { type: "BODY", text: "Hello {{1}}, use {{2}}." },
        { type: "FOOTER", text: "Stop? Say so." },
        {
          type: "BUTTONS",
          buttons: [
            { type: "URL", text: "Shop", url: "https://example.com/?c={{1}}" },
            { type: "QUICK_REPLY", text: "Stop" },
          ],
        },
      ],
    },
    components: [
      {
        type: "header",
        parameters: [{ type: "image", image: { link: "https://example.com/S1.jpg" } }],
      },
      {
        type: "body",
        parameters: [
          { type: "text", text: "Ana" },
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
        parameters: [{ type: "payload", payload: "stop-S1" }],
      },
    ],
  },
  {
    name: "video",
    manifest: `{ header: { video: { link: "https://example.com/spring.mp4" } } }`,
    cells: {},
    definition: { components: [{ type: "HEADER", format: "VIDEO" }, BODY] },
    components: [
      {
        type: "header",
        parameters: [{ type: "video", video: { link: "https://example.com/spring.mp4" } }],
      },
    ],
  },
  {
    name: "document_with_a_name",
    manifest: `{ header: { document: { link: "https://example.com/{{ id }}.pdf", filename: "Prices {{ id }}.pdf" } } }`,
    cells: { id: "7" },
    definition: { components: [{ type: "HEADER", format: "DOCUMENT" }, BODY] },
    components: [
      {
        type: "header",
        parameters: [
          {
            type: "document",
            document: { link: "https://example.com/7.pdf", filename: "Prices 7.pdf" },
          },
        ],
      },
    ],
  },
  {
    name: "gif",
    manifest: `{ header: { gif: { link: "https://example.com/spring.mp4" } } }`,
    cells: {},
    definition: { components: [{ type: "HEADER", format: "GIF" }, BODY] },
    components: [
      {
        type: "header",
        parameters: [{ type: "gif", gif: { link: "https://example.com/spring.mp4" } }],
      },
    ],
  },
  {
    name: "location",
    manifest: `{ header: { location: { latitude: "{{ lat }}", longitude: -46.63330, name: "{{ store }}", address: Rua A 1 } } }`,
    cells: { lat: "-23.5505", store: "Loja Centro" },
    definition: { components: [{ type: "HEADER", format: "LOCATION" }, BODY] },
    components: [
      {
        type: "header",
        parameters: [
          {
            type: "location",
            location: {
              latitude: "-23.5505",
              longitude: "-46.63330",
              name: "Loja Centro",
              address: "Rua A 1",
            },
          },
        ],
      },
    ],
  },
  {
    name: "product",
    manifest: `{ header: { product: { product_retailer_id: "{{ sku }}", catalog_id: "194836987003835" } } }`,
    cells: { sku: "nqryix03ez" },
    definition: {
      components: [
        { type: "HEADER", format: "PRODUCT" },
        BODY,
        { type: "BUTTONS", buttons: [{ type: "SPM", text: "View" }] },
      ],
    },
    components: [
      {
        type: "header",
        parameters: [
          {
            type: "product",
            product: { product_retailer_id: "nqryix03ez", catalog_id: "194836987003835" },
          },
        ],
      },
    ],
  },
  {
    name: "limited_time_offer_with_a_code",
    manifest: `{ header: { image: { id: "1602186516975000" } }, body: ["{{ name }}"],
      limited_time_offer: { expires: "{{ day }}T18:00-03:00" },
      buttons: [{ index: 0, copy_code: "{{ coupon }}" }, { index: 1, url: n3mtql }] }`,
    cells: { name: "Ana", day: "2027-04-30", coupon: "CARIBE25" },
    definition: {
      components: [
        { type: "HEADER", format: "IMAGE" },
        {
          type: "LIMITED_TIME_OFFER",
          limited_time_offer: { text: "Expiring offer!", has_expiration: true },
        },
        { type: "BODY", text: "Good news, {{1}}!" },
        {
          type: "BUTTONS",
          buttons: [
            { type: "COPY_CODE", text: "Copy code", example: "X" },
            { type: "URL", text: "Book now", url: "https://example.com/offers?code={{1}}" },
          ],
        },
      ],
    },
    components: [
      { type: "header", parameters: [{ type: "image", image: { id: "1602186516975000" } }] },
      { type: "body", parameters: [{ type: "text", text: "Ana" }] },
      {
        type: "limited_time_offer",
        parameters: [
          {
            type: "limited_time_offer",
            limited_time_offer: { expiration_time_ms: Date.UTC(2027, 3, 30, 21) },
          },
        ],
      },
      {
        type: "button",
        sub_type: "copy_code",
        index: "0",
        parameters: [{ type: "coupon_code", coupon_code: "CARIBE25" }],
      },
      {
        type: "button",
        sub_type: "url",
        index: "1",
        parameters: [{ type: "text", text: "n3mtql" }],
      },
    ],
  },
  {
    name: "flow",
    manifest: `{ buttons: [{ index: 0, flow: { token: "spring-{{ id }}", data: { name: "{{ name }}", guests: 2, tags: [a, true] } } }] }`,
    cells: { id: "7", name: 'A"na' },
    definition: {
      components: [BODY, { type: "BUTTONS", buttons: [{ type: "FLOW", text: "Book" }] }],
    },
    components: [
      {
        type: "button",
        sub_type: "flow",
        index: "0",
        parameters: [
          {
            type: "action",
            action: {
              flow_token: "spring-7",
              flow_action_data: { name: 'A"na', guests: 2, tags: ["a", true] },
            },
          },
        ],
      },
    ],
  },
  {
    name: "catalog",
    manifest: `{ buttons: [{ index: 0, catalog: { thumbnail_product_retailer_id: "{{ sku }}" } }] }`,
    cells: { sku: "2lc20305pt" },
    definition: {
      components: [BODY, { type: "BUTTONS", buttons: [{ type: "CATALOG", text: "View catalog" }] }],
    },
    components: [
      {
        type: "button",
        sub_type: "catalog",
        index: "0",
        parameters: [{ type: "action", action: { thumbnail_product_retailer_id: "2lc20305pt" } }],
      },
    ],
  },
  {
    name: "products",
    manifest: `{ header: { text: "{{ name }}" }, buttons: [{ index: 0, products: { thumbnail_product_retailer_id: "{{ sku }}", sections: [
      { title: Popular, items: ["{{ sku }}", nseiw1x3ch] }, { title: "For {{ name }}", items: [n6k6x0y7oe] }] } }] }`,
    cells: { name: "Ana", sku: "2lc20305pt" },
    definition: {
      components: [
        { type: "HEADER", format: "TEXT", text: "Forget something {{1}}?" },
        BODY,
        { type: "BUTTONS", buttons: [{ type: "MPM", text: "View items" }] },
      ],
    },
    components: [
      { type: "header", parameters: [{ type: "text", text: "Ana" }] },
      {
        type: "button",
        sub_type: "mpm",
        index: "0",
        parameters: [
          {
            type: "action",
            action: {
              thumbnail_product_retailer_id: "2lc20305pt",
              sections: [
                {
                  title: "Popular",
                  product_items: [
                    { product_retailer_id: "2lc20305pt" },
                    { product_retailer_id: "nseiw1x3ch" },
                  ],
                },
                { title: "For Ana", product_items: [{ product_retailer_id: "n6k6x0y7oe" }] },
              ],
            },
          },
        ],
      },
    ],
  },
  {
    name: "money_and_dates",
    manifest: `{ body: ["{{ name }}", { currency: { amount: "{{ price }}", code: BRL, fallback_value: "R$ {{ price }}" } },
      { date_time: { fallback_value: "{{ day }}" } }] }`,
    cells: { name: "Ana", price: "100.99", day: "25/02/2027" },
    definition: { components: [{ type: "BODY", text: "{{1}}, only {{2}} until {{3}}." }] },
    components: [
      {
        type: "body",
        parameters: [
          { type: "text", text: "Ana" },
          {
            type: "currency",
            currency: { fallback_value: "R$ 100.99", code: "BRL", amount_1000: 100_990 },
          },
          { type: "date_time", date_time: { fallback_value: "25/02/2027" } },
        ],
      },
    ],
  },
  {
    name: "named_money_and_url",
    manifest: `{ body: { price: { currency: { amount: 5, code: "{{ money }}", fallback_value: "5 {{ money }}" } } },
      buttons: [{ index: 0, url: { code: "{{ coupon }}" } }] }`,
    cells: { money: "usd", coupon: "C1" },
    definition: {
      parameter_format: "NAMED",
      components: [
        { type: "BODY", text: "Only {{price}}." },
        {
          type: "BUTTONS",
          buttons: [{ type: "URL", text: "Shop", url: "https://example.com/?c={{code}}" }],
        },
      ],
    },
    components: [
      {
        type: "body",
        parameters: [
          {
            type: "currency",
            parameter_name: "price",
            currency: { fallback_value: "5 usd", code: "USD", amount_1000: 5_000 },
          },
        ],
      },
      {
        type: "button",
        sub_type: "url",
        index: "0",
        parameters: [{ type: "text", parameter_name: "code", text: "C1" }],
      },
    ],
  },
  {
    name: "coupon_of_twenty_characters",
    manifest: `{ buttons: [{ index: 0, copy_code: "{{ coupon }}" }] }`,
    cells: { coupon: "SPRING-SALE-20271234" },
    definition: {
      components: [
        BODY,
        { type: "BUTTONS", buttons: [{ type: "COPY_CODE", text: "Copy", example: "X" }] },
      ],
    },
    components: [
      {
        type: "button",
        sub_type: "copy_code",
        index: "0",
        parameters: [{ type: "coupon_code", coupon_code: "SPRING-SALE-20271234" }],
      },
    ],
  },
  {
    name: "flow_with_data_by_row",
    manifest: `{ buttons: [{ index: 0, flow: { data: { guests: { $number: "{{ guests }}" }, member: { $boolean: "{{ member }}" },
      prices: [{ $number: "{{ price }}" }], deep: { $number: "{{ guests }}", other: 1 } } } }] }`,
    cells: { guests: "2", member: "Yes", price: "9.50" },
    definition: {
      components: [BODY, { type: "BUTTONS", buttons: [{ type: "FLOW", text: "Book" }] }],
    },
    components: [
      {
        type: "button",
        sub_type: "flow",
        index: "0",
        parameters: [
          {
            type: "action",
            action: {
              flow_action_data: {
                guests: 2,
                member: true,
                prices: [9.5],
                deep: { $number: "2", other: 1 },
              },
            },
          },
        ],
      },
    ],
  },
  {
    name: "catalog_without_a_picture",
    manifest: `{ buttons: [{ index: 0, catalog: {} }] }`,
    cells: {},
    definition: {
      components: [BODY, { type: "BUTTONS", buttons: [{ type: "CATALOG", text: "View catalog" }] }],
    },
    components: [{ type: "button", sub_type: "catalog", index: "0" }],
  },
  {
    name: "products_by_row",
    manifest: `{ header: { text: "{{ name }}" }, buttons: [{ index: 0, products: { thumbnail_product_retailer_id: "{{ skus | split: ';' | first }}", sections: [
      { title: "For {{ name }}", items: "{{ skus }}" }, { title: Popular, items: [n6k6x0y7oe] }] } }] }`,
    cells: { name: "Ana", skus: "2lc20305pt; nseiw1x3ch;2lc20305pt;" },
    definition: {
      components: [
        { type: "HEADER", format: "TEXT", text: "Forget something {{1}}?" },
        BODY,
        { type: "BUTTONS", buttons: [{ type: "MPM", text: "View items" }] },
      ],
    },
    components: [
      { type: "header", parameters: [{ type: "text", text: "Ana" }] },
      {
        type: "button",
        sub_type: "mpm",
        index: "0",
        parameters: [
          {
            type: "action",
            action: {
              thumbnail_product_retailer_id: "2lc20305pt",
              sections: [
                {
                  title: "For Ana",
                  product_items: [
                    { product_retailer_id: "2lc20305pt" },
                    { product_retailer_id: "nseiw1x3ch" },
                  ],
                },
                { title: "Popular", product_items: [{ product_retailer_id: "n6k6x0y7oe" }] },
              ],
            },
          },
        ],
      },
    ],
  },
  {
    name: "voice_call",
    manifest: `{ buttons: [{ index: 0, voice_call: { ttl_minutes: "{{ minutes }}", payload: "spring-{{ id }}" } }] }`,
    cells: { minutes: "1440", id: "7" },
    definition: {
      components: [BODY, { type: "BUTTONS", buttons: [{ type: "VOICE_CALL", text: "Call us" }] }],
    },
    components: [
      {
        type: "button",
        sub_type: "voice_call",
        index: "0",
        parameters: [
          { type: "ttl_minutes", ttl_minutes: 1440 },
          { type: "payload", payload: "spring-7" },
        ],
      },
    ],
  },
  {
    name: "carousel_of_media",
    manifest: `{ body: ["{{ name }}"], carousel: { cards: [
      { header: { image: { id: "1013859600285441" } }, body: [aloe], buttons: [{ index: 0, quick_reply: more-aloes }, { index: 1, url: blue-elf }] },
      { header: { image: { link: "https://example.com/{{ sku }}.jpg" } }, body: ["{{ sku }}"], buttons: [{ index: 0, quick_reply: more }, { index: 1, url: "{{ sku }}" }] }] } }`,
    cells: { name: "Ana", sku: "crassula" },
    definition: {
      components: [
        { type: "BODY", text: "For {{1}}:" },
        { type: "CAROUSEL", cards: [mediaCard(), mediaCard()] },
      ],
    },
    components: [
      { type: "body", parameters: [{ type: "text", text: "Ana" }] },
      {
        type: "carousel",
        cards: [
          {
            card_index: 0,
            components: [
              {
                type: "header",
                parameters: [{ type: "image", image: { id: "1013859600285441" } }],
              },
              { type: "body", parameters: [{ type: "text", text: "aloe" }] },
              {
                type: "button",
                sub_type: "quick_reply",
                index: "0",
                parameters: [{ type: "payload", payload: "more-aloes" }],
              },
              {
                type: "button",
                sub_type: "url",
                index: "1",
                parameters: [{ type: "text", text: "blue-elf" }],
              },
            ],
          },
          {
            card_index: 1,
            components: [
              {
                type: "header",
                parameters: [
                  { type: "image", image: { link: "https://example.com/crassula.jpg" } },
                ],
              },
              { type: "body", parameters: [{ type: "text", text: "crassula" }] },
              {
                type: "button",
                sub_type: "quick_reply",
                index: "0",
                parameters: [{ type: "payload", payload: "more" }],
              },
              {
                type: "button",
                sub_type: "url",
                index: "1",
                parameters: [{ type: "text", text: "crassula" }],
              },
            ],
          },
        ],
      },
    ],
  },
  {
    name: "carousel_of_products",
    manifest: `{ carousel: { cards: [
      { header: { product: { product_retailer_id: vrpj01fvwp, catalog_id: "194836987003835" } } },
      { header: { product: { product_retailer_id: "{{ sku }}", catalog_id: "194836987003835" } } },
      { header: { product: { product_retailer_id: sqpjv0mgde, catalog_id: "194836987003835" } } }] } }`,
    cells: { sku: "va2l5ioeat" },
    definition: {
      // Two are defined, and up to ten are sent.
      components: [BODY, { type: "CAROUSEL", cards: [productCard(), productCard()] }],
    },
    components: [
      {
        type: "carousel",
        cards: ["vrpj01fvwp", "va2l5ioeat", "sqpjv0mgde"].map((id, index) => ({
          card_index: index,
          components: [
            {
              type: "header",
              parameters: [
                {
                  type: "product",
                  product: { product_retailer_id: id, catalog_id: "194836987003835" },
                },
              ],
            },
          ],
        })),
      },
    ],
  },
  {
    name: "tap_target",
    manifest: `{ header: { image: { link: "https://example.com/spring.jpg" } }, tap_target: [{ url: "https://example.com/{{ sku }}", title: Offer details }] }`,
    cells: { sku: "S1" },
    definition: { components: [{ type: "HEADER", format: "IMAGE" }, BODY] },
    components: [
      {
        type: "header",
        parameters: [{ type: "image", image: { link: "https://example.com/spring.jpg" } }],
      },
      {
        type: "tap_target_configuration",
        parameters: [
          {
            type: "tap_target_configuration",
            tap_target_configuration: [{ url: "https://example.com/S1", title: "Offer details" }],
          },
        ],
      },
    ],
  },
  {
    name: "max_price",
    manifest: `{ body: ["{{ name }}"] }`,
    cells: { name: "Ana" },
    definition: { components: [{ type: "BODY", text: "For {{1}}: a sale." }] },
    components: [{ type: "body", parameters: [{ type: "text", text: "Ana" }] }],
    delivery: {
      manifest: "{ product_policy: STRICT, bid_multiplier: 0.8 }",
      body: { product_policy: "STRICT", bid_spec: { per_message_bid_multiplier: 0.8 } },
      definition: {
        optimization_spec: { bid_strategy: "LOWEST_COST_WITH_BID_CAP", bid_amount: 20_000 },
      },
    },
  },
];

function mediaCard(): { components: TemplateDefinition["components"] } {
  return {
    components: [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Lovely {{1}}" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "More like this" },
          { type: "URL", text: "Buy", url: "https://example.com/{{1}}" },
        ],
      },
    ],
  };
}

function productCard(): { components: TemplateDefinition["components"] } {
  return {
    components: [
      { type: "HEADER", format: "PRODUCT" },
      { type: "BUTTONS", buttons: [{ type: "SPM", text: "View" }] },
    ],
  };
}

/** A manifest that sends it. */
export function manifestText({ name, manifest, delivery }: TemplateKind): string {
  return [
    "campaign: kinds",
    "account: sandbox",
    "recipients: { file: list.csv }",
    `template: { name: ${name}, language: en, ${manifest.trim().slice(1)}`,
    ...(delivery === undefined ? [] : [`delivery: ${delivery.manifest}`]),
    "",
  ].join("\n");
}

/** The template at Meta. */
export function definitionOf({ name, definition, delivery }: TemplateKind): TemplateDefinition {
  return {
    name,
    language: "en",
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
    ...definition,
    ...delivery?.definition,
  };
}
