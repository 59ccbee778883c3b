// Refusals that say more than one row, as a person meets them: the built program against a Graph
// server whose list of posts is the proof.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import type { AnswerTo, GraphServer } from "../support/graph-server.ts";
import { failedReceipt, metaError, startGraph } from "../support/graph-server.ts";
import type { Ended } from "../support/harness.ts";
import { makeFolder, numberOf, query, statuses, writeManifest } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { sign, startWebhooks } from "../support/webhooks-program.ts";

const ENV = { WHATSAPP_ACCESS_TOKEN: "EAAtoken-of-nobody" };
/** Requests that a run has open at most. */
const IN_FLIGHT = 8;
/** A mobile of India. */
const indian = (row: number): string => `+9198765${String(10_000 + row)}`;

interface World {
  folder: string;
  graph: GraphServer;
  /** Runs the campaign; `aheadMs` sets the clock of the program forward. */
  run(aheadMs?: number): Promise<Ended & { counts: Record<string, number> }>;
  command(...args: string[]): Promise<Ended>;
  /** Writes the list and the manifest. */
  plan(numbers: readonly string[], more?: string): void;
}

const it = test.extend<{ world: World }>({
  // biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
  world: async ({}, use) => {
    const { folder, remove } = makeFolder();
    const graph = await startGraph();
    const command = (...args: string[]) => campaign(args, { cwd: folder, env: ENV });
    await use({
      folder,
      graph,
      command,
      async run(aheadMs = 0) {
        const args = ["campaign.yaml", "--yes", "--json"];
        const ended = await campaign(args, { cwd: folder, env: ENV, aheadMs });
        return { ...ended, counts: statuses(folder) };
      },
      plan(numbers, more) {
        const lines = numbers.map((number, at) => `${number},Ana ${at + 1},SPRING`);
        writeFileSync(
          join(folder, "list.csv"),
          ["phone,first_name,coupon", ...lines, ""].join("\n"),
        );
        writeManifest(folder, graph, {
          rate: 500,
          inFlight: IN_FLIGHT,
          ...(more !== undefined && { more }),
        });
      },
    });
    await graph.close();
    remove();
  },
});

const people = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, at) => numberOf(from + at));

/** Numbers that were accepted more than once. */
function twice(graph: GraphServer): string[] {
  const seen = new Set<string>();
  return graph.accepted().filter((to) => seen.size === seen.add(to).size);
}

/** The receiver of webhooks, as a process of its own. */
async function startReceiver(folder: string) {
  const running = await startWebhooks(folder);
  const sent: Promise<Response>[] = [];
  return {
    post(body: string): void {
      const headers = { "content-type": "application/json", ...sign(body) };
      sent.push(fetch(running.webhooks, { method: "POST", body, headers }));
    },
    async end(): Promise<number[]> {
      const answers = await Promise.all(sent);
      running.child.kill("SIGTERM");
      await running.ended;
      return answers.map(({ status }) => status);
    },
  };
}

