// The one style sheet of the live page, as text: the design of every page, and the layout of these.
// Nothing is loaded from anywhere.

import { KIT_STYLE } from "../../domain/page/kit-style.ts";

const FRAME = `
.skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.skip:focus { position: absolute; left: 16px; top: 8px; z-index: 2; background: var(--surface); padding: 8px 12px; border-radius: var(--r); }
.tick { fill: none; stroke: var(--accent-ink); stroke-width: 2.2; }
.site { background: var(--surface); border-bottom: 1px solid var(--line); }
.site > div { max-width: 1136px; margin: 0 auto; padding: 0 24px; display: flex; align-items: center; gap: 4px; height: 48px; }
.brand { display: flex; align-items: center; gap: 8px; font-weight: 650; margin-right: 18px; color: var(--ink); text-decoration: none; }
.brand .mark { flex: none; }
.site nav { display: flex; flex: 0 1 auto; min-width: 0; overflow-x: auto; scrollbar-width: none; }
.site .tab { white-space: nowrap; color: var(--ink-2); text-decoration: none; padding: 0 10px; line-height: 46px; border-bottom: 2px solid transparent; }
.site .tab:hover { color: var(--ink); }
.site .tab[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--accent); }
.site .end { margin-left: auto; color: var(--ink-3); font-size: var(--t12); display: flex; gap: 16px; align-items: center; white-space: nowrap; }
.link { border: 0; background: none; color: var(--accent); font: 400 var(--t12)/18px var(--font); padding: 4px 0; cursor: pointer; text-decoration: underline; text-underline-offset: 3px; }
main { max-width: 1136px; margin: 0 auto; padding: 24px 24px 64px; display: flow-root; }
main:focus { outline: none; }
main > * + * { margin-top: 16px; }
main > h1 + .sub, main > .crumb + h1, .head + .sub { margin-top: 4px; }
[data-live]:empty { display: none; }
.crumb { font-size: var(--t12); color: var(--ink-3); overflow-wrap: anywhere; } .crumb a { color: var(--ink-2); }
.notice { padding: 10px 14px; border-radius: var(--r); background: var(--accent-weak); overflow-wrap: anywhere; }
.notice.stale { background: var(--warn-weak); color: var(--warn); }
.notice[hidden] { display: none; } .notice[hidden] + * { margin-top: 0; }
.grid { display: grid; gap: 16px; }
.g1 { grid-template-columns: minmax(0, 1fr); }
.g2 { grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); }
.g2e { grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); }
.g3 { grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr)); }
.tiles { box-shadow: var(--shadow); }
.note { margin-top: 10px; overflow-wrap: anywhere; }
.links { padding: 12px 0; display: flex; flex-wrap: wrap; gap: 4px 18px; border-top: 1px solid var(--line); }
.folds { padding-top: 4px; padding-bottom: 4px; } .folds details { border: 0; }
.pages:empty { display: none; } .pages { margin-top: 10px; }
.acts { display: flex; flex-wrap: wrap; gap: 8px; }
.btn:hover, .link:hover, .copy:hover { filter: brightness(1.08); } .btn:hover { border-color: var(--ink-3); }
.btn[aria-busy], .link[aria-busy] { opacity: .6; cursor: default; }
.btn.risk.solid { background: var(--fail); border-color: var(--fail); color: var(--surface); }
input { font: 400 var(--t14)/20px var(--font); padding: 6px 10px; border: 1px solid var(--ink-3); border-radius: 6px; background: var(--surface); color: var(--ink); min-width: 0; width: 100%; }
input[type="number"] { max-width: 120px; }
::placeholder { color: var(--ink-3); opacity: 1; }
label { font-weight: 500; }
.form { display: grid; gap: 6px; } .form .line + label { margin-top: 8px; }
.line, .look { display: flex; gap: 8px; align-items: center; } .line input, .look input { flex: 1; }
.look { max-width: 560px; flex-wrap: wrap; }
.look input { flex: 1 1 180px; } .look input[type="number"] { flex: 0 1 120px; }
.problem { flex-basis: 100%; color: var(--fail); background: var(--fail-weak); padding: 8px 12px; border-radius: 6px; }
`;

