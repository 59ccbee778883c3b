// What the report adds to the style sheet of all pages: its layout, and paper.

import { KIT_STYLE } from "../domain/page/kit-style.ts";

const LAYOUT = `
body { background: var(--surface); }
.page { max-width: 976px; margin: 0 auto; padding: 36px 28px 56px; }
.mast { display: flex; justify-content: space-between; gap: 8px 24px; flex-wrap: wrap; color: var(--ink-2); padding-bottom: 14px; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.mast b { color: var(--ink); }
.lead { padding: 26px 0 22px; }
.lead h1 { font-size: var(--t34); line-height: 1.16; max-width: 24em; letter-spacing: -.022em; margin-top: 10px; text-wrap: balance; }
.lead .sub { margin-top: 10px; font-size: var(--t16); line-height: 1.5; max-width: 60em; overflow-wrap: anywhere; }
section { margin-top: 32px; }
section > h2 { margin-bottom: 3px; }
section > .sub { margin-bottom: 12px; max-width: 74em; }
section > table { margin-top: 10px; }
section > .cap { margin-top: 8px; }
.two { display: grid; grid-template-columns: minmax(0, 1.42fr) minmax(0, 1fr); gap: 36px; }
.two > section { margin-top: 30px; }
.more > h2 { margin-bottom: 10px; }
.more .cap + table { margin-top: 8px; }
figcaption { margin-top: 6px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 12px 36px; margin-top: 12px; }
.said { color: var(--ink-2); }
.message { max-width: 30rem; border: 1px solid var(--line); border-radius: 3px 10px 10px 10px; overflow: hidden; background: var(--sunken); overflow-wrap: anywhere; }
.message p { padding: 10px 12px 0; white-space: pre-wrap; }
.message p:last-of-type { padding-bottom: 10px; }
.message .cap { white-space: normal; }
.message li { border-top: 1px solid var(--line); padding: 7px 12px; text-align: center; color: var(--accent); font-weight: 500; }
footer { margin-top: 28px; color: var(--ink-3); font-size: var(--t12); display: flex; justify-content: space-between; gap: 6px 24px; flex-wrap: wrap; overflow-wrap: anywhere; }
@media screen and (max-width: 760px) {
  .page { padding: 20px 16px 40px; }
  .lead { padding: 18px 0; }
  .lead h1 { font-size: var(--t26); }
  .lead .sub { font-size: var(--t14); }
  .two { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
`;

/** Short folded parts are printed open, in two columns; long ones are left out. */
const PAPER = `
@media print {
  html { font-size: 12.2px; }
  body { background: #fff; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .page { max-width: none; padding: 0; }
  :root { --t12: 10px; --t14: 11.5px; --t16: 13px; }
  .lead { padding: 12px 0 14px; }
  .lead h1 { max-width: none; font-size: 22.5px; margin-top: 6px; }
  .lead .sub { margin-top: 6px; }
  section { margin-top: 13px; }
  .two { gap: 26px; }
  .two > section { margin-top: 13px; }
  section > .sub { margin-bottom: 6px; }
  .fun { gap: 7px; }
  .tile { padding: 8px 10px; }
  .tile .v { font-size: 19px; }
  footer { margin-top: 9px; }
  .t td { padding-top: 2.2px; padding-bottom: 2.2px; }
  .t tr.grp td { padding-top: 6px; }
  .t th { padding-bottom: 3px; }
  .t th.item { width: 34%; }
  .t th.wide { width: 44%; }
  h1, h2, h3, section > .sub, thead, tr.grp { break-after: avoid; }
  tr, li, .tile, figure, .keep { break-inside: avoid; }
  thead { display: table-header-group; }
  .more > h2, .more details { display: none; }
  @supports selector(::details-content) {
    .more { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 26px; }
    .more .read { grid-column: 1 / -1; }
    .more .read .sub { font-size: var(--t12); }
    .more details.p { display: block; break-inside: avoid; border: 0; padding-bottom: 0; }
    .more details.p::details-content { content-visibility: visible; display: block; block-size: auto; }
    .more details.p > summary { padding: 0 0 3px; break-after: avoid; }
    .more details.p > summary::before, .more summary .cap, .more .pair { display: none; }
    .more .in { padding: 0 0 2px; }
  }
  a { color: inherit; text-decoration: none; }
}
`;

/**
 * The report's style sheet.
 * @param foot stands at the foot of every printed page
 */
export function styleOf(foot: string): string {
  const corner = "font: 8pt sans-serif; color: #5b6770;";
  const pages = `@page { size: A4; margin: 13mm 14mm 14mm; @bottom-left { content: ${cssString(foot)}; ${corner} } @bottom-right { content: counter(page) " / " counter(pages); white-space: nowrap; ${corner} } }`;
  return `${KIT_STYLE}${LAYOUT}${PAPER}${pages}\n`;
}

/** A string of CSS that nothing breaks out of: all but plain letters and digits is escaped. */
function cssString(text: string): string {
  const escaped = [...text].map((sign) =>
    /[A-Za-z0-9 _.,:-]/.test(sign) ? sign : `\\${(sign.codePointAt(0) ?? 0xfffd).toString(16)} `,
  );
  return `"${escaped.join("")}"`;
}
