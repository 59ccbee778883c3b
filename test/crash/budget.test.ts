// The budget of a campaign whose program is killed again and again, by the server's own log: what
// Meta took never costs more.

import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect } from "vitest";
import { test } from "../support/fixture.ts";
import type { Running } from "../support/harness.ts";
import {
  acceptedBy,
  query,
  sandboxEvents,
  scenario,
  start,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";
import {
  ENV,
  FIRST,
  reachedBy,
  SECOND,
  startAccount,
  takenBy,
  writeCampaign,
  writeOther,
} from "../support/several-numbers.ts";

let server: PostgresServer | undefined;
afterAll(() => server?.end());

/** Millionths of a dollar. */
const PRICE = 62_500;
/** More than three kills can leave in doubt without a message, on top of what they wait for. */
const MOST = 200;

describe("a campaign with a budget that is killed", () => {
  test("never costs more than its budget, and leaves no more of it than it must", async ({
    folder,
  }) => {
    // Some answers are lost, and some messages fail for good, which frees their price.
    const sandbox = await startSandbox(
      folder,
      scenario(
        "latency_ms: { min: 5, max: 15 }\nfaults: [{ on: { share: 0.04 }, do: drop_after_accepting }]",
      ),
    );
    try {
      const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
      writeCsv(folder, 300);
      const list = readFileSync(join(folder, "list.csv"), "utf8").split("\n");
      list.splice(5, 0, "+46701740620,Ana,X", "+46701740621,Ana,X");
      writeFileSync(join(folder, "list.csv"), list.join("\n"));
      const card = "Market,Currency,Marketing\nBrazil,$US,0.0625\nSweden,$US,0.0625\n";
      writeFileSync(join(folder, "rates.csv"), card);
      const most = (MOST * PRICE) / 1e6;
      const more = `rate_card: rates.csv\nbudget: { most: ${most}, currency: USD }\n`;
      const manifest = writeManifest(folder, sandbox, { more, rate: 200 });
      const run = () => start([manifest], { cwd: folder, env });
      // Late enough for the answers of those who cannot be reached to be written down.
      for (const people of [40, 55, 70]) {
        const running = run();
        await running.until(() => acceptedBy(sandbox.log).length >= people);
        running.child.kill("SIGKILL");
        await running.ended;
      }
      const last = await run().ended;
      expect(last.code, last.stderr).toBe(75);
      expect(last.stderr).toContain("the budget of 12.50 USD is used up");
      const { accepted = 0, unknown = 0, failed = 0 } = statuses(folder);
      expect(failed).toBeGreaterThan(0);
      // Of who cannot be reached the answer may be among those that are lost.
      const unreachable = query<{ status: string }>(
        folder,
        "select status from outcomes where region = 'SE'",
      );
      expect(unreachable).toHaveLength(2);
      for (const { status } of unreachable) expect(["failed", "unknown"]).toContain(status);
      // Who is unknown may have been sent to, and its price stays set aside.
      expect(accepted + unknown).toBe(MOST);
      expect(acceptedBy(sandbox.log).length).toBeLessThanOrEqual(MOST);
      expect((await start(["doctor"], { cwd: folder, env }).ended).code).toBe(0);
    } finally {
      await sandbox.kill();
    }
  });
});

/** Of each of two numbers; more than the budget is for. */
const PEOPLE = 700;
/** A tenth of a dollar, the max price of the template. */
const BID = 100_000;
const BIDS = 450;
const SLOW = 5;
const FAST = 300;
const LEASE_MS = 2_000;

/** Message id → millionths of a dollar, as the delivered ones of a sandbox's log cost. */
function costsIn(log: string): Map<string, number> {
  const costs = new Map<string, number>();
  for (const { event, status, id, body } of sandboxEvents(log)) {
    if (event !== "receipt" || status !== "delivered") continue;
    const { pricing } = (body as Body).entry[0].changes[0].value.statuses[0];
    costs.set(String(id), Math.ceil(pricing.cost.amount * 1e6 - 1e-3));
  }
  return costs;
}

interface Body {
  entry: [{ changes: [{ value: { statuses: [{ pricing: { cost: { amount: number } } }] } }] }];
}

describe.each(["file", "PostgreSQL"])(
  "two programs on one budget, on a ledger of %s,",
  (engine) => {
    test("each killed, never cost more together than it has", async ({ folder }) => {
      const sandbox = await startAccount(
        folder,
        `    optimization_spec: { bid_strategy: LOWEST_COST_WITH_BID_CAP, bid_amount: ${BID / 10} }
receipt_delay_ms: 30
max_price: { cost_share: { min: 0.3, max: 0.9 } }
latency_ms: { min: 5, max: 15 }
faults: [{ on: { share: 0.04 }, do: drop_after_accepting }]`,
      );
      const env: Record<string, string> = { ...ENV };
      if (engine !== "file") {
        server ??= await startPostgres();
        const url = new URL(await ledgerUrl(server));
        url.searchParams.set("lease_ms", String(LEASE_MS));
        env.CAMPAIGN_LEDGER = url.href;
      }
      const people = { brazilians: PEOPLE, mexicans: PEOPLE };
      const write = (rate: number): void => {
        writeCampaign(folder, sandbox.url, { ...people, rates: [rate, rate] });
        const most = `budget: { most: ${(BIDS * BID) / 1e6}, currency: USD }`;
        const more = `delivery: { product_policy: STRICT }\n${most}\n`;
        appendFileSync(join(folder, "campaign.yaml"), more);
      };
      write(SLOW);
      const begin = (...args: string[]): Running => start(args, { cwd: folder, env });
      const ours = new Set(
        readFileSync(join(folder, "list.csv"), "utf8")
          .split("\n")
          .map((line) => line.split(",")[0]),
      );
      const idsOf = (people: ReadonlySet<string | undefined>): string[] =>
        sandboxEvents(sandbox.log).flatMap(({ event, to, id }) =>
          event === "accepted" && people.has(String(to)) ? [String(id)] : [],
        );
      let known = new Map<string, number>();
      /** What the campaign may cost: by the receipts that its ledger has had, else the max price. */
      const mayCost = (): number =>
        idsOf(ours).reduce((sum, id) => sum + (known.get(id) ?? BID), 0);
      const untilMore = async (running: Running, lane: string, more: number): Promise<void> => {
        const from = reachedBy(sandbox.log)[lane] ?? 0;
        await running.until(() => (reachedBy(sandbox.log)[lane] ?? 0) >= from + more);
        expect(mayCost()).toBeLessThanOrEqual(BIDS * BID);
      };
      const kill = async (running: Running): Promise<void> => {
        running.child.kill("SIGKILL");
        await running.ended;
      };
      const importReceipts = async (): Promise<void> => {
        const copy = join(folder, "copy.jsonl");
        copyFileSync(sandbox.log, copy);
        const imported = await campaign(["receipts", "import", copy], { cwd: folder, env });
        expect(imported.code, imported.stderr).toBe(0);
        known = costsIn(copy);
      };
      try {
        // While another campaign has the first number, a program takes the second one alone.
        const other = begin(writeOther(folder, sandbox.url), "--yes");
        await other.until(() => (takenBy(sandbox.log)[FIRST] ?? []).length > 0);
        const one = begin("campaign.yaml", "--yes");
        await untilMore(one, SECOND, 5);
        other.child.kill("SIGTERM");
        await other.ended;
        const two = begin("campaign.yaml", "--yes");
        await untilMore(two, FIRST, 5);
        await kill(one);
        const again = begin("campaign.yaml", "--yes", "--wait");
        await untilMore(again, SECOND, 5);
        await importReceipts();
        await untilMore(two, FIRST, 5);
        await kill(two);
        await untilMore(again, SECOND, 1);
        // It goes on with the number of the one that was killed, up to the end of the budget.
        const ended = await again.ended;
        expect(ended.code, ended.stderr).toBe(75);
        expect(ended.stderr).toContain("the budget of 45.00 USD is used up");
        expect(mayCost()).toBeLessThanOrEqual(BIDS * BID);

        // Receipts make room, and the money is spent to the last message that fits.
        await importReceipts();
        write(FAST);
        const last = await begin("campaign.yaml", "--yes").ended;
        expect(last.code, last.stderr).toBe(75);
        expect(mayCost()).toBeLessThanOrEqual(BIDS * BID);
        const { stdout } = await campaign(["status", "campaign.yaml", "--json"], {
          cwd: folder,
          env,
        });
        const { budget, counts, costs } = JSON.parse(stdout);
        expect(budget.left).toBeLessThan(BID / 1e6);
        // What is in doubt and was never posted counts as well.
        const inDoubt = (counts.unknown ?? 0) as number;
        expect(inDoubt).toBeGreaterThan(0);
        expect(budget.settled + budget.reserved).toBeLessThanOrEqual(budget.most);
        const reported = idsOf(ours).flatMap((id) => known.get(id) ?? []);
        const amount = reported.reduce((sum, cost) => sum + cost, 0) / 1e6;
        expect(costs).toEqual([{ currency: "USD", amount, messages: reported.length }]);
        const all = acceptedBy(sandbox.log).filter((to) => ours.has(to));
        expect(all).toHaveLength(new Set(all).size);
        expect((await campaign(["doctor"], { cwd: folder, env })).code).toBe(0);
      } finally {
        await sandbox.kill();
      }
    });
  },
);
