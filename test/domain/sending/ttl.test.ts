// Which TTL a message has.

import { expect, it } from "vitest";
import { ttlOf } from "../../../src/domain/sending/ttl.ts";
import { factsOf, manifestOf } from "../preflight/preflight.builders.ts";

const manifestWith = (ttl: string) =>
  manifestOf({ template: `template: { name: offer, language: pt_BR, ${ttl} body: ["a", "b"] }` });

it.each<[string, string, number | null | undefined, number]>([
  ["the template's at Meta", "", 86_400, 86_400],
  // They differ only where the operator went on despite it.
  ["the template's at Meta before the manifest's", "ttl: 12h,", 86_400, 86_400],
  ["30 days, which Meta has where a template has none", "ttl: 12h,", null, 2_592_000],
  ["the manifest's where Meta's is not known", "ttl: 12h,", undefined, 43_200],
  ["30 days where nothing is known", "", undefined, 2_592_000],
])("is %s", (_, ttl, reported, expected) => {
  const facts = factsOf({}, 0);
  const definition = facts.template?.definition;
  if (definition === undefined) throw new Error("the builder makes a template");
  delete definition.message_send_ttl_seconds;
  if (reported !== undefined) definition.message_send_ttl_seconds = reported;
  expect(ttlOf(manifestWith(ttl), facts)).toBe(expected);
  expect(ttlOf(manifestWith(ttl), { ...facts, template: null })).toBe(
    ttl === "" ? 2_592_000 : 43_200,
  );
});
