// Bars: parts of one whole on one scale, the funnel made of them, and a meter. SVG with widths in
// per cent, so that they need no script and no inline style.

import type { Content, Html } from "../common/html.ts";
import { html, NOTHING } from "../common/html.ts";
import { count, percent } from "../common/numbers.ts";
import { fillOf, type PartKind } from "./shapes.ts";

/** A part of a bar. */
export interface BarPart {
  kind: PartKind;
  number: number;
}

/** A part that is named: under a funnel's bar, or in the legend of a whole bar. */
export interface NamedPart extends BarPart {
  /** With its count in a funnel ("89 failed"), without it in a legend ("Failed"). */
  words: string;
}

/** The size of a bar and what is read out for it. */
export interface BarFrame {
  /** What the whole width counts. */
  of: number;
  /** One sentence. */
  label: string;
  /** CSS pixels. */
  height: number;
}

/**
 * Parts beside each other from the left, with a gap of a pixel between them. Empty parts are left
 * out.
 */
export function bar(parts: readonly BarPart[], { of, label, height }: BarFrame): Html {
  const shown = parts.filter(({ number }) => number > 0);
  let from = 0;
  const rects = shown.map(({ kind, number }, index) => {
    const gap =
      index === 0
        ? NOTHING
        : html`<rect x="${percentOf(from, of)}" width="1" height="${height}" class="f-bg"/>`;
    const rect = html`<rect x="${percentOf(from, of)}" width="${percentOf(number, of)}" height="${height}" ${fillOf(kind)}/>${gap}`;
    from += number;
    return rect;
  });
  return html`<svg class="bar" role="img" aria-label="${label}" width="100%" height="${height}">${rects}</svg>`;
}

/** The mark of a part with its words, as under a bar. */
export function key(kind: PartKind, words: Content): Html {
  return html`<span class="key"><svg aria-hidden="true"><rect width="10" height="10" rx="2" ${fillOf(kind)}/></svg>${words}</span>`;
}

/** A whole with all of its parts, and their counts as its legend. */
export function wholeBar(parts: readonly NamedPart[], frame: BarFrame): Html {
  const keys = parts
    .filter(({ number }) => number > 0)
    .map(({ kind, words, number }) => key(kind, html`${words} <b>${count(number)}</b>`));
  return html`${bar(parts, frame)}<p class="keys">${keys}</p>`;
}

/** A step of the funnel. */
export interface FunnelStep {
  name: string;
  /** How many got so far. */
  reached: number;
  /** Those of the step above who did not, in the order in which they follow in the bar. */
  lost: readonly NamedPart[];
  note?: string;
}

/** Steps below each other, all on the scale of `of`. A step equal to the one above is left out. */
export function funnel(steps: readonly FunnelStep[], of: number, height = 20): Html {
  const shown = steps.filter(
    ({ reached }, index) => reached !== (index === 0 ? of : steps[index - 1]?.reached),
  );
  const rows = shown.map(({ name, reached, lost, note }) => {
    const named = lost.filter(({ number }) => number > 0);
    const below = [...named.map(({ kind, words }) => key(kind, words)), note ?? NOTHING];
    const label = `${name}: ${count(reached)} of ${count(of)}`;
    const parts = [{ kind: "read" as const, number: reached }, ...named];
    return html`<li><span class="l">${name}</span>${bar(parts, { of, label, height })}<span class="n">${count(reached)}</span><span class="n">${percent(reached, of)}</span>${named.length === 0 && note === undefined ? NOTHING : html`<span class="cap">${below}</span>`}</li>`;
  });
  return rows.length === 0 ? NOTHING : html`<ol class="fun">${rows}</ol>`;
}

/** A quantity that has a limit. */
export interface Meter {
  title: string;
  used: number;
  most: number;
  /** The quantity in words, such as "31,402 of 100,000 people", with the figure in <b>. */
  words: Content;
  /** What stands at the right; the share when left out. */
  beside?: Content;
  /** What follows from it. */
  consequence: Content;
}

/**
 * A meter: the words above, the bar, and the consequence below. Over the limit it takes the stripes
 * of "failed".
 */
export function meter({ title, used, most, words, beside, consequence }: Meter): Html {
  const kind = used > most ? "failed" : "delivered";
  const filled = Math.min(used, most);
  const parts = [
    { kind, number: filled } as const,
    { kind: "waiting", number: most - filled } as const,
  ];
  const frame = { of: most, label: `${title}: ${percent(used, most)}`, height: 8 };
  return html`<section class="card meter"><h2>${title}</h2><div class="top"><span>${words}</span><span class="cap">${beside ?? percent(used, most)}</span></div>${bar(parts, frame)}<p class="cap">${consequence}</p></section>`;
}

/** As an attribute of an SVG. */
function percentOf(number: number, of: number): string {
  return of <= 0 ? "0%" : `${Math.round((100_000 * number) / of) / 1_000}%`;
}
