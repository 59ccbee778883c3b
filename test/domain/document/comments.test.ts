// Comments taken out of YAML, and nothing else.

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { withoutComments } from "../../../src/domain/document/document-comments.ts";

const TEXT = `# access_token: EAAsecret
campaign: spring # EAAsecret
"k#": 'a # b'
list: [a, "b#c", # EAAsecret
  c]
block: |  # EAAsecret
  # not a comment
  x # no
url: http://a/#b
quoted: "x
  # in
  y" #EAAsecret
`;

describe("a text without its comments", () => {
  it("has the same values at the same lines, and no word of a comment", () => {
    const kept = withoutComments(TEXT);
    expect(kept).not.toContain("EAAsecret");
    expect(parse(kept)).toEqual(parse(TEXT));
    expect(kept.split("\n")).toHaveLength(TEXT.split("\n").length);
  });

  it("is taken from YAML with mistakes, too", () => {
    expect(withoutComments("a: [1, # secret\nb: }{ # secret\n\t'c")).not.toContain("secret");
  });
});
