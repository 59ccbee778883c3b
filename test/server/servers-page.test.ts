// Holds docs/servers.md to the program and to a real server: its SQL, commands, cron line and
// tables, and the files that it names: compose.yaml, Dockerfile, units of systemd.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { parse } from "yaml";
import { test as it } from "../support/fixture.ts";
import { QUICK_SANDBOX, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { SUPERUSER, startPostgres } from "../support/postgres.ts";
import { ask } from "../support/postgres-client.ts";
import { blocksOf, codesIn, commandLinesOf, tableAfter } from "../support/readme.tables.ts";

const PAGE = readFileSync("docs/servers.md", "utf8");
const BLOCKS = blocksOf(PAGE);
const ADDRESS = "postgres://campaign@db.example.com/campaign";
const PROGRAM = /npm run (?:--silent )?campaign -- /;
const MANIFEST = `campaign: spring-2026
${QUICK_SANDBOX}
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
`;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  const url = server.url({ ...SUPERUSER, database: "postgres" });
  const sql = blockOf("sql").trim().split("\n");
  for (const line of ["drop database campaign", "drop role campaign", ...sql]) await ask(url, line);
});
afterAll(() => server.end());

function blockOf(language: string, path = ""): string {
  const found = BLOCKS.find((block) => block.language === language && block.path === path);
  if (found === undefined) throw new Error(`the page has no block ${language} ${path}`);
  return found.text;
}

/** The page's address with the real server's host and port. */
const real = (text: string) =>
  text
    .replaceAll("@db.example.com/", `@127.0.0.1:${server.port}/`)
    .replaceAll("@db/", `@127.0.0.1:${server.port}/`);

const passwordOf = (sql: string) => /password '([^']+)'/.exec(sql)?.[1] ?? "";

describe("a page's database", () => {
  it("is made by its SQL, for a role that may do nothing else", async ({ folder }) => {
    const inOther = blockOf("sql", "schema");
    await server.query("create database shop");
    const superuser = server.url({ ...SUPERUSER, database: "shop" });
    await ask(superuser, inOther);
    await ask(superuser, "revoke all on schema public from public");
    const env = {
      CAMPAIGN_LEDGER: real("postgres://campaign_app@db.example.com/shop"),
      PGPASSWORD: passwordOf(inOther),
    };
    writeCsv(folder, 3);
    writeFileSync(join(folder, "campaign.yaml"), MANIFEST);
    const ran = await campaign(["campaign.yaml"], { cwd: folder, env });
    expect(ran.code, ran.stderr).toBe(0);
    const analyst = blockOf("sql", "analyst");
    await ask(superuser, analyst);
    const url = server.url({ user: "analyst", password: passwordOf(analyst), database: "shop" });
    expect(await ask(url, "select status from campaign.outcomes")).toHaveLength(3);
    await expect(ask(url, "select * from campaign.dispatch")).rejects.toThrow(/permission denied/);
  });
});

describe("a page's commands", () => {
  it("are run in their order, and its cron line", async ({ folder }) => {
    const env = { PGPASSWORD: passwordOf(blockOf("sql")) };
    mkdirSync(join(folder, "campaigns"));
    writeFileSync(join(folder, "package.json"), "{}");
    writeCsv(join(folder, "campaigns"), 3);
    writeFileSync(join(folder, "campaigns", "spring.yaml"), MANIFEST);
    const given = (line: string, more: Record<string, string> = {}) =>
      campaign(real(line).split(" "), { cwd: folder, env: { ...env, ...more }, newLedger: false });
    expect((await given("run campaigns/spring.yaml")).code).toBe(0);

    const lines = commandLinesOf(PAGE);
    expect(lines).toHaveLength(4);
    for (const { line, exits } of lines) {
      expect(line).toMatch(PROGRAM);
      const ended = await given(line.replace(PROGRAM, ""));
      expect([line, ended.code], ended.stderr).toEqual([line, exits]);
    }
    const [, command = ""] =
      /^(?:\S+\s+){5}cd \/srv\/campaigns && (.+)$/m.exec(blockOf("cron")) ?? [];
    expect(command).toMatch(PROGRAM);
    const cron = await given(command.replace(PROGRAM, ""), { CAMPAIGN_LEDGER: "data/back.sqlite" });
    expect([cron.code, cron.stdout, cron.stderr]).toEqual([0, "", ""]);
    expect(blockOf("yaml", "policy.yaml")).toContain(`ledger: ${ADDRESS}\n`);
  });
});

