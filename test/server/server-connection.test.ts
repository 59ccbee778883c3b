// How the program reaches a server: with what libpq's variables and files say, encrypted or not, by
// several processes at once. No password is ever printed.

import { appendFileSync, chownSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { makeAuthority } from "../network/certificate.ts";
import { test as it } from "../support/fixture.ts";
import { start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { OWNER, startPostgres } from "../support/postgres.ts";

const authority = makeAuthority("authority of the tests");
const PERSON = "+5511987654321";

let plain: PostgresServer;
let encrypted: PostgresServer;
beforeAll(async () => {
  [plain, encrypted] = await Promise.all([startPostgres(), startPostgres()]);
  await encrypt(encrypted);
});
afterAll(() => Promise.all([plain.end(), encrypted.end()]));

/** Lets a server speak TLS, as 127.0.0.1 and by no other name. */
async function encrypt(server: PostgresServer): Promise<void> {
  const { key, cert } = authority.issue({ ip: ["127.0.0.1"] });
  const { uid, gid } = statSync(server.data);
  for (const [name, pem] of Object.entries({ "server.key": key, "server.crt": cert })) {
    const file = join(server.data, name);
    writeFileSync(file, pem, { mode: 0o600 });
    chownSync(file, uid, gid);
  }
  appendFileSync(join(server.data, "postgresql.conf"), "ssl = on\n");
  await server.restart();
}

interface Given {
  folder: string;
  url: string;
  env?: Record<string, string>;
}

/** Adds a person to the list, which makes the ledger where there is none. */
async function add({ folder, url, env = {} }: Given) {
  const ended = await campaign(["suppress", "add", PERSON, "--json"], {
    cwd: folder,
    env: { CAMPAIGN_LEDGER: url, ...env },
  });
  const printed = ended.stdout + ended.stderr;
  for (const secret of [OWNER.password, encodeURIComponent(OWNER.password)]) {
    expect(printed).not.toContain(secret);
  }
  return ended;
}

/** The URL of a schema of its own, with more keys. */
async function urlOf(server: PostgresServer, keys: Record<string, string>, host?: string) {
  const url = new URL(server.url());
  if (host !== undefined) url.hostname = host;
  const all = { schema: await server.schema(), ...keys };
  for (const [key, value] of Object.entries(all)) url.searchParams.set(key, value);
  return url.href;
}

/** Connections of the program that the server has seen encrypted, in its log. */
const encryptedOnes = async (server: PostgresServer) =>
  (await server.log()).match(/SSL enabled/g)?.length ?? 0;

describe("a connection by TLS", () => {
  it("is made as sslmode says", async ({ folder }) => {
    const root = join(folder, "root.crt");
    writeFileSync(root, authority.cert);
    const other = join(folder, "other.crt");
    writeFileSync(other, makeAuthority("another one").cert);
    await encrypted.query("alter system set log_connections = on");
    await encrypted.query("select pg_reload_conf()");
    const cases: [keys: Record<string, string>, host: string, code: number][] = [
      [{}, "127.0.0.1", 0],
      [{ sslmode: "disable" }, "127.0.0.1", 0],
      [{ sslmode: "require" }, "127.0.0.1", 0],
      [{ sslmode: "require", sslrootcert: other }, "127.0.0.1", 3],
      [{ sslmode: "verify-ca", sslrootcert: root }, "localhost", 0],
      [{ sslmode: "verify-ca", sslrootcert: other }, "127.0.0.1", 3],
      [{ sslmode: "verify-full", sslrootcert: root }, "127.0.0.1", 0],
      [{ sslmode: "verify-full", sslrootcert: root }, "localhost", 3],
      [{ sslmode: "verify-full" }, "127.0.0.1", 3],
    ];
    for (const [keys, host, code] of cases) {
      const before = await encryptedOnes(encrypted);
      const ended = await add({ folder, url: await urlOf(encrypted, keys, host) });
      expect([keys, host, ended.code], ended.stderr).toEqual([keys, host, code]);
      if (code === 3) expect(ended.stdout).toContain('"ledger_untrusted"');
      const isEncrypted = (await encryptedOnes(encrypted)) > before;
      if (code === 0) expect([keys, isEncrypted]).toEqual([keys, keys.sslmode !== "disable"]);
    }
  });

  it("falls back where nothing is asked for, and does not where it is", async ({ folder }) => {
    expect((await add({ folder, url: await urlOf(plain, {}) })).code).toBe(0);
    const asked = await add({ folder, url: await urlOf(plain, { sslmode: "require" }) });
    expect(asked.code).toBe(3);
    expect(asked.stderr).toContain("speaks no TLS");
    const wrong = await add({ folder, url: await urlOf(plain, { sslmode: "yes" }) });
    expect(wrong.code).toBe(2);
  });
});

describe("what a URL leaves out", () => {
  const around = (server: PostgresServer) => ({
    PGHOST: "127.0.0.1",
    PGPORT: String(server.port),
    PGUSER: OWNER.user,
    PGDATABASE: OWNER.database,
  });

  it("comes from the environment", async ({ folder }) => {
    const env = { ...around(plain), PGPASSWORD: OWNER.password };
    const url = `postgres://?schema=${await plain.schema()}`;
    expect((await add({ folder, url, env })).code).toBe(0);
    const status = await campaign(["status", "--json"], {
      cwd: folder,
      env: { ...env, CAMPAIGN_LEDGER: url },
    });
    expect(JSON.parse(status.stdout).ledger).toContain(
      `postgres://campaign@127.0.0.1:${plain.port}/campaign?schema=`,
    );
    const wrong = await add({ folder, url, env: { ...env, PGPASSWORD: "quite-wrong-0815" } });
    expect(wrong.code).toBe(3);
    expect(wrong.stdout + wrong.stderr).not.toContain("quite-wrong-0815");
  });

  it("comes from .env", async ({ folder }) => {
    // Its password has quotation marks and a #: backticks hold it.
    const variables = { ...around(plain), PGPASSWORD: `\`${OWNER.password}\`` };
    const text = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, ".env"), text.join(""));
    expect((await add({ folder, url: `postgres:///?schema=${await plain.schema()}` })).code).toBe(
      0,
    );
  });

  it("comes from the file of passwords", async ({ folder }) => {
    const escaped = OWNER.password.replace(/[\\:]/g, "\\$&");
    const file = join(folder, "passwords");
    writeFileSync(file, `127.0.0.1:*:campaign:campaign:${escaped}\n`, { mode: 0o600 });
    const env = { ...around(plain), PGPASSFILE: file };
    expect(
      (await add({ folder, url: `postgres://?schema=${await plain.schema()}`, env })).code,
    ).toBe(0);
  });

  it("may be the host, for a socket", async ({ folder }) => {
    const url = new URL(plain.url({ socket: true }));
    url.searchParams.set("schema", await plain.schema());
    expect((await add({ folder, url: url.href })).code).toBe(0);
    const { user, password, database } = OWNER;
    const who = [user, password].map(encodeURIComponent).join(":");
    const keys = new URLSearchParams({
      host: plain.sockets,
      port: String(plain.port),
      schema: await plain.schema(),
    });
    expect((await add({ folder, url: `postgres://${who}@/${database}?${keys}` })).code).toBe(0);
  });
});

describe("several processes that begin at once", () => {
  it("make one ledger", async ({ folder }) => {
    const CAMPAIGN_LEDGER = await urlOf(plain, {});
    const schema = new URL(CAMPAIGN_LEDGER).searchParams.get("schema");
    const running = Array.from({ length: 5 }, (_, at) =>
      start(["suppress", "add", `+551198765432${at}`], { cwd: folder, env: { CAMPAIGN_LEDGER } }),
    );
    const ended = await Promise.all(running.map((one) => one.ended));
    expect(ended.map(({ code, stderr }) => [code, stderr.includes("bug")])).toEqual(
      ended.map(() => [0, false]),
    );
    const [counts] = await plain.query(
      `select (select count(*) from ${schema}.meta)::int as meta, (select count(*) from ${schema}.suppression)::int as people`,
    );
    expect(counts).toEqual({ meta: 1, people: 5 });
  });
});
