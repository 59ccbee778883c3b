// What an operator does wrong or reads in a hurry, as the built program: exports over the ledger or
// the list, a variable that was not set, a signal to a server, decisions after a kill, and what is
// reported of a campaign that was purged.

import { linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { describe, expect } from "vitest";

import { summaryOf } from "../../src/cli/campaign/campaign-summary.ts";
import type { CampaignRecord } from "../../src/domain/campaign/campaign.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { test as it } from "../support/fixture.ts";
import type { Ended } from "../support/harness.ts";
import {
  numberOf,
  scenario,
  start,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const SPRING = { name: "spring", lane: "sandbox", frozen: {}, columns: ["phone"], now: 1 };

interface World {
  folder: string;
  manifest: string;
  run(...args: string[]): Promise<Ended>;
  sql(text: string): void;
}

/** Three people, posted to. */
const posted = it.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandbox(folder, scenario());
    writeCsv(folder, 3);
    const manifest = writeManifest(folder, sandbox);
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    const run = (...args: string[]) => campaign(args, { cwd: folder, env });
    const sql = (text: string) => {
      const db = new Database(join(folder, "data", "ledger.sqlite"));
      db.exec(text);
      db.close();
    };
    expect((await run(manifest)).code).toBe(0);
    await use({ folder, manifest, run, sql });
  },
});

describe.concurrent("writing files", () => {
  posted("goes over nothing that a campaign lives on", async ({ world }) => {
    const { folder, manifest, run } = world;
    const ledger = join(folder, "data", "ledger.sqlite");
    linkSync(join(folder, "list.csv"), join(folder, "hard.csv"));
    symlinkSync(ledger, join(folder, "link.csv"));
    const before = ["list.csv", manifest].map((file) => readFileSync(join(folder, file), "utf8"));
    const commands = [
      [["report", manifest, "--csv", "list.csv"], "the campaign's list of recipients"],
      [["report", manifest, "--jsonl", "hard.csv"], "the campaign's list of recipients"],
      [["report", manifest, "--html", "link.csv"], "the ledger"],
      [["report", manifest, "--rejects", manifest], "the manifest"],
      [["rejects", manifest, "--csv", "./list.csv"], "the campaign's list of recipients"],
      [["check", manifest, "--rejects", "list.csv"], "the campaign's list of recipients"],
      [["suppress", "export", "--csv", ledger], "the ledger"],
    ] as const;
    for (const [args, what] of commands) {
      const { code, stderr } = await run(...args);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toContain(`would be written over ${what}`);
    }
    expect(["list.csv", manifest].map((file) => readFileSync(join(folder, file), "utf8"))).toEqual(
      before,
    );
    expect((await run("doctor")).code).toBe(0);
    const twins = await run("report", manifest, "--csv", "a.csv", "--jsonl", "./a.csv");
    expect(twins).toMatchObject({ code: 2, stderr: expect.stringContaining("the same file") });
    expect((await run("report", manifest, "--csv", "a.csv", "--jsonl", "b.jsonl")).code).toBe(0);
    expect((await run("report", manifest, "--csv", "a.csv")).code).toBe(0);
  });

  posted("appends no log to what is none", async ({ world: { folder, manifest, run } }) => {
    for (const file of [join(folder, "data", "ledger.sqlite"), "list.csv"]) {
      const { code, stderr } = await run(manifest, "--log-file", file, "--log-level", "trace");
      expect(code).toBe(2);
      expect(stderr).toContain(`--log-file ${file} is no log`);
      const sandbox = await run("sandbox", "--port", "0", "--log", file);
      expect(sandbox).toMatchObject({ code: 2, stderr: expect.stringContaining("is no log") });
    }
    expect((await run("doctor")).code).toBe(0);
    const nowhere = await run(manifest, "--log-file", join("none", "run.log"));
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("(ENOENT)") });
    expect((await run(manifest, "--log-file", "run.log")).code).toBe(0);
    expect((await run(manifest, "--log-file", "run.log")).code).toBe(0);
  });

  posted("keeps one document on stdout", async ({ world: { manifest, run } }) => {
    const both = await run("check", manifest, "--rejects", "-", "--json");
    expect(both.code).toBe(2);
    expect(Object.keys(JSON.parse(both.stdout))).toEqual(["error"]);
  });
});

