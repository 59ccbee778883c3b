// What the schema itself refuses, what the public view shows, and that every invariant can tell a
// broken ledger.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SKIP_REASONS, STATUSES } from "../../src/domain/campaign/dispatch.ts";
import { INVARIANTS } from "../../src/ledger/invariants.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { accepted, answerTo, planned, send, skip, turn } from "./conformance/builders.ts";

let folder: string;
let ledger: PlacedLedger;
let db: Database;
let id: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-schema-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
  id = await planned(ledger, [send(1), send(2), send(3), skip(4, "us_number", 4)]);
  const { claimed } = await ledger.turn(turn(id, { claim: 2 }));
  const record = claimed.slice(0, 1).map((one) => answerTo(one, accepted(one.row)));
  await ledger.turn(turn(id, { record }));
  db = new Sqlite(ledger.place);
});
afterAll(async () => {
  db.close();
  await ledger.close();
  await rm(folder, { recursive: true });
});

/** Does something to the ledger behind its back, and undoes it after looking. */
function within(change: string, look: () => void): void {
  db.exec("begin");
  try {
    db.exec(change);
    look();
  } finally {
    db.exec("rollback");
  }
}

/**
 * For every status, columns that make a dispatch of it possible; each of them is needed, or must be
 * null.
 */
const POSSIBLE: Record<string, string> = {
  skipped: "reason = 'us_number', value_list = null",
  pending: "attempts = 0",
  claimed: "attempts = 1, claimed_at = 5",
  held: "attempts = 1, held_until = 5, reason = 'pair_limit'",
  accepted: "attempts = 1, message_id = 'w'",
  sent: "attempts = 1, message_id = 'w'",
  delivered: "attempts = 1, message_id = 'w'",
  read: "attempts = 1, message_id = 'w'",
  failed: "attempts = 1, failed_at = 5, error_code = '1'",
  unknown: "attempts = 1",
  expired: "attempts = 1, message_id = 'w'",
  cancelled: "attempts = 0",
};

const IMPOSSIBLE: [string, string][] = [
  ["skipped", "reason = null"],
  ["skipped", "reason = 'pair_limit'"],
  ["skipped", "value_list = '[]'"],
  ["skipped", "held_until = 5"],
  ["pending", "reason = 'us_number'"],
  ["pending", "value_list = null"],
  ["pending", "phone = null, person = null"],
  ["pending", "phone = null"],
  ["pending", "held_until = 5"],
  ["pending", "failed_at = 5"],
  ["pending", "cells = '[]'"],
  ["pending", "detail = 'x'"],
  ["pending", "value_list = 'not json'"],
  ["claimed", "attempts = 0"],
  ["claimed", "claimed_at = null"],
  ["held", "held_until = null"],
  ["held", "reason = null"],
  ["held", "reason = 'us_number', value_list = null"],
  ["accepted", "message_id = null"],
  ["accepted", "attempts = 0"],
  ["sent", "message_id = null"],
  ["delivered", "message_id = null"],
  ["read", "message_id = null"],
  ["expired", "message_id = null"],
  ["failed", "error_code = null"],
  ["failed", "failed_at = null"],
  ["unknown", "attempts = 0"],
  ["cancelled", "reason = 'x'"],
  ["lost", "attempts = 1"],
];

