// How the report page looks: light and dark, phone to wide screen, and paper. One scale of type, the system's own fonts.
//
// The series' colours have the hues of Okabe and Ito ("Color Universal Design", 2008), which people with any kind of colour blindness
// tell apart; each is darkened on light paper and lightened on dark until it stands out (3 : 1 for lines, 4.5 : 1 for their labels).

const LIGHT = `
  color-scheme: light;
  --paper: #ffffff; --ink: #16191d; --muted: #5a6370; --rule: #e4e7ec; --track: #eef0f3; --soft: #f6f7f9;
  --accepted: #0067a3; --delivered: #00784f; --read: #a23c7c; --failed: #b84a00; --plain: #6b7480;
  --warn: #fff4dc; --warn-ink: #5c3d00; --warn-rule: #e69f00;
  --sandbox: #e5f1f9; --sandbox-ink: #00395c; --sandbox-rule: #0072b2;`;

const DARK = `
  color-scheme: dark;
  --paper: #101317; --ink: #e9ecf0; --muted: #9ba5b1; --rule: #2a3038; --track: #222830; --soft: #181c22;
  --accepted: #56b4e9; --delivered: #2fc596; --read: #e293c2; --failed: #f2925a; --plain: #8d97a4;
  --warn: #2e2410; --warn-ink: #ffdf9e; --warn-rule: #e69f00;
  --sandbox: #10263a; --sandbox-ink: #bfe0f7; --sandbox-rule: #56b4e9;`;