/** Read by a manifest, and by the image's health check. */
const OTHERS = ["WHATSAPP_ACCESS_TOKEN", "HEALTH_URL"];

interface Service {
  command?: string[];
  environment: Record<string, string>;
  volumes?: string[];
  healthcheck?: { test: string[]; start_period?: string };
}

const file = parse(readFileSync("compose.yaml", "utf8"), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};

describe("a page's compose file", () => {
  const services = Object.entries(file.services);

  it("has three runners, a receiver and a database, each with what it needs", () => {
    expect(services.map(([name]) => name)).toEqual([
      ...["runner-1", "runner-2", "runner-3", "receiver", "db"],
    ]);
    const named = services.flatMap(([, { volumes = [] }]) =>
      volumes.flatMap((volume) => /^([\w-]+):/.exec(volume)?.[1] ?? []),
    );
    expect(named.toSorted()).toEqual(Object.keys(file.volumes).toSorted());
  });

  it("names variables that the program reads", () => {
    const source = ["campaign/wiring.ts", "files/project.ts"].map((name) =>
      readFileSync(join("src/cli", name), "utf8"),
    );
    source.push(readFileSync("src/domain/manifest/ledger-name.ts", "utf8"));
    for (const [name, { environment }] of services) {
      if (name === "db") continue;
      for (const variable of Object.keys(environment)) {
        const isRead = source.some((text) => text.includes(variable));
        expect([variable, isRead || OTHERS.includes(variable)]).toEqual([variable, true]);
      }
    }
  });

  it("gives commands that the program takes", async ({ folder }) => {
    const programs = services.flatMap(([, { command }]) => (command ? [command] : []));
    expect(programs).toHaveLength(4);
    for (const [name = "", ...given] of programs) {
      const { stdout } = await campaign([name, "--help"], { cwd: folder });
      for (const option of given.filter((word) => word.startsWith("--"))) {
        expect(stdout).toContain(` ${option}`);
      }
    }
    const { environment, command = [] } = file.services["runner-1"] as Service;
    mkdirSync(join(folder, "campaigns"));
    writeFileSync(join(folder, "package.json"), "{}");
    writeCsv(join(folder, "campaigns"), 3);
    writeFileSync(join(folder, "campaigns", "spring.yaml"), MANIFEST);
    const schema = await server.schema();
    const env = {
      CAMPAIGN_LEDGER: `${real(String(environment.CAMPAIGN_LEDGER))}?schema=${schema}`,
      PGPASSWORD: passwordOf(blockOf("sql")),
    };
    const byHand = [...PAGE.matchAll(/^docker compose run --rm runner-1 (.+)/gm)];
    const [plan = "", status = "", ...more] = byHand.map(([, line = ""]) => line);
    expect([status, more]).toEqual(["status", []]);
    const given = { cwd: folder, env, newLedger: false };
    const planned = await campaign(plan.split(" "), given);
    expect(planned.code, planned.stderr).toBe(0);
    expect(command).toEqual(["work"]);
    const ran = await campaign(["work", "--once"], given);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain("spring-2026: Finished: every recipient has a final status.");
    const shown = await campaign([status], given);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("spring-2026")]);
  });

  it("takes the database as healthy by its port, not while the image still makes it", () => {
    const { healthcheck } = file.services.db as Service;
    expect(healthcheck?.test.at(-1)).toBe("pg_isready --host 127.0.0.1 --username campaign");
    expect(healthcheck?.start_period).toBe("60s");
  });

  it("has its variables named by the page", () => {
    const named = readFileSync("compose.yaml", "utf8").matchAll(/\$\{(\w+):\?in \.env\}/g);
    for (const [, name] of named) expect(PAGE).toContain(`\`${name}\``);
  });
});

