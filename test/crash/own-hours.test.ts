// A campaign that goes by everybody's own clock, through a day and a half: by the sandbox's log,
// nobody is posted to outside their own hours, and nobody twice.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { sandboxEvents, scenario, startSandbox, writeManifest } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";

const HOUR = 3_600_000;
/** Midnight UTC of a winter day, and so far by the hour. */
const DAY = Date.UTC(2027, 0, 13);
const EACH = 12;

/** Who is in the list, and every clock that they may live by. */
const PEOPLE: { phone: (at: number) => string; tz?: string; clocks: string[] }[] = [
  { phone: (at) => `+551198760${pad(at)}`, clocks: ["America/Sao_Paulo"] },
  { phone: (at) => `+559298760${pad(at)}`, clocks: ["America/Manaus"] },
  { phone: (at) => `+8190123${pad(at, 5)}`, clocks: ["Asia/Tokyo"] },
  { phone: (at) => `+3519123${pad(at, 5)}`, clocks: ["Europe/Lisbon", "Atlantic/Azores"] },
  { phone: (at) => `+7914123${pad(at)}`, clocks: ["Europe/Kaliningrad", "Asia/Kamchatka"] },
  { phone: (at) => `+551198770${pad(at)}`, tz: "Asia/Kolkata", clocks: ["Asia/Kolkata"] },
  { phone: (at) => `+551198780${pad(at)}`, tz: "+13:00", clocks: ["Etc/GMT-13"] },
];

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.end());

function pad(at: number, width = 4): string {
  return String(at).padStart(width, "0");
}

/** Whether all clocks of a person are in the hours, on another day than the 13th. */
function isInHours(to: string, at: number): boolean {
  const people = PEOPLE.find(({ phone }) =>
    Array.from({ length: EACH }, (_, row) => phone(row)).includes(to),
  );
  if (people === undefined) throw new Error(`${to} is not in the list`);
  return people.clocks.every((timeZone) => {
    const form = { timeZone, dateStyle: "short", timeStyle: "medium" } as const;
    const [date = "", time = ""] = new Intl.DateTimeFormat("sv", form).format(at).split(" ");
    return date !== "2027-01-13" && time >= "09:00:00" && time < "20:00:00";
  });
}

function writeWorld(folder: string, sandbox: { url: string; phoneNumberId: string }, rate: number) {
  const rows = Array.from({ length: EACH }, (_, at) =>
    PEOPLE.map(({ phone, tz = "" }) => `${phone(at)},Ana,X,${tz}`),
  ).flat();
  writeFileSync(join(folder, "list.csv"), `phone,first_name,coupon,tz\n${rows.join("\n")}\n`);
  const more =
    'hours: { from: "09:00", to: "20:00", time_zone: recipient, column: tz, except: [2027-01-13] }\n';
  return writeManifest(folder, sandbox, { rate, more });
}

describe.each(["file", "server"])("everybody's own hours, with a ledger on a %s", (engine) => {
  it("sends to each only while all of their clocks are in the hours", async ({ folder }) => {
    const sandbox = await startSandbox(folder, scenario("receipt_delay_ms: null\n"));
    const manifest = writeWorld(folder, sandbox, 80);
    const address = engine === "file" ? {} : { CAMPAIGN_LEDGER: await ledgerUrl(server) };
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token, ...address };
    const posts: { to: string; at: number }[] = [];
    const codes: (number | null)[] = [];
    // In steps of three hours on the evening before the day that is left out, on it and after it.
    for (let at = DAY - 4.5 * HOUR; at < DAY + 60 * HOUR; at += 3 * HOUR) {
      const aheadMs = at - Date.now();
      const before = sandboxEvents(sandbox.log).length;
      const ended = await campaign([manifest, "--yes"], { cwd: folder, env, aheadMs });
      codes.push(ended.code);
      const accepted = sandboxEvents(sandbox.log).slice(before);
      for (const { event, to, at: postedAt } of accepted) {
        if (event === "accepted") posts.push({ to: String(to), at: Number(postedAt) + aheadMs });
      }
      if (ended.code === 0) break;
      expect(ended.code, ended.stderr).toBe(75);
    }
    expect(codes.at(-1)).toBe(0);
    expect(posts).toHaveLength(PEOPLE.length * EACH);
    expect(new Set(posts.map(({ to }) => to)).size).toBe(posts.length);
    expect(posts.filter(({ to, at }) => !isInHours(to, at))).toEqual([]);
  });
});

it("stops at the second at which hours end", async ({ folder }) => {
  const sandbox = await startSandbox(folder, scenario("receipt_delay_ms: null\n"));
  const manifest = writeWorld(folder, sandbox, 1);
  const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
  // The first run plans, in the night of all.
  const night = DAY + 14.5 * HOUR;
  const planned = await campaign([manifest, "--plan-only"], {
    ...{ cwd: folder, env },
    aheadMs: night - Date.now(),
  });
  expect(planned.code, planned.stderr).toBe(0);
  // Manaus closes eight seconds after the start, an hour after Sao Paulo.
  const closes = DAY + 24 * HOUR;
  const aheadMs = closes - 8_000 - Date.now();
  const ended = await campaign([manifest, "--yes"], { cwd: folder, env, aheadMs });
  expect(ended.code, ended.stderr).toBe(75);
  const posts = sandboxEvents(sandbox.log).filter(({ event }) => event === "accepted");
  expect(posts.length).toBeGreaterThan(0);
  const late = posts.filter(
    ({ to, at }) => String(to).startsWith("+5592") && Number(at) + aheadMs >= closes,
  );
  expect(late).toEqual([]);
});
