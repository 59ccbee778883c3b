import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readSuppressed } from "../../src/cli/campaign/optouts.ts";
import { openCsv } from "../../src/csv/file.ts";
import { PLANNING_REASONS } from "../../src/domain/campaign/dispatch.ts";
import { columnIndex } from "../../src/domain/common/columns.ts";
import { hasOptimisation } from "../../src/domain/recipient/geography.ts";
import type { CsvRow } from "../../src/domain/recipient/recipient.ts";
import { readRecipient } from "../../src/domain/recipient/recipient.ts";
import { screen, toPlannedRow } from "../../src/domain/recipient/screen.ts";
import { readScenario } from "../../src/sandbox/scenario/scenario.ts";

const path = (name: string) => fileURLToPath(new URL(`../../campaigns/${name}`, import.meta.url));

async function rowsOf(name: string): Promise<{ columns: string[]; rows: CsvRow[] }> {
  const file = await openCsv(path(name), { shownAs: name });
  expect(file.warnings).toEqual([]);
  const rows: CsvRow[] = [];
  for await (const batch of file.rows()) rows.push(...batch);
  return { columns: file.columns, rows };
}

/** Longest body of a template, in characters (Meta, template components page). */
const BODY_MAX = 1_024;

/** What planning makes of the shipped list, with the ledger's two reasons worked out by hand. */
async function plan() {
  const optouts = (await rowsOf("optouts.csv")).rows.map((row) =>
    readSuppressed(row.cells[0] as string, { region: "BR", reason: "", source: "" }),
  );
  expect(optouts.every((entries) => entries.length === 1)).toBe(true);
  const optedOut = new Set(optouts.flatMap((entries) => entries.map((entry) => entry.person)));
  const { columns, rows } = await rowsOf("spring.csv");
  const coupon = columnIndex(columns, "coupon");
  const phone = columnIndex(columns, "phone");
  if (coupon.kind !== "found" || phone.kind !== "found") throw new Error("columns are missing");
  const seen = new Set<string>();
  const planned = rows.map((row) => {
    const recipient = readRecipient(row, { phoneColumn: phone.index, home: "BR" });
    const value = recipient.cells[coupon.index] as string;
    const verdict = screen(
      recipient,
      { usTerritories: true },
      value === ""
        ? { kind: "missing", names: ["coupon"] }
        : recipient.cells.some((cell) => cell.length > BODY_MAX)
          ? { kind: "invalid", faults: ["a cell that fits in no body"] }
          : { kind: "rendered", values: JSON.stringify([value]) },
    );
    const one = toPlannedRow(recipient, verdict);
    const person = one.person ?? "";
    const isFirst = !seen.has(person);
    if (verdict.kind === "skip") return { ...one, end: verdict.reason, value };
    if (optedOut.has(person)) return { ...one, end: "opted_out" as const, value };
    seen.add(person);
    return { ...one, end: isFirst ? ("send" as const) : ("duplicate" as const), value };
  });
  return { planned, optouts: optouts.length, columns };
}

describe("the shipped campaign", () => {
  it("is a list as a Brazilian Excel saves it", async () => {
    const text = await readFile(path("spring.csv"), "utf8");
    expect(text.startsWith("\ufeff customer_id ; first_name;phone ;coupon; city\r\n")).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toContain("\r");
    expect(text.endsWith("\n")).toBe(false);
  });

  it("meets every reason, and sends to two dozen countries", async () => {
    const { planned, optouts, columns } = await plan();
    expect(columns).toEqual(["customer_id", "first_name", "phone", "coupon", "city"]);
    expect(planned).toHaveLength(2_038);
    expect(planned.map((one) => one.row)).toEqual(planned.map((_, at) => at + 1));
    expect(optouts).toBe(25);
    const counts: Record<string, number> = {};
    for (const one of planned) counts[one.end] = (counts[one.end] ?? 0) + 1;
    // A list of numbers, as most are, in a first run: no user ids, no other campaign, no earlier
    // list, no hold-out.
    const absent: readonly string[] = [
      ...["invalid_user_id", "reached_by_campaign", "removed", "hold_out"],
    ];
    for (const reason of PLANNING_REASONS.filter((one) => !absent.includes(one)))
      expect([reason, (counts[reason] ?? 0) > 0]).toEqual([reason, true]);
    expect(counts.opted_out).toBe(15);
    expect(counts.send).toBeGreaterThan(1_900);
    const sent = planned.filter((one) => one.end === "send");
    expect(new Set(sent.map((one) => one.region)).size).toBeGreaterThanOrEqual(24);
    expect(sent.filter((one) => !hasOptimisation(one.region)).length).toBeGreaterThan(100);
    expect(sent.every((one) => /^[A-Z0-9]{1,15}$/.test(one.value))).toBe(true);
    expect(sent.some((one) => one.phone === "+447700900001")).toBe(true);
  });

  it("has people who opt out in mid-run, long before their rows are reached", async () => {
    const { planned } = await plan();
    const name = "spring.sandbox.yaml";
    const scenario = readScenario(await readFile(path(name), "utf8"), name);
    if ("problems" in scenario) throw new Error("the scenario cannot be read");
    const { inbound } = scenario.value;
    expect(inbound.map((one) => one.preference ?? one.text)).toEqual(["stop", "SAIR"]);
    for (const { from, after_messages: after = 0 } of inbound) {
      const row = planned.find((one) => one.phone === from && one.end === "send");
      expect([from, (row?.row ?? 0) > after + 500]).toEqual([from, true]);
    }
  });
});
