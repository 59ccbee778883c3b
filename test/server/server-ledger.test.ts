// A ledger on a PostgreSQL server, by the commands that people give.

import { afterAll, beforeAll, describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { acceptedBy, scenario, startSandbox, writeCsv, writeManifest } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";

const PEOPLE = 60;

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.end());

/** A fresh ledger's address, and what of it must never be printed. */
async function fresh(): Promise<{ address: string; password: string }> {
  const address = await ledgerUrl(server);
  return { address, password: decodeURIComponent(new URL(address).password) };
}

describe("a campaign", () => {
  it("is sent, reported and corrected as from a file, and no password is printed", async ({
    folder,
  }) => {
    const { address, password } = await fresh();
    const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, sandbox, { rate: 200, inFlight: 16 });
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token, CAMPAIGN_LEDGER: address };
    const given = async (...args: string[]) => {
      const ended = await campaign(args, { cwd: folder, env });
      const printed = ended.stdout + ended.stderr;
      expect(printed).not.toContain(password);
      expect(printed).not.toContain(encodeURIComponent(password));
      return ended;
    };

    expect((await given("status")).stderr).toContain("(none there yet)");
    const ran = await given("run", manifest, "--yes");
    expect(ran.code, ran.stderr).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE);
    expect((await given("run", manifest)).code).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE);

    const status = JSON.parse((await given("status", manifest, "--json")).stdout);
    expect(status).toMatchObject({ rows: PEOPLE, counts: { accepted: PEOPLE } });
    expect(status.ledger).toMatch(/^postgres:\/\/campaign@127\.0\.0\.1:/);
    expect(JSON.parse((await given("report", manifest, "--json")).stdout).rows).toBe(PEOPLE);
    expect((await given("suppress", "add", "+5511987654321")).code).toBe(0);
    expect((await given("suppress", "list")).stdout).toContain("5511987654321");
    expect((await given("doctor")).code).toBe(0);
    const exported = await given("report", manifest, "--csv", "-");
    expect(exported.stdout.trim().split("\n")).toHaveLength(PEOPLE + 1);
    const backup = await given("backup", "copy.sqlite");
    expect(backup.code).toBe(2);
    expect(backup.stderr).toContain("pg_dump");
  });
});

describe("a server that took the place of the one before", () => {
  it("sends to nobody until a person decides, which is audited", async ({ folder }) => {
    const { address } = await fresh();
    const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, sandbox, { rate: 200, inFlight: 16 });
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token, CAMPAIGN_LEDGER: address };
    const given = (...args: string[]) => campaign(args, { cwd: folder, env });
    expect((await given("run", manifest, "--yes", "--limit", "20")).code).toBe(75);
    const schema = new URL(address).searchParams.get("schema");
    // The history of another server stands in the ledger, as after a dump was restored.
    await server.query(`update ${schema}.lease set history = '1 1' where name like 'lane %'`);
    const refused = await given("run", manifest, "--json");
    expect(refused.code).toBe(2);
    const { id, message } = JSON.parse(refused.stdout).error;
    expect(id).toBe("database_failed_over");
    expect(message).toContain("the last messages may be missing in it");
    expect(acceptedBy(sandbox.log)).toHaveLength(20);
    const decided = await given("run", manifest, "--despite", "database_failed_over");
    expect(decided.code, decided.stderr).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE);
    expect((await given("audit")).stdout).toContain("database_failed_over");
    expect((await given("check", manifest)).stderr).not.toContain("is on another server");
  });
});

describe("a ledger that cannot be used", () => {
  const tell = async (folder: string, address: string) => {
    const { code, stderr, stdout } = await campaign(["status", "--json"], {
      cwd: folder,
      env: { CAMPAIGN_LEDGER: address },
    });
    return { code, stderr, error: JSON.parse(stdout).error.problems[0] };
  };

  it("is reported as out of reach where no server listens", async ({ folder }) => {
    const url = new URL(server.url());
    url.port = "1";
    const { code, error } = await tell(folder, url.href);
    expect(code).toBe(75);
    expect(error).toMatchObject({ id: "ledger_unreachable" });
    expect(error.message).toContain("127.0.0.1:1/campaign cannot be reached");
  });

  it("is reported to let nobody in with a wrong password, which is not printed", async ({
    folder,
  }) => {
    const address = server.url({ password: "quite-wrong-0815" });
    const { stderr, error } = await tell(folder, address);
    expect(error).toMatchObject({ id: "ledger_no_rights" });
    expect(stderr).not.toContain("quite-wrong-0815");
  });

  it("is reported to be in no database of that name", async ({ folder }) => {
    const { error } = await tell(folder, server.url({ database: "nowhere" }));
    expect(error).toMatchObject({ id: "ledger_not_a_ledger" });
    expect(error.message).toContain("createdb");
  });

  it("is none where other tables are", async ({ folder }) => {
    const schema = await server.schema();
    await server.query(`create table ${schema}.customers (id int)`);
    const url = new URL(server.url());
    url.searchParams.set("schema", schema);
    const { error } = await tell(folder, url.href);
    expect(error.message).toContain(`has other tables in its schema ${schema}`);
  });

  it("is not trusted on a server that forgets what it has committed", async ({ folder }) => {
    const forgetful = await startPostgres({ durable: false });
    try {
      const args = ["suppress", "add", "+5511987654321", "--new-ledger"];
      const env = { CAMPAIGN_LEDGER: forgetful.url() };
      const { code, stderr } = await campaign(args, { cwd: folder, env });
      expect(code).toBe(3);
      expect(stderr).toContain("fsync is off");
    } finally {
      await forgetful.end();
    }
  });
});
