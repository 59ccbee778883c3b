// What stands in the addresses of pages: a campaign's name, the number of a row or of an entry.
// Never a phone number: addresses are kept by browsers and logged by proxies.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Live } from "./context.ts";
import { wrongPage } from "./page.ts";

/** A campaign's name in an address, decoded. */
export interface Named {
  Params: { name: string };
}

export interface Query {
  Querystring: Record<string, string | string[] | undefined>;
}

/** A whole number that stands in an address; null when none does. */
export function numberOf(text: string | string[] | undefined): number | null {
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Says that there is no such campaign. */
export function noCampaign(live: Live, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const sentence = "The ledger has none of this name.";
  return live.send(
    request,
    reply,
    wrongPage("There is no such campaign", sentence, "campaigns"),
    404,
  );
}
