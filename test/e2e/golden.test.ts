// What every command prints, kept as files in test/golden: a change of words or layout is a diff to
// read. `UPDATE_GOLDEN=1` writes them again. One small campaign in the sandbox, its commands in the
// order in which a person gives them. Instants, ids and paths are replaced by their kinds.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeFolder } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const GOLDEN = resolve(import.meta.dirname, "golden");
const UPDATE = process.env.UPDATE_GOLDEN === "1";

const MANIFEST = `campaign: golden
account: sandbox
recipients: { file: list.csv, phone: phone, default_region: BR }
template:
  name: offer
  language: pt_BR
  body: ["{{ name }}", "{{ coupon }}"]
suppress: { files: [optouts.csv] }
rate: { messages_per_second: 40, max_in_flight: 1 }
sandbox: { scenario: scenario.yaml }
`;

/** One at a time, and no late or repeated receipt: every run comes out the same. */
const SCENARIO = `latency_ms: { min: 1, max: 1 }
receipt_delay_ms: 20
webhooks: { batch: 1, duplicates: 0, disorder: 0, late: 0, lost: 0 }
shares: { unreachable: 0, opted_out: 0, per_user_limit: 0, experiment: 0, read: 0.5, click: 0, stop: 0 }
templates:
  - name: offer
    language: pt_BR
    category: MARKETING
    status: APPROVED
    parameter_format: POSITIONAL
    components: [{ type: BODY, text: "Oi {{1}}, use {{2}}." }, { type: FOOTER, text: "Loja" }]
`;

const LIST = `phone,name,coupon
+5511987650001,Ana,A1
+5511987650002,Bia,B2
(11) 98765-0003,Caio,C3
+5511987650002,Bia outra,B9
+5511987650005,Duda,
+12125550101,Eve,E5
12345,Fabio,F6
+5511987650008,Gil,G8
+4915112345678,Hans,H9
`;

/** [name of the files, arguments, files to write before, file whose text belongs to the result] */
type Step = { name: string; args: string[]; writes?: Record<string, string>; shows?: string };

const BROKEN = `campaign: broken\naccount: sandbox\nrecipient: { file: list.csv }\ntemplate: { name: offer, language: pt_BR, body: ["{{ nme }}"] }\n`;

