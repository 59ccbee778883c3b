// `notify` of the policy, with a ledger on a server.

import { afterAll, beforeAll } from "vitest";
import { describeNotices } from "../support/notices.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.end());

describeNotices("notices of a ledger in a server", () => ledgerUrl(server));
