// Creative optimisations in the three shapes in which Meta writes them.

import { describe, expect, it } from "vitest";
import {
  creativeConflicts,
  creativeSpec,
  creativeText,
  readCreative,
} from "../../../src/domain/account/creative.ts";

describe("degrees_of_freedom_spec", () => {
  const read = { image_touchups: "OPT_OUT", product_extensions: "OPT_IN" };
  const entry = (key: string, enroll_status: string) => ({ key, value: { enroll_status } });

  it.each<[shape: string, spec: unknown]>([
    ["as it is posted", creativeSpec(read)],
    [
      "of a template",
      {
        creative_features_spec: [
          entry("IMAGE_TOUCHUPS", "OPT_OUT"),
          entry("PRODUCT_EXTENSIONS", "OPT_IN"),
        ],
      },
    ],
    ["of an account", { data: [{ creative_features_spec: [read] }] }],
    [
      "of an account, an object a feature",
      {
        data: [
          { creative_features_spec: [{ image_touchups: "OPT_OUT" }] },
          { creative_features_spec: [{ product_extensions: "opt_in" }] },
        ],
      },
    ],
  ])("is read %s", (_shape, spec) => {
    expect(readCreative(spec)).toEqual(read);
  });

  it.each([[undefined], [null], [{}], [{ data: [] }], [{ data: [{}] }], [creativeSpec({})]])(
    "%j sets nothing",
    (spec) => {
      expect(readCreative(spec)).toEqual({});
    },
  );

  it.each([
    [5],
    ["OPT_OUT"],
    [[]],
    [{ data: [5] }],
    [{ creative_features_spec: 5 }],
    [{ creative_features_spec: ["IMAGE_TOUCHUPS"] }],
    [{ creative_features_spec: { image_touchups: {} } }],
    [{ creative_features_spec: [{ key: "IMAGE_TOUCHUPS" }] }],
  ])("%j is not known", (spec) => {
    expect(readCreative(spec)).toBeNull();
  });

  it("keeps features and words that are new", () => {
    const spec = { creative_features_spec: [entry("DYNAMIC_CTA", "PENDING")] };
    expect(readCreative(spec)).toEqual({ dynamic_cta: "PENDING" });
  });
});

it("is posted as Meta shows it", () => {
  expect(creativeSpec({ image_touchups: "OPT_OUT" })).toEqual({
    creative_features_spec: { image_touchups: { enroll_status: "OPT_OUT" } },
  });
});

it("reads as text by status", () => {
  const features = { b: "OPT_OUT", a: "OPT_OUT", c: "OPT_IN" };
  expect(creativeText(features)).toBe("out: a, b; in: c");
  expect(creativeText({})).toBe("none set: on, by Meta's default");
  expect(creativeText({}, "off")).toBe("none set: off, by Meta's default");
});

it("names what a template and its account say differently, and nothing that one leaves open", () => {
  const template = { a: "OPT_OUT", b: "OPT_IN", c: "OPT_IN" };
  expect(creativeConflicts(template, { a: "OPT_IN", b: "OPT_IN", d: "OPT_OUT" })).toEqual(["a"]);
});