export const STYLE = `
:root {${LIGHT}
  --s: .8125rem; --m: 1rem; --l: 1.25rem; --xl: 1.625rem; --xxl: clamp(1.75rem, 1.2rem + 2.6vw, 2.75rem);
}
@media (prefers-color-scheme: dark) { :root {${DARK} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 400 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main { max-width: 928px; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4.5rem) clamp(1rem, 4vw, 1.5rem); }
h1, h2, h3, p, figure, ul, dl { margin: 0; padding: 0; }
h1 { font-size: var(--xxl); line-height: 1.14; letter-spacing: -.022em; font-weight: 650; text-wrap: balance; max-width: 30ch; margin-top: 2rem; }
h2 { font-size: var(--xl); line-height: 1.25; letter-spacing: -.012em; font-weight: 650; }
h3 { font-size: var(--m); font-weight: 650; }
.scroll + h3 { margin-top: 2.5rem; }
h3 + p { max-width: 68ch; margin-top: .5rem; color: var(--muted); }
b { font-weight: 650; }
section { margin-top: clamp(3rem, 7vw, 5rem); }
section > p, figcaption p { max-width: 68ch; margin-top: .5rem; color: var(--muted); }
section > p b { color: var(--ink); }
.lead { margin-top: .9rem; color: var(--muted); max-width: 68ch; }
header { display: flex; flex-wrap: wrap; gap: 0 1.5rem; justify-content: space-between; align-items: baseline; border-bottom: 1px solid var(--rule); padding-bottom: .9rem; }
.over { flex-basis: 100%; font-size: var(--s); color: var(--muted); letter-spacing: .06em; text-transform: uppercase; }
.as-of { color: var(--muted); font-size: var(--s); }
.banner { margin-top: 1rem; padding: .8rem 1rem; border-left: 4px solid; border-radius: 0 6px 6px 0; }
.banner.sandbox { background: var(--sandbox); color: var(--sandbox-ink); border-color: var(--sandbox-rule); }
.banner.stop { background: var(--warn); color: var(--warn-ink); border-color: var(--warn-rule); }
.figures { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.75rem 1.5rem; margin-top: 2.75rem; }
.figures li { border-top: 3px solid var(--plain); padding-top: .7rem; display: flex; flex-direction: column; }
.figures .name { font-size: var(--s); color: var(--muted); }
.figures .value { font-size: var(--xl); font-weight: 650; letter-spacing: -.015em; line-height: 1.3; }
.figures .value .range { display: block; font-size: var(--s); font-weight: 400; letter-spacing: 0; color: var(--muted); }
.figures .note { font-size: var(--s); color: var(--muted); }
.figures .accepted { border-color: var(--accepted); } .figures .delivered { border-color: var(--delivered); }
.figures .read { border-color: var(--read); } .figures .failed { border-color: var(--failed); }
.scroll { overflow-x: auto; margin-top: 1.25rem; }
table { border-collapse: collapse; width: 100%; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: .7rem 0 .7rem 1.5rem; vertical-align: top; text-align: left; font-weight: 400; border-bottom: 1px solid var(--rule); }
th:first-child { padding-left: 0; width: 100%; }
thead th { font-size: var(--s); color: var(--muted); padding-top: 0; padding-bottom: .45rem; vertical-align: bottom; line-height: 1.3; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; min-width: 5.6rem; }
td .note, td .range { display: block; font-size: var(--s); color: var(--muted); }
tbody .name { display: block; }
tbody .note { display: block; font-size: var(--s); color: var(--muted); max-width: 62ch; }
.bar { display: block; position: relative; height: 8px; margin: .4rem 0 .3rem; border-radius: 2px; background: var(--track); }
.bar i { position: absolute; inset: 0 auto 0 0; min-width: 2px; border-radius: 2px; background: var(--plain); }
.bar .accepted { background: var(--accepted); } .bar .delivered { background: var(--delivered); }
.bar .read { background: var(--read); } .bar .failed { background: var(--failed); }
.bar .interval { inset: auto auto -4px auto; height: 2px; border-radius: 0; background: var(--ink); }
code { font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--soft); padding: .1em .35em; border-radius: 4px; overflow-wrap: anywhere; }
code.command { display: block; width: fit-content; margin-top: .35rem; color: var(--ink); padding: .25em .6em; user-select: all; }
q { font-style: italic; }
figure { margin-top: 2rem; }
figure svg { display: block; width: 100%; height: auto; }
figure [role="img"] { margin-top: 1rem; }
.narrow { display: none; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0 2.5rem; }
details { margin-top: .6rem; font-size: var(--s); }
summary { cursor: pointer; color: var(--muted); padding: .3rem 0; width: fit-content; }
summary:focus-visible { outline: 2px solid var(--accepted); outline-offset: 2px; }
details th, details td { padding-top: .3rem; padding-bottom: .3rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 2.5rem; margin-top: 1.25rem; }
dl div { display: grid; grid-template-columns: 10.5rem 1fr; gap: .75rem; padding: .6rem 0; border-bottom: 1px solid var(--rule); }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.small, .notes { font-size: var(--s); color: var(--muted); }
.small { margin-top: .6rem; }
.notes h2 { font-size: var(--l); color: var(--ink); }
.notes ul { padding-left: 1.1rem; margin-top: .6rem; max-width: 72ch; }
.notes li { margin-top: .35rem; }
.message { margin-top: 1.25rem; max-width: 30rem; border: 1px solid var(--rule); border-radius: 4px 14px 14px 14px; overflow: hidden; background: var(--soft); }
.message p { padding: .75rem 1rem 0; white-space: pre-wrap; max-height: 40rem; overflow: hidden; }
.message .kind { color: var(--muted); font-size: var(--s); background: var(--track); padding: 1.4rem 1rem; text-align: center; }
.message .foot { color: var(--muted); font-size: var(--s); }
.message p:last-of-type { padding-bottom: .85rem; }
.message ul { list-style: none; }
.message li { border-top: 1px solid var(--rule); padding: .6rem 1rem; text-align: center; color: var(--accepted); font-weight: 600; }
@media (max-width: 640px) {
  .wide { display: none; } .narrow { display: block; }
  th, td { padding-left: .8rem; }
  thead .number { min-width: 3.4rem; }
  section > .scroll > .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  section > .scroll > .stack, section > .scroll > .stack tbody { display: block; }
  section > .scroll > .stack tbody tr { display: grid; grid-template-columns: repeat(3, 1fr); gap: .5rem .75rem; padding: .8rem 0; border-bottom: 1px solid var(--rule); }
  section > .scroll > .stack tbody th { grid-column: 1 / -1; }
  section > .scroll > .stack tbody th, section > .scroll > .stack tbody td { padding: 0; border: 0; text-align: left; white-space: normal; }
  section > .scroll > .stack tbody td::before { content: attr(data-label); display: block; font-size: var(--s); color: var(--muted); }
  .figures { grid-template-columns: 1fr 1fr; }
  dl div { grid-template-columns: 8rem 1fr; }
}
@media print {
  :root {${LIGHT} }
  @page { margin: 15mm; }
  html { font-size: 11.5px; }
  main { max-width: none; padding: 0; }
  section { margin-top: 2.5rem; }
  tr, figure, .figures, .banner, dl div { break-inside: avoid; }
  h2, h3, thead { break-after: avoid; }
  .scroll { overflow: visible; }
  details { display: none; }
  .wide { display: block; } .narrow { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
