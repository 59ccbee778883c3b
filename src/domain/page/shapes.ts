// Shapes that stand for a state or a kind: never a colour alone.

import type { Content, Html } from "../common/html.ts";
import { html, trusted } from "../common/html.ts";
import type { StandingKind } from "../result/campaign-standing.ts";

/** How a campaign stands, as far as its shape and colour go. */
export type StateShape = "sending" | "waiting" | "paused" | "halted" | "finished" | "cancelled";

const SHAPES: Readonly<Record<StateShape, Html>> = {
  sending: trusted('<circle cx="6" cy="6" r="5" fill="currentColor"/>'),
  waiting: trusted(
    '<g fill="none" stroke="currentColor" stroke-width="1.6"><circle cx="6" cy="6" r="5"/><path d="M6 3v3.2l2 1.2"/></g>',
  ),
  paused: trusted(
    '<g fill="currentColor"><rect x="1.5" y="1" width="3.2" height="10"/><rect x="7.3" y="1" width="3.2" height="10"/></g>',
  ),
  halted: trusted('<path d="M6 .8 11.6 11H.4z" fill="currentColor"/>'),
  finished: trusted(
    '<path d="M1.2 6.4 4.6 10 11 2.4" fill="none" stroke="currentColor" stroke-width="2"/>',
  ),
  cancelled: trusted(
    '<path d="M2 2l8 8M10 2l-8 8" fill="none" stroke="currentColor" stroke-width="2"/>',
  ),
};

const STANDING_SHAPES: Readonly<Record<StandingKind, StateShape>> = {
  planning: "sending",
  planned: "waiting",
  sending: "sending",
  pausing: "paused",
  waiting: "waiting",
  paused: "paused",
  stopped: "waiting",
  halted: "halted",
  finished: "finished",
  cancelled: "cancelled",
};

/** How a campaign stands: its shape, and its words in its colour. */
export function standingMark(kind: StandingKind, words: Content): Html {
  return stateMark(STANDING_SHAPES[kind], words);
}

/** A state: its shape, and its words in its colour. */
export function stateMark(shape: StateShape, words: Content): Html {
  return html`<span class="state ${shape}"><svg width="12" height="12" aria-hidden="true">${SHAPES[shape]}</svg><span>${words}</span></span>`;
}

/** What a part of a bar counts. */
export type PartKind =
  | "read"
  | "delivered"
  | "no_receipt"
  | "held"
  | "failed"
  | "skipped"
  | "waiting";

const FILLS: Readonly<Record<PartKind, Html>> = {
  read: trusted('class="f-read"'),
  delivered: trusted('class="f-deliv"'),
  no_receipt: trusted('fill="url(#p-acc)"'),
  held: trusted('fill="url(#p-held)"'),
  failed: trusted('fill="url(#p-fail)"'),
  skipped: trusted('class="f-skip"'),
  waiting: trusted('class="f-wait"'),
};

/** The attribute that fills a shape of an SVG. A page that uses it holds `PATTERNS` once. */
export function fillOf(kind: PartKind): Html {
  return FILLS[kind];
}

/** Patterns of the parts, at the top of a page's body. */
export const PATTERNS: Html = trusted(
  `<svg class="defs" width="0" height="0" aria-hidden="true"><defs>
<pattern id="p-fail" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="f-fail"/><rect width="1.6" height="6" class="f-bg"/></pattern>
<pattern id="p-held" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" class="f-held"/><circle cx="2.5" cy="2.5" r="1" class="f-bg"/></pattern>
<pattern id="p-acc" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="5" height="5" class="f-acc"/><rect width="1.2" height="5" class="f-deliv"/></pattern>
</defs></svg>`,
);
