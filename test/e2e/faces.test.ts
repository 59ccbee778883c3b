// What the faces of one campaign say: the same everywhere, once, and whole at every width of a
// terminal.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { describe, expect } from "vitest";
import { fitted } from "../../src/cli/print/columns.ts";
import { stamp } from "../../src/domain/common/calendar.ts";
import { test as it } from "../support/fixture.ts";
import { atTerminal, QUICK_SANDBOX, query, start, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { startProgram } from "../support/programs.ts";

/** Our own colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const COLOURS = /\u001b\[(?:1|22|3[0-9]|39)m/g;

function write(folder: string, name: string, more = ""): void {
  writeFileSync(
    join(folder, `${name}.yaml`),
    `campaign: ${name}
${QUICK_SANDBOX}
recipients: { file: ${name}.csv, phone: phone }
template: { name: offer, language: pt_BR, body: [a, b] }
${more}`,
  );
}

function sql(folder: string, text: string): void {
  const db = new Database(join(folder, "data", "ledger.sqlite"));
  db.exec(text);
  db.close();
}

const said = (text: string) => text.replace(/\s+/g, " ");

describe("a terminal", () => {
  it.for([
    ["no terminal", { isTTY: false, columns: 30 }, "a sentence of more than thirty characters"],
    ["a terminal", { isTTY: true, columns: 30 }, "a sentence of more than thirty\ncharacters"],
    [
      "one without a width",
      { isTTY: true, columns: 0 },
      "a sentence of more than thirty characters",
    ],
  ] as const)("breaks what is said between words: %s", ([, stream, expected]) => {
    expect(fitted("a sentence of more than thirty characters", stream)).toBe(expected);
  });

  it("is shown the lines of a file as they are, and indented what goes on", () => {
    const stream = { isTTY: true, columns: 24 };
    const source = "  12 | access_token: a very long line of a file\n     |               ^";
    expect(fitted(source, stream)).toBe(source);
    expect(fitted("  → Write it in quotes, or not.", stream)).toBe(
      "  → Write it in quotes,\n    or not.",
    );
    expect(fitted(`x ${"y".repeat(40)}`, stream)).toBe(`x\n${"y".repeat(40)}`);
  });

  it("gets whole colours and lines that fit", async ({ folder }) => {
    write(folder, "a-campaign-with-a-name-of-forty-letters");
    write(folder, "b");
    writeCsv(folder, 40, "a-campaign-with-a-name-of-forty-letters.csv");
    writeCsv(folder, 12, "b.csv");
    writeFileSync(join(folder, "b.csv"), "12,Ana,x\n".repeat(28), { flag: "a" });
    for (const name of ["a-campaign-with-a-name-of-forty-letters", "b"]) {
      const args = ["run", `${name}.yaml`, "--despite", "mostly_unreadable"];
      const ran = await campaign(args, { cwd: folder });
      expect(ran.code, ran.stderr).toBe(0);
    }
    const first = "a-campaign-with-a-name-of-forty-letters";
    for (const [args, columns] of [
      [["compare", first, "b"], 120],
      [["compare", first, "b"], 80],
      [["compare", first, "b"], 60],
      [["compare", first, "b"], 45],
      [["status"], 80],
      [["report", "b.yaml"], 80],
    ] as const) {
      const { shown } = await atTerminal([...args], { cwd: folder, columns });
      const all = shown.replace(COLOURS, "").split("\r\n");
      const lines = all.filter((one) => !one.startsWith("ledger: "));
      expect(lines.join("\n")).not.toMatch(/\[\d+m/);
      for (const line of lines) expect([line, line.length <= columns]).toEqual([line, true]);
      // How it is called is never cut.
      if (args[0] !== "report") expect(lines.join("\n")).toContain(first);
    }
    const { shown } = await atTerminal(["compare", first, "b"], { cwd: folder });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(shown).toMatch(/\u001b\[1m[^\u001b]*lower\u001b\[22m/);
  });
});

describe("what is said", () => {
  it("stands once in a log of both streams", async ({ folder }) => {
    write(folder, "c");
    writeCsv(folder, 3, "c.csv");
    const main = resolve("dist/cli/main.js");
    const line = `exec '${process.execPath}' '${main}' run c.yaml --limit 1 > cron.log 2>&1`;
    const ended = await startProgram("sh", ["-c", line], { cwd: folder }).ended;
    expect(ended.code).toBe(75);
    const lines = readFileSync(join(folder, "cron.log"), "utf8").trimEnd().split("\n");
    const sandbox = lines.map((one, at) => (one.startsWith("SANDBOX") ? at : -1));
    expect(sandbox.filter((at) => at >= 0)).toEqual([0, lines.length - 1]);
    const paused = await campaign(["pause", "c.yaml"], { cwd: folder });
    expect(said(paused.stdout).match(/Paused by/g)).toHaveLength(1);
    expect(paused.stdout).not.toMatch(/paused: /);
    const ran = await campaign(["run", "c.yaml"], { cwd: folder });
    expect(said(ran.stdout + ran.stderr).match(/Paused by/g)).toHaveLength(1);
    sql(folder, "update campaign set state = 'stopped'; delete from campaign_stop");
    const halted = "update campaign set state = 'halted', halt_code = '190', halt_sentence = 'No.'";
    sql(folder, halted);
    const status = await campaign(["status", "c.yaml"], { cwd: folder });
    expect(said(status.stdout).match(/ No\./g)).toHaveLength(1);
  });

  it("names recipients that are held, and when they are tried again", async ({ folder }) => {
    write(folder, "c");
    writeCsv(folder, 3, "c.csv");
    expect((await campaign(["run", "c.yaml", "--limit", "1"], { cwd: folder })).code).toBe(75);
    const due = Date.now() + 86_400_000;
    const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    sql(
      folder,
      `update dispatch set status = 'held', reason = '131049', held_until = ${due} where status = 'pending'; update campaign set tally = null`,
    );
    const retried = await campaign(["retry", "c.yaml", "--code", "131049"], { cwd: folder });
    expect(retried.code, retried.stderr).toBe(0);
    expect(retried.stderr).toContain(
      `No recipient failed. 2 recipients are held with 131049: campaign c.yaml tries them again by itself from ${stamp(due, ownZone)} on.`,
    );
    const none = await campaign(["retry", "c.yaml", "--code", "duplicate"], { cwd: folder });
    expect(none.stderr).toContain("No recipient failed.\n");
    // What changed nothing is no decision.
    expect(query(folder, "select action from audit where action = 'retry'")).toEqual([]);
  });

  it("is audited when pending rows are planned again on purpose", async ({ folder }) => {
    write(folder, "c");
    writeCsv(folder, 3, "c.csv");
    await campaign(["run", "c.yaml", "--limit", "1"], { cwd: folder });
    await campaign(["run", "c.yaml", "--replan", "--limit", "1"], { cwd: folder });
    expect(query(folder, "select subject from audit where action = 'replan'")).toHaveLength(1);
  });
});

describe("the check of a campaign that was sent to in part", () => {
  it("is about those who are left", async ({ folder }) => {
    write(folder, "c", "rate_card: card.csv\n");
    writeCsv(folder, 4, "c.csv");
    writeFileSync(join(folder, "c.csv"), "+4915123456789,Ana,x\n", { flag: "a" });
    const card = "Market,Currency,Marketing\nBrazil,USD,0.0625\nGermany,USD,0.1365\n";
    writeFileSync(join(folder, "card.csv"), card);
    const check = async () => {
      const ended = await campaign(["check", "c.yaml", "--json"], { cwd: folder });
      expect(ended.code, ended.stderr).toBe(0);
      return JSON.parse(ended.stdout);
    };
    const before = await check();
    expect(before).toMatchObject({ rows: 5, send: 5, left: 5, estimate: { people: 5 } });
    expect(before.estimate.cost.total_if_all_delivered).toBeCloseTo(4 * 0.0625 + 0.1365);
    expect((await campaign(["run", "c.yaml", "--limit", "3"], { cwd: folder })).code).toBe(75);
    const after = await check();
    expect(after).toMatchObject({ rows: 5, send: 5, left: 2, estimate: { people: 2 } });
    expect(after.estimate.countries).toMatchObject([
      { region: "BR", people: 1 },
      { region: "DE", people: 1 },
    ]);
    expect(after.estimate.cost.total_if_all_delivered).toBeCloseTo(0.0625 + 0.1365);
    const text = await campaign(["check", "c.yaml"], { cwd: folder });
    expect(text.stdout).toContain("c: 5 rows, 2 left to send of 5, 0 skipped");
    await campaign(["cancel", "c.yaml", "--yes"], { cwd: folder });
    expect(await check()).toMatchObject({ left: 0, estimate: { people: 0, countries: [] } });
  });
});

describe("a campaign whose number another one has", () => {
  it("is said to wait, and is not called running", async ({ folder }) => {
    for (const name of ["first", "second", "third"]) {
      write(folder, name, name === "first" ? "rate: { messages_per_second: 1 }\n" : "");
      writeCsv(folder, name === "first" ? 500 : 3, `${name}.csv`);
    }
    await campaign(["run", "second.yaml", "--limit", "1"], { cwd: folder });
    const first = start(["run", "first.yaml"], { cwd: folder });
    await first.until(
      () => query(folder, "select 1 from dispatch where claimed_at > 0").length > 1,
    );
    const unknown = await campaign(["status", "third.yaml"], { cwd: folder });
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Its number is held by the run of campaign "first"');
    const waits = await campaign(["status", "second.yaml", "--json"], { cwd: folder });
    expect(JSON.parse(waits.stdout)).toMatchObject({
      state: "stopped",
      waits_for: { campaign: "first", since: expect.stringMatching(/Z$/) },
    });
    const text = await campaign(["status", "second.yaml"], { cwd: folder });
    expect(said(text.stdout)).toContain('Campaign "first" has it since');
    // As a run that was killed leaves it.
    sql(folder, "update campaign set state = 'running' where name = 'second'");
    const killed = await campaign(["status", "second.yaml", "--json"], { cwd: folder });
    expect(JSON.parse(killed.stdout).state).toBe("stopped");
    const own = await campaign(["status", "first.yaml", "--json"], { cwd: folder });
    expect(JSON.parse(own.stdout)).toMatchObject({ state: "running", waits_for: null });
    first.child.kill("SIGKILL");
    await first.ended;
  });
});

describe("a run in cron", () => {
  const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

  it("says in one line with the time that it had nothing to do", async ({ folder }) => {
    write(folder, "c");
    writeCsv(folder, 3, "c.csv");
    const first = await campaign(["run", "c.yaml"], { cwd: folder });
    expect(first.code, first.stderr).toBe(0);
    const again = await campaign(["run", "c.yaml"], { cwd: folder });
    expect(again.code).toBe(0);
    const said = again.stderr.split("\n").filter((one) => !/^(SANDBOX.*)?$/.test(one));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^${TIME} c: nothing to do; ledger /.*ledger\\.sqlite$`));
    expect(again.stdout).not.toContain("rows");
    sql(
      folder,
      `update dispatch set status = 'held', reason = '131049', held_until = ${Date.now() + 90_000_000} where row_number = 1; update campaign set state = 'stopped', tally = null`,
    );
    const held = await campaign(["run", "c.yaml"], { cwd: folder });
    expect(held.code).toBe(75);
    expect(held.stderr).toMatch(
      / c: nothing to do; 1 held; next try \d+ \w+ \d{4}, \d\d:\d\d.*; ledger /,
    );
  });

  it("prints nothing with --quiet when all went well, and what a person must act on", async ({
    folder,
  }) => {
    write(folder, "c");
    writeCsv(folder, 3, "c.csv");
    for (const _ of [1, 2]) {
      const ran = await campaign(["run", "c.yaml", "--quiet"], { cwd: folder });
      expect(ran).toMatchObject({ code: 0, stdout: "", stderr: "" });
    }
    const gone = await campaign(["run", "nothing.yaml", "--quiet"], { cwd: folder });
    expect(gone.code).toBe(2);
    expect(gone.stderr).toContain("nothing.yaml: there is no such file");
  });
});
