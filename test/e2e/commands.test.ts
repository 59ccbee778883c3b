// The commands as a person types them: streams, exit codes, and what they leave in the ledger.

import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";

import { testWithSandbox } from "../support/fixture.ts";
import {
  numberOf,
  query,
  sandboxEvents,
  scenario,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const it = testWithSandbox((folder) => startSandbox(folder, scenario()));

const postedTo = (log: string) =>
  sandboxEvents(log).flatMap((event) => (event.event === "accepted" ? [event.to] : []));

describe.concurrent("the program", () => {
  it("names every command in --help", async ({ world }) => {
    const ended = await world.run("--help");
    expect(ended.code).toBe(0);
    for (const command of ["run", "check", "preview", "status", "rejects", "retry", "resolve"]) {
      expect(ended.stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
    }
  });

  it.for([
    [["no-such-command"], /there is no command/],
    [["run"], /missing required argument/],
    [["--ledger"], /argument missing/],
    [["run", "nothing.yaml"], /nothing\.yaml: there is no such file/],
    [["preview", "nothing.yaml", "--row", "x"], /whole number/],
    [["retry", "nothing.yaml"], /--code/],
    [["resolve", "x.yaml", "--unknown", "maybe"], /resend, give-up/],
  ] as [string[], RegExp][])("%s: exit 2", async ([args, said], { world }) => {
    const ended = await world.run(...args);
    expect(ended.stderr).toMatch(said);
    expect(ended.code).toBe(2);
    expect(ended.stdout).toBe("");
  });

  it("lists every mistake of a manifest at once, each at its place, and touches nothing", async ({
    world: { folder, run },
  }) => {
    writeFileSync(
      join(folder, "bad.yaml"),
      "campaign: spring\naccount: sandbox\nrecipients:\n  fil: list.csv\ntemplate:\n  name: offer\n  language: pt_BR\n  ttl: 5m\nrate:\n  messages_per_secund: 10\n",
    );
    const ended = await run("bad.yaml");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/bad\.yaml:4:3: .*\n {2}4 \| {3}fil: list\.csv\n/);
    expect(ended.stderr).toMatch(/bad\.yaml:8:8: /);
    expect(ended.stderr).toMatch(/bad\.yaml:10:3: .*[\s\S]*messages_per_second/);
    expect(existsSync(join(folder, "data"))).toBe(false);
  });

  it("names a missing variable, and reads .env", async ({ world: { folder, sandbox } }) => {
    writeCsv(folder, 2);
    const manifest = writeManifest(folder, sandbox);
    const without = await campaign([manifest], { cwd: folder });
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/WHATSAPP_ACCESS_TOKEN.*\n[\s\S]*\.env/);
    writeFileSync(join(folder, ".env"), `WHATSAPP_ACCESS_TOKEN=${sandbox.token}\n`);
    expect((await campaign([manifest], { cwd: folder })).code).toBe(0);
  });
});