const PAGES = `
.find { flex: 0 1 260px; }
.home { display: flex; flex-direction: column; gap: 16px; }
.card.list { padding: 0; } .card.list h2 { margin: 0; }
.bandh { padding: 12px 18px 9px; display: flex; gap: 10px; align-items: baseline; } .bandh .cap { margin-left: auto; }
.rows { border-top: 1px solid var(--line); }
.row, .lh { display: grid; grid-template-columns: minmax(0, 1.1fr) minmax(0, 1.6fr) minmax(0, 1fr) 290px; gap: 4px 20px; padding: 13px 18px; align-items: start; }
.row { border-bottom: 1px solid var(--line); } .row:last-child { border-bottom: 0; }
.lh { padding: 0 18px 7px; color: var(--ink-3); font-size: var(--t12); }
.name { font-weight: 600; color: var(--ink); text-decoration: none; overflow-wrap: anywhere; display: block; } .name:hover { text-decoration: underline; }
.row .cap { display: block; margin-top: 2px; overflow-wrap: anywhere; } .row .cap b { font-weight: 400; } .row .btn { margin-top: 8px; }
.pic .bar { margin: 6px 0 5px; }
.figs { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0 8px; text-align: right; }
.row .figs dt { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.question { max-width: 720px; } .question h1 { font-size: var(--t20); } .question .bar { margin: 10px 0 0; }
.question ul { list-style: disc; padding-left: 20px; margin: 14px 0 20px; display: grid; gap: 6px; }
.login { max-width: 360px; margin: 12vh auto 0; display: grid; gap: 14px; } .login .brand { justify-content: center; margin: 0; font-size: var(--t16); }
.login h1 { font-size: var(--t20); margin-bottom: 6px; } .login .btn { margin-top: 8px; padding: 8px 14px; } .login .cap { text-align: center; }
.wrong { max-width: 60ch; margin: 10vh auto; display: grid; gap: 12px; }
.tools { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; align-items: start; }
.between { display: flex; flex-wrap: wrap; gap: 8px 12px; justify-content: space-between; align-items: center; }
.does { display: flex; flex-wrap: wrap; gap: 0 12px; justify-content: flex-end; align-items: baseline; }
.t .does { min-width: 150px; }
.sure { border: 0 !important; } .sure summary { padding: 4px 0; font-weight: 400; color: var(--fail); text-decoration: underline; text-underline-offset: 3px; font-size: var(--t12); }
.sure summary::before { display: none; } .sure form { text-align: left; max-width: 280px; padding: 6px 0; display: grid; gap: 8px; justify-items: start; }
.btn + .sure summary, .head .sure summary { font-size: var(--t14); }
.person > * + * { margin-top: 16px; }
.pg { grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr); align-items: start; }
.pg > div > * + * { margin-top: 16px; }
.msgh { display: flex; gap: 4px 12px; align-items: baseline; flex-wrap: wrap; margin-bottom: 8px; } .msgh .cap { margin-left: auto; }
.tl small { display: block; color: var(--ink-3); font-size: var(--t12); overflow-wrap: anywhere; }
.cmds .cmd { margin-bottom: 8px; }
.preview { display: grid; gap: 12px; justify-items: start; }
.phone { width: min(390px, 100%); }
.phone .screen { background: var(--sunken); border: 1px solid var(--line); border-radius: 14px; padding: 18px 14px; display: grid; gap: 8px; overflow: hidden; }
.phone figcaption { padding: 10px 12px; }
.bubble { background: var(--surface); color: var(--ink); border-radius: 4px 14px 14px 14px; padding: 6px; width: 92%; min-width: 0; box-shadow: 0 1px 1px rgb(0 0 0 / 12%); font-size: 15px; line-height: 1.4; overflow-wrap: anywhere; }
.bubble .text, .bubble .head, .bubble .footer, .bubble .offer { padding: 3px 6px; white-space: pre-wrap; }
.bubble .head { font-weight: 650; }
.bubble .footer, .bubble small { color: var(--ink-3); font-size: 13px; }
.bubble .offer { font-weight: 550; border-bottom: 1px solid rgb(128 128 128 / 25%); }
.bubble code { background: rgb(128 128 128 / 18%); }
.bubble .media { border-radius: 8px; background: linear-gradient(135deg, rgb(128 140 135 / 30%), rgb(128 140 135 / 12%)); min-height: 130px; display: grid; place-content: center; justify-items: center; gap: 2px; padding: 12px; text-align: center; margin-bottom: 4px; }
.bubble .media span { font-size: 12px; color: var(--ink-3); }
.bubble .buttons { margin: 4px -6px -6px; }
.bubble .buttons li { border-top: 1px solid rgb(128 128 128 / 25%); padding: 9px 12px; text-align: center; color: var(--accent); font-weight: 500; }
.bubble .buttons small { font-weight: 400; }
.cards-row { display: flex; gap: 8px; overflow-x: auto; padding-bottom: 6px; }
.cards-row .bubble { flex: 0 0 78%; width: auto; border-radius: 12px; }

@media (max-width: 980px) {
  .lh { display: none; } .row { grid-template-columns: minmax(0, 1fr); padding: 13px 14px; } .bandh { padding: 12px 14px 9px; }
  .figs { grid-template-columns: repeat(4, auto); justify-content: space-between; text-align: left; margin-top: 4px; }
  .row .figs dt { position: static; width: auto; height: auto; clip-path: none; font-size: var(--t12); color: var(--ink-3); }
  .pg, .g2 { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 760px) {
  .site > div { padding: 0 12px; gap: 0; } .site .tab { padding: 0 6px; font-size: 13px; } .site .brand span, .site .zone { display: none; } .site .brand { margin-right: 2px; } .site .end { gap: 0; }
  main { padding: 16px 12px 48px; }
  .find { flex: 1 1 100%; }
  .home .late { order: 1; } .home .last { order: 2; }
  .tools { grid-template-columns: minmax(0, 1fr); }
  .msgh .cap { margin-left: 0; flex-basis: 100%; }
  .rows-s thead { display: none; } .rows-s, .rows-s tbody { display: block; }
  .rows-s tr { display: block; padding: 10px 0; border-bottom: 1px solid var(--line); } .rows-s tr:last-child { border-bottom: 0; }
  .rows-s td { display: inline; border: 0; padding: 0 10px 0 0; } .rows-s td.does { display: flex; justify-content: flex-start; }
}
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
@media print { .site, .acts, .links, form { display: none; } }
`;

/** Sent as /live.css. */
export const STYLE = KIT_STYLE + FRAME + PAGES;
