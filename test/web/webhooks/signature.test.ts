// Signatures: Meta's own way of making one, and whatever else stands in the header.

import { createHmac } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readSignature, secretTest, signatureTest } from "../../../src/web/webhooks/signature.ts";

const hex = "ab".repeat(32);

describe("the header", () => {
  const cases: [string, string | string[] | undefined, string][] = [
    ["left out", undefined, "none"],
    ["empty", "", "none"],
    ["as Meta writes it", `sha256=${hex}`, "given"],
    ["in capitals", `SHA256=${hex.toUpperCase()}`, "given"],
    ["without its kind", hex, "malformed"],
    ["of another kind", `sha1=${hex}`, "malformed"],
    ["too short", `sha256=${hex.slice(1)}`, "malformed"],
    ["too long", `sha256=${hex}0`, "malformed"],
    ["not hexadecimal", `sha256=${"zz".repeat(32)}`, "malformed"],
    ["twice", `sha256=${hex}, sha256=${hex}`, "malformed"],
    ["a list", [`sha256=${hex}`, `sha256=${hex}`], "malformed"],
  ];

  it.each(cases)("%s", (_, header, kind) => {
    expect(readSignature(header).kind).toBe(kind);
  });
});

describe("a signature", () => {
  // RFC 4231, test case 2.
  it("is HMAC-SHA256 of the bytes", () => {
    const claimed = readSignature(
      "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
    if (claimed.kind !== "given") throw new Error("a signature is given");
    const body = Buffer.from("what do ya want for nothing?");
    expect(signatureTest(["Jefe"])(body, claimed.bytes)).toBe(true);
    expect(signatureTest(["other", "Jefe"])(body, claimed.bytes)).toBe(true);
    expect(signatureTest(["other"])(body, claimed.bytes)).toBe(false);
  });

  it("fits its own body only", () => {
    const test = signatureTest(["secret"]);
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
        const claimed = createHmac("sha256", "secret").update(one).digest();
        expect(test(Buffer.from(one), claimed)).toBe(true);
        expect(test(Buffer.from(other), claimed)).toBe(Buffer.from(one).equals(Buffer.from(other)));
      }),
    );
  });
});

describe("a secret text", () => {
  it.each([
    ["secret", true],
    ["secreT", false],
    ["secret ", false],
    ["", false],
    ["secretsecret", false],
  ])("%j", (text, isRight) => {
    expect(secretTest("secret")(text)).toBe(isRight);
  });
});