describe("a fault of everybody that comes by receipt", () => {
  it("halts the run, and the same command sends to everybody exactly once when it is fixed", async ({
    world,
  }) => {
    const { folder, graph, plan, run } = world;
    const rows = 1_200;
    plan(people(rows));
    writeManifest(folder, graph, { rate: 80, inFlight: 8 });
    await world.command("check", "campaign.yaml");
    const failed = new Set<string>();
    const receiver = await startReceiver(folder);
    // Every message is accepted, and a moment later said to have failed.
    const reported: Promise<void>[] = [];
    graph.answer((message) => {
      const tell = async () => {
        await pause(300);
        failed.add(message.to);
        receiver.post(failedReceipt(message, 131042));
      };
      reported.push(tell());
      return undefined;
    });
    const first = await run();
    expect(first.code, first.stderr).toBe(3);
    expect(first.stderr).toContain("Halted. Code 131042 came by receipt");
    expect(first.stderr).toContain("the next run sends to them again");
    expect(graph.posted.length).toBeLessThan(rows / 2);
    await Promise.all(reported);
    for (const status of await receiver.end()) expect(status).toBe(200);
    const before = graph.posted.length;
    expect(failed.size).toBe(before);
    // The payment is fixed: what was said to have failed is sent again, and nothing else.
    graph.answer(() => undefined);
    writeManifest(folder, graph, { rate: 500, inFlight: 8 });
    const second = await run(120_000);
    expect(second.code, second.stderr).toBe(0);
    expect(second.counts).toEqual({ accepted: rows });
    expect(second.stderr).toContain("Finished");
    const arrived = graph.posted.slice(before).map(({ to }) => to);
    expect(arrived).toHaveLength(rows);
    expect(new Set(arrived).size).toBe(rows);
    expect(twice(graph).sort()).toEqual([...failed].sort());
    expect(query(folder, "select 1 from outcomes where status = 'failed'")).toEqual([]);
  });

  const CODES: [number, string, RegExp][] = [
    [131042, "held", /Campaign test is halted\. Code 131042/],
    [132015, "held", /Campaign test is halted\. Code 132015/],
    [131031, "held", /Campaign test is halted\. Code 131031/],
    [131000, "failed", /30 recipients failed with 131000.*`retry --code 131000` queues them again/],
  ];
  it.for(CODES)(
    "receipts import of 30 x %i: %s, with a word, and the way back",
    async ([code, status, says], { world }) => {
      const { folder, graph, plan, run, command } = world;
      plan(people(30));
      expect(await run()).toMatchObject({ code: 0, counts: { accepted: 30 } });
      const bodies = graph.posted.map((message) => failedReceipt(message, code));
      writeFileSync(join(folder, "receipts.jsonl"), `${bodies.join("\n")}\n`);
      const imported = await command("receipts", "import", "receipts.jsonl");
      expect(imported.code, imported.stderr).toBe(0);
      expect(imported.stdout).toMatch(says);
      expect(statuses(folder)).toEqual({ [status]: 30 });
      const shown = await command("status", "campaign.yaml");
      if (status === "held") {
        expect(shown.stdout).toContain(`Code ${code} came by receipt`);
        expect(imported.stdout).toContain(
          `Held, and sent to again by the next run: 30 with ${code}.`,
        );
      } else {
        expect(shown.stdout.replace(/\s+/g, " ")).toMatch(says);
        const again = await run();
        expect(again).toMatchObject({ code: 0, counts: { failed: 30 } });
        expect(again.stderr).toMatch(says);
        expect((await command("retry", "campaign.yaml", "--code", String(code))).code).toBe(0);
      }
      // The same file once more changes nothing.
      await command("receipts", "import", "receipts.jsonl");
      const ended = await run(120_000);
      expect(ended, ended.stderr).toMatchObject({ code: 0, counts: { accepted: 30 } });
      expect(graph.posted).toHaveLength(60);
      for (const to of people(30))
        expect(graph.accepted().filter((one) => one === to)).toHaveLength(2);
      await command("receipts", "import", "receipts.jsonl");
      expect(statuses(folder)).toEqual({ accepted: 30 });
    },
  );

  it("is overtaken by a delivery that is reported late: that person is not sent to again", async ({
    world,
  }) => {
    const { folder, graph, plan, run, command } = world;
    plan(people(5));
    await run();
    const lines = graph.posted.flatMap((message) => [
      failedReceipt(message, 131042),
      ...(message.nth <= 2 ? [failedReceipt(message, 0, { status: "delivered" })] : []),
    ]);
    writeFileSync(join(folder, "receipts.jsonl"), lines.join("\n"));
    await command("receipts", "import", "receipts.jsonl");
    expect(statuses(folder)).toEqual({ delivered: 2, held: 3 });
    expect(await run(120_000)).toMatchObject({ code: 0, counts: { delivered: 2, accepted: 3 } });
    expect(graph.posted).toHaveLength(8);
  });
});

