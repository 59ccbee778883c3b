// One template of every kind that a marketing template can be, and a message that fits it.

import { textOf } from "./catalogue.ts";
import type { Loose } from "./posting.ts";
import { message } from "./posting.ts";

export interface Example {
  template: Loose;
  components: Loose[];
}

const product = { product_retailer_id: "sku-1", catalog_id: "77" };
const coupon = { type: "coupon_code", coupon_code: "SPRING" };

/** A button of a message. */
export function buttonOf(sub_type: string, index: number, ...parameters: Loose[]): Loose {
  return { type: "button", sub_type, index: `${index}`, parameters };
}

/** A button with an action. */
export function actionOf(sub_type: string, action: Loose): Loose {
  return buttonOf(sub_type, 0, { type: "action", action });
}

/** `count` products in sections of at most thirty. */
export function sectionsOf(sections: number, items: number): Loose[] {
  const product_items = Array.from({ length: items }, (_, index) => ({
    product_retailer_id: `sku-${index}`,
  }));
  return Array.from({ length: sections }, (_, index) => ({ title: `S${index}`, product_items }));
}

const card = (header: Loose, url: string): Loose => ({
  components: [
    header,
    { type: "BODY", text: "Only {{1}}" },
    {
      type: "BUTTONS",
      buttons: [
        { type: "URL", url },
        { type: "QUICK_REPLY", text: "More" },
      ],
    },
  ],
});

const cardMessage = (card_index: number): Loose => ({
  card_index,
  components: [
    {
      type: "header",
      parameters: [{ type: "image", image: { link: "https://example.com/a.jpg" } }],
    },
    { type: "body", parameters: [textOf("R$ 9")] },
    buttonOf("url", 0, textOf("x")),
    buttonOf("quick_reply", 1, { type: "payload", payload: "more" }),
  ],
});

const headerOf = (type: string, value: Loose): Loose => ({
  type: "header",
  parameters: [{ type, [type]: value }],
});

const withHeader = (format: string): Loose[] => [
  { type: "HEADER", format },
  { type: "BODY", text: "Hello." },
];
const withButton = (button: Loose): Loose[] => [
  { type: "BODY", text: "Hello." },
  { type: "BUTTONS", buttons: [button] },
];

const link = "https://example.com/file";

