// A ledger that moves: every table with every kind of value, to a server and back to a file.

import { existsSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { CopyProgress, CopyResult } from "../../src/ledger/copy/copy.ts";
import { copyLedger } from "../../src/ledger/copy/copy.ts";
import { ledgerTables } from "../../src/ledger/copy/tables.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import {
  accepted,
  answerTo,
  planned,
  send,
  sendUser,
  skip,
  T0,
  turn,
} from "../ledger/conformance/builders.ts";
import { test as bare } from "../support/fixture.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";

/** A row for each table that the verbs below leave empty, with what is hard to carry in it. */
const ROWS = `
insert into campaign_stop values (1, 'paused', 'paused', 'Oi — "ok" \\ tab	end', ${T0}, 'command: ana', -1);
insert into campaign_lane values (1, 1, '106540352242923', 5511940000001);
insert into campaign_zone values (1, 1, 'BR America/Manaus,America/Sao_Paulo');
insert into lane_state values (1, 0, 'stopped', null, null, '{"why":"hours","goOnAt":null}');
insert into streak_halt values (1, '131049', 2);
insert into refused_region values (1, 'BR', ${T0});
insert into excluded_campaign values (1, 2);
insert into campaign_ramp values (1, 1, 200, ${T0});
insert into campaign_arm values (1, 1, 'a', 'offer', 'pt_BR');
insert into campaign_test values (1, ${T0}, null, 1, 'Cannot tell.', '{}');
insert into campaign_budget values (1, 500000000, 'USD', 62500, ${T0});
insert into campaign_ttl values (1, ${T0}, 43200);
insert into suppression values (7, 5511900000001, 5511900000001, null, 'line
break', 'manual', ${T0}, 0), (8, null, null, null, '', 'erased', ${T0}, 1);
insert into forgotten values (4503599627370495, 8);
insert into forgetting values ('wamid.A/b+c=');
insert into alias values (1, -2, ${T0}), (-2, 1, ${T0});
insert into alias_user values (-2, 'BR.ção😀', ${T0});
insert into lane values ('lane of real', 1790000000000.1234, 0.1, 3);
insert into went_back values ('lane', ${T0}, 2, null);
insert into reach values (3, 'portfolio', 1, ${T0}, 250, ${T0});
insert into reached values (3, '5511900000001', ${T0});
insert into webhook_body values (41, 'post', ${T0}, '{"a":"' || char(1) || '"}', null, null);
insert into parked_receipt values (5, 41, '{}', 'claimed', 1, 1, 'claimed', null, null, null, ${T0});
insert into receipt_count values ('parked', 'parked', 1);
insert into consent values ('5511900000001', 'switch', 'stop', ${T0});
insert into opt_out values (1, 1, 'button', ${T0});
insert into tap values ('wamid.T', 1, 1, 'a' || char(0) || 'b', ${T0}, 1);
insert into click values ('c1', 'link_click', null, 1, 1, null, ${T0});
insert into account_event values (9, 'e1', 'quality', ${T0}, 41, null, 1, null, null, null, null, null, null, null);
insert into audit values (6, ${T0}, 'me', 'did', 'x', '{"n":1}');
insert into cache values ('facts', 'k', '{"é":[1,2.5,null]}', ${T0});
insert into insight values ('594425479261596', '2026-11-20', 'marketing_lite', 'clicked:url_button:Ver "ofertas"', 96.5, ${T0});
insert into insight_reading values (1, ${T0}, '{"readAt":1}');
insert into conversion values ('A-1', 5511900000001, null, null, ${T0}, 12500000, 'BRL');
insert into campaign_test_look values (1, 1, 0.3333333333333333, ${T0});
insert into conversion_import values (4, ${T0}, 'orders.csv');
update meta set name_key = x'${"00ff5c".repeat(10)}5c22', rewrite_due = 1;
update campaign set recipients_size = 10, recipients_sha256 = 'ab', recipients_modified_ms = 1790000000000.5;
delete from webhook_body where id > 41;
`;

const NO_PROGRESS = () => {};

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.end());

const it = bare.extend<{ file: string; url: string }>({
  file: async ({ folder }, use) => {
    const file = join(folder, "ledger.sqlite");
    const ledger = await openSqliteLedger(file);
    const id = await planned(ledger, [send(1), sendUser(2, "BR.12"), skip(3, "us_number", 3)]);
    await planned(ledger, [send(1)]);
    const { claimed } = await ledger.turn(turn(id, { claim: 1 }));
    const record = claimed.map((one) => answerTo(one, accepted(one.row)));
    await ledger.turn(turn(id, { record }));
    await ledger.close();
    const db = new Sqlite(file);
    // Rows that were deleted have given their ids out all the same.
    db.exec("insert into webhook_body values (99, 'post', 1, '{}', null, null)");
    db.exec(ROWS);
    db.close();
    await use(file);
  },
  // biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
  url: async ({}, use) => {
    await use(await ledgerUrl(server));
  },
});

/** Without the rules: the rows above are no campaign's. */
function copied(from: string, to: string, onProgress = NO_PROGRESS as (now: CopyProgress) => void) {
  return copyLedger(from, to, { lanes: EVERY, movedTo: "there", onProgress, rules: [] });
}

const EVERY = { has: () => true } as unknown as ReadonlySet<string>;

function sums({ tables }: CopyResult): Record<string, number> {
  return Object.fromEntries([...tables].map(([name, { rows }]) => [name, rows]));
}

