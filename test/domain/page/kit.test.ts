import { describe, expect, it } from "vitest";
import { html, markupText, said } from "../../../src/domain/common/html.ts";
import { bar, funnel, key, meter, wholeBar } from "../../../src/domain/page/bars.ts";
import { KIT_STYLE } from "../../../src/domain/page/kit-style.ts";
import {
  command,
  copiedCommand,
  facts,
  fold,
  openTable,
  paperRows,
  tiles,
  timeline,
  topCard,
} from "../../../src/domain/page/parts.ts";
import { PATTERNS, stateMark } from "../../../src/domain/page/shapes.ts";

const EVIL = `"><script>x</script>`;

describe("the style sheet", () => {
  it("names each colour only as a token", () => {
    const rules = KIT_STYLE.slice(KIT_STYLE.indexOf("box-sizing"));
    expect(rules).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(/i);
  });

  it("defines every token that it reads, for light and for dark", () => {
    const read = new Set([...KIT_STYLE.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
    const [light, dark] = KIT_STYLE.split("@media screen and (prefers-color-scheme: dark)");
    for (const name of read) expect(light).toContain(`${name}:`);
    const colours = [...(light ?? "").matchAll(/(--[\w-]+): #/g)].map(([, name]) => name);
    for (const name of colours) expect(dark).toContain(`${name}:`);
  });
});

describe("a bar", () => {
  it("has parts that fill the whole, and leaves out empty ones", () => {
    const text = markupText(
      bar(
        [
          { kind: "read", number: 1 },
          { kind: "failed", number: 0 },
          { kind: "waiting", number: 2 },
        ],
        { of: 3, label: EVIL, height: 10 },
      ),
    );
    expect(text).toContain('x="0%" width="33.333%"');
    expect(text).toContain('x="33.333%" width="66.667%"');
    expect(text).not.toContain("p-fail");
    expect(text).not.toContain("<script");
  });

  it("draws nothing of nobody", () => {
    const frame = { of: 0, label: "nobody", height: 10 };
    expect(markupText(bar([{ kind: "read", number: 0 }], frame))).not.toContain("<rect");
  });

  it("has its counts as a legend", () => {
    const parts = [{ kind: "held", number: 1234, words: "Held" } as const];
    const text = markupText(wholeBar(parts, { of: 2000, label: "held", height: 14 }));
    expect(text).toContain("Held <b>1,234</b>");
  });
});

describe("the funnel", () => {
  const steps = [
    { name: "Sent", reached: 10, lost: [] },
    {
      name: "Delivered",
      reached: 8,
      lost: [
        { kind: "no_receipt", number: 0, words: "0 without a receipt" },
        { kind: "failed", number: 2, words: "2 failed" },
      ],
    },
    { name: "Read", reached: 8, lost: [], note: "all of them" },
  ] as const;

  it("leaves out a step that is equal to the one above, and the first one that is equal to the base", () => {
    const text = markupText(funnel(steps, 10));
    expect([...text.matchAll(/class="l">(\w+)/g)].map(([, name]) => name)).toEqual(["Delivered"]);
  });

  it("names who was lost, each with its pattern", () => {
    const text = markupText(funnel(steps, 20));
    expect(text).toContain('aria-label="Delivered: 8 of 20"');
    expect(text).toContain('fill="url(#p-fail)"/></svg>2 failed');
    expect(text).not.toContain("without a receipt");
    expect(markupText(PATTERNS)).toContain('id="p-fail"');
  });

  it("is nothing when nothing happened", () => {
    expect(markupText(funnel([{ name: "Sent", reached: 0, lost: [] }], 0))).toBe("");
  });
});

describe("a meter", () => {
  const limit = { title: "Daily limit", most: 100, words: "x", consequence: "y" };

  it("takes the stripes of failed over its limit", () => {
    expect(markupText(meter({ ...limit, used: 40 }))).not.toContain("p-fail");
    const over = markupText(meter({ ...limit, used: 140 }));
    expect(over).toContain("p-fail");
    expect(over).toContain('width="100%"');
  });
});

describe("parts", () => {
  it("escapes what it is given", () => {
    const all = [
      tiles([{ name: EVIL, figure: EVIL, base: EVIL }]),
      copiedCommand(EVIL),
      openTable([{ item: said(EVIL), people: 1, todo: EVIL }], 2),
      topCard({
        state: stateMark("halted", EVIL),
        facts: EVIL,
        run: command(EVIL),
        buttons: [EVIL],
      }),
      fold({ name: EVIL, answer: EVIL, inside: html`<p>${EVIL}</p>`, isPrinted: true }),
      facts([[EVIL, EVIL]]),
      timeline([{ day: EVIL, time: EVIL, at: EVIL, kind: "done", what: EVIL }]),
      key("read", EVIL),
    ];
    for (const one of all) {
      expect(markupText(one)).not.toContain("<script");
      expect(markupText(one)).not.toContain("style=");
    }
  });

  it("cuts the body of a table on paper only, and not for the sake of one row", () => {
    const rows = [1, 2, 3, 4].map((row) => html`<tr><td>${row}</td></tr>`);
    expect(markupText(paperRows(rows, 3))).not.toContain("paper");
    const text = markupText(paperRows(rows, 2));
    expect(text).toContain('<tbody class="paper"><tr><td colspan="9">and 2 more</td></tr></tbody>');
    expect(text.match(/<tr>/g)).toHaveLength(5);
  });

  it("keeps an option of a command in one piece, and does not copy the prompt", () => {
    const text = markupText(copiedCommand("campaign rejects a.yaml --csv b.csv"));
    expect(text).toContain("campaign rejects a.yaml <i>--csv</i> b.csv");
    expect(text).toContain('data-copy="campaign rejects a.yaml --csv b.csv"');
    expect(text).not.toContain("$");
  });

  it("marks the first entry of each day of a timeline", () => {
    const entry = {
      time: "10:04:11",
      at: "2026-11-27T10:04:11Z",
      kind: "done",
      what: "Sent",
    } as const;
    const text = markupText(
      timeline([
        { ...entry, day: "27 Nov" },
        { ...entry, day: "27 Nov" },
        { ...entry, day: "28 Nov", kind: "bad" },
      ]),
    );
    expect(text.match(/class="day new"/g)).toHaveLength(2);
  });

  it("shows a top card without buttons when nothing can be done", () => {
    const text = markupText(
      topCard({ state: stateMark("finished", "Finished"), facts: "", buttons: [] }),
    );
    expect(text).not.toContain("acts");
  });
});