const STEPS: Step[] = [
  { name: "help", args: ["--help"] },
  ..."init run work check preview send-test status report insights compare rejects retry resolve decide pause unpause move cancel webhooks serve sandbox doctor backup purge forget history audit schema completion"
    .split(" ")
    .map((command) => ({ name: `help-${command}`, args: [command, "--help"] })),
  ...["suppress", "receipts", "conversions", "template", "account", "ledger"].map((command) => ({
    name: `help-${command}`,
    args: [command, "--help"],
  })),
  { name: "help-template-optimise", args: ["template", "optimise", "--help"] },
  { name: "mistake-command", args: ["stauts"] },
  { name: "mistake-file", args: ["run", "nothing.yaml"] },
  { name: "mistake-file-json", args: ["run", "nothing.yaml", "--json"] },
  { name: "mistake-manifest", args: ["check", "broken.yaml"], writes: { "broken.yaml": BROKEN } },
  { name: "mistake-manifest-json", args: ["check", "broken.yaml", "--json"] },
  { name: "status-none", args: ["status"] },
  { name: "check", args: ["check", "golden.yaml"] },
  { name: "check-json", args: ["check", "golden.yaml", "--json"] },
  { name: "preview", args: ["preview", "golden.yaml"] },
  { name: "preview-json", args: ["preview", "golden.yaml", "--json"] },
  { name: "run", args: ["golden.yaml"] },
  { name: "run-again", args: ["golden.yaml"] },
  { name: "run-json", args: ["golden.yaml", "--json"] },
  { name: "status", args: ["status"] },
  { name: "status-json", args: ["status", "--json"] },
  { name: "status-campaign", args: ["status", "golden.yaml"] },
  { name: "status-campaign-json", args: ["status", "golden.yaml", "--json"] },
  { name: "report", args: ["report", "golden.yaml"] },
  { name: "report-json", args: ["report", "golden.yaml", "--json"] },
  { name: "report-html", args: ["report", "golden.yaml", "--html", "r.html"], shows: "r.html" },
  { name: "report-csv", args: ["report", "golden.yaml", "--csv", "r.csv"], shows: "r.csv" },
  { name: "rejects", args: ["rejects", "golden.yaml"] },
  { name: "rejects-semicolon", args: ["rejects", "golden.yaml", "--delimiter", ";"] },
  { name: "rejects-json", args: ["rejects", "golden.yaml", "--json"] },
  { name: "suppress-add", args: ["suppress", "add", "+5511987650008", "--reason", "asked"] },
  { name: "suppress-list", args: ["suppress", "list"] },
  { name: "suppress-list-json", args: ["suppress", "list", "--json"] },
  { name: "suppress-check", args: ["suppress", "check", "+5511987650008", "+5511987650001"] },
  { name: "suppress-check-json", args: ["suppress", "check", "+5511987650008", "--json"] },
  { name: "suppress-export", args: ["suppress", "export"] },
  { name: "suppress-remove", args: ["suppress", "remove", "+5511987650008"] },
  { name: "retry", args: ["retry", "golden.yaml", "--code", "131026"] },
  { name: "resolve", args: ["resolve", "golden.yaml", "--unknown", "give-up"] },
  { name: "pause", args: ["pause", "golden.yaml"] },
  { name: "run-paused", args: ["golden.yaml"] },
  { name: "unpause", args: ["unpause", "golden.yaml"] },
  {
    name: "second",
    args: ["second.yaml"],
    writes: { "second.yaml": MANIFEST.replace("campaign: golden", "campaign: second") },
  },
  { name: "compare", args: ["compare", "golden.yaml", "second.yaml"] },
  { name: "compare-json", args: ["compare", "golden.yaml", "second.yaml", "--json"] },
  { name: "cancel", args: ["cancel", "second.yaml", "--yes"] },
  { name: "insights", args: ["insights", "golden.yaml"] },
  { name: "insights-json", args: ["insights", "golden.yaml", "--json"] },
  { name: "account-insights", args: ["account", "insights", "on", "golden.yaml"] },
  { name: "account-show", args: ["account", "show", "golden.yaml"] },
  { name: "account-show-json", args: ["account", "show", "golden.yaml", "--json"] },
  { name: "template-list", args: ["template", "list", "golden.yaml"] },
  { name: "template-list-json", args: ["template", "list", "golden.yaml", "--json"] },
  { name: "template-show", args: ["template", "show", "golden.yaml"] },
  { name: "template-show-json", args: ["template", "show", "golden.yaml", "--json"] },
  {
    name: "template-set-max-price",
    args: ["template", "set-max-price", "golden.yaml", "0.06USD", "--yes"],
  },
  {
    name: "template-optimise",
    args: ["template", "optimise", "golden.yaml", "--opt-out", "image_touchups"],
  },
  {
    name: "receipts-import",
    args: ["receipts", "import", "b.jsonl"],
    writes: { "b.jsonl": "{}\n" },
  },
  { name: "history", args: ["history", "+5511987650001"] },
  { name: "history-json", args: ["history", "+5511987650001", "--json"] },
  { name: "audit", args: ["audit"] },
  { name: "audit-json", args: ["audit", "--json"] },
  { name: "backup", args: ["backup", "copy.sqlite"] },
  { name: "purge", args: ["purge", "--older-than", "365d"] },
  { name: "forget", args: ["forget", "+5511987650001", "--yes"] },
];