describe("a ledger that is moved", () => {
  it("has every row of every table on a server, and in a file again", async ({
    file,
    url,
    folder,
  }) => {
    const there = await copied(file, url);
    const rows = sums(there);
    expect(Object.keys(rows)).toEqual(ledgerTables().map(({ name }) => name));
    expect(Object.entries(rows).filter(([, number]) => number === 0)).toEqual([]);
    const again = join(folder, "again.sqlite");
    const back = await copied(url, again);
    expect(back).toEqual(there);
    const third = await copied(again, join(folder, "third.sqlite"));
    expect(third).toEqual(there);
  });
});

describe("ids", () => {
  it("go on behind the highest that was ever given out", async ({ file, url, folder }) => {
    await copied(file, url);
    const ledger = await openPostgresLedger(url);
    await ledger.storeWebhookBodies([{ source: "post", receivedAt: T0, body: "{}" }]);
    const id = await planned(ledger, [send(1)]);
    await ledger.close();
    expect(id).toBe(3);
    const schema = new URL(url).searchParams.get("schema");
    const [{ last } = { last: 0 }] = await server.query<{ last: string }>(
      `select max(id) as last from ${schema}.webhook_body`,
    );
    expect(Number(last)).toBe(100);
    const again = join(folder, "again.sqlite");
    await copied(url, again);
    const back = await openSqliteLedger(again);
    await back.storeWebhookBodies([{ source: "post", receivedAt: T0, body: "{}" }]);
    await back.close();
    const db = new Sqlite(again);
    expect(db.prepare("select max(id) from webhook_body").pluck().get()).toBe(101);
    db.close();
  });
});

describe("what is left behind", () => {
  it("is read, and refuses every change, also by who had it open before", async ({ file, url }) => {
    const open = await openSqliteLedger(file);
    const { ledgerId } = await copied(file, url);
    await expect(open.audits(null, 1)).resolves.toHaveLength(1);
    await expect(open.suppress([], T0)).rejects.toMatchObject({ fault: "moved" });
    await open.close();
    await expect(openSqliteLedger(file)).rejects.toMatchObject({ fault: "moved" });
    const left = await openSqliteLedger(file, { readOnly: true });
    expect(left).toMatchObject({ movedTo: "there", id: ledgerId });
    await left.close();
  });

  it("is the same on a server", async ({ file, url, folder }) => {
    await copied(file, url);
    const open = await openPostgresLedger(url);
    await copied(url, join(folder, "again.sqlite"));
    await expect(open.audits(null, 1)).resolves.toHaveLength(1);
    await expect(open.suppress([], T0)).rejects.toMatchObject({ fault: "moved" });
    await open.close();
    await expect(openPostgresLedger(url)).rejects.toMatchObject({ fault: "moved" });
    const left = await openPostgresLedger(url, { readOnly: true });
    expect(left.movedTo).toBe("there");
    await left.close();
  });
});

describe("a copy that does not come to its end", () => {
  const failing = (kind: CopyProgress["kind"]) => (now: CopyProgress) => {
    if (now.kind === kind) throw new Error("stopped here");
  };

  it.for(["copying", "comparing", "checking"] as const)(
    "leaves the ledger as it was, and can be begun again (%s)",
    async (kind, { file, url, folder }) => {
      await expect(copied(file, url, failing(kind))).rejects.toThrow("stopped here");
      await expect(openPostgresLedger(url, { make: "never" })).rejects.toMatchObject({
        fault: "not_a_ledger",
      });
      const to = join(folder, "to.sqlite");
      await expect(copied(file, to, failing(kind))).rejects.toThrow("stopped here");
      await expect(openSqliteLedger(to, { make: "never" })).rejects.toMatchObject({
        fault: "not_a_ledger",
      });
      await (await openSqliteLedger(file)).close();
      await copied(file, to);
      expect(existsSync(`${to}-journal`)).toBe(false);
      await (await openSqliteLedger(to)).close();
    },
  );

  it("is begun again from a ledger that was marked already", async ({ file, url }) => {
    const db = new Sqlite(file);
    db.exec("update meta set moved_to = 'there'");
    db.close();
    await copied(file, url);
    const ledger = await openPostgresLedger(url);
    expect(ledger.movedTo).toBeNull();
    await ledger.close();
  });
});

describe("a ledger is not copied", () => {
  it("to where something is", async ({ file, url, folder }) => {
    const taken = join(folder, "taken.sqlite");
    await (await openSqliteLedger(taken)).close();
    await expect(copied(file, taken)).rejects.toMatchObject({ fault: "not_a_ledger" });
    await (await openPostgresLedger(url)).close();
    await expect(copied(file, url)).rejects.toMatchObject({ fault: "not_a_ledger" });
    await (await openSqliteLedger(taken)).close();
    await (await openSqliteLedger(file)).close();
  });

  it("when its rules do not hold", async ({ file, url }) => {
    const copy = copyLedger(file, url, { lanes: EVERY, movedTo: "x", onProgress: NO_PROGRESS });
    await expect(copy).rejects.toMatchObject({ fault: "corrupt" });
    await (await openSqliteLedger(file)).close();
  });

  it("while a lane has a run", async ({ file, url }) => {
    const lanes = new Set<string>();
    const copy = copyLedger(file, url, { lanes, movedTo: "x", onProgress: NO_PROGRESS });
    await expect(copy).rejects.toMatchObject({ fault: "busy" });
  });
});
