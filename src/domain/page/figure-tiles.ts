// The five figures of a campaign, the same in every state, in the report and on the live page.

import type { Html } from "../common/html.ts";
import { html } from "../common/html.ts";
import { count, percent, plural } from "../common/numbers.ts";
import type { Share } from "../common/proportion.ts";
import type { Figures } from "../result/figures.ts";
import type { Tile } from "./parts.ts";
import { tiles } from "./parts.ts";

/** How to get the cost, where there is no rate card. */
export const NO_PRICES: Html = html`no prices; name them with <code>rate_card</code>`;

/** What the tiles are made from. */
export interface TileFacts {
  figures: Figures;
  /** Without any receipt nothing is known of delivery. */
  hasReceipts: boolean;
  /** On links, also by people who are not known; 0 where they are not counted. */
  clicks: number;
  cost: Tile;
}

/** Delivered, read, clicked, opted out, and the cost. */
export function figureTiles(facts: TileFacts): Html {
  const { delivered, read } = facts.figures;
  return tiles([
    shareTile(
      facts,
      "Delivered",
      delivered,
      `${count(delivered.number)} of ${count(delivered.of)} sent`,
    ),
    shareTile(facts, "Read", read, `${count(read.number)} of delivered`),
    clickedTile(facts),
    optedOutTile(facts),
    facts.cost,
  ]);
}

/** The same tiles while the rows are being counted. */
export function uncountedTiles(): Html {
  const names = ["Delivered", "Read", "Clicked", "Opted out", "Cost"];
  return tiles(names.map((name) => ({ name, figure: "–", base: "being counted" })));
}

function shareTile(
  { figures, hasReceipts }: TileFacts,
  name: string,
  share: Share,
  base: string,
): Tile {
  if (figures.sent_to.number > 0 && !hasReceipts) {
    return { name, figure: "–", base: "no receipt has come" };
  }
  if (share.of === 0) return { name, figure: "–", base: "of nobody yet" };
  return { name, figure: percent(share.number, share.of), base };
}

function clickedTile(facts: TileFacts): Tile {
  const { figures, clicks } = facts;
  const { number } = figures.clicked;
  if (number > 0)
    return shareTile(facts, "Clicked", figures.clicked, `${count(number)} of delivered`);
  const base = clicks > 0 ? `${plural(clicks, "click")}, not known whose` : "no click was reported";
  return { name: "Clicked", figure: "–", base };
}

function optedOutTile(facts: TileFacts): Tile {
  const share = facts.figures.opted_out;
  const tile = shareTile(facts, "Opted out", share, `${count(share.number)} of delivered`);
  return tile.figure === "–" && share.number > 0
    ? { ...tile, base: plural(share.number, "person", "people") }
    : tile;
}
