// The buttons of a template, and of a card of a carousel, in the manifest: those that take a value.

import * as z from "zod";
import { BUTTON_KEYS } from "../message/template.ts";
import { typedValue } from "../message/template-buttons.ts";
import { COUNTS } from "../message/template-limits.ts";
import { parameterName } from "./manifest-header.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { ALWAYS, say } from "./manifest-say.ts";
import { checkValue, exactlyOne, value } from "./manifest-value.ts";

const thumbnail = value("text", "The product whose picture is shown, by its id.", "{{ sku }}");

const flow = z
  .strictObject({
    token: value("text", "Comes back with what people fill in.", "spring-{{ id }}").optional(),
    data: z
      .record(
        z.string().regex(/^\P{Cc}{1,256}$/u, "a name without control characters"),
        z.unknown().superRefine((data, context) => checkJson(data, context, [])),
      )
      .optional()
      .meta({
        description:
          "What the flow's first screen is given: any data, its texts being Liquid over the columns.",
        examples: [{ name: "{{ first_name }}", guests: 2 }],
      }),
  })
  .meta({ description: "A flow; `flow: {}` when it needs neither token nor data." });

const catalog = z.strictObject({ thumbnail_product_retailer_id: thumbnail.optional() }).meta({
  description:
    "The whole catalog, with the picture of one product; `catalog: {}` shows the first product's.",
});

const voiceCall = z
  .strictObject({
    ttl_minutes: value(
      "ttl_minutes",
      "How long the button works, in minutes from 1 to 43,200; left out, what the template says.",
      "1440",
    ).optional(),
    payload: value("call_payload", "What comes back with the call.", "spring-{{ id }}").optional(),
  })
  .meta({ description: "A call to the business; `voice_call: {}` says nothing of it." });

const products = z
  .strictObject({
    thumbnail_product_retailer_id: thumbnail,
    sections: z
      .array(
        z
          .strictObject({
            title: value("section_title", "The section's title.", "Popular"),
            items: z
              .union([
                value("product_list", "Ids parted by commas, semicolons or bars.", "{{ skus }}"),
                z
                  .array(value("text", "A product's id in the catalog.", "{{ sku }}"))
                  .min(1)
                  .max(COUNTS.products),
              ])
              .meta({
                description: "Its products: a list of ids, or one value that is such a list.",
                examples: [["{{ sku_1 }}", "{{ sku_2 }}"], "{{ skus }}"],
              }),
          })
          .meta({ description: "A section of the list of products." }),
      )
      .min(1)
      .max(COUNTS.sections)
      .superRefine(checkProducts, ALWAYS)
      .meta({
        description: "Up to 10 sections with up to 30 products together.",
        examples: [[{ title: "Popular", items: ["{{ sku_1 }}", "{{ sku_2 }}"] }]],
      }),
  })
  .meta({ description: "Products of the catalog (a multi-product message)." });

const urlValue = value("url", "What is put at the end of the button's URL.", "{{ coupon }}");

const button = z
  .strictObject({
    index: z
      .int()
      .min(0)
      .max(COUNTS.buttons - 1)
      .meta({
        description: "Which button of the template, from 0; count those without a variable too.",
        examples: [0],
      }),
    url: z
      .union([urlValue, z.record(parameterName, urlValue)])
      .superRefine(checkOneName, ALWAYS)
      .optional()
      .meta({
        description:
          "What is put at the end of the button's URL; `{ name: value }` where the URL's variable has a name.",
        examples: ["{{ coupon }}", { code: "{{ coupon }}" }],
      }),
    quick_reply: value(
      "payload",
      "What comes back when the button is tapped.",
      "spring-yes",
    ).optional(),
    copy_code: value("copy_code", "The code that is copied.", "{{ coupon }}").optional(),
    flow: flow.optional(),
    catalog: catalog.optional(),
    products: products.optional(),
    voice_call: voiceCall.optional(),
  })
  .superRefine((keys, context) => exactlyOne(keys, BUTTON_KEYS, context), ALWAYS)
  .meta({ description: "A button that takes a variable.", minProperties: 2, maxProperties: 2 });

/** The buttons that take a value, each index once. */
export const buttons = z
  .array(button)
  .max(COUNTS.buttons)
  .superRefine(checkIndexes, ALWAYS)
  .meta({
    description: "The template's buttons that take a variable.",
    examples: [[{ index: 0, url: "{{ coupon }}" }]],
  });

function checkOneName(url: unknown, context: RefinementContext): void {
  if (typeof url !== "object" || url === null) return;
  const count = Object.keys(url).length;
  const hint = "Write it as `url: { name: value }`: a button has one variable.";
  if (count !== 1) say(context, `needs exactly one name, not ${count}`, hint, [], "key");
}

function checkIndexes(list: unknown, context: RefinementContext): void {
  if (!Array.isArray(list)) return;
  const firsts = new Map<unknown, number>();
  for (const [place, item] of list.entries()) {
    const index = (item as { index?: unknown } | null)?.index;
    const first = firsts.get(index);
    if (first === undefined) firsts.set(index, place);
    else if (index !== undefined) {
      const hint =
        "Give it another index, or take it out: each button is filled once, and they count from 0.";
      say(context, `is button ${index} again, after buttons[${first}]`, hint, [place, "index"]);
    }
  }
}

function checkProducts(list: unknown, context: RefinementContext): void {
  if (!Array.isArray(list)) return;
  const count = list.reduce((sum: number, section) => {
    const items: unknown = (section as { items?: unknown } | null)?.items;
    return sum + (Array.isArray(items) ? items.length : 0);
  }, 0);
  if (count > COUNTS.products) {
    const hint = `Take ${count - COUNTS.products} out: a list shows at most ${COUNTS.products} products.`;
    say(context, `has ${count} items in all; at most ${COUNTS.products} fit`, hint, [], "key");
  }
}

/** Checks every value in a flow's data; numbers, true, false and null are taken as they are. */
function checkJson(data: unknown, context: RefinementContext, path: (string | number)[]): void {
  const typed = typedValue(data);
  if (typed !== undefined) {
    checkValue(typed.kind, typed.template, context, [...path, `$${typed.kind}`]);
    return;
  }
  if (typeof data === "string") checkValue("text", data, context, path);
  if (typeof data !== "object" || data === null) return;
  for (const [key, item] of Object.entries(data)) {
    checkJson(item, context, [...path, Array.isArray(data) ? Number(key) : key]);
  }
}