describe("the table of dispatches", () => {
  const set = (columns: string): void => {
    db.exec(`update dispatch set ${columns} where campaign_id = ${id} and row_number = 3`);
  };

  it("knows every status, and no other list of them than ours", () => {
    expect(Object.keys(POSSIBLE).toSorted()).toEqual([...STATUSES].toSorted());
  });

  for (const [status, columns] of Object.entries(POSSIBLE)) {
    it(`takes a ${status} one that is whole`, () => {
      within("select 1", () => set(`status = '${status}', ${columns}`));
    });
  }

  for (const reason of SKIP_REASONS) {
    it(`takes the skip reason ${reason}`, () => {
      within("select 1", () => set(`status = 'skipped', value_list = null, reason = '${reason}'`));
    });
  }

  for (const [status, columns] of IMPOSSIBLE) {
    it(`refuses ${status} with ${columns}`, () => {
      within("select 1", () => {
        const whole = POSSIBLE[status];
        if (whole !== undefined) set(`status = '${status}', ${whole}`);
        expect(() => set(`status = '${status}', ${columns}`)).toThrow(/CHECK constraint/);
      });
    });
  }

  it("refuses a person twice among those that are not skipped", () => {
    within("select 1", () => {
      const first = "(select person from dispatch where row_number = 1)";
      expect(() => set(`person = ${first}`)).toThrow(/UNIQUE constraint/);
      set(`person = ${first}, status = 'skipped', value_list = null, reason = 'duplicate'`);
    });
  });

  it("takes a user id in place of a phone in every status, once among those that are not skipped", () => {
    for (const [status, columns] of Object.entries(POSSIBLE)) {
      const who = "phone = null, person = null, row_user_id = 'BR.1'";
      within("select 1", () => set(`status = '${status}', ${columns}, ${who}`));
    }
    within("update dispatch set row_user_id = 'BR.1' where row_number = 1", () => {
      expect(() => set("row_user_id = 'BR.1'")).toThrow(/UNIQUE constraint/);
      set("row_user_id = 'BR.1', status = 'skipped', value_list = null, reason = 'duplicate'");
    });
  });
});

describe("an erased dispatch", () => {
  const erased = "phone = null, person = null, value_list = '[]', message_id = null, erased_at = 5";
  const erase = (status: string): void => {
    db.exec(`
      update dispatch set status = '${status}', ${POSSIBLE[status]}, ${erased}
      ${status === "skipped" ? ", value_list = null" : ""}
      where campaign_id = ${id} and row_number = 3
    `);
  };
  for (const status of Object.keys(POSSIBLE)) {
    const isOpen = ["pending", "claimed", "held"].includes(status);
    it(`${isOpen ? "is never" : "may be"} ${status}`, () => {
      within("select 1", () => {
        if (isOpen) expect(() => erase(status)).toThrow(/CHECK constraint/);
        else erase(status);
      });
    });
  }
});

describe("the view outcomes", () => {
  it("has the columns that were promised, in their order", () => {
    const columns = db.prepare("select * from outcomes").columns();
    expect(columns.map((column) => column.name)).toEqual([
      "campaign",
      "row_number",
      "phone",
      "region",
      "status",
      "reason",
      "error_code",
      "error_message",
      "message_id",
      "message_status",
      "attempts",
      "path",
      "claimed_at",
      "accepted_at",
      "sent_at",
      "delivered_at",
      "read_at",
      "failed_at",
      "user_id",
      "clicked_at",
      "recipient_id",
      "lane",
      "arm",
      "cost",
      "currency",
      "language",
    ]);
  });

  it("writes any instant as JavaScript does", () => {
    const read = db
      .prepare("select read_at from outcomes where row_number = 1 and campaign like 'campaign-%'")
      .pluck();
    const write = db.prepare("update dispatch set read_at = ? where row_number = 1");
    within("select 1", () => {
      const instants = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
      fc.assert(
        fc.property(instants, (instant) => {
          write.run(instant);
          expect(read.get()).toBe(new Date(instant).toISOString());
        }),
        { numRuns: 500 },
      );
    });
  });
});

