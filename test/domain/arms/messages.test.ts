// The messages of the arms over one list of values: each is what it would be alone, and a row that
// one of them could not be sent to is left out of all.

import { describe, expect, it } from "vitest";
import { compileMessages, messagesOf } from "../../../src/domain/manifest/arms-of-manifest.ts";
import type { Manifest } from "../../../src/domain/manifest/manifest.ts";
import {
  columnsUsed,
  frozenMessages,
  frozenOf,
  readManifest,
} from "../../../src/domain/manifest/manifest.ts";
import { buildBody, compileMessage } from "../../../src/domain/message/body.ts";
import { fillSlots } from "../../../src/domain/message/preview.ts";

const ARMS = `
  a: { share: 10% }
  b: { share: 10%, template: { name: spring_b, body: ["{{ coupon }}", "Hi {{ city }}"], header: off } }
  c: { share: 10%, template: { language: de }, delivery: { api: cloud } }
`;

function textOf(arms = ARMS, rest = ""): string {
  return `campaign: spring
account: sandbox
recipients: { file: list.csv }
template:
  name: spring
  language: pt_BR
  header: { image: { link: "https://example.com/{{ sku }}.jpg" } }
  body: ["{{ first_name }}", "{{ coupon }}"]
delivery: { product_policy: STRICT }
test:
 name: cta
 metric: read
 ${rest}
 arms: ${arms.replaceAll("\n", "\n  ")}
`;
}

const read = (arms?: string, rest?: string) => readManifest(textOf(arms, rest), { file: "m.yaml" });

function manifestOf(arms?: string): Manifest {
  const found = read(arms);
  if ("problems" in found) throw new Error(JSON.stringify(found.problems));
  return found.manifest;
}

const CELLS = { first_name: "Ana", coupon: "C1", sku: "s1", city: "Rio" };

describe("the messages of arms", () => {
  it("are each what they would be alone, by the values that all share", () => {
    const manifest = manifestOf();
    const all = compileMessages(messagesOf(manifest));
    const rendered = all.render(CELLS);
    if (rendered.kind !== "rendered") throw new Error(rendered.kind);
    expect(all.columns.toSorted()).toEqual(["city", "coupon", "first_name", "sku"]);
    const to = "+5511999999999";
    for (const [at, message] of messagesOf(manifest).entries()) {
      const alone = compileMessage(message.manifest);
      const own = alone.render(CELLS);
      if (own.kind !== "rendered") throw new Error(own.kind);
      const joined = all.messages[at];
      if (joined === undefined) throw new Error("an arm has its message");
      expect(JSON.parse(buildBody(joined, { to, values: rendered.values }))).toEqual(
        JSON.parse(buildBody(alone, { to, values: own.values })),
      );
      expect(fillSlots(joined, rendered.values, 0)).toEqual(fillSlots(alone, own.values, 0));
    }
    // The coupon of a and of b is one value; that of c is in another language.
    expect(JSON.parse(rendered.values)).toHaveLength(7);
  });

  it("go by the API of their arm", () => {
    const [a, b, c] = compileMessages(messagesOf(manifestOf())).messages.map((message) =>
      JSON.parse(buildBody(message, { to: "BR.1", values: '["1","2","3","4","5","6","7"]' })),
    );
    expect(a).toMatchObject({ product_policy: "STRICT", template: { name: "spring" } });
    expect(b).toMatchObject({ product_policy: "STRICT", template: { name: "spring_b" } });
    expect(b.template.components.map(({ type }: { type: string }) => type)).toEqual(["body"]);
    expect(c).toMatchObject({ template: { name: "spring", language: { code: "de" } } });
    expect(c).not.toHaveProperty("product_policy");
  });

  it.each([
    ["city", "missing", "city (body 2 of arm b)"],
    ["first_name", "missing", "first_name (body 1 of arm a), first_name (body 1 of arm c)"],
  ])("leave out a row without %s, whatever its arm", (column, kind, names) => {
    const all = compileMessages(messagesOf(manifestOf()));
    const found = all.render({ ...CELLS, [column]: "" });
    expect(found.kind).toBe(kind);
    expect(found.kind === "missing" && found.names.join(", ")).toBe(names);
  });

  it("hold a text to its limit by the arm that has it", () => {
    const all = compileMessages(messagesOf(manifestOf()));
    const found = all.render({ ...CELLS, sku: "x".repeat(3_000) });
    expect(found).toMatchObject({ kind: "invalid" });
  });

  it("come back from what the ledger keeps", () => {
    const manifest = manifestOf();
    const kept = frozenMessages(JSON.parse(JSON.stringify(frozenOf(manifest))));
    const own = (message: { template: object }) => {
      const { apply_ttl: _, ...template } = message.template as { apply_ttl?: boolean };
      return JSON.parse(JSON.stringify(template));
    };
    expect(
      kept.map(({ arm, manifest: message }) => [arm, own(message), message.delivery.api]),
    ).toEqual(
      messagesOf(manifest).map(({ arm, manifest: message }) => [
        arm,
        own(message),
        message.delivery.api,
      ]),
    );
  });

  it("read their columns at their places", () => {
    const uses = columnsUsed(manifestOf()).map(({ column, path }) => `${column} ${path.join(".")}`);
    expect(uses).toEqual([
      "sku template.header.image.link",
      "first_name template.body.0",
      "coupon template.body.1",
      "coupon test.arms.b.template.body.0",
      "city test.arms.b.template.body.1",
    ]);
  });
});

