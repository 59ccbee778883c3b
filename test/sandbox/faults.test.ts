// Each fault as a client sees it and as the log has it.

import { connect } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { chance } from "../../src/sandbox/scenario/chance.ts";
import { makeFaults } from "../../src/sandbox/scenario/faults.ts";
import { SPECIAL_NUMBERS } from "../../src/sandbox/scenario/special-numbers.ts";
import type { Running } from "./posting.ts";
import { message, ORDINARY, scenarioOf, start } from "./posting.ts";

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

async function play(keys: unknown): Promise<Running> {
  sandbox = await start({
    throughput: null,
    pair_limit: false,
    receipt_delay_ms: null,
    ...(keys as object),
  });
  return sandbox;
}

/** What comes back on a raw socket until it ends, or until `enough` of it is there. */
function raw(
  { url, phoneNumberId }: Running,
  body: string,
  enough: (text: string) => boolean = () => false,
): Promise<{ text: string; end: string }> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let text = "";
    const done = (end: string): void => {
      socket.destroy();
      resolve({ text, end });
    };
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (enough(text)) done("enough");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => done(error.code ?? "error"));
    socket.on("end", () => done("end"));
    socket.write(
      `POST /v25.0/${phoneNumberId}/marketing_messages HTTP/1.1\r\nHost: x\r\n` +
        "Authorization: Bearer sandbox-token\r\nContent-Type: application/json\r\n" +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

function special(fault: string): string {
  return SPECIAL_NUMBERS.find((one) => one.fault === fault)?.number ?? "";
}

describe.each([
  ["by its special number", (kind: string) => ({ keys: {}, to: special(kind) })],
  [
    "by the scenario",
    (kind: string) => ({ keys: { faults: [{ on: {}, do: kind }] }, to: ORDINARY }),
  ],
])("a fault %s", (_, of) => {
  it("drop_before_reading: reset without a byte, nothing accepted", async () => {
    const { keys, to } = of("drop_before_reading");
    const running = await play(keys);
    expect(await raw(running, JSON.stringify(message(to)))).toEqual({
      text: "",
      end: "ECONNRESET",
    });
    expect(running.events().slice(1)).toMatchObject([
      { event: "dropped", to, fault: "drop_before_reading" },
    ]);
  });

  it("drop_after_accepting: ended without a byte, accepted", async () => {
    const { keys, to } = of("drop_after_accepting");
    const running = await play(keys);
    expect(await raw(running, JSON.stringify(message(to)))).toEqual({ text: "", end: "end" });
    expect(running.events().slice(1)).toMatchObject([
      {
        event: "accepted",
        to,
        fault: "drop_after_accepting",
        id: expect.stringMatching(/^wamid\./),
      },
    ]);
  });

  it("hang: no byte ever, accepted; closing the sandbox ends it", async () => {
    const { keys, to } = of("hang");
    const running = await play(keys);
    const answer = raw(running, JSON.stringify(message(to)));
    await until(() => running.events().length === 2);
    expect(running.events()[1]).toMatchObject({ event: "accepted", to, fault: "hang" });
    const start = performance.now();
    await running.close();
    expect(performance.now() - start).toBeLessThan(30_000);
    expect((await answer).text).toBe("");
  });

  it.each([
    ["error_500", 500, "text/plain", ""],
    ["error_500_meta", 500, "application/json; charset=UTF-8", '"code":131000'],
    ["error_503_meta", 503, "application/json; charset=UTF-8", '"code":131016'],
    ["html_403", 403, "text/html; charset=utf-8", "<!DOCTYPE html>"],
    ["html_429", 429, "text/html; charset=utf-8", "<!DOCTYPE html>"],
  ])("%s: HTTP %d, nothing accepted", async (kind, http, type, part) => {
    const { keys, to } = of(kind);
    const running = await play(keys);
    const answer = await running.post(message(to));
    expect([answer.status, answer.headers["content-type"]]).toEqual([http, type]);
    expect(answer.text).toContain(part);
    if (part === "") expect(answer.text).toBe("");
    expect(running.events().slice(1)).toMatchObject([{ event: "fault", to, fault: kind }]);
  });

  it("garbage_answer: HTTP 200 that is not JSON, accepted", async () => {
    const { keys, to } = of("garbage_answer");
    const running = await play(keys);
    const answer = await running.post(message(to));
    expect(answer.status).toBe(200);
    expect(answer.json).toBeUndefined();
    expect(running.events().slice(1)).toMatchObject([
      { event: "accepted", to, fault: "garbage_answer" },
    ]);
  });

  it("cut_answer: half of the reply, then the end, accepted", async () => {
    const { keys, to } = of("cut_answer");
    const running = await play(keys);
    const { text } = await raw(running, JSON.stringify(message(to)));
    const [head = "", body = ""] = text.split("\r\n\r\n");
    const promised = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(body.length).toBe(Math.floor(promised / 2));
    expect(running.events().slice(1)).toMatchObject([
      { event: "accepted", to, fault: "cut_answer" },
    ]);
    await expect(running.post(message(to))).rejects.toThrow();
  });

  it("slow_body: headers at once, a byte at a time, accepted", async () => {
    const { keys, to } = of("slow_body");
    const running = await play(keys);
    const { text } = await raw(running, JSON.stringify(message(to)), (seen) =>
      /\r\n\r\n\{"m/.test(seen),
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n\{"m$/);
    expect(running.events().slice(1)).toMatchObject([
      { event: "accepted", to, fault: "slow_body" },
    ]);
  });
});

describe("the rest of the traffic", () => {
  it("goes on after a drop", async () => {
    const { post, events } = await play({
      faults: [{ on: { nth: 2 }, do: "drop_before_reading" }],
    });
    const ends = [];
    for (const last of [1, 2, 3]) {
      ends.push(
        await post(message(`+552091234567${last}`)).then(
          (answer) => answer.status,
          () => "lost",
        ),
      );
    }
    expect(ends).toEqual([200, "lost", 200]);
    expect(events().map(({ event }) => event)).toEqual([
      "started",
      "accepted",
      "dropped",
      "accepted",
    ]);
  });

  it("is refused as ever when a fault that accepts meets a bad message", async () => {
    const { post, events } = await play({ faults: [{ on: {}, do: "drop_after_accepting" }] });
    await expect(post(message("+55 nobody"))).rejects.toThrow();
    expect(events().at(-1)).toMatchObject({
      event: "refused",
      code: 131009,
      fault: "drop_after_accepting",
    });
  });

  it("survives clients that go away in the middle of a request", async () => {
    const running = await play({});
    const socket = connect(Number(new URL(running.url).port), "127.0.0.1");
    await new Promise<void>((resolve) => {
      const path = `/v25.0/${running.phoneNumberId}/marketing_messages`;
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"to":`, () =>
        resolve(),
      );
    });
    socket.destroy();
    expect((await running.post(message())).status).toBe(200);
    expect(running.events().map(({ event }) => event)).toEqual(["started", "accepted"]);
  });
});

describe("makeFaults", () => {
  const hits = (
    on: unknown,
    requests: number,
    more: object = {},
    digits = "5520912345678",
  ): number[] => {
    const faults = makeFaults(scenarioOf({ seed: "f", faults: [{ on, do: "hang", ...more }] }));
    const met = [];
    for (let request = 1; request <= requests; request += 1) {
      if (faults.meet(digits) !== undefined) met.push(request);
    }
    return met;
  };

  it.each([
    [{ nth: 3 }, {}, [3]],
    [{ every: 4 }, {}, [4, 8, 12]],
    [{ every: 4 }, { times: 2 }, [4, 8]],
    [{}, { times: 1 }, [1]],
    [{ every: 2, nth: 4 }, {}, [4]],
    [{ to: "+55 20 91234-5678", nth: 2 }, {}, [2]],
    [{ to: "+55 20 00000-0000" }, {}, []],
    [{ share: 0 }, {}, []],
  ])("meets %j %j at requests %j", (on, more, requests) => {
    expect(hits(on, 12, more)).toEqual(requests);
  });

  it("meets a share that the seed decides, the same in every process", () => {
    const wanted = [];
    for (let request = 1; request <= 1_000; request += 1) {
      if (chance("f", "fault 0", `${request}`) < 0.1) wanted.push(request);
    }
    expect(hits({ share: 0.1 }, 1_000)).toEqual(wanted);
    expect(Math.abs(wanted.length - 100)).toBeLessThan(40);
  });

  it("counts only the requests to its number", () => {
    const keys = { faults: [{ on: { to: "1", nth: 2 }, do: "hang" }] };
    const faults = makeFaults(scenarioOf(keys));
    expect(["1", "2", undefined, "1"].map((digits) => faults.meet(digits)?.kind)).toEqual([
      undefined,
      undefined,
      undefined,
      "hang",
    ]);
  });

  it("counts only the requests of its sending number", () => {
    const on = { phone_number_id: "7", nth: 2 };
    const keys = { numbers: [{ phone_number_id: "7" }], faults: [{ on, do: "hang" }] };
    const faults = makeFaults(scenarioOf(keys));
    const ids = ["7", "100000000000001", undefined, "7", "7"];
    expect(ids.map((id) => faults.meet("1", id)?.kind)).toEqual([
      ...[undefined, undefined, undefined],
      "hang",
      undefined,
    ]);
  });

  it("lets the scenario say whether the message is accepted, but for a drop before reading", () => {
    const accepts = (kind: string, flag?: boolean): boolean | undefined => {
      const one = { on: {}, do: kind, ...(flag !== undefined && { accepts: flag }) };
      return makeFaults(scenarioOf({ faults: [one] })).meet("1")?.accepts;
    };
    expect([accepts("error_500"), accepts("error_500", true)]).toEqual([false, true]);
    expect([accepts("hang"), accepts("hang", false)]).toEqual([true, false]);
    expect(accepts("drop_before_reading", true)).toBe(false);
  });

  it("answers 500 for a message that it accepted, when the scenario says so", async () => {
    const { post, events } = await play({ faults: [{ on: {}, do: "error_500", accepts: true }] });
    expect((await post(message())).status).toBe(500);
    expect(events().at(-1)).toMatchObject({ event: "accepted", fault: "error_500" });
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 1) {
    if (waited > 400) throw new Error("waited for 2 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
