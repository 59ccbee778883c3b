// A campaign whose rows give the language of their template, by the log of the sandbox: each person
// gets the one of their row, also after a kill, and no run begins while a language has none.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { testWithSandbox } from "../support/fixture.ts";
import {
  acceptedBy,
  numberOf,
  query,
  sandboxEvents,
  start,
  startSandbox,
  statuses,
} from "../support/harness.ts";

const M = "campaign.yaml";
/** How the list has a language, and Meta's code; null for a row that is skipped. */
const ROWS: [written: string, code: string | null][] = [
  ["pt-br", "pt_BR"],
  ["es", "es"],
  ["Spanish", "es"],
  ["fr", "fr"],
  ["Klingon", null],
  ["", null],
  ["Portuguese", null],
  ["en-US", "en_US"],
  ["French", "fr"],
];
const TEMPLATES = {
  pt_BR: "Oi {{1}}, até {{2}}",
  es: "Hola {{1}}, hasta {{2}}",
  en_US: "Hi {{1}}, until {{2}}",
  fr: "Salut {{1}}, {{2}}",
};
/** Everybody but those whose language has no template. */
const WITHOUT_FRENCH = `"{% assign two = lang | slice: 0, 2 | downcase %}{% if two != 'fr' %}{{ lang }}{% endif %}"`;

function scenarioText(french: string): string {
  const templates = Object.entries(TEMPLATES).map(([language, text]) => {
    const status = language === "fr" ? french : "APPROVED";
    return `  - { name: offer, language: ${language}, status: ${status}, components: [{ type: BODY, text: "${text}" }] }`;
  });
  return `throughput: 1000\ntemplates:\n${templates.join("\n")}\n`;
}

const it = testWithSandbox((folder) => startSandbox(folder, scenarioText("PENDING")));

function writeList(folder: string, languages: readonly string[]): void {
  const lines = languages.map((language, at) => `${numberOf(at + 1)},Ana ${at},${language}`);
  writeFileSync(join(folder, "list.csv"), `phone,name,lang\n${lines.join("\n")}\n`);
}

interface Written {
  language?: string;
  rate?: number;
  ttl?: string;
}

function writeManifest(folder: string, url: string, written: Written = {}): void {
  const { language = '"{{ lang }}"', rate = 500, ttl = "" } = written;
  writeFileSync(
    join(folder, M),
    `campaign: languages
account:
  phone_number_id: "100000000000001"
  waba_id: "100000000000002"
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: ${url}
recipients: { file: list.csv, phone: phone }
template:
  name: offer
  language: ${language}
  body: ["{{ name }}", "{{ '2026-12-01' | date: '%B' }}"]
  ${ttl}
rate: { messages_per_second: ${rate} }
`,
  );
}

/** Number → the language of each message that the sandbox took to it. */
function sentIn(log: string): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const { event, to, language } of sandboxEvents(log)) {
    if (event !== "accepted") continue;
    const number = String(to);
    found[number] = [...(found[number] ?? []), language];
  }
  return found;
}

/** What `sentIn` gives when everybody of these rows got one message. */
function wanted(codes: readonly (string | null)[]): Record<string, unknown[]> {
  const people = codes.flatMap((code, at) => (code === null ? [] : [[numberOf(at + 1), [code]]]));
  return Object.fromEntries(people) as Record<string, unknown[]>;
}

