// What our servers share: no route has a JSON schema, so fastify need not load the packages that
// compile them (1.3 MB of source).

import type { FastifyServerOptions } from "fastify";

const none = (): never => {
  throw new Error("routes have no JSON schema here");
};

/** Options of fastify for a server of which no route has a JSON schema. */
export const WITHOUT_SCHEMAS = {
  schemaController: {
    compilersFactory: { buildValidator: () => none, buildSerializer: () => none },
  },
} satisfies FastifyServerOptions;