describe("a test in a manifest", () => {
  it.each([
    ["one arm", "{ a: { share: 10% } }", /has 1; a test has from 2 to 5 arms/],
    ["too much", "{ a: { share: 60% }, b: { share: 50% } }", /shares of more than 100% together/],
    ["the name of what wins", "{ winner: { share: 10% }, b: { share: 10% } }", /not `winner`/],
    ["an unknown key", "{ a: { share: 10% }, b: { share: 10%, template: { nam: x } } }", /nam/],
    ["a template's TTL", "{ a: { share: 10% }, b: { share: 10%, template: { ttl: 24h } } }", /ttl/],
    [
      "an arm that cannot be compared",
      "{ a: { share: 10%, delivery: { product_policy: CLOUD_API_FALLBACK } }, b: { share: 10%, delivery: { api: cloud } } }",
      /must send `STRICT`/,
    ],
    [
      "a policy for the Cloud API",
      "{ a: { share: 10% }, b: { share: 10%, delivery: { api: cloud, product_policy: STRICT } } }",
      /does not go with `api: cloud`/,
    ],
    [
      "a body that does not go with the header",
      '{ a: { share: 10% }, b: { share: 10%, template: { header: { text: { name: "x" } } } } }',
      /is named, but `body` is a list/,
    ],
  ])("is refused with %s", (_, arms, says) => {
    const found = read(arms);
    expect(
      "problems" in found &&
        found.problems.map(({ message, hint }) => `${message} ${hint}`).join("; "),
    ).toMatch(says);
  });

  it("is refused by clicks with an arm of the Cloud API", () => {
    const arms = "{ a: { share: 10% }, b: { share: 10%, delivery: { api: cloud } } }";
    const found = readManifest(textOf(arms).replace("metric: read", "metric: clicked"), {
      file: "m",
    });
    expect(found).toMatchObject({ problems: [{ message: expect.stringContaining("Cloud API") }] });
  });

  it("says where the fault of an arm stands", () => {
    const found = read(
      "{ a: { share: 10% }, b: { share: 10%, template: { header: { text: { x: y } } } } }",
    );
    expect(found).toMatchObject({ problems: [{ line: 14, column: 68 }] });
  });

  it("gives the rest to an arm that there is", () => {
    const found = read("{ a: { share: 10% }, b: { share: 10% } }", "rest: d");
    expect(found).toMatchObject({ problems: [{ hint: "Write one of `winner`, `a`, `b`." }] });
  });
});
