// The small parts of a page: tiles, commands, the table of what is open, the top card, folded
// details, facts and the timeline.

import type { Content, Html } from "../common/html.ts";
import { html, NOTHING } from "../common/html.ts";
import { count, percent } from "../common/numbers.ts";
import { sentenceCase } from "../common/text.ts";
import type { Condition } from "../result/conditions.ts";
import { cutAt } from "./reasons.ts";

/** A figure with the base that it is a share of. */
export interface Tile {
  /** With the currency where the figure is money: "Cost, USD". */
  name: string;
  /** "–" for one that is not known. */
  figure: string;
  /** What it is a share of, and at most one comparison; or how to get the figure. */
  base: Content;
}

/** Tiles in one frame. They stand in pairs on a phone, an odd last one alone. */
export function tiles(all: readonly Tile[]): Html {
  const made = all.map(
    ({ name, figure, base }) =>
      html`<div class="tile"><dt>${name}</dt><dd class="v">${figure}</dd><dd class="cap">${base}</dd></div>`,
  );
  return html`<dl class="tiles">${made}</dl>`;
}

/**
 * A command that a person can run. "$ " comes from the style sheet, so that it is not copied; an
 * option never breaks at its dashes.
 */
export function command(text: string): Html {
  const words = text
    .split(" ")
    .flatMap((word, index) => [
      index === 0 ? "" : " ",
      word.startsWith("-") ? html`<i>${word}</i>` : word,
    ]);
  return html`<code class="cmd">${words}</code>`;
}

/** A command with a button that copies it; the page's script reads `data-copy`. */
export function copiedCommand(text: string): Html {
  return html`${command(text)}<button class="copy" type="button" data-copy="${text}">Copy</button>`;
}

/** A thing that is open, and what a person does about it. */
export interface OpenRow {
  item: Content;
  people: number;
  /** A verb or a fact, then the command. */
  todo: Content;
}

/** Open items on paper at most. */
const OPEN_ON_PAPER = 6;

/** Table of what is open. @param rows people on the list, of which each share is */
export function openTable(items: readonly OpenRow[], rows: number): Html {
  const body = items.map(
    ({ item, people, todo }) =>
      html`<tr><td>${item}</td><td class="n">${count(people)}</td><td class="n">${percent(people, rows)}</td><td class="do">${todo}</td></tr>`,
  );
  return html`<table class="t stack"><thead><tr><th class="item">Open item</th><th class="n">People</th><th class="n">Of list</th><th>What to do</th></tr></thead>${paperRows(body, OPEN_ON_PAPER)}</table>`;
}

/** Table of what conditions hold back. @param rows people on the list, of which each share is */
export function conditionsTable(all: readonly Condition[], rows: number): Html {
  const body = all.map(
    ({ name, people, words }) =>
      html`<tr><td>${name}</td><td class="n">${count(people)}</td><td class="n">${percent(people, rows)}</td><td class="do">${sentenceCase(words)}.</td></tr>`,
  );
  return html`<table class="t stack"><thead><tr><th class="item">Condition</th><th class="n">Held back</th><th class="n">Of list</th><th>How it stands</th></tr></thead><tbody>${body}</tbody></table>`;
}

/** The body of a table: whole on a screen; on paper its first rows, and one line for the others. */
export function paperRows(rows: readonly Html[], most: number): Html {
  const { shown, rest } = cutAt(rows, most);
  const others =
    rest.length === 0
      ? NOTHING
      : html`<tbody class="paper"><tr><td colspan="9">and ${count(rest.length)} more</td></tr></tbody><tbody class="screen">${rest}</tbody>`;
  return html`<tbody>${shown}</tbody>${others}`;
}

/** The card at the top of a campaign. */
export interface TopCard {
  /** Made by `stateMark`. */
  state: Html;
  /** One line. */
  facts: Content;
  /** Made by `command` or `copiedCommand`. */
  run?: Html;
  /** Made by `wholeBar`. */
  bar?: Html;
  /** Only what works now, at most one of them filled. */
  buttons: readonly Content[];
}

/** State, one line of facts, the command that goes on, buttons, and the whole bar. */
export function topCard({ state, facts, run, bar, buttons }: TopCard): Html {
  const acts = buttons.length === 0 ? NOTHING : html`<div class="acts">${buttons}</div>`;
  const below = run === undefined ? NOTHING : html`<p class="run">${run}</p>`;
  return html`<section class="card now"><div class="head"><div class="what">${state}<p class="sub">${facts}</p>${below}</div>${acts}</div>${bar}</section>`;
}

/** A folded part of a page. */
export interface Fold {
  name: string;
  /** The answer in a few words, so that opening is rarely needed. */
  answer?: Content;
  inside: Html;
  /** Short enough to be printed open. */
  isPrinted?: boolean;
}

/** Details behind one line. */
export function fold({ name, answer, inside, isPrinted = false }: Fold): Html {
  const words = answer === undefined ? NOTHING : html` <span class="cap">${answer}</span>`;
  return html`<details${isPrinted ? html` class="p"` : NOTHING}><summary>${name}${words}</summary><div class="in">${inside}</div></details>`;
}

/** Names and values below each other. */
export function facts(all: readonly (readonly [string, Content])[]): Html {
  return html`<dl class="facts">${all.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Something that happened. */
export interface TimelineEntry {
  /** "27 Nov". */
  day: string;
  /** "10:04:11". */
  time: string;
  /** ISO, for machines. */
  at: string;
  kind: "done" | "reached" | "waited" | "bad";
  what: Content;
}

const DOTS: Readonly<Record<TimelineEntry["kind"], Html>> = {
  done: html`<circle cx="5" cy="5" r="4" class="f-deliv"/>`,
  reached: html`<circle cx="5" cy="5" r="4.5" class="f-read"/>`,
  waited: html`<circle cx="5" cy="5" r="4.5" class="f-skip"/><circle cx="5" cy="5" r="2.5" class="f-bg"/>`,
  bad: html`<path d="M5 0 10 9.5H0z" class="f-fail"/>`,
};

/** What happened, in order. On a phone the day stands only where it changes. */
export function timeline(entries: readonly TimelineEntry[]): Html {
  const rows = entries.map(({ day, time, at, kind, what }, index) => {
    const isNew = entries[index - 1]?.day !== day;
    return html`<li><time datetime="${at}"><span class="day${isNew ? " new" : ""}">${day} </span>${time}</time><svg class="dot" width="10" height="10" aria-hidden="true">${DOTS[kind]}</svg><span>${what}</span></li>`;
  });
  return html`<ol class="tl">${rows}</ol>`;
}
