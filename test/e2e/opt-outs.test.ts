// What a campaign made people do, on every face: opt-outs, clicks and taps after its message. One
// question has one answer.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import { test } from "../support/fixture.ts";
import {
  acceptedBy,
  numberOf,
  query,
  scenario,
  start,
  startSandbox,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 10;
const waId = (row: number) => numberOf(row).slice(1);

interface Sent {
  row: number;
  messageId: string;
}

/** One body of a webhook of the field `messages`. */
const body = (value: object) =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "102290129340398", changes: [{ field: "messages", value }] }],
  });

/** A minute after now: what people do comes after the message. */
const later = String(Math.floor(Date.now() / 1_000) + 60);

const delivered = ({ row, messageId }: Sent) =>
  body({
    statuses: [{ id: messageId, status: "delivered", timestamp: later, recipient_id: waId(row) }],
  });
const wrote = (row: number, more: object) =>
  body({ messages: [{ from: waId(row), id: `wamid.in${row}`, timestamp: later, ...more }] });
const tapped = ({ row, messageId }: Sent, text: string) =>
  wrote(row, { type: "button", button: { text, payload: text }, context: { id: messageId } });
const acted = ({ row, messageId }: Sent, action_type: string, click_id: string) =>
  body({
    user_actions: [
      {
        action_type,
        timestamp: later,
        wa_id: waId(row),
        message_id: messageId,
        marketing_messages_link_click_data: { click_id, click_component: "cta" },
      },
    ],
  });

/**
 * Five people opt out, each in another way; two are known to have clicked, one tapped something
 * else.
 */
function bodiesOf(sent: readonly Sent[]): string[] {
  const at = (row: number) => sent.find((one) => one.row === row) as Sent;
  return [
    ...sent.map(delivered),
    wrote(1, { type: "text", text: { body: "Please stop" } }),
    tapped(at(2), "Parar promoções"),
    body({
      user_preferences: [
        {
          wa_id: waId(3),
          category: "marketing_messages",
          value: "stop",
          timestamp: Number(later),
        },
      ],
    }),
    wrote(4, {
      type: "interactive",
      interactive: { type: "list_reply", list_reply: { id: "x", title: "Unsubscribe" } },
    }),
    wrote(5, { type: "image", image: { id: "1", caption: "SAIR" } }),
    // The same person once more is no second one.
    wrote(5, { id: "wamid.again", type: "text", text: { body: "STOP" } }),
    acted(at(6), "landing_page_view", "click-6"),
    acted(at(6), "marketing_messages_link_click", "click-6"),
    acted(at(7), "marketing_messages_link_click", "click-7"),
    acted(at(8), "landing_page_view", "click-8"),
    acted(at(9), "in_orbit", "click-9"),
    tapped(at(10), "Ver ofertas"),
  ];
}

/** What a page shows. */
function plainText(html: string): string {
  return html
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

/** A campaign's page of `serve`. */
async function livePage(folder: string, name: string): Promise<string> {
  const password = "a password that is long enough";
  const env = { CAMPAIGN_SERVE_PASSWORD: password };
  const serving = start(["serve", "--port", "0", "--no-webhooks"], { cwd: folder, env });
  const { url } = JSON.parse(await serving.line()) as { url: string };
  const login = await fetch(`${url}/login`, {
    method: "POST",
    body: new URLSearchParams({ password }),
    redirect: "manual",
  });
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = await fetch(`${url}/campaigns/${name}`, { headers: { cookie } });
  const text = await page.text();
  serving.child.kill("SIGTERM");
  await serving.ended;
  return text;
}

describe("what people did after a campaign's message", () => {
  test("is the same on every face", async ({ folder }) => {
    const sandbox = await startSandbox(folder, scenario("receipt_delay_ms: 20\n"));
    const run = (...args: string[]) =>
      campaign(args, { cwd: folder, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } });
    const json = async (...args: string[]) => {
      const ended = await run(...args, "--json");
      expect(ended.code, ended.stderr).toBe(0);
      return JSON.parse(ended.stdout);
    };
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, sandbox);
    expect((await run(manifest, "--yes")).code).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE);
    const sent = query<Sent>(
      folder,
      "select row_number as row, message_id as messageId from outcomes order by 1",
    );
    writeFileSync(join(folder, "reported.jsonl"), `${bodiesOf(sent).join("\n")}\n`);
    expect(await json("receipts", "import", "reported.jsonl")).toMatchObject({ opt_outs_added: 5 });
    // The same bodies once more change nothing.
    await json("receipts", "import", "reported.jsonl");

    const byWay = { text: 2, button: 2, switch: 1 };
    const status = await json("status", manifest);
    expect(status.opt_outs).toMatchObject({ people: 5, by_way: byWay });
    expect(status).toMatchObject({
      clicks: { total: 2, people: 2 },
      landing_page_views: 2,
      other_actions: 1,
    });
    expect(status.taps).toEqual([{ label: "Ver ofertas", taps: 1, people: 1 }]);
    const report = await json("report", manifest);
    expect(report.opt_outs).toEqual(status.opt_outs);

    const share = /5 (?:people )?opted out|Opted out[^\n]*\b5\b/i;
    for (const args of [
      ["status", manifest],
      ["report", manifest],
      ["compare", manifest, manifest],
    ]) {
      const ended = await run(...args);
      expect(ended.stdout.replace(/[ \t]+/g, " "), args.join(" ")).toMatch(share);
    }
    await run("report", manifest, "--html", "report.html");
    const wanted = /Opted out 50\.0% 5 of delivered/;
    expect(plainText(readFileSync(join(folder, "report.html"), "utf8"))).toMatch(wanted);
    expect(plainText(await livePage(folder, "test"))).toMatch(wanted);
  });
});
