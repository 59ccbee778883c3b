// Bars beside each other from a base of 0, each with its share above it and its name below, as an
// inline SVG.

import type { Html } from "../domain/common/html.ts";
import { html, NOTHING } from "../domain/common/html.ts";

const WIDTH = 420;
const HEIGHT = 192;
const TOP = 22;
const BOTTOM = 172;
/** Of a bar's room, the part that the bar takes. */
const FILLED = 0.82;

interface Bars {
  bars: readonly { name: string; number: number }[];
  /** A class that fills a bar. */
  fill: string;
  /** One sentence. */
  label: string;
}

/** Draws the bars. */
export function histogram({ bars, fill, label }: Bars): Html {
  const most = Math.max(1, ...bars.map(({ number }) => number));
  const total = bars.reduce((sum, { number }) => sum + number, 0);
  const room = WIDTH / bars.length;
  const drawn = bars.map(({ name, number }, at) => {
    const height = ((BOTTOM - TOP) * number) / most;
    const from = (at + (1 - FILLED) / 2) * room;
    const middle = ((at + 0.5) * room).toFixed(1);
    const top = (BOTTOM - height).toFixed(1);
    const bar = html`<rect x="${from.toFixed(1)}" y="${top}" width="${(FILLED * room).toFixed(1)}" height="${height.toFixed(1)}" class="${fill}"/>`;
    const share = html`<text x="${middle}" y="${top}" dy="-6" text-anchor="middle" class="ink">${shareText(number, total)}</text>`;
    return html`${number > 0 ? html`${bar}${share}` : NOTHING}<text x="${middle}" y="${HEIGHT - 4}" text-anchor="middle">${name}</text>`;
  });
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${drawn}<line x1="0" x2="${WIDTH}" y1="${BOTTOM}" y2="${BOTTOM}" class="k-ink2"/></svg>`;
}

function shareText(number: number, total: number): string {
  const share = Math.round((100 * number) / total);
  return share === 0 ? "<1%" : `${share}%`;
}