describe("a block of one code in a sorted list", () => {
  it("of a country that Meta refuses is held back, and one run sends to the others", async ({
    world,
  }) => {
    const { folder, graph, plan, run, command } = world;
    const block = Array.from({ length: 150 }, (_, at) => indian(at + 1));
    plan([...block, ...people(20)]);
    const refuse: AnswerTo = ({ to }) =>
      to.startsWith("+91") ? metaError(130497, "Restricted.", 403) : undefined;
    graph.answer(refuse);
    const first = await run();
    expect(first.code, first.stderr).toBe(0);
    expect(new Set(graph.accepted())).toEqual(new Set(people(20)));
    // One, and what was in flight beside it.
    expect(graph.posted.length - 20).toBeLessThanOrEqual(8);
    const failed = first.counts.failed ?? 0;
    expect(first.counts).toEqual({ accepted: 20, failed, skipped: 150 - failed });
    const summary = JSON.parse(first.stdout);
    expect(summary).toMatchObject({
      reasons: { "130497": failed, refused_country: 150 - failed },
      refused_countries: ["IN"],
    });
    expect(summary.notes[0]).toContain("Meta refuses this account's messages to India (130497)");
    // It stays so, until a person lets it go on.
    const posts = graph.posted.length;
    expect(await run()).toMatchObject({ code: 0 });
    expect(graph.posted).toHaveLength(posts);
    graph.answer(() => undefined);
    const retried = await command("retry", "campaign.yaml", "--code", "130497");
    expect(retried.stderr).toContain("150 recipients queued again");
    expect(await run()).toMatchObject({ code: 0, counts: { accepted: 170 } });
    expect(twice(graph)).toEqual([]);
    expect(query(folder, "select 1 from outcomes where reason is not null")).toEqual([]);
  });

  it("of dead numbers never halts, and the summary names the share", async ({ world }) => {
    const { graph, plan, run } = world;
    plan(people(150));
    graph.answer(({ nth }) => (nth <= 130 ? metaError(131026) : undefined));
    const ended = await run();
    expect(ended, ended.stderr).toMatchObject({ code: 0, counts: { accepted: 20, failed: 130 } });
    expect(JSON.parse(ended.stdout).notes).toEqual([
      "An unusual share: 130 of 150 people tried (86.7%) ended with 131026, undeliverable: not on WhatsApp, an old client, or a reason Meta does not give.",
    ]);
  });

  it("of values that the template refuses is found at ten, and passed", async ({ world }) => {
    const { graph, plan, run } = world;
    plan(people(300));
    const wrong = new Set(people(250, 11));
    graph.answer(({ to }) => (wrong.has(to) ? metaError(132012) : undefined));
    const first = await run();
    expect(first, first.stderr).toMatchObject({ code: 3, counts: { accepted: 10 } });
    const failed = first.counts.failed ?? 0;
    // On a busy machine others are in flight when the tenth answer is read.
    expect(failed).toBeGreaterThanOrEqual(10);
    expect(failed).toBeLessThan(10 + IN_FLIGHT);
    expect(first.stderr).toContain("Code 132012 came 10 times in a row");
    expect(first.stderr).toContain("it goes on until 100 come in a row");
    const second = await run();
    expect(second.code).toBe(3);
    expect(second.counts.failed).toBeGreaterThanOrEqual(failed + 100);
    expect(second.counts.failed).toBeLessThanOrEqual(failed + 100 + IN_FLIGHT);
    const third = await run();
    expect(third, third.stderr).toMatchObject({ code: 0, counts: { accepted: 50, failed: 250 } });
    expect(graph.posted).toHaveLength(300);
  });

  it("of a test number's refusals is found at the first ten", async ({ world }) => {
    const { graph, plan, run } = world;
    plan(people(60));
    graph.answer(() => metaError(131030));
    expect(await run()).toMatchObject({ code: 3, counts: { failed: 10, pending: 50 } });
    expect(graph.posted).toHaveLength(10);
  });
});

describe("the limit per person", () => {
  it("is tried three times, after a day and two more, and then left", async ({ world }) => {
    const { graph, plan, run } = world;
    plan(people(3));
    const capped = people(1)[0];
    graph.answer(({ to }) => (to === capped ? metaError(131049) : undefined));
    const HOUR = 3_600_000;
    const posts = () => graph.posted.filter(({ to }) => to === capped).length;
    const seen: [number, number, string | undefined][] = [];
    for (const hours of [0, 23, 25, 48, 72, 74, 200, 400]) {
      const { code, counts } = await run(hours * HOUR);
      seen.push([hours, posts(), Object.keys(counts).find((status) => status !== "accepted")]);
      expect(code).toBe(counts.held === undefined ? 0 : 75);
    }
    expect(seen).toEqual([
      [0, 1, "held"],
      [23, 1, "held"],
      [25, 2, "held"],
      [48, 2, "held"],
      [72, 2, "held"],
      [74, 3, "failed"],
      [200, 3, "failed"],
      [400, 3, "failed"],
    ]);
  });

  it("is tried as often as the manifest says", async ({ world }) => {
    const { graph, plan, run } = world;
    plan(people(2), "delivery: { capped_tries: 1 }\n");
    graph.answer(({ nth }) => (nth === 1 ? metaError(131049) : undefined));
    expect(await run()).toMatchObject({ code: 0, counts: { accepted: 1, failed: 1 } });
  });
});