describe("the image", () => {
  const image = readFileSync("Dockerfile", "utf8");
  const last = (instruction: string) =>
    image.split("\n").findLast((line) => line.startsWith(`${instruction} `)) ?? "";

  it("runs the program as another user than root, with its state in the volume", () => {
    expect(last("ENTRYPOINT")).toBe('ENTRYPOINT ["tini", "--", "node", "dist/cli/main.js"]');
    expect(last("USER")).toBe("USER campaign");
    expect(last("VOLUME")).toBe("VOLUME /data");
    expect(last("ENV")).toMatch(/XDG_STATE_HOME=\/data\/\S+ CAMPAIGN_LEDGER=\/data\/\S+/);
    const copied = [...image.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(([, names = ""]) =>
      names.split(" "),
    );
    const schemas = ["campaign.schema.json", "policy.schema.json"];
    expect(copied).toEqual(
      ["package.json", ...schemas, "node_modules", "dist"].map((name) => `/build/${name}`),
    );
  });

  it("is built from the program alone, without lists and secrets", () => {
    const [all, ...rules] = readFileSync(".dockerignore", "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(all).toBe("*");
    const taken = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
    expect(taken.filter((name) => !existsSync(name))).toEqual([]);
    const needed = [/[\w.-]+\.json/g, /(?<=node )\w+(?=\/)/g].flatMap((pattern) => [
      ...`${image} ${JSON.parse(readFileSync("package.json", "utf8")).scripts.build}`.matchAll(
        pattern,
      ),
    ]);
    expect(taken).toEqual(expect.arrayContaining(needed.map(([name]) => name).concat("src")));
    expect(taken.filter((name) => /^(\.|campaigns|data)/.test(name))).toEqual([]);
  });

  it("has a Node that the program allows, and asks the receiver's own address", () => {
    const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
    const [, least = ""] = /^>=(\d+)/.exec(engines.node) ?? [];
    const versions = [...image.matchAll(/^FROM node:(\d+)/gm)].map(([, version]) => version);
    expect(new Set(versions).size).toBe(1);
    expect(Number(versions[0])).toBeGreaterThanOrEqual(Number(least));
    const { environment, command = [] } = file.services.receiver as Service;
    const port = command[command.indexOf("--port") + 1];
    expect(environment.HEALTH_URL).toBe(`http://127.0.0.1:${port}/health`);
  });
});

describe("the units of systemd", () => {
  const folder = "ops/systemd";
  const names = readdirSync(folder);

  it("are named by the page, and give commands that the program takes", async () => {
    for (const name of names) {
      expect(PAGE).toContain(`(../${folder}/${name})`);
      const start = /^ExecStart=\S*node dist\/cli\/main\.js (.+)$/m;
      const [, command] = start.exec(readFileSync(join(folder, name), "utf8")) ?? [];
      expect(command !== undefined, name).toBe(name.endsWith(".service"));
      if (command === undefined) continue;
      const [named = "", ...given] = command.split(" ");
      const { stdout } = await campaign([named, "--help"], { cwd: "." });
      for (const option of given.filter((word) => word.startsWith("--"))) {
        expect(stdout).toContain(` ${option}`);
      }
    }
  });

  const version = spawnSync("systemd-analyze", ["--version"]);
  const mayVerify = version.status === 0 && existsSync("/usr/bin/node");
  it.skipIf(!mayVerify)("are sound, as systemd reads them", () => {
    const files = names.map((name) => join(folder, name));
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", ...files], {
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  });
});

describe("a page's tables", () => {
  it("have the words of sslmode and of the program's errors", () => {
    const modes = tableAfter(PAGE, "## The address").flatMap(([cell = ""]) => codesIn(cell));
    const tls = readFileSync("src/ledger/postgres/tls.ts", "utf8");
    const known = /const MODES = \[([^\]]*)\]/.exec(tls)?.[1]?.match(/[\w-]+/g);
    expect(modes).toEqual(known);
    const faults = readFileSync("src/domain/campaign/fault.ts", "utf8");
    for (const [cell = ""] of tableAfter(PAGE, "## When something is wrong")) {
      for (const id of codesIn(cell)) expect(faults).toContain(`"${id.replace("ledger_", "")}"`);
    }
  });
});
