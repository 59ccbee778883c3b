// The files for operators: queries of the dashboard and the alerts against the metrics that a
// receiver has, the job for CI against a real check, and AGENTS.md against the program.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";
import { parse } from "yaml";
import { EXIT } from "../../src/domain/common/errors.ts";
import { test as it } from "../support/fixture.ts";
import { QUICK_SANDBOX, start, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { blocksOf, tableAfter } from "../support/readme.tables.ts";

const MANIFEST = `campaign: spring-2026
${QUICK_SANDBOX}
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
`;

interface Dashboard {
  panels: { targets: { expr: string }[] }[];
}
interface Alerts {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
}

/** Names of the metrics with the labels that each has. */
function metricsIn(text: string): Map<string, Set<string>> {
  const metrics = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = metrics.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    metrics.set(name, known);
  }
  return metrics;
}

/** What is wrong with a query. */
function faultsOf(expr: string, metrics: Map<string, Set<string>>): string[] {
  const names = [...expr.matchAll(/campaign_\w+/g)].map(([name]) => name);
  const known = new Set(names.flatMap((name) => [...(metrics.get(name) ?? [])]));
  const labels = [
    ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/)),
    ...[...expr.matchAll(/(\w+)\s*(?:=|!=|=~|!~)\s*"/g)].map(([, label = ""]) => label),
  ];
  return [
    ...(names.length === 0 ? ["names no metric"] : []),
    ...names.filter((name) => !metrics.has(name)),
    ...labels.filter((label) => !known.has(label)),
  ].map((fault) => `${expr}: ${fault}`);
}

describe("the dashboard and the alerts", () => {
  it("ask for metrics and labels that a receiver has", async ({ folder }) => {
    writeFileSync(join(folder, "package.json"), "{}");
    writeFileSync(join(folder, "campaign.yaml"), MANIFEST);
    writeCsv(folder, 3);
    const ran = await campaign(["campaign.yaml"], { cwd: folder });
    expect(ran.code, ran.stderr).toBe(0);
    const env = { WHATSAPP_APP_SECRET: "a-secret", WHATSAPP_VERIFY_TOKEN: "a-token" };
    const receiver = start(["webhooks", "--port", "0"], { cwd: folder, env });
    let url = "";
    await receiver.until(() => {
      url = /http:\/\/127\.0\.0\.1:\d+/.exec(receiver.output())?.[0] ?? "";
      return url !== "";
    });
    const metrics = metricsIn(await (await fetch(`${url}/metrics`)).text());
    receiver.child.kill("SIGTERM");
    await receiver.ended;

    const { panels } = JSON.parse(readFileSync("ops/grafana-dashboard.json", "utf8")) as Dashboard;
    const { groups } = parse(readFileSync("ops/prometheus-alerts.yaml", "utf8")) as Alerts;
    const rules = groups.flatMap((group) => group.rules);
    const queries = [...panels.flatMap(({ targets }) => targets), ...rules].map(({ expr }) => expr);
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.flatMap((expr) => faultsOf(expr, metrics))).toEqual([]);
    for (const { alert, annotations } of rules) {
      expect([alert, Object.keys(annotations)]).toEqual([alert, ["summary", "description"]]);
    }
    // The check itself can fail.
    expect(faultsOf("sum by (stat) (campaign_campaigns)", metrics)).toHaveLength(1);
    expect(faultsOf('campaign_campaign{state="x"}', metrics)).toHaveLength(2);
  });
});

