// A live page on a real server and a real ledger, for tests, with a browser that only knows what
// the tests ask of it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fastify } from "fastify";
import { readSuppressed } from "../../../src/cli/campaign/optouts.ts";
import { redact } from "../../../src/cli/print/redact.ts";
import { systemClock } from "../../../src/clock/clock.ts";
import type { CampaignRecord, Frozen } from "../../../src/domain/campaign/campaign.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { PlanRules } from "../../../src/domain/planning/rows.ts";
import { openSqliteLedger } from "../../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../../src/ledger/placed-ledger.ts";
import type { LivePageOptions } from "../../../src/web/live/context.ts";
import { livePage } from "../../../src/web/live/live.ts";
import { T0 } from "../../ledger/conformance/builders.ts";

export const PASSWORD = "a password that is long enough";

/** What a request gave. */
export interface Got {
  status: number;
  text: string;
  headers: Headers;
  /** Where it leads; null for nowhere. */
  location: string | null;
}

export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Got>;
  /**
   * Posts a form as a page of this server does: with the session's CSRF token, unless `csrf` is
   * among the fields.
   */
  post(
    path: string,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Got>;
  login(password?: string): Promise<Got>;
  /** Cookie header; empty before the login. */
  cookie(): string;
}

export interface TestPage {
  url: string;
  ledger: PlacedLedger;
  errors: unknown[];
  /** A person with no cookie yet. */
  visitor(): Visitor;
  /** The same, logged in. */
  loggedIn(): Promise<Visitor>;
  /** Moves the wall clock of the page on. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** Starts it on loopback. */
export async function startTestPage(
  options: Partial<LivePageOptions> & { isRunning?: boolean } = {},
): Promise<TestPage> {
  const { isRunning = false, ...given } = options;
  const folder = mkdtempSync(join(tmpdir(), "campaign-live-"));
  const ledger = await openSqliteLedger(join(folder, "ledger.sqlite"), { now: () => T0 });
  const errors: unknown[] = [];
  let passedMs = 0;
  const app = fastify();
  await app.register(
    livePage({
      ledger: { ...ledger, isRunning: async () => isRunning },
      actions: ledger,
      clock: { ...systemClock, now: () => systemClock.now() + passedMs },
      password: PASSWORD,
      allowHosts: [],
      isHttps: false,
      readPerson: (text, entry) => readSuppressed(text, { ...entry, region: undefined }),
      mask: redact,
      settingsOf: async () => null,
      sendTest: async () => ({ test: "spring#test-1", status: "accepted" }),
      manifestName: (path) => path,
      zone: "UTC",
      report: async ({ id }, address) => `<title>report of ${id}</title>${address}`,
      onError: (error) => errors.push(error),
      ...given,
    }),
  );
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const visitor = () => makeVisitor(url);
  return {
    url,
    ledger,
    errors,
    visitor,
    async loggedIn() {
      const one = visitor();
      await one.login();
      return one;
    },
    pass(ms) {
      passedMs += ms;
    },
    async close() {
      await app.close();
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeVisitor(url: string): Visitor {
  const cookies = new Map<string, string>();
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  let csrf = "";

  async function ask(path: string, init: RequestInit): Promise<Got> {
    const response = await fetch(`${url}${path}`, { redirect: "manual", ...init });
    const text = await response.text();
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? csrf;
    const location = response.headers.get("location");
    return { status: response.status, text, headers: response.headers, location };
  }

  const visitor: Visitor = {
    get: (path, headers = {}) => ask(path, { headers: { cookie: cookie(), ...headers } }),
    post: (path, fields = {}, headers = {}) =>
      ask(path, {
        method: "POST",
        body: new URLSearchParams({ csrf, ...fields }),
        headers: { cookie: cookie(), origin: url, ...headers },
      }),
    async login(password = PASSWORD) {
      const got = await visitor.post("/login", { password });
      if (got.status === 303) await visitor.get("/audit");
      return got;
    },
    cookie,
  };
  return visitor;
}

/**
 * A campaign with these rows, planned; its template greets with the values `first_name` and
 * `coupon`.
 */
export async function plannedCampaign(
  ledger: PlacedLedger,
  name: string,
  rows: readonly PlannedRow[],
  more: { frozen?: Frozen; rules?: PlanRules } = {},
): Promise<CampaignRecord> {
  const frozen: Frozen = {
    account: "sandbox",
    "recipients.file": "list.csv",
    "template.name": "offer",
    "template.language": "en_GB",
    "template.body": ["{{ first_name }}", "{{ coupon }}"],
    "delivery.product_policy": "STRICT",
    ...more.frozen,
  };
  const columns = ["phone", "first_name", "coupon"];
  const draft = { name, lane: "sandbox", frozen, columns, now: T0 };
  const campaign = await ledger.createCampaign(draft);
  await ledger.plan(campaign.id, rows, T0, more.rules);
  const recipients = { size: 1, modifiedMs: 1, sha256: "00" };
  const last = rows.at(-1)?.row ?? 0;
  const facts = { frozen, columns, recipients, rows: last, now: T0 };
  await ledger.finishPlanning(campaign.id, facts);
  return (await ledger.findCampaign(name)) as CampaignRecord;
}