describe.concurrent("run", () => {
  it("prints one JSON document on stdout, whose counts add up", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 20);
    appendFileSync(join(folder, "list.csv"), "not a number,Bob,X\n+12125550123,Jim,Y\n");
    const ended = await run(writeManifest(folder, sandbox), "--json");
    expect(ended.code, ended.stderr).toBe(0);
    const summary = JSON.parse(ended.stdout);
    expect(summary).toMatchObject({
      campaign: "test",
      state: "finished",
      halt: null,
      rows: 22,
      counts: { accepted: 20, skipped: 2 },
      reasons: { invalid_number: 1, us_number: 1 },
      sandbox: false,
    });
    // The files of the ledger are their owner's alone.
    for (const name of ["ledger.sqlite", "ledger.sqlite-wal"]) {
      const file = join(folder, "data", name);
      if (existsSync(file)) expect(statSync(file).mode & 0o777).toBe(0o600);
    }
  });

  it("posts exactly the documented body, with `to` as E.164", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 1);
    const more =
      "delivery: { product_policy: STRICT, message_activity_sharing: true, callback_key: false }\n";
    expect((await run(writeManifest(folder, sandbox, { more }))).code).toBe(0);
    const [event] = sandboxEvents(sandbox.log).filter((one) => one.event === "accepted");
    expect(event?.body).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: numberOf(1),
      type: "template",
      template: {
        name: "offer",
        language: { policy: "deterministic", code: "pt_BR" },
        components: [
          {
            type: "body",
            parameters: [
              { type: "text", text: "Ana 1" },
              { type: "text", text: "SPRING1" },
            ],
          },
        ],
      },
      product_policy: "STRICT",
      message_activity_sharing: true,
    });
  });

  it("plans nothing again when nothing changed, and plans rows that were added", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 10);
    const manifest = writeManifest(folder, sandbox);
    await run(manifest);
    await run(manifest);
    expect(postedTo(sandbox.log)).toHaveLength(10);
    appendFileSync(join(folder, "list.csv"), `${numberOf(11)},Ana 11,SPRING11\n`);
    expect((await run(manifest)).code).toBe(0);
    expect(postedTo(sandbox.log)).toHaveLength(11);
    expect(statuses(folder)).toEqual({ accepted: 11 });
  });

  it("refuses a template, a number or rows that changed, says what, and sends nothing", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 10);
    const manifest = writeManifest(folder, sandbox);
    await run(manifest, "--limit", "4");
    writeManifest(folder, sandbox, { template: "other" });
    const template = await run(manifest);
    expect(template.code).toBe(2);
    expect(template.stderr).toMatch(/template\.name was "offer" .* is "other" now[\s\S]*--replan/);
    writeManifest(folder, { ...sandbox, phoneNumberId: "999999" });
    const number = await run(manifest, "--replan");
    expect(number.code).toBe(2);
    expect(number.stderr).toMatch(/belongs to the number/);
    writeManifest(folder, sandbox);
    const before = readFileSync(join(folder, "list.csv"), "utf8");
    writeFileSync(join(folder, "list.csv"), before.replace("Ana 7", "Eve 7"));
    const rows = await run(manifest);
    expect(rows.code).toBe(2);
    expect(rows.stderr).toMatch(/list\.csv:8: row 7 gives other values[\s\S]*--replan/);
    expect(postedTo(sandbox.log)).toHaveLength(4);
    // Put back, it goes on; rate and hours may change.
    writeFileSync(join(folder, "list.csv"), before);
    writeManifest(folder, sandbox, { rate: 500 });
    expect((await run(manifest)).code).toBe(0);
    expect(new Set(postedTo(sandbox.log)).size).toBe(10);
    expect(postedTo(sandbox.log)).toHaveLength(10);
  });

  it("--replan changes what is not posted yet, and leaves what was", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 10);
    const manifest = writeManifest(folder, sandbox);
    await run(manifest, "--limit", "4");
    const text = readFileSync(join(folder, "list.csv"), "utf8");
    writeFileSync(join(folder, "list.csv"), text.replace("Ana 7", "Eve 7"));
    const ended = await run(manifest, "--replan");
    expect(ended.code, ended.stderr).toBe(0);
    expect(postedTo(sandbox.log)).toHaveLength(10);
    expect(JSON.stringify(sandboxEvents(sandbox.log))).toContain("Eve 7");
    // A row that was posted stays as it was posted, whatever is asked.
    writeFileSync(join(folder, "list.csv"), text.replace("Ana 2", "Eve 2"));
    const again = await run(manifest, "--replan");
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/2 rows changed after they were posted, which stay as posted/);
    expect(postedTo(sandbox.log)).toHaveLength(10);
  });

  it("plans a reject that was fixed in its place", async ({ world: { folder, sandbox, run } }) => {
    writeCsv(folder, 3);
    appendFileSync(join(folder, "list.csv"), `9.19812E+11,Bob,X\n${numberOf(5)},Ana 5,Y\n`);
    const manifest = writeManifest(folder, sandbox);
    await run(manifest);
    expect(statuses(folder)).toEqual({ accepted: 4, skipped: 1 });
    const rejects = await run("rejects", manifest);
    expect(rejects.stdout).toMatch(
      /^row_number,line,reason,detail,phone,first_name,coupon\r\n4,5,invalid_number,.*9\.19812E\+11,Bob,X\r\n$/,
    );
    const text = readFileSync(join(folder, "list.csv"), "utf8");
    writeFileSync(join(folder, "list.csv"), text.replace("9.19812E+11", numberOf(4)));
    expect((await run(manifest)).code).toBe(0);
    expect(statuses(folder)).toEqual({ accepted: 5 });
    expect(postedTo(sandbox.log)).toHaveLength(5);
  });

  it("--dry-run and check leave no ledger and send nothing", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 10);
    writeFileSync(join(folder, "out.csv"), `phone\n${numberOf(3)}\n`);
    const manifest = writeManifest(folder, sandbox, { more: "suppress: { files: [out.csv] }\n" });
    for (const args of [
      [manifest, "--dry-run", "--json"],
      ["check", manifest, "--json"],
    ]) {
      const ended = await run(...args);
      expect(ended.code, ended.stderr).toBe(0);
      expect(JSON.parse(ended.stdout)).toMatchObject({
        rows: 10,
        send: 9,
        reasons: { opted_out: 1 },
      });
    }
    expect(existsSync(join(folder, "data"))).toBe(false);
    expect(postedTo(sandbox.log)).toHaveLength(0);
  });
});

