// What stands on a terminal: within its width, complete without colour, and the same words at every
// width.

import { WriteStream } from "node:tty";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CampaignView } from "../../src/cli/campaign/campaign-summary.ts";
import { barTable } from "../../src/cli/print/bars.ts";
import { campaignLines } from "../../src/cli/print/campaign-list.ts";
import { cut, fitted, left, right, wrapped } from "../../src/cli/print/columns.ts";
import { summaryText } from "../../src/cli/print/summary.ts";
import type { Times } from "../../src/cli/print/times.ts";
import { makeTimes } from "../../src/cli/print/times.ts";
import { toned } from "../../src/cli/print/tone.ts";
import type { CampaignStanding } from "../../src/domain/result/campaign-standing.ts";
import type { Summary } from "../../src/domain/result/summary.ts";
import { figuresRecord } from "../../src/domain/result/summary.ts";
import { conditionFacts } from "../support/conditions.ts";

const WIDTHS = [24, 40, 60, 80, 120, 200];

const END = Date.UTC(2026, 10, 22, 13, 20, 1);
const FINISHED: CampaignStanding = {
  kind: "finished",
  why: null,
  since: END,
  until: null,
  by: null,
  halt: null,
  left: 0,
  held: 0,
  unknown: 0,
  cancelled: 0,
  dailyLimit: null,
  numberUsedBy: null,
  plan: null,
};

function viewOf(changes: Partial<Summary> = {}): CampaignView {
  return { standing: FINISHED, summary: summaryOf(changes), conditions: conditionFacts(FINISHED) };
}

function summaryOf(changes: Partial<Summary>): Summary {
  return {
    campaign: "spring-2026",
    state: "finished",
    standing: {
      kind: "finished",
      why: null,
      since: new Date(END).toISOString(),
      until: null,
      by: null,
    },
    manifest: null,
    halt: null,
    stop: null,
    rows: 1_000_000,
    counts: {
      skipped: 40_000,
      accepted: 26_666,
      delivered: 600_001,
      read: 313_333,
      failed: 20_000,
    },
    reasons: { duplicate: 40_000, "131026": 20_000 },
    failures: { "131026": 20_000 },
    message_statuses: {},
    without_receipt: {},
    refused_countries: [],
    notes: [],
    without_optimisation: 0,
    without_reporting: 0,
    sandbox: false,
    phone_number_id: "106540352242922",
    daily_limit: null,
    conditions: [],
    budget: null,
    costs: [],
    funnel: { to_send: 960_000, accepted: 940_000, delivered: 913_334, read: 313_333 },
    figures: figuresFor(940_000, 913_334, 313_333),
    opt_outs: { people: 1_200, percent_of_delivered: 0.131, by_way: { button: 900, text: 300 } },
    first_claim_at: "2026-11-22T10:00:00.000Z",
    last_accepted_at: "2026-11-22T13:20:00.000Z",
    sending_seconds: 12_000,
    go_on_at: null,
    waits_for: null,
    created_at: "2026-11-22T09:59:00.000Z",
    changed_at: "2026-11-22T13:20:01.000Z",
    erased_at: null,
    ...changes,
  };
}

function at(width: number): { width: number; times: Times } {
  return { width, times: makeTimes("UTC", null) };
}

function figuresFor(sentTo: number, delivered: number, read: number): Summary["figures"] {
  const reached = { sentTo, delivered, read, clicked: 0 };
  return figuresRecord({ rows: 1_000_000, counts: {}, reached, optOuts: { people: 1_200 } });
}

