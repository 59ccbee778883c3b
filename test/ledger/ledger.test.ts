// The ledger on SQLite, held to what every ledger must do.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { describeLedger } from "./conformance/conformance.ts";

describeLedger("the ledger on SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ledger-"));
  const ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
  return {
    ledger,
    dispose: async () => {
      await ledger.close();
      await rm(folder, { recursive: true });
    },
  };
});