describe.concurrent("a decision", () => {
  posted("asks before those who were given up are sent to again", async ({ world }) => {
    const { folder, manifest, run } = world;
    // One of the sandbox's special numbers: accepted, and the answer is lost.
    writeFileSync(join(folder, "list.csv"), "+46701740631,Ana,X\n", { flag: "a" });
    expect((await run(manifest)).code).toBe(0);
    expect((await run("resolve", manifest, "--unknown", "give-up")).code).toBe(0);
    const unasked = await run("retry", manifest, "--code", "given_up");
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toMatch(/1 recipient .* may have the message already.*\n.*--yes/);
    expect(statuses(folder)).toEqual({ failed: 1, accepted: 3 });
    expect((await run("retry", manifest, "--code", "given_up", "--yes")).code).toBe(0);
    expect(statuses(folder)).toEqual({ pending: 1, accepted: 3 });
  });

  posted("says who a killed run leaves to be resolved", async ({ world }) => {
    const { manifest, run, sql } = world;
    sql("update dispatch set status = 'claimed' where row_number = 1");
    sql("update campaign set state = 'running', tally = null");
    const { code, stderr } = await run("resolve", manifest, "--unknown", "give-up");
    expect(code).toBe(0);
    expect(stderr).toContain("No recipient is unknown yet, but 1 recipient was on their way");
    expect(stderr).toContain(`campaign ${manifest} makes them unknown`);
  });

  for (const [command, ...flags] of [["cancel", "--yes"], ["pause"]] as const) {
    posted(`to ${command} leaves nobody on the way for ever`, async ({ world }) => {
      const { folder, manifest, run, sql } = world;
      sql("update dispatch set status = 'claimed' where row_number = 1");
      sql("delete from attempt where row_number = 1");
      sql("update campaign set state = 'running', tally = null");
      expect((await run(command, manifest, ...flags)).code).toBe(0);
      expect(statuses(folder)).toMatchObject({ claimed: 1 });
      const { code, stderr } = await run(manifest);
      expect(code).toBe(command === "pause" ? 75 : 0);
      expect(stderr).toContain("1 recipient of a run that ended uncleanly is in doubt (unknown)");
      expect(statuses(folder)).toMatchObject({ unknown: 1 });
      expect(statuses(folder)).not.toHaveProperty("claimed");
    });
  }
});

describe.concurrent("what is reported of a purged campaign", () => {
  posted("that it is, and nothing to do with it", async ({ world: { manifest, run, sql } }) => {
    const before = JSON.parse((await run("status", manifest, "--json")).stdout);
    expect(before.erased_at).toBeNull();
    sql("update campaign set erased_at = 1795000000000, erased_rows = rows");
    for (const command of ["status", "report"]) {
      const { code, stdout } = await run(command, manifest);
      expect(code).toBe(0);
      expect(stdout.replaceAll("\n", " ")).toContain(
        "Purged on 18 Nov 2026: its personal data is erased",
      );
      expect(stdout).not.toContain("open:");
      expect(JSON.parse((await run(command, manifest, "--json")).stdout).erased_at).toBe(
        "2026-11-18T11:06:40.000Z",
      );
    }
  });

  posted("that its rows cannot be fixed", async ({ world: { folder, run, sql, manifest } }) => {
    writeFileSync(join(folder, "list.csv"), "12\n", { flag: "a" });
    expect((await run(manifest)).code).toBe(0);
    const before = await run("rejects", manifest);
    expect(before.stderr).toMatch(/1 row\. Fix them/);
    sql("update campaign set erased_at = 1795000000000, erased_rows = rows");
    const { code, stderr } = await run("rejects", manifest);
    expect(code).toBe(0);
    expect(stderr).toMatch(/1 row\. The campaign was purged: their cells are erased/);
  });

  it("by doctor, while it is not whole", async ({ folder }) => {
    const run = (...args: string[]) => campaign(args, { cwd: folder });
    const ledger = await openSqliteLedger(join(folder, "data", "ledger.sqlite"));
    const { id } = await ledger.createCampaign(SPRING);
    const rows = Array.from({ length: 2_001 }, (_, at) => ({
      row: at + 1,
      line: at + 2,
      hash: at,
      phone: numberOf(at),
      person: numberOf(at).slice(1),
      userId: null,
      recipientId: null,
      region: "BR",
      verdict: { kind: "send" as const, values: "[]" },
      cells: "[]",
    }));
    await ledger.plan(id, rows, 1);
    const recipients = { size: 1, modifiedMs: 1, sha256: "00" };
    const planned = { frozen: {}, recipients, columns: ["phone"], rows: rows.length, now: 1 };
    await ledger.finishPlanning(id, planned);
    await ledger.cancel(id, 2);
    expect((await run("doctor")).stderr).toBe("All is well.\n");
    expect(await ledger.purgeCampaign(id, 3, Date.now())).toEqual({ erased: 2_000, left: 1 });
    await ledger.close();
    const { code, stdout, stderr } = await run("doctor");
    expect(code).toBe(0);
    expect(stderr).toBe("0 bad, 2 warnings.\n");
    expect(stdout).toContain('a purge of "spring" stopped half-way: 2,000 of 2,001 rows');
    expect(stdout).toContain("the ledger's file was not rewritten");
    expect((await run("purge", "--older-than", "1d", "--yes")).code).toBe(0);
    expect((await run("doctor")).stderr).toBe("All is well.\n");
  });
});

