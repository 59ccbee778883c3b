// The receiver over real sockets, with a real ledger: what every kind of request gets, and that 200
// means durable.

import { once } from "node:events";
import { connect } from "node:net";

import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { LedgerError } from "../../../src/domain/campaign/fault.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { openSqliteLedger } from "../../../src/ledger/ledger.ts";
import { BODY_BYTES_MAX } from "../../../src/web/webhooks/body.ts";
import type { Receiver } from "../../../src/web/webhooks/receiver.ts";
import { statusBody } from "../../ledger/conformance/receipts.ts";
import { deliver, exchange, SECRET, sign, startWorld, TOKEN } from "./receiver.world.ts";

const BODY = statusBody({ status: "delivered", id: "wamid.1", person: 1 });

function bodiesIn(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare("select body from webhook_body order by id").pluck().all() as string[];
  } finally {
    db.close();
  }
}

function pagesOf(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return db.pragma("page_count", { simple: true }) as number;
  } finally {
    db.close();
  }
}

describe("a delivery", () => {
  const latin = Buffer.from(JSON.stringify({ object: "x", name: "José" }), "latin1");
  const unicode = JSON.stringify({ object: "whatsapp_business_account", name: "José 🎉" });
  const large = JSON.stringify({ object: "x".repeat(3 * 1024 * 1024) });
  const gigantic = "x".repeat(BODY_BYTES_MAX + 1);
  const cases: [
    string,
    { body: string | Buffer; headers?: Record<string, string | null> },
    number,
    kept: string | null,
  ][] = [
    ["signed", { body: BODY }, 200, BODY],
    [
      "signed in capitals",
      {
        body: BODY,
        headers: { "x-hub-signature-256": sign(BODY).replace(/[a-f]/g, (c) => c.toUpperCase()) },
      },
      200,
      BODY,
    ],
    ["of 3 MiB", { body: large }, 200, large],
    ["not in ASCII", { body: unicode }, 200, unicode],
    ["that is no JSON", { body: "status=delivered" }, 200, "status=delivered"],
    ["cut short and signed so", { body: BODY.slice(0, -9) }, 200, BODY.slice(0, -9)],
    ["not in UTF-8", { body: latin }, 200, latin.toString("utf8")],
    [
      "said to be in another charset",
      { body: BODY, headers: { "content-type": "application/json; charset=utf-16" } },
      200,
      BODY,
    ],
    ["of a type that is none", { body: BODY, headers: { "content-type": "what" } }, 200, BODY],
    ["of another type", { body: BODY, headers: { "content-type": "text/xml" } }, 200, BODY],
    ["empty", { body: "" }, 400, null],
    ["without a signature", { body: BODY, headers: { "x-hub-signature-256": null } }, 401, null],
    ["with an empty signature", { body: BODY, headers: { "x-hub-signature-256": "" } }, 401, null],
    [
      "signed with SHA-1 only",
      { body: BODY, headers: { "x-hub-signature-256": null, "x-hub-signature": "sha1=00" } },
      401,
      null,
    ],
    [
      "forged",
      { body: BODY, headers: { "x-hub-signature-256": sign(BODY, "another") } },
      403,
      null,
    ],
    [
      "changed by a byte",
      { body: BODY.replace("wamid.1", "wamid.2"), headers: { "x-hub-signature-256": sign(BODY) } },
      403,
      null,
    ],
    [
      "written again by a proxy",
      {
        body: JSON.stringify(JSON.parse(BODY), null, 1),
        headers: { "x-hub-signature-256": sign(BODY) },
      },
      403,
      null,
    ],
    [
      "truncated on the way",
      { body: BODY.slice(0, -9), headers: { "x-hub-signature-256": sign(BODY) } },
      403,
      null,
    ],
    [
      "with half a signature",
      { body: BODY, headers: { "x-hub-signature-256": sign(BODY).slice(0, 40) } },
      403,
      null,
    ],
    [
      "with a signature of no kind",
      { body: BODY, headers: { "x-hub-signature-256": "sha256=yes" } },
      403,
      null,
    ],
    ["gigantic", { body: gigantic }, 413, null],
  ];

  it.each(cases)("%s", async (_, { body, headers }, status, kept) => {
    const { file, receiver } = await startWorld();
    const answer = await deliver(receiver, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(bodiesIn(file)).toEqual(kept === null ? [] : [kept]);
  });

  it("of any of several apps is taken, and of no other", async () => {
    const { file, receiver } = await startWorld({ appSecrets: [SECRET, "a-partner's-secret"] });
    const signed = (secret: string) =>
      deliver(receiver, BODY, { "x-hub-signature-256": sign(BODY, secret) });
    expect((await signed("a-partner's-secret")).status).toBe(200);
    expect((await signed(SECRET)).status).toBe(200);
    expect((await signed("nobody's")).status).toBe(403);
    expect(bodiesIn(file)).toHaveLength(2);
  });

  it("that comes again is kept again, and changes nothing when it is applied", async () => {
    const { ledger, receiver } = await startWorld();
    const stop = JSON.stringify({
      object: "whatsapp_business_account",
      entry: [
        {
          changes: [
            {
              field: "user_preferences",
              value: {
                user_preferences: [
                  {
                    wa_id: "447700900001",
                    category: "marketing_messages",
                    value: "stop",
                    timestamp: 1,
                  },
                ],
              },
            },
          ],
        },
      ],
    });
    for (let time = 0; time < 3; time += 1)
      expect((await deliver(receiver, stop)).status).toBe(200);
    const applied = await ledger.processWebhookBodies({ limit: 100, now: Date.now() });
    expect(applied).toMatchObject({ bodies: 3, optOuts: 1 });
    expect(applied.counts.stop).toEqual({ applied: 1, repeated: 2 });
  });

  it("that ends before its length gets no answer, and nothing of it is kept", async () => {
    const { file, receiver } = await startWorld();
    const socket = connect(Number(new URL(receiver.url).port), "127.0.0.1");
    socket.on("error", () => {});
    const head = `POST /webhooks HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: ${sign(BODY)}\r\nContent-Length: ${BODY.length}\r\n\r\n`;
    socket.write(head + BODY.slice(0, 50));
    await until(() => receiver.figures().inFlightBytes === 50);
    socket.destroy();
    await until(() => receiver.figures().answers.cut === 1);
    expect(receiver.figures()).toMatchObject({ inFlight: 0, inFlightBytes: 0 });
    expect(bodiesIn(file)).toEqual([]);
  });

  it("in pieces of unknown length is taken, and refused when it grows too large", async () => {
    const { file, receiver } = await startWorld();
    const head = `POST /webhooks HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n`;
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const signed = `${head}X-Hub-Signature-256: ${sign(BODY)}\r\n\r\n`;
    const small = `${signed}${chunk(BODY.slice(0, 20))}${chunk(BODY.slice(20))}0\r\n\r\n`;
    expect(await exchange(receiver, small)).toMatch(/^HTTP\/1.1 200 /);
    const huge = signed + chunk("x".repeat(1_000_000)).repeat(4);
    expect(await exchange(receiver, huge)).toMatch(/^HTTP\/1.1 413 /);
    expect(bodiesIn(file)).toEqual([BODY]);
  });

  it.each(["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])("by %s is no delivery", async (method) => {
    const { file, receiver } = await startWorld();
    const answer = await fetch(`${receiver.url}/webhooks`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, POST");
    expect(bodiesIn(file)).toEqual([]);
  });

  it("to another path is not found", async () => {
    const { receiver } = await startWorld();
    for (const path of ["/", "/webhook", "/webhooks/1", "//webhooks", "/.env"]) {
      expect((await fetch(`${receiver.url}${path}`, { method: "POST", body: BODY })).status).toBe(
        404,
      );
    }
  });

  it("leaves neither its body nor a secret in what is reported to the log", async () => {
    const { receiver, notices } = await startWorld();
    await deliver(receiver, BODY, { "x-hub-signature-256": sign(BODY, "another") });
    await deliver(receiver, BODY, { "x-hub-signature-256": sign(BODY, "another") });
    await deliver(receiver, BODY, { "x-hub-signature-256": null });
    // The second forgery within some seconds is only counted.
    expect(notices).toEqual([
      { kind: "refused", answer: "forged", count: 1 },
      { kind: "refused", answer: "unsigned", count: 1 },
    ]);
  });
});

describe("the handshake", () => {
  const query = (changes: Record<string, string | null> = {}) => {
    const all = {
      "hub.mode": "subscribe",
      "hub.verify_token": TOKEN,
      "hub.challenge": "1158201444",
      ...changes,
    };
    const given = Object.entries(all).filter(([, value]) => value !== null) as [string, string][];
    return new URLSearchParams(given).toString();
  };
  const cases: [string, string, number, string | null][] = [
    ["of Meta's", query(), 200, "1158201444"],
    ["with a challenge of text", query({ "hub.challenge": "<b>x & y</b>" }), 200, "<b>x & y</b>"],
    ["with another token", query({ "hub.verify_token": "guess" }), 403, null],
    [
      "with a token that begins like ours",
      query({ "hub.verify_token": TOKEN.slice(0, -1) }),
      403,
      null,
    ],
    ["with the token twice", `${query()}&hub.verify_token=${TOKEN}`, 400, null],
    ["without a token", query({ "hub.verify_token": null }), 400, null],
    ["without a challenge", query({ "hub.challenge": null }), 400, null],
    ["with a challenge that is a book", query({ "hub.challenge": "x".repeat(201) }), 400, null],
    ["of another mode", query({ "hub.mode": "unsubscribe" }), 400, null],
    ["of nobody", "", 400, null],
  ];

  it.each(cases)("%s", async (_, search, status, echoed) => {
    const { receiver } = await startWorld();
    const answer = await fetch(`${receiver.url}/webhooks?${search}`);
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    if (echoed !== null) expect(text).toBe(echoed);
    expect(text).not.toContain(TOKEN);
  });
});

describe("a flood", () => {
  it("is kept in few commits, each delivery once", async () => {
    const { file, ledger, receiver, kept } = await startWorld();
    const bodies = Array.from({ length: 400 }, (_, at) =>
      statusBody({ status: "sent", id: `wamid.${at}`, person: at }),
    );
    const answers = await Promise.all(bodies.map((body) => deliver(receiver, body)));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    expect(bodiesIn(file).sort()).toEqual([...bodies].sort());
    expect(kept()).toBeLessThan(200);
    expect(receiver.figures()).toMatchObject({ inFlight: 0, inFlightBytes: 0 });
    expect(await ledger.receiptTotals()).toMatchObject({ bodies: 400, waiting: 400 });
  });

  it("of large bodies holds no more memory than there is room for", async () => {
    const inFlightBytes = 4_000_000;
    const { receiver } = await startWorld({ limits: { inFlightBytes } });
    const head = `POST /webhooks HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: ${sign("x")}\r\nContent-Length: 3000000\r\n\r\n`;
    const sockets = Array.from({ length: 10 }, () => {
      const socket = connect(Number(new URL(receiver.url).port), "127.0.0.1");
      socket.on("error", () => {});
      socket.resume().write(head + "x".repeat(1_000_000));
      return socket;
    });
    await until(() => receiver.figures().answers.displaced >= 6);
    const { inFlightBytes: held } = receiver.figures();
    expect(held).toBeLessThanOrEqual(inFlightBytes);
    // Room that is only promised to the others is nobody's: a small delivery has it.
    expect((await deliver(receiver, BODY)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await until(() => receiver.figures().inFlight === 0);
    expect(receiver.figures().inFlightBytes).toBe(0);
    expect((await deliver(receiver, JSON.stringify("x".repeat(3_000_000)))).status).toBe(200);
  });

  it("of more deliveries than there is room for is asked to try again", async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { receiver } = await startWorld({ limits: { inFlight: 5 }, store: () => held });
    const answers = Array.from({ length: 8 }, () => deliver(receiver, BODY));
    await until(() => receiver.figures().answers.no_room === 3);
    letGo();
    const statuses = (await Promise.all(answers)).map((answer) => [
      answer.status,
      answer.headers.get("retry-after"),
    ]);
    expect(statuses.filter(([status]) => status === 200)).toHaveLength(5);
    expect(statuses.filter(([status, after]) => status === 503 && after === "5")).toHaveLength(3);
  });

  it("of connections closes the oldest that asks for nothing, at their limit", async () => {
    const { receiver } = await startWorld({ limits: { connections: 3 } });
    const sockets = Array.from({ length: 5 }, () => {
      const socket = connect(Number(new URL(receiver.url).port), "127.0.0.1");
      return socket.on("error", () => {});
    });
    await until(() => receiver.figures().refusedConnections === 2);
    for (const socket of sockets) socket.destroy();
  });

  it("of headers, or bodies, that never end is cut off", async () => {
    const limits = { headersMs: 100, requestMs: 200, lookMs: 20 };
    const { receiver } = await startWorld({ limits });
    expect(await exchange(receiver, "POST /webhooks HTTP/1.1\r\nHost: x\r\nX-Slow: ")).toMatch(
      / 408 /,
    );
    const head = `POST /webhooks HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: ${sign(BODY)}\r\nContent-Length: 900\r\n\r\n{`;
    await exchange(receiver, head);
    await until(() => receiver.figures().answers.cut === 1);
    expect(receiver.figures()).toMatchObject({ inFlight: 0, inFlightBytes: 0 });
  });
});

describe("a ledger that cannot keep", () => {
  it("because it is full: 503, so that Meta tries again, and 200 means kept", async () => {
    let keep: Ledger["storeWebhookBodies"] = async () => {};
    const { file, ledger, receiver, notices } = await startWorld({ store: (all) => keep(all) });
    const cramped = await openSqliteLedger(file, { maxPages: pagesOf(file) + 4 });
    keep = cramped.storeWebhookBodies;
    const bodies = Array.from({ length: 12 }, (_, at) =>
      JSON.stringify({ at, x: "x".repeat(3_000) }),
    );
    const taken: string[] = [];
    const refused: string[] = [];
    for (const body of bodies) {
      const answer = await deliver(receiver, body);
      (answer.status === 200 ? taken : refused).push(body);
      if (answer.status === 200) continue;
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    }
    expect(taken.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(bodiesIn(file)).toEqual(taken);
    // Once, and not for each delivery.
    const reported = notices.flatMap((notice) =>
      notice.kind === "not_keeping" ? [notice.error] : [],
    );
    expect(reported).toEqual([expect.objectContaining({ fault: "full" })]);
    const health = await fetch(`${receiver.url}/health`);
    expect([health.status, await health.text()]).toEqual([503, expect.stringMatching(/since 20/)]);
    // Room again, and what was refused comes again.
    keep = ledger.storeWebhookBodies;
    for (const body of refused) expect((await deliver(receiver, body)).status).toBe(200);
    expect(bodiesIn(file).sort()).toEqual([...bodies].sort());
    expect((await fetch(`${receiver.url}/health`)).status).toBe(200);
    await cramped.close();
  });

  it("because it is busy: waited for, and nobody notices", async () => {
    const { file, receiver, notices } = await startWorld({}, { busyTimeoutMs: 20 });
    const other = new Database(file);
    other.exec("begin immediate");
    const answer = deliver(receiver, BODY);
    await until(() => receiver.figures().inFlight === 1);
    // Longer than the ledger itself waits.
    await new Promise((resolve) => setTimeout(resolve, 150));
    other.exec("commit");
    other.close();
    expect((await answer).status).toBe(200);
    expect(notices).toEqual([]);
    expect(bodiesIn(file)).toEqual([BODY]);
  });

  it("and keeps again: reported, and healthy", async () => {
    let fails = true;
    const { receiver, notices } = await startWorld({
      store: async () => {
        if (fails) throw new LedgerError("io", "The disk said no.");
      },
    });
    expect((await deliver(receiver, BODY)).status).toBe(503);
    expect((await deliver(receiver, BODY)).status).toBe(503);
    expect((await fetch(`${receiver.url}/health`)).status).toBe(503);
    fails = false;
    expect((await deliver(receiver, BODY)).status).toBe(200);
    const health = await fetch(`${receiver.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { ok: true, problems: [] }]);
    expect(notices.filter(({ kind }) => kind !== "refused")).toEqual([
      { kind: "not_keeping", error: expect.any(LedgerError), to: "" },
      { kind: "keeping_again", refused: 2, to: "" },
    ]);
  });

  it("one delivery by a bug of ours: the others are kept", async () => {
    const kept: string[] = [];
    const { receiver, notices } = await startWorld({
      store: async (deliveries) => {
        if (deliveries.some(({ body }) => body.includes("poison"))) throw new TypeError("a bug");
        kept.push(...deliveries.map(({ body }) => body));
      },
    });
    const bodies = ["1", "2", '"poison"', "3", "4"];
    const answers = await Promise.all(bodies.map((body) => deliver(receiver, body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 503, 200, 200]);
    expect(kept.sort()).toEqual(["1", "2", "3", "4"]);
    expect(notices.map(({ kind }) => kind)).toContain("error");
  });
});

describe("closing", () => {
  it("answers what is in flight, and takes no more", async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { receiver } = await startWorld({ store: () => held });
    const answer = deliver(receiver, BODY);
    await until(() => receiver.figures().inFlight === 1);
    let isClosed = false;
    const closed = receiver.close().then(() => {
      isClosed = true;
    });
    await expect(fetch(`${receiver.url}/health`)).rejects.toThrow();
    expect(isClosed).toBe(false);
    letGo();
    expect((await answer).status).toBe(200);
    await closed;
  });

  it("does not wait for connections that are idle", async () => {
    const { receiver } = await startWorld();
    const socket = connect(Number(new URL(receiver.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(`GET /health HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, "data");
    const from = performance.now();
    await receiver.close();
    expect(performance.now() - from).toBeLessThan(30_000);
  });
});

describe("beside the receiver", () => {
  it("metrics tell what was answered", async () => {
    const metric = {
      name: "more",
      help: 'A "more"\\.',
      type: "gauge" as const,
      samples: [{ value: 7 }],
    };
    const { receiver } = await startWorld({ metrics: async () => [metric] });
    await deliver(receiver, BODY);
    await deliver(receiver, BODY, { "x-hub-signature-256": sign(BODY, "another") });
    const answer = await fetch(`${receiver.url}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    for (const line of [
      'campaign_webhook_answers_total{answer="kept",code="200"} 1',
      'campaign_webhook_answers_total{answer="forged",code="403"} 1',
      'campaign_webhook_answers_total{answer="not_kept",code="503"} 0',
      `campaign_webhook_kept_bytes_total ${BODY.length}`,
      "campaign_webhook_answer_seconds_count 2",
      'campaign_webhook_answer_seconds_bucket{le="+Inf"} 2',
      "campaign_ledger_up 1",
      "more 7",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).not.toContain(SECRET);
  });

  it("metrics are there without the ledger, and say so", async () => {
    const { receiver } = await startWorld({
      metrics: () => Promise.reject(new LedgerError("io", "The disk said no.")),
      health: () => Promise.reject(new LedgerError("io", "/srv/ledger said no.")),
    });
    const text = await (await fetch(`${receiver.url}/metrics`)).text();
    expect(text).toMatch(/^campaign_ledger_up 0$/m);
    const health = await fetch(`${receiver.url}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toEqual({ ok: false, problems: ["the ledger does not answer"] });
  });

  it("other routes have their own scope", async () => {
    const { receiver } = await startWorld({
      register: async (app) => {
        app.post("/echo", async (request) => request.body);
      },
    });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${receiver.url}/echo`, {
      method: "POST",
      headers,
      body: '{"a":1}',
    });
    expect(await answer.json()).toEqual({ a: 1 });
    expect((await deliver(receiver, BODY)).status).toBe(200);
  });
});

/** Waits for what another side of a socket brings about. */
async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error("it never came about");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe("strangers who send half of what they promise", () => {
  const LARGE = 3_490_000;
  const forged = `sha256=${"0".repeat(64)}`;
  const headOf = (length: number) =>
    `POST /webhooks HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: ${forged}\r\nContent-Length: ${length}\r\n\r\n`;

  /** A connection that says something and then waits. */
  const stranger = (receiver: Receiver, bytes: string) => {
    const socket = connect(Number(new URL(receiver.url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    socket.resume().write(bytes);
    return socket;
  };

  it("keep no genuine delivery out, however much they hold", async () => {
    const { file, receiver } = await startWorld();
    const bodyOf = (length: number) => "x".repeat(length - 1);
    // 24.4 MB of 24 MiB, each without its last byte; then small ones that fill what is left.
    for (let at = 0; at < 7; at += 1) stranger(receiver, headOf(LARGE) + bodyOf(LARGE));
    await until(() => receiver.figures().inFlightBytes >= 7 * (LARGE - 1));
    for (let at = 0; at < 60; at += 1) stranger(receiver, headOf(20_000) + bodyOf(20_000));
    await until(() => receiver.figures().inFlight >= 60);
    const genuine: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const bodies = [0, 1, 2].map((at) =>
        statusBody({ status: "sent", id: `wamid.${round}.${at}`, person: at }),
      );
      genuine.push(...bodies);
      const answers = await Promise.all(bodies.map((body) => deliver(receiver, body)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      // They go on.
      stranger(receiver, headOf(LARGE) + bodyOf(LARGE));
      expect(receiver.figures().inFlightBytes).toBeLessThanOrEqual(24 * 1024 * 1024);
    }
    // The largest that Meta sends finds room, too.
    const large = JSON.stringify("x".repeat(3_000_000));
    expect((await deliver(receiver, large)).status).toBe(200);
    const { answers } = receiver.figures();
    expect(answers).toMatchObject({ kept: genuine.length + 1, no_room: 0, not_kept: 0 });
    expect(answers.displaced).toBeGreaterThan(0);
    expect(bodiesIn(file).sort()).toEqual([...genuine, large].sort());
    const health = await fetch(`${receiver.url}/health`);
    expect(health.status).toBe(200);
    const { problems, warnings } = (await health.json()) as Record<string, string[]>;
    expect(problems).toEqual([]);
    expect(warnings?.[0]).toMatch(/^\d+ bodies cut off since 20.*: too slow$/);
  });

  it("are cut off while nobody needs their room, when nothing more comes", async () => {
    const limits = { slowMs: 100, bytesPerSecondMin: 1_000, lookMs: 20 };
    const { receiver } = await startWorld({ limits });
    const [silent, dripping] = [headOf(900), `${headOf(90_000)}{`];
    const sockets = [silent, dripping].map((bytes) => stranger(receiver, bytes));
    await Promise.all(sockets.map((socket) => once(socket, "close")));
    expect(receiver.figures().answers.slow).toBe(2);
    expect(receiver.figures()).toMatchObject({ inFlight: 0, inFlightBytes: 0 });
  });

  it("hold no connection that a genuine delivery needs", async () => {
    const { receiver } = await startWorld({ limits: { connections: 20 } });
    const begun = ["", "POST /webhooks HTTP/1.1\r\nX-Slow: ", `${headOf(900)}{`];
    for (let at = 0; at < 60; at += 1) {
      stranger(receiver, begun[at % 3] as string);
      if (at % 5 > 0) continue;
      const body = statusBody({ status: "sent", id: `wamid.${at}`, person: at });
      expect((await deliver(receiver, body)).status).toBe(200);
    }
    // How many depends on the machine: on a busy one strangers are cut off for their slowness before
    // they are in anybody's way.
    expect(receiver.figures().refusedConnections).toBeGreaterThan(0);
    const { warnings } = (await (await fetch(`${receiver.url}/health`)).json()) as {
      warnings: string[];
    };
    expect(warnings.some((one) => / connections closed since 20/.test(one))).toBe(true);
  });

  it("are reported of by /health where a genuine delivery was refused", async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { receiver } = await startWorld({ limits: { inFlight: 2 }, store: () => held });
    const answers = Array.from({ length: 3 }, () => deliver(receiver, BODY));
    await until(() => receiver.figures().answers.no_room === 1);
    const health = await fetch(`${receiver.url}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/^1 delivery answered 503 since 20.*more came at once/)],
    });
    letGo();
    await Promise.all(answers);
  });
});

describe("/health and /metrics", () => {
  it.each([
    ["127.0.0.1:8090", 200],
    ["localhost", 200],
    ["10.1.2.3:8090", 200],
    ["[fd00::1]:8090", 200],
    ["receiver.internal:8090", 200],
    ["evil.example", 421],
    ["127.0.0.1.evil.example", 421],
  ])("by the name %s: %i", async (host, status) => {
    const { receiver } = await startWorld({ allowHosts: ["receiver.internal"] });
    for (const path of ["/health", "/metrics"]) {
      const text = await exchange(
        receiver,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
  });
});
