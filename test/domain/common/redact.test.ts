// What is masked in texts of other parties, and what stays readable.

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  makeRedact,
  maskJson,
  maskPatterns,
  secretMask,
} from "../../../src/domain/common/redact.ts";
import { codePoint } from "../../support/arbitraries.ts";

const META = "EAAGm0PX4ZCpsBAKZCw1ZAqZBZCtest0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
const ODD = 'tök/en "with" <odd> & c+h=a%r\\acters;€';

describe("text that another party wrote", () => {
  it.each([
    [`Malformed access token ${META}`, "Malformed access token ***"],
    [
      `Error validating access token: ${META}, session expired`,
      "Error validating access token: ***, session expired",
    ],
    ["Malformed access token EAAGm0PX4…", "Malformed access token ***…"],
    ["token EAAGm...", "token EAAGm..."],
    ["Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"],
    ["GET /debug_token?input_token=abc123&x=1", "GET /debug_token?input_token=***&x=1"],
    ["https://x/?access_token%3Dabc123 no", "https://x/?access_token%3D*** no"],
    ['{"client_secret":"0123abcd"}', '{"client_secret":"***"}'],
    ["app token 1234567890123|AbCdEfGhIjKl-mno_p", "app token ***"],
    ["undeliverable to 5511999990001", "undeliverable to ***01"],
    ["undeliverable to +55 11 99999-0001.", "undeliverable to ***01."],
    ["undeliverable to (55) 11 99999-0001.", "undeliverable to ***01."],
    ["undeliverable to 55 11 99999 0001, again", "undeliverable to ***01, again"],
    ["to +55 11 99999-0001 (5511999990001) too", "to ***01 (***01) too"],
    ["whatsapp:+5511999990001", "whatsapp:***01"],
    ["to 55\u00a011\u00a099999\u20110001 too", "to ***01 too"],
    ["to +55\u200b11\u200b99999\u200b0001 too", "to ***01 too"],
    [
      "to \uff15\uff15\uff11\uff11\uff19\uff19\uff19\uff19\uff19\uff10\uff10\uff10\uff11 too",
      "to *** too",
    ],
    [
      "to \u0665\u0665 \u0661\u0661 \u0669\u0669\u0669\u0669\u0669-\u0660\u0660\u0660\u0661 too",
      "to *** too",
    ],
    ["user BR.1234567890 is unknown", "user BR.***90 is unknown"],
    ["parent US.ENT.11815799212886844830", "parent US.ENT.***30"],
    ["message wamid.HBgNNTUxMTk5OTk5MDAwMRUCABEYEg== failed", "message wamid.*** failed"],
    // What stays readable.
    ["(#131026) Message undeliverable", "(#131026) Message undeliverable"],
    ["code 131026 or 131049 or 80007", "code 131026 or 131049 or 80007"],
    ["at 2026-11-28 17:36:28 UTC", "at 2026-11-28 17:36:28 UTC"],
    ["at 2026-11-28T17:36:28.123Z", "at 2026-11-28T17:36:28.123Z"],
    ["1,234,567 rows of 2,000,000", "1,234,567 rows of 2,000,000"],
    ["trace Az8or2yhqkZfEZ-_4Qn_Bam", "trace Az8or2yhqkZfEZ-_4Qn_Bam"],
    ["tier TIER_10K, en_US, v25.0", "tier TIER_10K, en_US, v25.0"],
  ])("%s", (text, masked) => {
    expect(maskPatterns(text)).toBe(masked);
  });
});

describe("a known secret", () => {
  const mask = secretMask([ODD, "0123456789abcdef0123456789abcdef"]);
  const json = JSON.stringify(ODD).slice(1, -1);

  it.each([
    ["as it is", ODD],
    ["in JSON", json],
    ["in JSON with escaped slashes", json.replaceAll("/", "\\/")],
    ["in JSON in JSON", JSON.stringify(json).slice(1, -1)],
    [
      "in JSON of ASCII only",
      json.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
    ],
    [
      "in JSON for HTML",
      json.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`),
    ],
    ["in an address", encodeURIComponent(ODD)],
    ["in a form", new URLSearchParams({ x: ODD }).toString().slice(2)],
    [
      "in HTML",
      ODD.replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;"),
    ],
    ["cut after two thirds", ODD.slice(0, 26)],
  ])("is masked %s", (_how, text) => {
    expect(mask(`before ${text} after`)).toBe("before *** after");
  });

  const token = META.slice(3);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  it.each([
    ["broken over lines", `${token.slice(0, 20)}\n  ${token.slice(20, 40)}\r\n${token.slice(40)}`],
    ["broken over lines, in JSON", `${token.slice(0, 20)}\\n${token.slice(20)}`],
    ["in base64", base64(token)],
    ["in base64 behind one byte", base64(`:${token}`)],
    ["in base64 behind two", base64(`u:${token}`)],
    ["in base64 with more", base64(`user:${token}:more`)],
    ["in base64 of an address", Buffer.from(`a:${token}`).toString("base64url")],
    ["in an address, every letter", [...token].map((c) => `%${base16(c)}`).join("")],
    ["in JSON, every letter", [...token].map((c) => `\\u00${base16(c)}`).join("")],
    ["without its front", token.slice(15)],
    ["in hexadecimal", Buffer.from(token).toString("hex")],
    ["in hexadecimal, in capitals and cut short", [...token.slice(0, 40)].map(base16).join("")],
    ["in hexadecimal, parted", [...token].map(base16).join(":")],
    ["in hexadecimal, each with an x", [...token].map((c) => `\\x${base16(c)}`).join("")],
    ["spaced out", [...token].join(" ")],
    ["with signs that are not seen", [...token].join("\u200b")],
  ])("is masked where it hardly ever stands: %s", (_how, text) => {
    const masked = makeRedact([token])(`before ${text} after`);
    expect(masked).toMatch(/^before \S{0,8}\*\*\*\S{0,12} after$/);
    expect(makeRedact(["another-secret-of-mine"])(text).length).toBeGreaterThan(20);
  });

  it("is not seen in half a word, and a short one is none", () => {
    expect(mask("0123456789a")).toBe("0123456789a");
    expect(secretMask(["abc"])("abc")).toBe("abc");
    expect(secretMask(["campaign-verify-token"])("the campaign goes on")).toBe(
      "the campaign goes on",
    );
  });

  it("never stays, whatever it is made of and wherever it stands", () => {
    const secret = fc.string({ minLength: 6, maxLength: 300, unit: codePoint });
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const redact = makeRedact([value]);
        expect(redact(before + value + after).includes(value)).toBe(false);
        const answer = maskJson(JSON.stringify({ error: { message: before + value } }), redact);
        const { message } = (JSON.parse(answer) as { error: { message: string } }).error;
        expect(message.includes(value)).toBe(false);
      }),
    );
  });
});

function base16(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, "0");
}

describe("a JSON text", () => {
  const redact = makeRedact([META]);

  it("is masked in its strings, and stays the JSON that it was", () => {
    const body = {
      error: { code: 190, message: `bad ${META}`, list: ["+5511999990001", 7, null] },
    };
    expect(JSON.parse(maskJson(JSON.stringify(body), redact))).toEqual({
      error: { code: 190, message: "bad ***", list: ["***01", 7, null] },
    });
  });

  it("is masked as a text where it is none, also below any depth", () => {
    expect(maskJson(`<p>${META}</p>`, redact)).toBe("<p>***</p>");
    const deep = `${"[".repeat(100_000)}"${META}"`;
    expect(maskJson(deep, redact).includes(META)).toBe(false);
  });
});