/** What breaks each invariant; constraints are switched off, since they forbid most of it. */
const BREAKS: Record<string, string> = {
  "the rows of a planned campaign are 1 to N without a hole":
    "delete from dispatch where row_number = 3",
  "the rows of the file are 1 to M without a hole, each one dispatch's":
    "update dispatch set place = 2 where row_number = 1",
  "a person has at most one dispatch in a campaign that is not skipped":
    "drop index dispatch_person; update dispatch set person = 5, phone = 5 where row_number < 3",
  "a user id has at most one dispatch in a campaign that is not skipped":
    "drop index dispatch_row_user; update dispatch set row_user_id = 'BR.1' where row_number < 3",
  "the number of attempts is the number of answers, and one more while claimed":
    "update dispatch set attempts = 2 where row_number = 1",
  "every attempt belongs to a dispatch": "update attempt set row_number = 77",
  "attempts are numbered from 1 without a hole": "update attempt set attempt = 2",
  "a message id stands behind every dispatch that Meta took":
    "update dispatch set message_id = 'other' where row_number = 1",
  "a message has a cost only once it is delivered":
    "update dispatch set cost = 1, cost_currency = 'USD' where row_number = 1 and status not in ('delivered', 'read')",
  "what receipts reported belongs to a message":
    "update dispatch set read_at = 5 where row_number = 2",
  "every event of an applied webhook body is counted once":
    "insert into webhook_body values (1, 'webhook', 5, null, 6, 2)",
  "every receipt that is counted as parked is parked, beside a dispatch":
    "insert into receipt_count values ('sent', 'parked', 1)",
  "no dispatch of a cancelled campaign waits": "update campaign set state = 'cancelled'",
  "a dispatch goes by a lane of its campaign":
    "update dispatch set lane_place = 3 where row_number = 1",
  "a finished campaign has no open dispatch": "update campaign set state = 'finished'",
  "the number of people who count for a day is theirs in the list":
    "insert into reach values (1, 'business', 1, 5, 9, 5)",
  "whom a message may have reached counts for a day":
    "insert into reach values (1, 'sandbox', 0, 5, 9, 5)",
  "nothing that a person gave is left of an erased dispatch":
    "update dispatch set erased_at = 5 where row_number = 1",
  "every row of a purged campaign is erased, as far as the purge got":
    "update campaign set erased_at = 5, erased_rows = 1",
  "every keyed hash is on the suppression list, where nobody's number is beside it":
    "insert into suppression (reason, source, added_at, is_forgotten) values ('x', 'x', 5, 1)",
  "at least what a campaign's messages may cost is taken from its budget":
    "insert into campaign_budget values (1, 9, 'USD', 4, 5); update dispatch set price = 5",
  "the counts that are kept of a campaign are those of its rows": `update campaign set tally = '{"version":1,"tally":{"rows":99,"counts":{}}}'`,
  "two numbers of one account are known in both orders": "insert into alias values (1, 2, 3)",
};

describe("the invariants", () => {
  it("hold", async () => {
    expect(await ledger.violations()).toEqual([]);
  });

  for (const { invariant, sql } of INVARIANTS) {
    it(`can tell: ${invariant}`, () => {
      const change = BREAKS[invariant];
      expect(change).toBeDefined();
      db.pragma("foreign_keys = off");
      db.pragma("ignore_check_constraints = on");
      within(change ?? "", () => {
        expect(db.prepare(sql).pluck().all().length).toBeGreaterThan(0);
      });
      db.pragma("ignore_check_constraints = off");
    });
  }
});

describe("the statements of the running campaign", () => {
  /** Whatever the size of the table, these look only at what is open. */
  const hot: [string, string][] = [
    ["pending", "select 1 from dispatch where campaign_id = 1 and status = 'pending'"],
    ["held", "select min(held_until) from dispatch where campaign_id = 1 and status = 'held'"],
    ["claimed", "select count(*) from dispatch where campaign_id = 1 and status = 'claimed'"],
  ];
  for (const [status, text] of hot) {
    it(`finds what is ${status} by its own index`, () => {
      const plan = db.prepare(`explain query plan ${text}`).all() as { detail: string }[];
      const details = plan.map((step) => step.detail).join("; ");
      expect(details).toContain(`COVERING INDEX dispatch_${status}`);
      expect(details).not.toContain("SCAN dispatch");
    });
  }
});
