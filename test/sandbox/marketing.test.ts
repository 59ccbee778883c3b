// Everything that a marketing template can carry, against the template's own components.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { textOf } from "./catalogue.ts";
import {
  buttonOf,
  MARKETING_KINDS,
  MARKETING_TEMPLATES,
  messageOf,
  sectionsOf,
} from "./marketing.ts";
import type { Loose, Running } from "./posting.ts";
import { start } from "./posting.ts";

let sandbox: Running;

beforeAll(async () => {
  sandbox = await start({
    throughput: null,
    pair_limit: false,
    receipt_delay_ms: null,
    media: { known_ids: ["123"] },
    templates: MARKETING_TEMPLATES,
  });
});

afterAll(() => sandbox.end());

it.each(MARKETING_KINDS)("accepts %s", async (kind) => {
  const answer = await sandbox.post(messageOf(kind));
  expect([answer.text, answer.status]).toEqual([expect.stringContaining("wamid."), 200]);
});

/** Changes the components of a message in place. */
type Change = (parts: Loose[]) => unknown;

describe("accepts as well", () => {
  const cases: [kind: string, what: string, change: Change][] = [
    ["gif", "a file by its id", (parts) => set(parts, "gif", { id: "123" })],
    ["document", "a document without a name", (parts) => set(parts, "document", { id: "123" })],
    ["location", "numbers", (parts) => set(parts, "location", { latitude: 1.5, longitude: -180 })],
    ["flow", "no token", (parts) => Object.assign(parts[0].parameters[0], { action: {} })],
    ["catalog", "no thumbnail", (parts) => parts.splice(0)],
    ["quick_reply", "no payload", (parts) => parts.splice(0)],
    [
      "phone_number",
      "a button that says nothing",
      (parts) => parts.push(buttonOf("PHONE_NUMBER", 0)),
    ],
    ["mpm", "one section without a title", (parts) => only(parts, { sections: untitled() })],
    ["mpm", "thirty products", (parts) => only(parts, { sections: sectionsOf(10, 3) })],
    ["products", "ten cards", (parts) => cards(parts, 10)],
    ["products", "one card", (parts) => cards(parts, 1)],
    ["carousel", "cards in any order", (parts) => parts[1].cards.reverse()],
  ];
  it.each(cases)("%s: %s", async (kind, _, change) => {
    const answer = await sandbox.post(changed(kind, change));
    expect([answer.text, answer.status]).toEqual([expect.stringContaining("wamid."), 200]);
  });
});