describe.concurrent("deciding", () => {
  it("retry queues failed recipients with a code again", async ({
    world: { folder, sandbox, run },
  }) => {
    // One of the sandbox's special numbers: refused for good.
    writeFileSync(join(folder, "list.csv"), "phone,first_name,coupon\n+46701740620,Ana,X\n");
    const manifest = writeManifest(folder, sandbox);
    expect((await run(manifest)).code).toBe(0);
    expect(statuses(folder)).toEqual({ failed: 1 });
    const none = await run("retry", manifest, "--code", "131026");
    expect(none.stderr).toMatch(/No recipient failed with 131026\. The codes there are: 131021/);
    const some = await run("retry", manifest, "--code", "131026,131021", "--json");
    expect(JSON.parse(some.stdout)).toMatchObject({ state: "stopped", counts: { pending: 1 } });
    await run(manifest);
    expect(query(folder, "select attempts, status from outcomes")).toEqual([
      { attempts: 2, status: "failed" },
    ]);
  });

  it("resolve decides on unknown ones, cancel ends the rest", async ({
    world: { folder, sandbox, run },
  }) => {
    // Special numbers again: accepted, but the connection ends without an answer; and an ordinary
    // one.
    writeFileSync(
      join(folder, "list.csv"),
      `phone,first_name,coupon\n+46701740631,Ana,X\n${numberOf(1)},Bea,Y\n${numberOf(2)},Caro,Z\n`,
    );
    const manifest = writeManifest(folder, sandbox);
    expect((await run(manifest, "--limit", "2")).code).toBe(75);
    expect(statuses(folder)).toEqual({ unknown: 1, accepted: 1, pending: 1 });
    // Another run does not send to it again.
    expect((await run("resolve", manifest, "--unknown", "give-up")).code).toBe(0);
    expect(query(folder, "select error_code from outcomes where status = 'failed'")).toEqual([
      { error_code: "given_up" },
    ]);
    const unasked = await run("cancel", manifest);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toMatch(/nobody can be asked here: 1 recipient .*\n.*--yes/);
    expect((await run("cancel", manifest, "--yes")).code).toBe(0);
    expect(statuses(folder)).toEqual({ failed: 1, accepted: 1, cancelled: 1 });
    expect((await run("retry", manifest, "--code", "given_up")).code).toBe(2);
    const after = await run(manifest);
    expect(after.code).toBe(0);
    expect(after.stderr).toContain("was cancelled");
    expect(postedTo(sandbox.log)).toHaveLength(2);
  });

  it("resolve --unknown resend sends again, on purpose", async ({
    world: { folder, sandbox, run },
  }) => {
    writeFileSync(join(folder, "list.csv"), "phone,first_name,coupon\n+46701740631,Ana,X\n");
    const manifest = writeManifest(folder, sandbox);
    await run(manifest);
    expect(statuses(folder)).toEqual({ unknown: 1 });
    await run(manifest);
    expect(postedTo(sandbox.log)).toHaveLength(1);
    await run("resolve", manifest, "--unknown", "resend", "--yes");
    await run(manifest);
    expect(postedTo(sandbox.log)).toHaveLength(2);
  });

  it("status shows every campaign; of one that was never run it says so", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 3);
    const manifest = writeManifest(folder, sandbox);
    expect((await run("status")).stdout).toMatch(/No campaign in .*ledger\.sqlite yet/);
    expect((await run("status", manifest)).code).toBe(2);
    await run(manifest);
    expect(JSON.parse((await run("status", manifest, "--json")).stdout)).toMatchObject({
      state: "finished",
      counts: { accepted: 3 },
    });
    expect(JSON.parse((await run("status", "--json")).stdout).campaigns).toHaveLength(1);
  });

  it("preview shows the exact body of a row, and why a row gets none", async ({
    world: { folder, sandbox, run },
  }) => {
    writeCsv(folder, 3);
    appendFileSync(join(folder, "list.csv"), "x,Bob,Y\n");
    const manifest = writeManifest(folder, sandbox);
    const body = JSON.parse((await run("preview", manifest, "--row", "2", "--json")).stdout);
    expect(body).toMatchObject({ to: numberOf(2), template: { name: "offer" } });
    const skipped = await run("preview", manifest, "--row", "4");
    expect(skipped.code).toBe(2);
    expect(skipped.stderr).toMatch(/list\.csv:5: row 4 would not be sent to: invalid_number/);
    expect((await run("preview", manifest, "--row", "9")).stderr).toMatch(
      /no row 9: .* 4 data rows/,
    );
    appendFileSync(join(folder, "list.csv"), `${numberOf(5)},A\u001b[2J\u009b2J,Y\n`);
    const { stdout } = await run("preview", manifest, "--row", "5");
    expect(stdout).toContain("[2J");
    expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});

