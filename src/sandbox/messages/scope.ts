// What the checks of a message share: the template, and where in the message a part stands.

import type { MediaCheck } from "../server/media.ts";
import type { Fields } from "./payload.ts";
import type { TemplateShape } from "./shape.ts";

/** A component as it was sent, with its place in the request for messages. */
export interface PlacedComponent {
  fields: Fields;
  parameters: unknown[];
  /** `template['components'][0]`. */
  param: string;
}

/** Where a check stands: in the template itself, or in one card. */
export interface Scope {
  naming: TemplateShape["naming"];
  /** Put before the names of components in messages: nothing, or `carousel: card 0: `. */
  prefix: string;
  media: MediaCheck;
  /** A limited-time offer has tighter limits. */
  isOffer: boolean;
}
