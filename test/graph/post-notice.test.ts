// A notice as it goes over the wire: its signature, and what is tried again.

import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { postNotice } from "../../src/graph/post-notice.ts";
import type { Posted } from "../support/hook.ts";
import { startHook } from "../support/hook.ts";

const BODY = JSON.stringify({ event: "finished", counts: {}, text: "São João" });
const SECRET = "a secret of some length";
const never = new AbortController().signal;
const aborted = AbortSignal.abort();

describe("a notice", () => {
  it("is one POST to path and query, signed with its time", async () => {
    const hook = await startHook(204);
    const from = Math.floor(Date.now() / 1_000);
    const result = await postNotice(
      { url: hook.url, secret: SECRET, body: BODY },
      { signal: never },
    );
    expect(result).toEqual({ kind: "taken" });
    expect(hook.posted).toHaveLength(1);
    const { path, headers, text } = hook.posted[0] as Posted;
    expect(path).toBe("/hooks/abc?key=1");
    expect(headers["content-type"]).toBe("application/json");
    expect(text).toBe(BODY);
    const timestamp = String(headers["x-campaign-timestamp"]);
    expect(Number(timestamp)).toBeGreaterThanOrEqual(from);
    expect(Number(timestamp)).toBeLessThanOrEqual(Date.now() / 1_000);
    const hex = createHmac("sha256", SECRET).update(`${timestamp}.${text}`).digest("hex");
    expect(headers["x-campaign-signature"]).toBe(`sha256=${hex}`);
  });

  it("has no signature without a secret", async () => {
    const hook = await startHook();
    await postNotice({ url: hook.url, body: BODY }, { signal: never });
    expect(hook.posted[0]?.headers).not.toHaveProperty("x-campaign-signature");
  });

  it.each([500, 503, 429])("is tried three times where %i is answered", async (status) => {
    const hook = await startHook(status);
    const result = await postNotice({ url: hook.url, body: BODY }, { signal: never });
    const why = expect.stringContaining(`answered HTTP ${status}`);
    expect(result).toEqual({ kind: "failed", why });
    expect(hook.posted).toHaveLength(3);
    expect(new Set(hook.posted.map(({ text }) => text)).size).toBe(1);
  });

  it.each([400, 404, 301, 307])("is not tried again, and not followed, at %i", async (status) => {
    const hook = await startHook(status);
    const result = await postNotice({ url: hook.url, body: BODY }, { signal: never });
    const why = expect.stringContaining(`HTTP ${status}`);
    expect(result).toEqual({ kind: "refused", why });
    expect(hook.posted).toHaveLength(1);
  });

  it("gives up on a server that does not answer, and at once where the run is to stop", async () => {
    const hook = await startHook(null);
    const options = { signal: aborted, answerMs: 100 };
    const result = await postNotice({ url: hook.url, body: BODY }, options);
    expect(result).toEqual({
      kind: "failed",
      why: expect.stringContaining("(no answer in time)"),
    });
    expect(hook.posted.length).toBeLessThanOrEqual(1);
  });

  it("gives up where nothing listens, and names no path", async () => {
    const url = "http://127.0.0.1:9/hooks/secret";
    const result = await postNotice({ url, body: BODY }, { signal: aborted });
    expect(result).toEqual({
      kind: "failed",
      why: "127.0.0.1:9 was not reached (ECONNREFUSED)",
    });
  });
});