describe("an odd answer to one of many", () => {
  const cases: [string, ReturnType<AnswerTo>, Record<string, number>, number][] = [
    ["80008", metaError(80008), { accepted: 14 }, 15],
    ["429 of a proxy", { status: 429, body: "<html>Slow down</html>" }, { accepted: 14 }, 15],
    ["a code as text", metaError("131026"), { accepted: 13, failed: 1 }, 14],
    ["HTTP 200 with an error", metaError(131026, "x", 200), { accepted: 13, failed: 1 }, 14],
    [
      "HTTP 403 of a gateway",
      { status: 403, body: { error: "marketing_opt_in_required" } },
      { accepted: 13, unknown: 1 },
      14,
    ],
  ];
  it.for(cases)("%s", async ([, answer, counts, posts], { world }) => {
    const { folder, graph, plan, run, command } = world;
    plan(people(14));
    graph.answer(({ nth }) => (nth === 5 ? answer : undefined));
    const ended = await run();
    expect(ended, ended.stderr).toMatchObject({ code: 0, counts });
    expect(graph.posted).toHaveLength(posts);
    expect(graph.posted[0]?.headers["user-agent"]).toMatch(/^mm-campaign\/\d/);
    if (counts.unknown === 1) {
      const [row] = query<{ error_message: string }>(
        folder,
        "select error_message from outcomes where status = 'unknown'",
      );
      expect(row?.error_message).toContain("marketing_opt_in_required");
      const shown = await command("status", "campaign.yaml");
      expect(shown.code).toBe(0);
    }
  });

  const halts: [string, ReturnType<AnswerTo>, string][] = [
    ["102", metaError(102, "Session key invalid"), "102"],
    ["2500", metaError(2500, "Unknown path components: /marketing_messages"), "2500"],
    [
      "100 for appsecret_proof",
      {
        status: 400,
        body: {
          error: {
            message: "API calls from the server require an appsecret_proof argument",
            type: "GraphMethodException",
            code: 100,
          },
        },
      },
      "100",
    ],
    [
      "100 for the max-price agreement",
      {
        status: 400,
        body: {
          error: {
            code: 100,
            message:
              "(#100) You need to sign the testing legal agreement before sending out messages.",
          },
        },
      },
      "100",
    ],
  ];
  it.for(halts)("%s halts at once, with nobody failed", async ([, answer, code], { world }) => {
    const { graph, plan, run } = world;
    plan(people(30));
    graph.answer(() => answer);
    const ended = await run();
    expect(ended, ended.stderr).toMatchObject({ code: 3, counts: { pending: 30 } });
    expect(graph.posted).toHaveLength(1);
    expect(JSON.parse(ended.stdout).halt.code).toBe(code);
    graph.answer(() => undefined);
    expect(await run()).toMatchObject({ code: 0, counts: { accepted: 30 } });
  });
});

describe("a lane that Meta throttles", () => {
  it("says so, waits as long as Meta asks, and goes on", async ({ world }) => {
    const { graph, plan, run } = world;
    plan(people(20));
    const at: number[] = [];
    graph.answer(({ nth }) => {
      at.push(performance.now());
      return nth === 5
        ? { ...(metaError(4) as { status: number; body: object }), headers: { "retry-after": "2" } }
        : undefined;
    });
    const ended = await run();
    expect(ended, ended.stderr).toMatchObject({ code: 0, counts: { accepted: 20 } });
    expect(ended.stderr).toContain("Waiting: Meta limits the rate (code 4), trying again in 2 s");
    const pauses = at.slice(1).map((now, index) => now - (at[index] as number));
    expect(Math.max(...pauses)).toBeGreaterThan(1_500);
  });

  it("ends with exit code 75 where Meta asks for longer than a run waits, and says when to go on", async ({
    world,
  }) => {
    const { graph, plan, run } = world;
    plan(people(20));
    const usage = { "1": [{ type: "whatsapp", estimated_time_to_regain_access: 37 }] };
    const headers = { "x-business-use-case-usage": JSON.stringify(usage) };
    graph.answer(() => ({ ...(metaError(80007) as { status: number; body: object }), headers }));
    const from = Date.now();
    const ended = await run();
    expect(ended, ended.stderr).toMatchObject({ code: 75, counts: { pending: 20 } });
    expect(ended.stderr).toContain(
      "Meta limits the rate (code 80007), and asks for a pause of 37 min",
    );
    expect(graph.posted).toHaveLength(1);
    const goOnAt = Date.parse(JSON.parse(ended.stdout).go_on_at);
    expect(goOnAt - from).toBeGreaterThan(36 * 60_000);
    graph.answer(() => undefined);
    expect(await run()).toMatchObject({ code: 0, counts: { accepted: 20 } });
  });
});