describe("refuses", () => {
  const long = (count: number): string => "x".repeat(count);
  const cases: [code: number, kind: string, what: string, change: Change][] = [
    [132000, "text_header", "no value", (parts) => parts.splice(0)],
    [
      132005,
      "text_header",
      "a long value",
      (parts) => parts[0].parameters.splice(0, 1, textOf(long(57))),
    ],
    [132012, "video", "an image", (parts) => set(parts, "image", { link: "https://a.example/" })],
    [132012, "gif", "no header", (parts) => parts.splice(0)],
    [132012, "gif", "a video", (parts) => set(parts, "video", { link: "https://a.example/" })],
    [100, "gif", "an unknown id", (parts) => set(parts, "gif", { id: "124" })],
    [100, "image", "a file name", (parts) => Object.assign(inner(parts), { filename: "a.jpg" })],
    [100, "document", "an empty name", (parts) => Object.assign(inner(parts), { filename: "" })],
    [
      100,
      "image",
      "a key beside the image",
      (parts) => Object.assign(parts[0].parameters[0], { x: 1 }),
    ],
    [131008, "location", "no longitude", (parts) => delete inner(parts).longitude],
    [
      100,
      "location",
      "a latitude of 91",
      (parts) => Object.assign(inner(parts), { latitude: "91" }),
    ],
    [100, "location", "letters", (parts) => Object.assign(inner(parts), { longitude: "west" })],
    [100, "location", "an unknown key", (parts) => Object.assign(inner(parts), { url: "x" })],
    [
      100,
      "location",
      "a name that is no text",
      (parts) => Object.assign(inner(parts), { name: 1 }),
    ],
    [131008, "product", "no catalogue", (parts) => delete inner(parts).catalog_id],
    [100, "product", "an unknown key", (parts) => Object.assign(inner(parts), { price: 1 })],
    [
      132000,
      "product",
      "a value for the view button",
      (parts) => parts.push(buttonOf("spm", 0, textOf("x"))),
    ],
    [
      132000,
      "phone_number",
      "a value",
      (parts) => parts.push(buttonOf("phone_number", 0, textOf("x"))),
    ],
    [
      132000,
      "contact_info",
      "a value",
      (parts) => parts.push(buttonOf("request_contact_info", 0, textOf("x"))),
    ],
    [131008, "flow", "no button", (parts) => parts.splice(0)],
    [
      132012,
      "flow",
      "a payload",
      (parts) => Object.assign(parts[0].parameters[0], { type: "payload" }),
    ],
    [100, "flow", "an empty token", (parts) => only(parts, { flow_token: "" })],
    [100, "flow", "data that is text", (parts) => only(parts, { flow_action_data: "x" })],
    [100, "flow", "empty data", (parts) => only(parts, { flow_action_data: {} })],
    [100, "flow", "an unknown key", (parts) => only(parts, { flow_id: "1" })],
    [
      100,
      "catalog",
      "a thumbnail that is no text",
      (parts) => only(parts, { thumbnail_product_retailer_id: 1 }),
    ],
    [100, "catalog", "sections", (parts) => only(parts, { sections: [] })],
    [131008, "mpm", "no thumbnail", (parts) => only(parts, { thumbnail_product_retailer_id: "" })],
    [131008, "mpm", "no button", (parts) => parts.splice(0)],
    [131008, "mpm", "no sections", (parts) => only(parts, { sections: [] })],
    [
      131008,
      "mpm",
      "two sections without titles",
      (parts) => only(parts, { sections: [...untitled(), ...untitled()] }),
    ],
    [131008, "mpm", "an empty section", (parts) => only(parts, { sections: sectionsOf(1, 0) })],
    [132018, "mpm", "31 products", (parts) => only(parts, { sections: sectionsOf(1, 31) })],
    [132018, "mpm", "eleven sections", (parts) => only(parts, { sections: sectionsOf(11, 1) })],
    [
      132018,
      "mpm",
      "a long title",
      (parts) => only(parts, { sections: [{ ...sectionsOf(1, 1)[0], title: long(25) }] }),
    ],
    [
      132018,
      "copy_code",
      "21 characters",
      (parts) => Object.assign(parts[0].parameters[0], { coupon_code: long(21) }),
    ],
    [
      132018,
      "offer",
      "a code of 16 characters",
      (parts) => Object.assign(parts[3].parameters[0], { coupon_code: long(16) }),
    ],
    [100, "voice_call", "no whole minutes", (parts) => call(parts, { ttl_minutes: 1.5 })],
    [100, "voice_call", "minutes as text", (parts) => call(parts, { ttl_minutes: "60" })],
    [100, "voice_call", "43,201 minutes", (parts) => call(parts, { ttl_minutes: 43_201 })],
    [
      100,
      "voice_call",
      "minutes twice",
      (parts) => parts[0].parameters.push(parts[0].parameters[0]),
    ],
    [
      132018,
      "voice_call",
      "a payload of 513",
      (parts) => Object.assign(parts[0].parameters[1], { payload: long(513) }),
    ],
    [132012, "voice_call", "a text", (parts) => parts[0].parameters.splice(0, 2, textOf("x"))],
    [100, "named_url", "no name", (parts) => delete parts[0].parameters[0].parameter_name],
    [
      132012,
      "named_url",
      "another name",
      (parts) => Object.assign(parts[0].parameters[0], { parameter_name: "city" }),
    ],
    [
      132018,
      "quick_reply",
      "257 characters",
      (parts) => Object.assign(parts[0].parameters[0], { payload: long(257) }),
    ],
    [132012, "offer", "no end", (parts) => parts.splice(1, 1)],
    [132000, "offer", "two ends", (parts) => parts[1].parameters.push(parts[1].parameters[0])],
    [
      131009,
      "offer",
      "an end in seconds",
      (parts) => Object.assign(inner(parts, 1), { expiration_time_ms: 1_893_456_000 }),
    ],
    [
      131009,
      "offer",
      "an end as text",
      (parts) => Object.assign(inner(parts, 1), { expiration_time_ms: "1893456000000" }),
    ],
    [
      131008,
      "offer",
      "an end without an instant",
      (parts) => delete inner(parts, 1).expiration_time_ms,
    ],
    [
      132005,
      "open_offer",
      "a body of 601",
      (parts) => parts[0].parameters.splice(0, 1, textOf(long(11))),
    ],
    [
      132000,
      "open_offer",
      "an end that the template does not show",
      (parts) => parts.push(messageOf("offer").template.components[1]),
    ],
    [132012, "carousel", "no cards", (parts) => parts.splice(1)],
    [132000, "carousel", "a card too few", (parts) => parts[1].cards.pop()],
    [
      132000,
      "carousel",
      "a card too many",
      (parts) => parts[1].cards.push({ ...parts[1].cards[0], card_index: 2 }),
    ],
    [132000, "products", "eleven cards", (parts) => cards(parts, 11)],
    [132000, "products", "no card", (parts) => cards(parts, 0)],
    [
      100,
      "carousel",
      "a card twice",
      (parts) => Object.assign(parts[1].cards[1], { card_index: 0 }),
    ],
    [
      100,
      "carousel",
      "an index as text",
      (parts) => Object.assign(parts[1].cards[0], { card_index: "0" }),
    ],
    [
      100,
      "carousel",
      "an unknown key in a card",
      (parts) => Object.assign(parts[1].cards[0], { id: 1 }),
    ],
    [100, "carousel", "cards that are no list", (parts) => Object.assign(parts[1], { cards: {} })],
    [
      100,
      "carousel",
      "a carousel in a card",
      (parts) => parts[1].cards[0].components.push({ type: "carousel", cards: [] }),
    ],
    [
      132012,
      "carousel",
      "a card without its header",
      (parts) => parts[1].cards[1].components.splice(0, 1),
    ],
    [
      132000,
      "carousel",
      "a card without its body",
      (parts) => parts[1].cards[1].components.splice(1, 1),
    ],
    [
      132005,
      "carousel",
      "a card's body of 161",
      (parts) => parts[1].cards[0].components[1].parameters.splice(0, 1, textOf(long(156))),
    ],
    [
      131008,
      "carousel",
      "a card without its URL",
      (parts) => parts[1].cards[1].components.splice(2, 1),
    ],
    [
      132012,
      "image",
      "a carousel that the template lacks",
      (parts) => parts.push({ type: "carousel", cards: [] }),
    ],
    [131008, "tap_target", "no title", (parts) => delete inner(parts)[0].title],
    [131008, "tap_target", "no url", (parts) => delete inner(parts)[0].url],
    [100, "tap_target", "a path", (parts) => Object.assign(inner(parts)[0], { url: "/a" })],
    [
      100,
      "tap_target",
      "an unknown key",
      (parts) => Object.assign(inner(parts)[0], { domain: "a" }),
    ],
    [100, "tap_target", "an empty list", (parts) => inner(parts).splice(0)],
    [132000, "tap_target", "nothing", (parts) => parts[0].parameters.splice(0)],
  ];
  it.each(cases)("with %d %s: %s", async (code, kind, _, change) => {
    const answer = await sandbox.post(changed(kind, change));
    expect(answer.json?.error?.code, answer.text).toBe(code);
    expect(answer.status).toBe(400);
  });

  it("an unknown file id with the sentence that Graph has for it", async () => {
    const { json } = await sandbox.post(
      changed("image", (parts) => set(parts, "image", { id: "124" })),
    );
    expect(json.error.message).toBe(
      "(#100) Param template['components'][0]['parameters'][0]['image']['id'] is not a valid" +
        " whatsapp business account media attachment ID",
    );
  });

  it("a card with the name of the card", async () => {
    const answer = await sandbox.post(
      changed("carousel", (parts) => parts[1].cards[1].components.splice(1, 1)),
    );
    expect(answer.json.error.error_data.details).toMatch(/^carousel: card 1: body: number of/);
  });
});

function changed(kind: string, change: Change): Loose {
  const body = messageOf(kind);
  change(body.template.components);
  return body;
}

/** Another value for the first header. */
function set(parts: Loose[], type: string, value: Loose): void {
  parts[0].parameters = [{ type, [type]: value }];
}

/** The value of a component's only parameter. */
function inner(parts: Loose[], place = 0): Loose {
  const [parameter] = parts[place].parameters;
  return parameter[parameter.type];
}

/** Other keys for the action of the only button. */
function only(parts: Loose[], keys: Loose): void {
  Object.assign(parts[0].parameters[0].action, keys);
}

function untitled(): Loose[] {
  return sectionsOf(1, 1).map(({ product_items }) => ({ product_items }));
}

function cards(parts: Loose[], count: number): void {
  const [card] = parts[0].cards;
  parts[0].cards = Array.from({ length: count }, (_, card_index) => ({ ...card, card_index }));
}

/** Of a call button, the parameter with these keys. */
function call(parts: Loose[], keys: Loose): void {
  Object.assign(parts[0]?.parameters[0], keys);
}