describe("--metrics-file", () => {
  it("leaves the campaigns behind, and how the command ended, whatever it came to", async ({
    folder,
  }) => {
    const run = (...args: string[]) => campaign(args, { cwd: folder });
    const text = () => readFileSync(join(folder, "campaign.prom"), "utf8");
    writeFileSync(join(folder, "package.json"), "{}");
    writeFileSync(join(folder, "campaign.yaml"), MANIFEST);
    writeCsv(folder, 3);
    const ran = await run("run", "campaign.yaml", "--metrics-file", "campaign.prom");
    expect(ran.code, ran.stderr).toBe(0);
    for (const line of [
      'campaign_state{campaign="spring-2026",state="finished"} 1',
      'campaign_rows{campaign="spring-2026"} 3',
      'campaign_waiting{campaign="spring-2026",status="pending"} 0',
      'campaign_stopped{campaign="spring-2026",by="paused"} 0',
      'campaign_command_exit_code{command="run",campaign="spring-2026"} 0',
    ]) {
      expect(text()).toContain(`${line}\n`);
    }
    expect(text()).toMatch(/^campaign_people\{campaign="spring-2026",status="\w+"\} [123]$/m);

    writeFileSync(join(folder, "list.csv"), "nothing\n1\n");
    const failed = await run("run", "campaign.yaml", "--metrics-file", "campaign.prom");
    expect(failed.code).toBe(2);
    expect(text()).toContain('exit_code{command="run",campaign="spring-2026"} 2\n');
    await run("work", "--once", "--metrics-file", "campaign.prom");
    expect(text()).toContain('campaign_command_exit_code{command="work"} 0\n');

    const there = await run("work", "--once", "--metrics-file", "no-folder/campaign.prom");
    expect(there.code).toBe(0);
    expect(there.stderr).toContain("--metrics-file: no-folder/campaign.prom cannot be written");
    const own = await run("run", "campaign.yaml", "--metrics-file", "campaign.yaml");
    expect(own.code).toBe(2);
    expect(readFileSync(join(folder, "campaign.yaml"), "utf8")).toBe(MANIFEST);
  });
});

describe("the job for CI", () => {
  it("fails for a manifest with a mistake, and names it", async ({ folder }) => {
    const block = blocksOf(readFileSync("docs/ci.md", "utf8")).find(
      ({ language }) => language === "yaml",
    );
    const job = parse(block?.text ?? "") as {
      jobs: { check: { steps: { run?: string; env?: Record<string, string> }[] } };
    };
    const script = job.jobs.check.steps.at(-1)?.run ?? "";
    const program = `"${process.execPath}" "${resolve("dist/cli/main.js")}"`;
    const line = script.replace("npm run --silent campaign --", program);
    expect(line).not.toBe(script);
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
        ...{ cwd: folder, encoding: "utf8" },
      }).trim();
    mkdirSync(join(folder, "campaigns"));
    writeFileSync(join(folder, "package.json"), "{}");
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "--message", "a base");
    const base = git("rev-parse", "HEAD");
    const check = (text: string) => {
      writeFileSync(join(folder, "campaigns", "spring.yaml"), text);
      git("add", ".");
      return spawnSync("bash", ["-c", line], {
        ...{ cwd: folder, encoding: "utf8", env: { ...process.env, BASE: base } },
      });
    };
    writeCsv(join(folder, "campaigns"), 3);
    expect(check(MANIFEST).status).toBe(0);
    const bad = check(MANIFEST.replace("phone: phone", "phone: telephone"));
    expect(bad.status).toBe(2);
    expect(bad.stdout).toMatch(/^campaigns\/spring\.yaml: .*telephone/m);
  });
});

describe("AGENTS.md", () => {
  const page = readFileSync("AGENTS.md", "utf8");

  it("is short, has every exit code, and links that lead somewhere", () => {
    expect(page.split("\n").length).toBeLessThanOrEqual(61);
    const codes = tableAfter(page, "## What comes back").map(([code]) => Number(code));
    expect(codes).toEqual(Object.values(EXIT));
    for (const [, target = ""] of page.matchAll(/\]\(([^)]+)\)/g)) {
      expect([target, existsSync(target)]).toEqual([target, true]);
    }
  });

  it("names options that the program has", async ({ folder }) => {
    const helps = await Promise.all(
      ["run", "check", "status", "report", "preview", "resolve", "work", "init"].map(
        async (name) => (await campaign([name, "--help"], { cwd: folder })).stdout,
      ),
    );
    helps.push((await campaign(["--help"], { cwd: folder })).stdout);
    for (const [option] of page.replaceAll("npm run --silent", "").matchAll(/--[a-z][a-z-]+/g)) {
      expect([option, helps.some((help) => help.includes(option))]).toEqual([option, true]);
    }
  });

  it("is in the package, with the files for operators", () => {
    const { files } = JSON.parse(readFileSync("package.json", "utf8")) as { files: string[] };
    for (const name of ["ops", "docs", "Dockerfile", "compose.yaml", "AGENTS.md"]) {
      expect(files).toContain(name);
    }
  });
});
