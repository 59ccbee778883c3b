// The ledger on PostgreSQL, held to what every ledger must do.

import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { describeLedger } from "../ledger/conformance/conformance.ts";
import { ledgerUrl, sharedPostgres } from "../support/postgres.ts";

describeLedger(
  "the ledger on PostgreSQL",
  async () => {
    const url = await ledgerUrl(await sharedPostgres());
    const ledger = await openPostgresLedger(url, { allowUnsafe: true });
    return { ledger, dispose: () => ledger.close() };
  },
  // Of the same verbs all histories are tried in a file.
  { share: 0.1 },
);