/** By kind; the template's name is its kind. */
const KINDS: Record<string, [components: Loose[], message: Loose[]]> = {
  text_header: [
    [
      { type: "HEADER", format: "TEXT", text: "For {{1}}" },
      { type: "BODY", text: "Hello." },
    ],
    [{ type: "header", parameters: [textOf("Ana")] }],
  ],
  image: [withHeader("IMAGE"), [headerOf("image", { link })]],
  video: [withHeader("VIDEO"), [headerOf("video", { link })]],
  document: [withHeader("DOCUMENT"), [headerOf("document", { link, filename: "offer.pdf" })]],
  gif: [withHeader("GIF"), [headerOf("gif", { link })]],
  location: [
    [
      { type: "header", format: "location" },
      { type: "body", text: "Hello." },
    ],
    [
      headerOf("location", {
        latitude: "-23.5",
        longitude: "-46.6",
        name: "Shop",
        address: "Rua 1",
      }),
    ],
  ],
  product: [
    [...withHeader("PRODUCT"), { type: "BUTTONS", buttons: [{ type: "SPM", text: "View" }] }],
    [headerOf("product", product)],
  ],
  url: [
    withButton({ type: "URL", url: "https://example.com/{{1}}" }),
    [buttonOf("url", 0, textOf("a"))],
  ],
  quick_reply: [
    withButton({ type: "QUICK_REPLY", text: "Stop" }),
    [buttonOf("quick_reply", 0, { type: "payload", payload: "stop" })],
  ],
  copy_code: [
    withButton({ type: "COPY_CODE", example: "X" }),
    [buttonOf("copy_code", 0, { type: "coupon_code", coupon_code: "SPRING" })],
  ],
  named_url: [
    withButton({ type: "URL", url: "https://example.com/{{code}}" }),
    [buttonOf("url", 0, { ...textOf("a"), parameter_name: "code" })],
  ],
  voice_call: [
    withButton({ type: "VOICE_CALL", text: "Call us" }),
    [
      {
        ...buttonOf("voice_call", 0, { type: "ttl_minutes", ttl_minutes: 1_440 }),
        parameters: [
          { type: "ttl_minutes", ttl_minutes: 1_440 },
          { type: "payload", payload: "spring" },
        ],
      },
    ],
  ],
  call_without_index: [
    withButton({ type: "VOICE_CALL", text: "Call us" }),
    [{ type: "button", sub_type: "voice_call", parameters: [] }],
  ],
  catalog_without_picture: [
    withButton({ type: "CATALOG", text: "View catalog" }),
    [{ type: "button", sub_type: "catalog", index: "0" }],
  ],
  flow: [
    withButton({ type: "FLOW", text: "Sign up", flow_id: "1", flow_action: "navigate" }),
    [actionOf("flow", { flow_token: "t", flow_action_data: { plan: "a" } })],
  ],
  catalog: [
    withButton({ type: "CATALOG", text: "View catalog" }),
    [actionOf("catalog", { thumbnail_product_retailer_id: "sku-1" })],
  ],
  mpm: [
    withButton({ type: "MPM", text: "View items" }),
    [actionOf("mpm", { thumbnail_product_retailer_id: "sku-1", sections: sectionsOf(2, 15) })],
  ],
  phone_number: [
    withButton({ type: "PHONE_NUMBER", text: "Call", phone_number: "+552055550100" }),
    [],
  ],
  contact_info: [withButton({ type: "REQUEST_CONTACT_INFO" }), []],
  offer: [
    [
      { type: "HEADER", format: "IMAGE" },
      { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: "Ends!", has_expiration: true } },
      { type: "BODY", text: "Use {{1}}" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "COPY_CODE", example: "X" },
          { type: "URL", url: "https://example.com/{{1}}" },
        ],
      },
    ],
    [
      headerOf("image", { link }),
      {
        type: "limited_time_offer",
        parameters: [
          {
            type: "limited_time_offer",
            limited_time_offer: { expiration_time_ms: 1_893_456_000_000 },
          },
        ],
      },
      { type: "body", parameters: [textOf("SPRING")] },
      buttonOf("copy_code", 0, coupon),
      buttonOf("url", 1, textOf("a")),
    ],
  ],
  open_offer: [
    [
      { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: "Now" } },
      { type: "BODY", text: `${"a".repeat(590)}{{1}}` },
    ],
    [{ type: "body", parameters: [textOf("b".repeat(10))] }],
  ],
  carousel: [
    [
      { type: "BODY", text: "For {{1}}" },
      {
        type: "CAROUSEL",
        cards: [0, 1].map(() =>
          card({ type: "HEADER", format: "IMAGE" }, "https://example.com/{{1}}"),
        ),
      },
    ],
    [
      { type: "body", parameters: [textOf("Ana")] },
      { type: "carousel", cards: [cardMessage(0), cardMessage(1)] },
    ],
  ],
  products: [
    [
      { type: "BODY", text: "Look." },
      {
        type: "CAROUSEL",
        cards: [
          {
            components: [
              { type: "HEADER", format: "PRODUCT" },
              { type: "BUTTONS", buttons: [{ type: "SPM", text: "View" }] },
            ],
          },
        ],
      },
    ],
    [
      {
        type: "carousel",
        cards: [0, 1, 2].map((card_index) => ({
          card_index,
          components: [headerOf("product", product)],
        })),
      },
    ],
  ],
  tap_target: [
    withButton({ type: "URL", url: "https://example.com/fixed" }),
    [
      {
        type: "tap_target_configuration",
        parameters: [
          {
            type: "tap_target_configuration",
            tap_target_configuration: [{ url: "https://example.com/", title: "Shop" }],
          },
        ],
      },
    ],
  ],
};

/** Every template of the kinds above. */
export const MARKETING_TEMPLATES: Loose[] = Object.entries(KINDS).map(([name, [components]]) => ({
  name,
  language: "en",
  components,
}));

export const MARKETING_KINDS = Object.keys(KINDS);

/** The message that fits the template of a kind; a copy that may be changed. */
export function messageOf(kind: string): Loose {
  const [, components] = KINDS[kind] as [Loose[], Loose[]];
  const template = { name: kind, language: { code: "en" }, components };
  return structuredClone(message(undefined, { template }));
}
