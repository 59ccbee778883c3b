// Who is let in at all: tokens, ids, paths, content types, sizes; and what the log keeps of it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "./posting.ts";
import { message, start } from "./posting.ts";

let sandbox: Running;

beforeAll(async () => {
  sandbox = await start({ throughput: null, pair_limit: false, receipt_delay_ms: null });
});

afterAll(() => sandbox.end());

describe("the door", () => {
  it.each([
    ["no token", {}],
    ["a wrong token", { authorization: "Bearer other" }],
    ["another scheme", { authorization: "Basic sandbox-token" }],
    ["a token with more behind it", { authorization: "Bearer sandbox-token2" }],
  ])("is shut with 190 and HTTP 401 for %s", async (_, given: Record<string, string>) => {
    const headers = { "content-type": "application/json", ...given };
    const path = `/v25.0/${sandbox.phoneNumberId}/marketing_messages`;
    const answer = await sandbox.call("POST", path, JSON.stringify(message()), headers);
    expect(answer.status).toBe(401);
    expect(answer.json.error).toMatchObject({ code: 190, type: "OAuthException" });
    expect(answer.json.error).not.toHaveProperty("error_data");
    expect(sandbox.events().at(-1)).toMatchObject({ event: "refused", code: 190, http: 401 });
  });

  it("does not know another phone number", async () => {
    const answer = await sandbox.post(message(), { id: "999" });
    expect(answer.status).toBe(400);
    expect(answer.json.error).toMatchObject({ code: 100, error_subcode: 33 });
    const words = /^Unsupported post request\. Object with ID '999' does not exist/;
    expect(answer.json.error.message).toMatch(words);
  });

  it("takes a body that is not announced as JSON for an empty one", async () => {
    const answer = await sandbox.post(message(), { headers: { "content-type": "text/plain" } });
    const words = "(#100) The parameter messaging_product is required.";
    expect(answer.json.error).toMatchObject({ code: 100, message: words });
  });

  it("takes any version, and names it", async () => {
    const answer = await sandbox.post(message(), { version: "v23.0" });
    expect([answer.status, answer.headers["facebook-api-version"]]).toEqual([200, "v23.0"]);
  });

  it.each([
    ["GET", "/", 404],
    ["GET", "/v25.0/999", 400],
    ["GET", "/nonsense", 404],
    ["POST", "/v25.0/100000000000001/calls", 400],
    ["POST", "/100000000000001/marketing_messages", 400],
    ["DELETE", "/v25.0/100000000000001", 400],
  ])("answers %s %s as Graph does", async (method, path, http) => {
    const headers = { authorization: "Bearer sandbox-token" };
    const answer = await sandbox.call(method, path, undefined, headers);
    expect(answer.status).toBe(http);
    expect(answer.json.error).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it("hangs up on a body of more than 1 MiB", async () => {
    await expect(sandbox.post("x".repeat(2_000_000))).rejects.toThrow();
  });
});

describe("the log", () => {
  it("has the whole body on one line, and what was understood of it", async () => {
    const key = { biz_opaque_callback_data: "mm1.a.1.2.3" };
    const body = message("(20) 91234-5678", { ...key, product_policy: "STRICT" });
    const answer = await sandbox.post(JSON.stringify(body, undefined, 2));
    expect(sandbox.events().at(-1)).toMatchObject({
      event: "accepted",
      to: "+5520912345678",
      raw_to: "(20) 91234-5678",
      key: "mm1.a.1.2.3",
      template: "spring_sale",
      language: "pt_BR",
      policy: "STRICT",
      path: "marketing_lite",
      id: answer.json.messages[0].id,
      wa_id: "5520912345678",
      body,
    });
  });

  it("has a message without + as sent to the number that Meta makes of it", async () => {
    await sandbox.post(message("46701740605"));
    expect(sandbox.events().at(-1)).toMatchObject({ event: "accepted", to: "+5546701740605" });
  });

  it("keeps a body that is not JSON as text", async () => {
    await sandbox.post('{"to":\n"+552');
    expect(sandbox.events().at(-1)).toMatchObject({ event: "refused", body: '{"to":\n"+552' });
  });
});