describe.concurrent("suppress", () => {
  it("adds, lists, exports, imports and removes; by number and by WhatsApp id", async ({
    world: { folder, sandbox, run },
  }) => {
    // The second in WhatsApp's form of a Brazilian mobile: without the ninth digit.
    const waId = numberOf(2).replace("+55119", "5511");
    expect(
      (await run("suppress", "add", numberOf(1), waId, "BR.1234", "--reason", "call")).code,
    ).toBe(0);
    expect((await run("suppress", "add", numberOf(1))).stderr).toMatch(/^0 added.*1 were on it/);
    const list = JSON.parse((await run("suppress", "list", "--json")).stdout).suppressions;
    expect(list).toHaveLength(3);
    expect(list[0]).toMatchObject({ phone: numberOf(1), reason: "call", source: "manual" });
    const exported = (await run("suppress", "export")).stdout;
    expect(exported.split("\r\n")[0]).toBe("phone,user_id,reason,source,added_at");
    writeFileSync(join(folder, "more.csv"), `wa_id\n${numberOf(3).slice(1)}\nnonsense\n`);
    const imported = await run("suppress", "import", "more.csv");
    expect(imported.code).toBe(2);
    expect(imported.stderr).toMatch(/more\.csv:3: it is not clear[\s\S]*1 line read, 1 person new/);
    writeCsv(folder, 4);
    const manifest = writeManifest(folder, sandbox);
    expect((await run(manifest)).code).toBe(0);
    expect(postedTo(sandbox.log)).toEqual([numberOf(4)]);
    expect((await run("suppress", "remove", numberOf(3))).stderr).toMatch(/^1 taken off/);
    expect((await run("suppress", "remove", numberOf(3))).code).toBe(2);
    expect((await run("suppress", "add", "hello")).code).toBe(2);
  });
});

describe.concurrent("secrets", () => {
  it("neither token nor number is in a log line", async ({ world: { folder, sandbox, run } }) => {
    writeCsv(folder, 10);
    const manifest = writeManifest(folder, sandbox);
    const ended = await run("--log-file", "run.log", "--log-level", "trace", manifest);
    expect(ended.code).toBe(0);
    const log = readFileSync(join(folder, "run.log"), "utf8");
    expect(log.split("\n").length).toBeGreaterThan(10);
    for (const text of [log, ended.stderr]) {
      expect(text).not.toContain(sandbox.token);
      for (let row = 1; row <= 10; row += 1) expect(text).not.toContain(numberOf(row).slice(1));
    }
  });
});
