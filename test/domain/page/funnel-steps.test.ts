import { describe, expect, it } from "vitest";
import { html, markupText } from "../../../src/domain/common/html.ts";
import { funnelView } from "../../../src/domain/page/funnel-steps.ts";

const counted = {
  rows: 100,
  counts: {
    skipped: 10,
    pending: 20,
    claimed: 4,
    held: 3,
    failed: 5,
    sent: 8,
    delivered: 20,
    read: 30,
  },
  reached: { toSend: 90, sentTo: 70, accepted: 60, delivered: 50, read: 30, clicked: 6 },
  optOuts: { people: 0 },
};

const view = (kind: "sending" | "stopped", hasReceipts = true) => {
  const shown = funnelView(counted, { standing: { kind }, hasReceipts, clicks: 9 });
  return { base: shown?.base, text: markupText(html`${shown?.steps}`).replace(/<[^>]+>/g, " ") };
};

describe("the steps of the funnel", () => {
  it("are shares of the people sent to while a run is at work, and of the list otherwise", () => {
    expect(view("sending").base).toBe("Share of the 70 people sent to. 10 were skipped.");
    expect(view("sending").text).not.toContain("Sent");
    expect(view("stopped").base).toBe("Share of the 100 people on the list.");
    expect(view("stopped").text).toMatch(/Sent\s+70\s+70\.0%\s+10 skipped\s+20 waiting/);
  });

  it("name what is claimed: in flight while a run is at work, unknown afterwards", () => {
    expect(view("sending").text).toMatch(/3 held\s+4 in flight/);
    expect(view("stopped").text).toContain("3 held, 4 unknown");
  });

  it("end with who clicked", () => {
    expect(view("stopped").text).toMatch(/Clicked\s+6\s+6\.0%.*; 9 clicks on links/);
  });

  it("end with the accepted where nothing is known of delivery", () => {
    expect(view("stopped", false).text).toMatch(/Accepted\s+60\s+60\.0%/);
    expect(view("stopped", false).text).not.toContain("Delivered");
  });

  it("are left out of an empty list", () => {
    const none = { toSend: 0, sentTo: 0, accepted: 0, delivered: 0, read: 0, clicked: 0 };
    const empty = { rows: 0, counts: {}, reached: none, optOuts: { people: 0 } };
    const context = { standing: { kind: "planned" }, hasReceipts: false, clicks: 0 } as const;
    expect(funnelView(empty, context)).toBeNull();
  });
});
