// What people did with a campaign's messages: clicks, taps and opt-outs, in counts. Shapes only.

/**
 * How a person opted out: by a button, in writing, by WhatsApp's own switch, or as Meta's refusal
 * (131050) reports.
 */
export type OptOutWay = "button" | "text" | "switch" | "refusal";

/**
 * Recipients of a campaign who opted out after its message; see docs/receipts.md for which campaign
 * an opt-out is counted.
 */
export interface OptOutCounts {
  people: number;
  byWay: Partial<Record<OptOutWay, number>>;
}

/** What people did with the messages of a campaign. */
export interface Engagement {
  /**
   * Links that were followed, and by how many people; `people` counts only clicks whose message can
   * be known.
   */
  clicks: { total: number; people: number; byComponent: Record<string, number> };
  /** Pages of links that WhatsApp's own browser reached, and actions that are not documented. */
  landingPageViews: number;
  otherActions: number;
  /** Clicks on the sending number's messages that may be another campaign's. */
  clicksUnmatched: number;
  /**
   * Quick replies, by their text, most tapped first; a person counts once for each. Without those
   * that opt out.
   */
  taps: { label: string; taps: number; people: number }[];
}