describe.concurrent("a word that is no command", () => {
  it.for<[string[], RegExp]>([
    [["chek", "x.yaml"], /no command "campaign chek"\n {2}→ Did you mean `campaign check`\?/],
    [["help", "satus"], /Did you mean `campaign status`/],
    [["suppress", "ad", "+5511970000001"], /Did you mean `campaign suppress add`/],
    [["resume", "x.yaml"], /The same command goes on where it stopped/],
    [["go-on", "x.yaml"], /`campaign unpause MANIFEST` lifts a pause/],
    [["test", "x.yaml"], /`campaign check MANIFEST`/],
    [["Export", "x.yaml"], /`campaign report MANIFEST --csv FILE`/],
    [
      ["list.csv"],
      /neither a command nor a manifest\n {2}→ Give the manifest, whose name ends in \.yaml/,
    ],
    [["resolve", "x.yaml"], /--unknown.*resend or give-up\)\n {2}→ `campaign resolve --help`/],
    [["status", "--jsn"], /unknown option '--jsn'\n {2}→ Did you mean --json\?/],
    [["suppress"], /"campaign suppress" needs a command: add, remove/],
    [["--limit", "2", "none.yaml"], /none\.yaml: there is no such file/],
    [["--ledger", "status", "none.yaml"], /none\.yaml: there is no such file/],
  ])("%j", async ([args, words], { folder }) => {
    const { code, stdout, stderr } = await campaign(args, { cwd: folder });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(words);
  });
});

describe.concurrent("a command that does not ask Meta", () => {
  posted("does not need the token, unset or empty", async ({ world: { folder, manifest } }) => {
    for (const args of [
      ["status", manifest],
      ["report", manifest],
      ["rejects", manifest],
      ["compare", manifest, manifest],
      ["retry", manifest, "--code", "131026"],
      ["resolve", manifest, "--unknown", "give-up"],
    ]) {
      for (const env of [{}, { WHATSAPP_ACCESS_TOKEN: "" }]) {
        const { code, stderr } = await campaign(args, { cwd: folder, env });
        expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
      }
    }
    // Refused for what it is: finished.
    for (const command of ["pause", "unpause"]) {
      const { stderr } = await campaign([command, manifest], { cwd: folder });
      expect(stderr).toContain("is finished");
    }
    expect((await campaign(["cancel", manifest, "--yes"], { cwd: folder })).code).toBe(0);
    const asking = await campaign(["check", manifest], { cwd: folder });
    expect(asking).toMatchObject({ code: 2, stderr: expect.stringContaining("is not set") });
    writeFileSync(
      join(folder, "written.yaml"),
      readFileSync(join(folder, manifest), "utf8").replace(
        "${WHATSAPP_ACCESS_TOKEN}",
        "EAAwritten",
      ),
    );
    const written = await campaign(["status", "written.yaml"], { cwd: folder });
    expect(written).toMatchObject({ code: 2, stderr: expect.stringContaining("is a secret") });
  });
});

describe.concurrent("words that do not fit", () => {
  it("a country that is none, and a ledger without a name", async ({ folder }) => {
    const run = (...args: string[]) => campaign(args, { cwd: folder });
    for (const args of [
      ["suppress", "add", "11900010010"],
      ["forget", "11900010010", "--yes"],
      ["suppress", "import", "none.csv"],
    ]) {
      const { code, stderr } = await run(...args, "--region", "ZZ");
      expect([args, code, stderr]).toEqual([args, 2, expect.stringMatching(/--region ZZ is no/)]);
    }
    const unnamed = await run("status", "--ledger", "");
    expect(unnamed).toMatchObject({ code: 2, stdout: "" });
    expect(unnamed.stderr).toContain("--ledger is empty");
    const fromEnv = await campaign(["status"], { cwd: folder, env: { CAMPAIGN_LEDGER: "" } });
    expect(fromEnv.stderr).toContain("CAMPAIGN_LEDGER is empty");
  });

  it.for<[string, string]>([
    ["webhooks", "answering the deliveries in flight, accepting no more."],
    ["serve", "answering the deliveries in flight, accepting no more."],
    ["sandbox", "ending the sandbox."],
  ])("a signal to %s", async ([command, words], { folder }) => {
    const env = { WHATSAPP_APP_SECRET: "secret", WHATSAPP_VERIFY_TOKEN: "token" };
    const running = start([command, "--port", "0"], { cwd: folder, env });
    await running.saw(/"url"/);
    running.child.kill("SIGTERM");
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).toContain(`SIGTERM: ${words}`);
    expect(stderr).not.toContain("requests in flight");
  });
});

describe("a summary", () => {
  it("calls no claims of a run that is at work those of a killed one", async ({ folder }) => {
    const file = join(folder, "ledger.sqlite");
    const ledger = await openSqliteLedger(file);
    const runner = await openSqliteLedger(file);
    const { id } = await ledger.createCampaign(SPRING);
    await ledger.setState(id, "running", null, 1);
    const record = (await ledger.listCampaigns())[0] as CampaignRecord;
    const { name, lanes } = record;
    const hold = await runner.hold({ pid: 1, host: "h", campaign: name, lanes, since: 1 });
    // The run ends between one look and the next.
    const ends: Ledger = {
      ...ledger,
      async tally(campaignId) {
        const tally = await ledger.tally(campaignId);
        if (hold.kind === "held") await hold.release();
        return tally;
      },
    };
    expect((await summaryOf(ends, record)).state).toBe("running");
    await runner.close();
    await ledger.close();
  });
});
