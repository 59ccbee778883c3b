// The one style sheet of the pages: tokens, base and components. A page adds its own layout after
// it.

import { TOKENS } from "./tokens.ts";

/** Elements as every page has them, and words of one rule each. */
const BASE = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 400 var(--t14)/1.5 var(--font); font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
h1, h2, h3, p, dl, dd, ul, ol, figure, table { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: var(--t26); line-height: 1.2; font-weight: 650; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: var(--t16); line-height: 1.4; font-weight: 650; letter-spacing: -.005em; }
h3 { font-size: var(--t14); font-weight: 600; }
b, strong { font-weight: 600; }
a { color: var(--accent); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
svg { display: block; }
svg text { font: 400 11px var(--font); fill: var(--ink-3); font-variant-numeric: tabular-nums; }
code { font: 400 .92em/1.5 var(--mono); }
.sub { color: var(--ink-2); }
.cap { color: var(--ink-3); font-size: var(--t12); line-height: 1.45; }
.n { text-align: right; white-space: nowrap; }
.nw { white-space: nowrap; }
.id { font: 400 var(--t12)/1.5 var(--mono); color: var(--ink-3); overflow-wrap: anywhere; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.defs { position: absolute; }
.f-read { fill: var(--read); } .f-deliv { fill: var(--deliv); } .f-acc { fill: var(--acc); } .f-fail { fill: var(--fail); }
.f-held { fill: var(--held); } .f-skip { fill: var(--skip); } .f-wait { fill: var(--wait); } .f-bg { fill: var(--surface); }
.f-ink { fill: var(--ink); } .f-accent { fill: var(--accent); }
.k-line { stroke: var(--line); } .k-ink { stroke: var(--ink); } .k-ink2 { stroke: var(--ink-3); } .k-accent { stroke: var(--accent); }
`;

const COMPONENTS = `
.cmd { display: inline-block; max-width: 100%; font: 400 var(--t12)/1.5 var(--mono); background: var(--sunken); border-radius: 5px; padding: 2px 7px; color: var(--ink); overflow-wrap: anywhere; user-select: all; }
.cmd i { font-style: normal; white-space: nowrap; }
.cmd::before { content: "$ "; color: var(--ink-3); }
.copy { border: 0; background: none; color: var(--accent); font: 500 var(--t12)/18px var(--font); padding: 0 4px; cursor: pointer; text-decoration: underline; text-underline-offset: 3px; }

.state { display: inline-flex; align-items: baseline; gap: 6px; font-weight: 600; }
.state > svg { flex: none; align-self: center; }
.state.sending { color: var(--accent); }
.state.waiting > svg, .state.paused > svg { color: var(--held); }
.state.halted { color: var(--fail); }
.state.finished, .state.cancelled { color: var(--ink-2); }
.tag { display: inline-block; border: 1px solid var(--line-2); border-radius: 4px; padding: 0 6px; font-size: var(--t12); line-height: 18px; color: var(--ink-2); white-space: nowrap; }

.tiles { display: grid; grid-template-columns: repeat(5, 1fr); border: 1px solid var(--line); border-radius: var(--r); background: var(--surface); overflow: hidden; }
.tile { padding: 14px 16px 13px; border-left: 1px solid var(--line); min-width: 0; }
.tile:first-child { border-left: 0; }
.tile dt { color: var(--ink-2); font-weight: 500; }
.tile .v { font-size: var(--t26); line-height: 1.25; font-weight: 650; letter-spacing: -.02em; margin-top: 2px; overflow-wrap: anywhere; }
.tile .cap { margin-top: 2px; overflow-wrap: anywhere; }

.bar { display: block; width: 100%; }
.key { display: inline-flex; align-items: center; gap: 5px; margin-right: 12px; white-space: nowrap; }
.key svg { width: 10px; height: 10px; flex: none; }
.keys { color: var(--ink-2); font-size: var(--t12); display: flex; flex-wrap: wrap; gap: 3px 4px; margin-top: 8px; }
.keys b { color: var(--ink); }
.fun { display: grid; gap: 11px; }
.fun li { display: grid; grid-template-columns: 76px minmax(0, 1fr) 62px 56px; column-gap: 12px; align-items: center; }
.fun .l, .fun .n { font-weight: 600; }
.fun .n + .n { font-weight: 400; color: var(--ink-2); }
.fun .cap { grid-column: 2 / -1; margin-top: 3px; }
.chart { width: 100%; max-width: 440px; height: auto; }
.chart .limit { stroke-width: 1.2; stroke-dasharray: 4 3; }
.chart text.ink { fill: var(--ink); }
.meter .bar { margin: 6px 0 5px; }
.meter .top { display: flex; justify-content: space-between; gap: 12px; align-items: baseline; flex-wrap: wrap; }

table.t { width: 100%; border-collapse: collapse; }
.t th { font-weight: 500; color: var(--ink-3); font-size: var(--t12); text-align: left; padding: 0 12px 6px 0; border-bottom: 1px solid var(--line-2); vertical-align: bottom; }
.t td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.t th.n { text-align: right; }
.t .n { padding-left: 8px; overflow-wrap: normal; }
.t .n + td:not(.n), .t .n + th:not(.n) { padding-left: 12px; }
.t th:last-child, .t td:last-child { padding-right: 0; }
.t th.item { width: 28%; }
.t th.wide { width: 40%; }
.iv svg { width: 100%; height: auto; max-width: 230px; }
.t th.scale { width: 230px; }
.paper { display: none; }
.t .do { color: var(--ink-2); }
.t tr.grp td { font-weight: 600; border-bottom: 1px solid var(--line-2); padding-top: 14px; }
.t tr.grp td.cap { font-weight: 400; vertical-align: bottom; }
.t tr.sum td { font-weight: 600; border-bottom: 0; }
.t tbody:last-child tr:last-child td { border-bottom: 0; }

details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 10px 0; font-weight: 600; list-style: none; display: flex; gap: 8px; align-items: baseline; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; width: 6px; height: 6px; border-right: 1.5px solid var(--ink-3); border-bottom: 1.5px solid var(--ink-3); transform: rotate(-45deg) translate(-1px, -1px); margin-left: 2px; align-self: center; }
details[open] > summary::before { transform: rotate(45deg); }
summary .cap { font-weight: 400; margin-left: auto; text-align: right; }
details > .in { padding: 2px 0 18px; }

.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--r); box-shadow: var(--shadow); padding: 16px 18px 18px; min-width: 0; }
.card > h2 { margin-bottom: 10px; }
.card > h2 + .cap { margin: -8px 0 12px; }
.btn { appearance: none; font: 600 var(--t14)/20px var(--font); padding: 6px 14px; border-radius: 6px; border: 1px solid var(--line-2); background: var(--surface); color: var(--ink); cursor: pointer; white-space: nowrap; text-decoration: none; display: inline-block; }
.btn.pri { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.btn.risk { color: var(--fail); }
.head { display: flex; gap: 12px 24px; justify-content: space-between; align-items: flex-start; flex-wrap: wrap; }
.head .what { flex: 1 1 420px; min-width: 0; }
.head .acts { display: flex; gap: 8px; flex-wrap: wrap; }
.now .state { font-size: var(--t20); font-weight: 650; letter-spacing: -.01em; }
.now .sub { margin-top: 3px; }
.now .run { margin-top: 6px; }
.now .bar { margin-top: 12px; }

.facts { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 7px 16px; }
.facts dt { color: var(--ink-3); }
.facts dd { text-align: right; overflow-wrap: anywhere; }
.tl > li { display: grid; grid-template-columns: 112px 18px minmax(0, 1fr); column-gap: 12px; padding: 5px 0; position: relative; overflow-wrap: anywhere; }
.tl time { color: var(--ink-3); text-align: right; white-space: nowrap; }
.tl .dot { justify-self: center; margin-top: 5px; z-index: 1; }
.tl > li::before { content: ""; position: absolute; left: 133px; top: 0; bottom: 0; width: 1px; background: var(--line-2); }
.tl > li:first-child::before { top: 12px; }
.tl > li:last-child::before { bottom: calc(100% - 12px); }
.tl > li:only-child::before { display: none; }
`;

/**
 * Up to this width a page is read on a phone: tiles stand in pairs, and rows of a table become
 * blocks.
 */
const PHONE = `
@media screen and (max-width: 760px) {
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile { border-top: 1px solid var(--line); padding: 11px 13px; }
  .tile:nth-child(odd) { border-left: 0; }
  .tile:first-child, .tile:nth-child(2) { border-top: 0; }
  .tile:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .fun li { grid-template-columns: minmax(0, 1fr) auto auto; row-gap: 3px; }
  .fun .bar { grid-row: 2; grid-column: 1 / -1; }
  .fun .cap { grid-column: 1 / -1; grid-row: 3; margin-top: 0; }
  .stack thead { display: none; }
  .stack tr { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; column-gap: 10px; padding: 8px 0; border-bottom: 1px solid var(--line); }
  .stack td { border: 0 !important; padding: 0 !important; }
  .stack .do { grid-column: 1 / -1; margin-top: 2px; }
  .stack tr.grp { padding-top: 14px; border-bottom-color: var(--line-2); }
  .hide-s { display: none; }
  summary .cap { display: none; }
  .card { padding: 14px; }
  .head .acts .btn { padding: 8px 14px; }
  .tl > li { grid-template-columns: 64px 14px minmax(0, 1fr); column-gap: 8px; }
  .tl > li::before { left: 79px; }
  .tl .day { display: none; }
  .tl .day.new { display: block; }
}
`;

const PAPER = `
@media print {
  .screen { display: none; }
  .paper { display: table-row-group; }
}
`;

/** Style sheet that every page begins with. */
export const KIT_STYLE = TOKENS + BASE + COMPONENTS + PHONE + PAPER;
