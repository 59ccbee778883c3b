// The header of a template, and of a card of a carousel, in the manifest.

import * as z from "zod";
import { isLiquid } from "../message/liquid.ts";
import { fileProblem, MEDIA_RULES } from "../message/media.ts";
import type { MediaKey } from "../message/template.ts";
import { HEADER_KEYS } from "../message/template.ts";
import { VALUE_LIMITS } from "../message/template-limits.ts";
import { ALWAYS, say } from "./manifest-say.ts";
import { exactlyOne, value } from "./manifest-value.ts";

/** A parameter's name at Meta. */
export const parameterName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,63}$/, "a parameter's name: small letters, digits and `_`");

const SOURCES = ["link", "id", "file"] as const;

function sources(key: MediaKey, example: string) {
  return {
    link: value(
      "link",
      "An https address from which Meta fetches the file.",
      `https://example.com/${example}`,
    ).optional(),
    id: value("text", "The id of media uploaded to Meta before.", "1013859600285441").optional(),
    file: z
      .string()
      .min(1)
      .max(VALUE_LIMITS.file.most)
      .superRefine((path, context) => {
        if (isLiquid(path)) {
          const hint = "Use `link` or `id` for media that varies.";
          say(context, "is one file for every row, and takes no Liquid", hint);
          return;
        }
        const problem = fileProblem(key, path);
        const { words } = MEDIA_RULES[key];
        if (problem !== undefined) say(context, problem, `Save the file as ${words}.`);
      })
      .optional()
      .meta({
        description: `A file, relative to the manifest: ${MEDIA_RULES[key].words}. It is uploaded once, the same for every row, and uploaded again before Meta forgets it.`,
        examples: [example],
      }),
  };
}

function medium(key: MediaKey, what: string, example: string) {
  return z
    .strictObject(sources(key, example))
    .superRefine((keys, context) => exactlyOne(keys, SOURCES, context), ALWAYS)
    .meta({
      description: `${what} by \`link\`, by \`id\` or as a \`file\`.`,
      minProperties: 1,
      maxProperties: 1,
    });
}

const image = medium("image", "A JPEG or PNG", "spring.jpg").optional();
const video = medium("video", "An MP4", "spring.mp4").optional();

const product = z
  .strictObject({
    product_retailer_id: value("text", "The product's id in the catalog.", "{{ sku }}"),
    catalog_id: value("text", "The catalog's id at Meta.", "194836987003835"),
  })
  .optional()
  .meta({ description: "A product of a catalog." });

/** The header of a template: exactly one of its kinds. */
export const header = z
  .strictObject({
    text: z
      .union([
        value("header", "The header's variable.", "{{ city }}"),
        z.record(parameterName, value("header", "The header's variable.", "{{ city }}")),
      ])
      .optional()
      .meta({
        description: "The header's variable; `name: value` when it is a named one.",
        examples: ["{{ city }}", { city: "{{ city }}" }],
      }),
    image,
    video,
    document: z
      .strictObject({
        ...sources("document", "prices.pdf"),
        filename: value("text", "The file's name as people see it.", "prices.pdf").optional(),
      })
      .superRefine((keys, context) => exactlyOne(keys, SOURCES, context), ALWAYS)
      .meta({ description: "A PDF or other document by `link`, by `id` or as a `file`." })
      .optional(),
    gif: medium(
      "gif",
      "An animation as MP4 up to 3.5 MB, not when sent by the Cloud API,",
      "spring.mp4",
    ).optional(),
    location: z
      .strictObject({
        latitude: value("latitude", "Degrees, from -90 to 90.", "-23.5505"),
        longitude: value("longitude", "Degrees, from -180 to 180.", "-46.6333"),
        name: value("text", "The place's name.", "{{ store }}"),
        address: value("text", "The place's address.", "{{ store_address }}"),
      })
      .optional()
      .meta({ description: "A place on the map." }),
    product,
  })
  .superRefine((keys, context) => exactlyOne(keys, HEADER_KEYS, context), ALWAYS)
  .meta({
    description: "What goes into the template's header: exactly one of these.",
    examples: [{ image: { link: "https://example.com/spring.jpg" } }],
    minProperties: 1,
    maxProperties: 1,
  });

/** The header of a card (Meta, carousel template pages, 2026-06). */
export const cardHeader = z
  .strictObject({ image, video, product })
  .superRefine((keys, context) => exactlyOne(keys, ["image", "video", "product"], context), ALWAYS)
  .meta({
    description: "What goes into the card's header: exactly one of these, the same in every card.",
    minProperties: 1,
    maxProperties: 1,
  });
