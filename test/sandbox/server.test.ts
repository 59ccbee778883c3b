import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { errorBody, httpStatusOf } from "../../src/sandbox/messages/graph-errors.ts";
import { defaultScenario } from "../../src/sandbox/scenario/scenario.ts";
import { isLoopback } from "../../src/sandbox/server/control.ts";
import { startSandbox } from "../../src/sandbox/server/server.ts";
import { message, start } from "./posting.ts";

describe("startSandbox", () => {
  it("plays the default scenario on a free port of loopback", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    const sandbox = await startSandbox({ logFile: join(folder, "log.jsonl") });
    expect(sandbox).toMatchObject({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      phoneNumberId: "100000000000001",
      wabaId: "100000000000002",
      accessToken: "sandbox-token",
    });
    await Promise.all([sandbox.close(), sandbox.close()]);
    await rm(folder, { recursive: true });
  });

  it("rejects when the port is taken, and leaves the other alone", async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await expect(start({}, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect((await first.post(message())).status).toBe(200);
    await first.end();
  });

  it("adds templates, and lets them take the place of the scenario's own", async () => {
    const [spring] = defaultScenario().templates;
    const sandbox = await start(
      {},
      {
        templates: [
          { ...(spring as NonNullable<typeof spring>), status: "PAUSED" },
          {
            name: "hello",
            language: "en",
            category: "MARKETING",
            status: "APPROVED",
            parameter_format: "POSITIONAL",
            components: [{ type: "BODY", text: "Hello." }],
          },
        ],
      },
    );
    expect((await sandbox.post(message())).json.error.code).toBe(132015);
    const hello = { name: "hello", language: { code: "en" } };
    expect((await sandbox.post(message(undefined, { template: hello }))).status).toBe(200);
    expect((await sandbox.patch({ throughput: 100 })).status).toBe(200);
    await sandbox.end();
  });
});

describe("isLoopback", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.8.0.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["10.0.0.1", false],
    ["::ffff:10.0.0.1", false],
    [undefined, false],
  ])("of %s is %s", (address, is) => {
    expect(isLoopback(address)).toBe(is);
  });
});

describe("the error table", () => {
  it.each([
    [190, 401],
    [368, 403],
    [130429, 400],
    [131000, 500],
    [131016, 500],
    [131031, 403],
    [132001, 404],
    [133004, 503],
    [134102, 500],
    [131057, 500],
    [424242, 400],
  ])("has HTTP status for %d: %d", (code, http) => {
    expect(httpStatusOf(code)).toBe(http);
  });

  it("words an envelope as Meta does", () => {
    expect(JSON.parse(errorBody({ code: 131063, details: "why" }, "Atrace"))).toEqual({
      error: {
        message: "(#131063) Marketing templates disabled for Cloud API",
        type: "OAuthException",
        code: 131063,
        error_data: { messaging_product: "whatsapp", details: "why" },
        fbtrace_id: "Atrace",
      },
    });
  });
});
