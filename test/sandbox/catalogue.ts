// Templates of every kind that the sandbox checks messages against, and messages that fit them.

import type { Loose } from "./posting.ts";
import { message, ORDINARY } from "./posting.ts";

const PLAIN = { name: "plain", language: "en_US", components: [{ type: "BODY", text: "Hello." }] };

/** Added to the default scenario's own template. */
export const CATALOGUE = [
  PLAIN,
  {
    name: "named_sale",
    language: "en_US",
    parameter_format: "NAMED",
    components: [
      { type: "HEADER", format: "TEXT", text: "For {{first_name}}" },
      { type: "BODY", text: "Hi {{first_name}}, {{coupon}} is yours, {{first_name}}." },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Stop" },
          { type: "COPY_CODE", example: "CODE" },
          { type: "URL", text: "Shop", url: "https://example.com/" },
        ],
      },
    ],
  },
  {
    name: "long",
    language: "en",
    components: [{ type: "BODY", text: `${"a".repeat(1_000)}{{1}}` }],
  },
  {
    ...PLAIN,
    name: "place",
    language: "pt_BR",
    components: [{ type: "HEADER", format: "LOCATION" }],
  },
  { ...PLAIN, name: "paused", status: "PAUSED" },
  { ...PLAIN, name: "disabled", status: "DISABLED" },
  { ...PLAIN, name: "pending", status: "PENDING" },
  { ...PLAIN, name: "rejected", status: "REJECTED" },
  { ...PLAIN, name: "receipt", category: "UTILITY" },
  { ...PLAIN, name: "fresh", syncing: true },
];

/** A text parameter. */
export function textOf(text: string, parameterName?: string): Loose {
  return { type: "text", text, ...(parameterName && { parameter_name: parameterName }) };
}

/** A message of a template that takes body parameters only, or none. */
export function templateMessage(name: string, code: string, parameters?: unknown[]): Loose {
  const components = parameters && [{ type: "body", parameters }];
  const template = { name, language: { code }, ...(components && { components }) };
  return message(ORDINARY, { template });
}

/** A message that fits `named_sale`: header, body, quick reply and copy code, in this order. */
export const NAMED_MESSAGE: Loose = message(ORDINARY, {
  template: {
    name: "named_sale",
    language: { code: "en_US" },
    components: [
      { type: "header", parameters: [textOf("Ana", "first_name")] },
      { type: "body", parameters: [textOf("C1", "coupon"), textOf("Ana", "first_name")] },
      {
        type: "button",
        sub_type: "quick_reply",
        index: "0",
        parameters: [{ type: "payload", payload: "stop" }],
      },
      {
        type: "button",
        sub_type: "copy_code",
        index: "1",
        parameters: [{ type: "coupon_code", coupon_code: "C1" }],
      },
    ],
  },
});