/** What differs from run to run, by its kind. The order counts. */
const KINDS: [RegExp, string][] = [
  [/p1(\.[\w-]+){5,7}/g, "PLAN"],
  [/wamid\.[\w+/=-]+/g, "WAMID"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, "INSTANT"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, "TIME"],
  [/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, "CLOCK"],
  [/\b20\d\d-\d\d-\d\d\b/g, "DATE"],
  [/mm1\.[0-9a-z]+\.\d+/g, "mm1.LEDGER.N"],
  [/https?:\/\/(127\.0\.0\.1|localhost):\d+/g, "URL"],
  [/\b(ledger_?id|sha256)"?: "?[0-9a-f]+"?/gi, "$1: ID"],
  [/"(\w*(_at|_since|until|seconds|_ms))": [\d.]+/g, '"$1": N'],
  [/Sent (from )?\d[^<]*?(on\naverage|average|UTC|sending|, in [^.<]*)\./g, "Sent TIME."],
  // How long answers and receipts took, and when: in words, as a list, as a drawing.
  [/half within[\s\S]*?known\)/g, "half within SPANS"],
  [/half (delivered|read) within [^,<]*/g, "half $1 within SPAN"],
  [/(&lt; )?\b\d+ s<\/td>/g, "SPAN</td>"],
  [/\[\s*\{\s*"at": "INSTANT",[^\]]*\]/g, "[SERIES]"],
  [/<svg[\s\S]*?<\/svg>/g, "<svg/>"],
  [/\b\d{1,2} [A-Z][a-z]{2} 20\d\d, \d\d:\d\d(:\d\d)?/g, "TIME"],
  [/\b\d{1,2} [A-Z][a-z]{2}, \d\d:\d\d/g, "TIME"],
  [/\b\d{1,2} [A-Z][a-z]{2} 20\d\d\b/g, "DATE"],
  // The head of a column is as wide as its longest time.
  [/^(campaign +state) +(?=rows)/gm, "$1 "],
  [/Person [0-9a-f]{8}/g, "Person ID"],
  [/\b[\d.]+ (ms|s|KB|MB|GB|kB|MiB)\b/g, "N $1"],
  [/process \d+/g, "process N"],
];

const { folder, remove } = makeFolder();
afterAll(remove);

beforeAll(() => {
  const files = {
    "golden.yaml": MANIFEST,
    "scenario.yaml": SCENARIO,
    "list.csv": LIST,
    "optouts.csv": "phone,reason\n+5511987650008,asked\n",
    "package.json": "{}",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  mkdirSync(GOLDEN, { recursive: true });
});

function neutral(text: string): string {
  let out = text.replaceAll(folder, "FOLDER");
  for (const [kind, word] of KINDS) out = out.replace(kind, word);
  const user = userInfo().username;
  out = out.replaceAll(`command: ${user}`, "command: USER").replaceAll(`by ${user} `, "by USER ");
  // Progress is printed when it is time for it.
  return out.replace(/^(INSTANT )?(sending|reading|planning|receipts): .*\n/gm, "");
}

describe("what the commands print", () => {
  it.each(STEPS)("$name", async ({ name, args, writes, shows }) => {
    for (const [file, text] of Object.entries(writes ?? {}))
      writeFileSync(join(folder, file), text);
    const env = { TZ: "UTC", NO_COLOR: "1", USER: "operator", LOGNAME: "operator" };
    const { code, stdout, stderr } = await campaign(args, { cwd: folder, env });
    const parts = [`exit ${code}`, `--- stdout\n${stdout}`, `--- stderr\n${stderr}`];
    if (shows !== undefined)
      parts.push(`--- ${shows}\n${readFileSync(join(folder, shows), "utf8")}`);
    const seen = neutral(`${parts.join("\n")}\n`);
    const file = join(GOLDEN, `${name}.txt`);
    if (UPDATE) writeFileSync(file, seen);
    const golden = existsSync(file) ? readFileSync(file, "utf8") : "";
    expect(seen, "UPDATE_GOLDEN=1 npx vitest run golden").toBe(golden);
  });
});