/** Everything but spaces, breaks and bars. */
function wordsOf(text: string): string {
  return text.replace(/[#\s]+/g, " ");
}

describe("the summary", () => {
  it("at 80 columns", () => {
    expect(summaryText(viewOf(), at(80))).toBe(
      `spring-2026: Finished 22 Nov 2026, 13:20 UTC · 1,000,000 rows
  skipped    40,000  4.0% #        not sent to, see the reasons
  accepted   26,666  2.7% #        taken by Meta; receipts report delivery
  delivered 600,001 60.0% ######## on the phone
  read      313,333 31.3% ####     read
  failed     20,000  2.0% #        failed, see the reasons
Not delivered, by reason:
  duplicate  40,000  4.0% #        same person as another row
  131026     20,000  2.0% #        undeliverable: not on WhatsApp, an old
                                   client, or a reason Meta does not give
Reached: 940,000 sent to → 913,334 delivered (97.2%) → 313,333 read (34.3% of
these).
Opted out after the message: 1,200 (0.1% of the delivered), 900 by a button, 300
in writing.
Sent from 22 Nov 2026, 10:00 to 13:20: 3 h 20 min, 78 accepted a second on
average.
Every recipient has a final status.`,
    );
  });

  it.each(WIDTHS)("fits into %i columns, and says the same", (width) => {
    const text = summaryText(viewOf(), at(width));
    for (const line of text.split("\n"))
      expect([line, line.length <= width || width < 40]).toEqual([line, true]);
    expect(wordsOf(text)).toBe(wordsOf(summaryText(viewOf(), at(200))));
  });

  it("tells of reaching anybody only once receipts are there, and of no pace without a message", () => {
    const figures = figuresFor(10, 0, 0);
    expect(summaryText(viewOf({ figures }), at(80))).not.toContain("Reached");
    expect(summaryText(viewOf(), at(200))).toContain(": 3 h 20 min, 78 accepted a second");
    const paused = summaryText(viewOf({ sending_seconds: 11_750 }), at(200));
    expect(paused).toContain("of sending), 80 accepted a second on average");
    const nothing = viewOf({ first_claim_at: null, last_accepted_at: null });
    expect(summaryText(nothing, at(80))).not.toContain("Sent");
  });

  it("sums up the reasons beyond the first dozen", () => {
    const reasons = Object.fromEntries(
      Array.from({ length: 15 }, (_, at) => [String(900_000 + at), 20 - at]),
    );
    const text = summaryText(viewOf({ reasons }), at(80));
    expect(text).toMatch(/ {2}others +21 .* 3 more reasons; --json has them all/);
  });
});

describe("a table with bars", () => {
  it("has a sign for the smallest number, and none for nobody", () => {
    const line = (name: string, number: number) => ({
      name,
      number,
      words: "",
      tone: "plain" as const,
    });
    const [all, one, none] = barTable([line("all", 1e6), line("one", 1), line("none", 0)], 1e6, 40);
    expect(all?.[0]).toMatch(/^ {2}all {2}1,000,000 {3}100% #+$/);
    expect(one?.[0]).toMatch(/< 0\.1% #$/);
    expect(none?.[0]).toMatch(/ 0%$/);
  });

  it("wraps between words only", () => {
    expect(wrapped("a bb ccc dddd", 6)).toEqual(["a bb", "ccc", "dddd"]);
    expect(wrapped("abcdefgh i", 4)).toEqual(["abcdefgh", "i"]);
  });

  it("counts columns that are shown, of wide signs, marks and colours alike", () => {
    expect([left("日本", 6), right("日本", 6), left("e\u0301", 2)]).toEqual([
      "日本  ",
      "  日本",
      "e\u0301 ",
    ]);
    expect(wrapped("日本 日本 ab", 7)).toEqual(["日本", "日本 ab"]);
    expect(cut("日本日本", 5)).toBe("日本");
    const stream = { isTTY: true, columns: 30 };
    const coloured = `\u001b[1m${"word ".repeat(8).trim()}\u001b[22m`;
    expect(fitted(coloured, stream)).toBe(
      "\u001b[1mword word word word word word\u001b[22m\n\u001b[1mword word\u001b[22m",
    );
  });
});

describe("colour", () => {
  const { isTTY, getColorDepth } = process.stdout;
  afterEach(() => {
    vi.unstubAllEnvs();
    Object.assign(process.stdout, { isTTY, getColorDepth });
  });

  it.each([
    [true, "", true],
    [true, "1", false],
    [false, "", false],
  ])("terminal %s, NO_COLOR=%j: %s", (isTerminal, noColor, isColoured) => {
    Object.assign(process.stdout, {
      isTTY: isTerminal,
      getColorDepth: WriteStream.prototype.getColorDepth,
    });
    // A CI service is no terminal of 256 colours to Node, whatever TERM says; `CI` is how it makes
    // itself known.
    for (const name of ["FORCE_COLOR", "NODE_DISABLE_COLORS", "CI", "TEAMCITY_VERSION", "TMUX"])
      vi.stubEnv(name, undefined);
    vi.stubEnv("NO_COLOR", noColor === "" ? undefined : noColor);
    vi.stubEnv("TERM", "xterm-256color");
    expect(toned("#", "bad") !== "#").toBe(isColoured);
  });
});

describe("the list of campaigns", () => {
  const all = [
    viewOf({
      campaign: "autumn-2025-second-reminder",
      first_claim_at: "2025-10-01T10:00:00.000Z",
    }),
    viewOf({
      sandbox: true,
      counts: { accepted: 10, unknown: 2 },
      rows: 12,
      figures: figuresFor(10, 0, 0),
    }),
  ];

  it("at 120 columns", () => {
    expect(campaignLines(all, 120)).toEqual([
      "campaign                    state                       started          rows sent to delivered  read failed unknown",
      "autumn-2025-second-reminder Finished 22 Nov 2026, 13:20 1 Oct 2025  1,000,000 940,000     97.2% 34.3% 20,000       0",
      "spring-2026 *               Finished 22 Nov 2026, 13:20 22 Nov 2026        12      10         –     –      0       2",
      "* SANDBOX: nothing goes to WhatsApp; Graph is simulated on this machine.",
    ]);
  });

  it("at 80 columns leaves out what can be spared, and breaks states", () => {
    const usual = viewOf({ campaign: "spring-2026-brazil", figures: figuresFor(1_000, 900, 400) });
    usual.summary.rows = 1_000;
    usual.summary.counts = { delivered: 500, read: 400, failed: 100 };
    expect(campaignLines([usual], 80)).toEqual([
      "campaign           state                  rows sent to delivered  read failed",
      "spring-2026-brazil Finished 22 Nov 2026, 1,000   1,000     90.0% 44.4%    100",
      "                   13:20",
    ]);
    expect(campaignLines([usual, all[1] as CampaignView], 80)).toEqual([
      "campaign           state            rows sent to delivered  read failed unknown",
      "spring-2026-brazil Finished 22 Nov 1,000   1,000     90.0% 44.4%    100       0",
      "                   2026, 13:20",
      "spring-2026 *      Finished 22 Nov    12      10         –     –      0       2",
      "                   2026, 13:20",
      "* SANDBOX: nothing goes to WhatsApp; Graph is simulated on this machine.",
    ]);
    expect(campaignLines([usual], 91)).toEqual([
      "campaign           state                        rows sent to delivered  read failed unknown",
      "spring-2026-brazil Finished 22 Nov 2026, 13:20 1,000   1,000     90.0% 44.4%    100       0",
    ]);
  });

  it.each(WIDTHS)("fits into %i columns", (width) => {
    const lines = campaignLines(all, width);
    for (const line of lines)
      expect([line, line.length <= width || width < 40]).toEqual([line, true]);
    for (const word of ["34.3%", "940,000", "spring-2026", "1 Oct 2025"]) {
      expect(lines.join("\n").replace(/\s+/g, " ")).toContain(word);
    }
  });
});