describe("a campaign whose rows give the language", () => {
  it("sends each person the template of their language, once all of them have one", async ({
    world,
  }) => {
    const { folder, sandbox, run } = world;
    writeList(
      folder,
      ROWS.map(([written]) => written),
    );
    writeManifest(folder, sandbox.url);
    const checked = await run("check", M, "--json");
    const { findings, reasons, languages } = JSON.parse(checked.stdout);
    expect([checked.code, reasons]).toEqual([2, { invalid_value: 2, missing_value: 1 }]);
    expect(languages).toEqual({ es: 2, fr: 2, en_US: 1, pt_BR: 1 });
    expect(findings.filter(({ level }: { level: string }) => level === "blocker")).toMatchObject([
      {
        id: "language_without_template",
        line: 10,
        column: 13,
        wrong: expect.stringMatching(
          /in fr, which 2 people have \(rows 4 and 9\): it is PENDING\./,
        ),
        seen: { language: "fr", people: 2, rows: [4, 9], status: "PENDING" },
      },
    ]);
    const refused = await run(M);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("[language_without_template]"),
    ]);
    expect(acceptedBy(sandbox.log)).toEqual([]);

    // The others go, and each template has its own TTL set first.
    writeManifest(folder, sandbox.url, { language: WITHOUT_FRENCH, ttl: "ttl: 24h" });
    const mismatched = await run("check", M, "--replan");
    expect(mismatched.stderr).toMatch(/In es: `template\.ttl` is 24 h.*\[ttl_mismatch\]/);
    expect(mismatched.stderr).not.toContain("In fr");
    expect(mismatched.stdout).toContain("by the language of their row: 2 es, 1 en_US, 1 pt_BR\n");
    const sent = await run(M, "--apply-ttl", "--replan");
    expect(sent.code, sent.stderr).toBe(0);
    for (const language of ["es", "pt_BR", "en_US"]) {
      expect(sent.stderr).toContain(`"offer" in ${language} was set to 24 h`);
    }
    const others = ROWS.map(([, code]) => (code === "fr" ? null : code));
    expect(sentIn(sandbox.log)).toEqual(wanted(others));
    expect(
      query(
        folder,
        "select row_number, reason, error_message from outcomes where reason = 'invalid_value'",
      ),
    ).toMatchObject([
      { row_number: 5, error_message: expect.stringContaining("(Klingon)") },
      { row_number: 7, error_message: expect.stringContaining("may be pt_BR or pt_PT") },
    ]);
    expect((await run("rejects", M)).stdout).toMatch(/^7,8,invalid_value,.*Portuguese$/m);

    // A test of a row goes in its language, and the template may be looked at in one.
    const tested = await run("send-test", M, "--to", numberOf(99), "--row", "3", "--yes");
    expect(tested.code, tested.stderr).toBe(0);
    expect(sentIn(sandbox.log)[numberOf(99)]).toEqual(["es"]);
    const preview = await run("preview", M, "--row", "3");
    expect(preview.stdout).toContain("│ Hola Ana 2, hasta diciembre │");
    const shown = await run("template", "show", M);
    expect([shown.code, shown.stderr]).toEqual([2, expect.stringContaining("--language: ")]);
    const spanish = await run("template", "show", M, "--language", "es");
    expect(spanish.stdout).toMatch(/^template +offer \(es\)/m);

    // Once it is approved, the rest gets theirs, and nobody twice.
    await sandbox.patch({
      templates: [
        {
          ...{ name: "offer", language: "fr", status: "APPROVED" },
          components: [{ type: "BODY", text: TEMPLATES.fr }],
        },
      ],
    });
    writeManifest(folder, sandbox.url);
    const rest = await run(M, "--replan");
    expect(rest.code, rest.stderr).toBe(0);
    const all = wanted(ROWS.map(([, code]) => code));
    expect(sentIn(sandbox.log)).toEqual({ ...all, [numberOf(99)]: ["es"] });
    expect(query(folder, "select row_number, language from outcomes order by 1")).toEqual(
      ROWS.map(([, language], at) => ({ row_number: at + 1, language })),
    );
    const counted = await run("insights", M, "--json");
    expect(counted.code, counted.stderr).toBe(0);
    expect(counted.stdout).toMatch(/"language": "fr"/);
  });

  it("goes on after a kill in the languages that were planned", async ({ world }) => {
    const { folder, sandbox, run } = world;
    const codes = Array.from({ length: 90 }, (_, at) => ["pt_BR", "es", "en_US"][at % 3] as string);
    writeList(folder, codes);
    writeManifest(folder, sandbox.url, { rate: 40 });
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    const first = start([M], { cwd: folder, env });
    await expect
      .poll(() => acceptedBy(sandbox.log).length, { timeout: 60_000, interval: 50 })
      .toBeGreaterThan(10);
    first.child.kill("SIGKILL");
    await first.ended;
    expect(acceptedBy(sandbox.log).length).toBeLessThan(codes.length);
    writeManifest(folder, sandbox.url);
    const { code, stderr } = await run(M);
    expect(code, stderr).toBe(0);
    // Whose answer the kill lost is not sent to again, and may not have been sent to at all.
    const lost = statuses(folder).unknown ?? 0;
    const sent = sentIn(sandbox.log);
    expect(Object.keys(sent).length).toBeGreaterThanOrEqual(codes.length - lost);
    expect(wanted(codes)).toMatchObject(sent);
  });
});
