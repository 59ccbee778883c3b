// The one style of the live page, as text. Colours are named by what they mean, once for light and once for dark; every pair of text
// and ground has a contrast of 4.5 at least. Fonts are the system's: nothing is loaded from anywhere.

/** Sent as /live.css. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f5f1; --card: #fffffd; --ink: #1d211f; --soft: #5b625e; --line: #e2e0d8; --field: #fffffd;
  --accent: #0b6b52; --accent-ink: #ffffff; --accent-soft: #e0efe9; --link: #0a6049;
  --bad: #a8322a; --bad-soft: #f9e7e4; --wait: #7a5200; --wait-soft: #f8edd3; --quiet-soft: #eceae3;
  --bar-read: #0b6b52; --bar-delivered: #3f9a7d; --bar-accepted: #93c9b5; --bar-failed: #c5483f;
  --bar-unknown: #7d5bb0; --bar-held: #d29a1f; --bar-cancelled: #8b918d; --bar-waiting: #e4e2da;
  --chat: #ece5dc; --bubble: #ffffff; --bubble-ink: #111b21; --bubble-soft: #667781; --bubble-link: #027eb5;
  --shadow: 0 1px 2px rgb(30 30 20 / 5%), 0 4px 16px rgb(30 30 20 / 4%);
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131614; --card: #1b1f1d; --ink: #e8ebe8; --soft: #a2aaa5; --line: #2d3330; --field: #141816;
    --accent: #3fae8b; --accent-ink: #06140f; --accent-soft: #173027; --link: #6fcbac;
    --bad: #f0968c; --bad-soft: #3a1f1c; --wait: #e6bd63; --wait-soft: #352a12; --quiet-soft: #272c29;
    --bar-read: #4cc79f; --bar-delivered: #2f9273; --bar-accepted: #1f5e4b; --bar-failed: #d9645a;
    --bar-unknown: #a58ad6; --bar-held: #d3a23b; --bar-cancelled: #777e7a; --bar-waiting: #2c322f;
    --chat: #0e1512; --bubble: #202c33; --bubble-ink: #e9edef; --bubble-soft: #9aa6ac; --bubble-link: #63c5f0;
    --shadow: none;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 var(--sans); font-variant-numeric: tabular-nums; }
h1, h2, h3, h4, p, ul, ol, figure, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -.015em; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 15px; font-weight: 650; overflow-wrap: anywhere; }
h3 { font-size: 15px; font-weight: 650; margin-top: 24px; }
h4 { font-size: 15px; font-weight: 650; }
a { color: var(--link); text-underline-offset: 2px; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
small { display: block; font-size: 13px; color: var(--soft); }
code { font: 13px/1.5 var(--mono); background: var(--quiet-soft); padding: 1px 5px; border-radius: 4px; overflow-wrap: anywhere; }
code[data-copy] { cursor: copy; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.unseen, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: absolute; left: 16px; top: 8px; z-index: 2; background: var(--card); padding: 8px 12px; border-radius: 8px; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 72px; display: flow-root; }
main > * + * { margin-top: 16px; }
.hint, .meta, .when, .none { color: var(--soft); }
.hint { font-size: 14px; }
.meta { overflow-wrap: anywhere; max-width: 100ch; }
h1 + .meta, .title + .meta { margin-top: 6px; }
.crumb { font-size: 14px; }
.crumb a::before { content: "← "; }
.crumb + * { margin-top: 6px; }

.top { background: var(--card); border-bottom: 1px solid var(--line); }
.top .inner { max-width: 1080px; margin: 0 auto; padding: 0 20px; display: flex; align-items: center; gap: 24px; min-height: 54px; }
.brand { display: flex; align-items: center; gap: 8px; color: var(--ink); font-weight: 650; text-decoration: none; letter-spacing: -.01em; }
.brand svg, .mark { width: 20px; height: 20px; flex: none; }
.brand rect, .mark rect { fill: var(--accent); }
.brand path, .mark path { fill: none; stroke: var(--accent-ink); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
nav { flex: 1; min-width: 0; }
nav ul { display: flex; gap: 4px; }
nav a { display: block; padding: 16px 10px 14px; color: var(--soft); text-decoration: none; border-bottom: 2px solid transparent; }
nav a:hover { color: var(--ink); }
nav a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--accent); }

.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; box-shadow: var(--shadow); min-width: 0; }
.card > h2 { margin-bottom: 12px; }
.card.empty { text-align: center; padding: 56px 20px; }
.card.empty p + p { margin-top: 8px; }
.columns { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; align-items: start; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; }
.row.between { justify-content: space-between; }
.when { margin-left: auto; font-size: 14px; }
.stack { display: grid; gap: 6px; }
.stack .line + label { margin-top: 8px; }
.line { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.line input { flex: 1 1 180px; }

.standing, .status, .tag { display: inline-flex; align-items: center; gap: 6px; font-size: 13px; line-height: 1; font-weight: 600; padding: 5px 9px; border-radius: 99px; background: var(--quiet-soft); color: var(--soft); white-space: nowrap; }
.standing::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: currentColor; }
.standing.busy, .standing.good { background: var(--accent-soft); color: var(--link); }
.standing.busy::before { animation: pulse 1.6s ease-in-out infinite; }
.standing.waiting { background: var(--wait-soft); color: var(--wait); }
.standing.bad { background: var(--bad-soft); color: var(--bad); }
.status.delivered, .status.read, .status.sent, .status.accepted { background: var(--accent-soft); color: var(--link); }
.status.failed, .status.expired { background: var(--bad-soft); color: var(--bad); }
.status.held, .status.unknown, .status.pending, .status.claimed { background: var(--wait-soft); color: var(--wait); }
.tag { font-weight: 500; background: none; border: 1px dashed var(--soft); padding: 4px 8px; }
@keyframes pulse { 50% { opacity: .25; } }

.banner, .notice { padding: 12px 16px; border-radius: 10px; border: 1px solid var(--line); background: var(--card); overflow-wrap: anywhere; }
.banner.bad { background: var(--bad-soft); color: var(--bad); border-color: transparent; }
.banner.waiting, .notice.stale { background: var(--wait-soft); color: var(--wait); border-color: transparent; }
.notice { background: var(--accent-soft); color: var(--link); border-color: transparent; }
[data-live="banner"]:empty, .notice[hidden] { display: none; }

.campaigns { display: grid; gap: 12px; }
.campaign .facts { color: var(--soft); font-size: 14px; margin: 4px 0 14px; }
.campaign h2 { font-size: 17px; }
.campaign h2 a { color: inherit; text-decoration: none; }
.campaign h2 a:hover { text-decoration: underline; }
.bar { display: block; width: 100%; height: 10px; border-radius: 5px; overflow: hidden; }
.bar .waiting { fill: var(--bar-waiting); } .bar .read, .bar .step { fill: var(--bar-read); }
.bar .delivered { fill: var(--bar-delivered); } .bar .accepted { fill: var(--bar-accepted); }
.bar .failed { fill: var(--bar-failed); } .bar .unknown { fill: var(--bar-unknown); }
.bar .held { fill: var(--bar-held); } .bar .cancelled { fill: var(--bar-cancelled); }
.bar rect { stroke: none; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin-top: 10px; font-size: 14px; color: var(--soft); }
.legend b { color: var(--ink); font-weight: 600; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
i.read { background: var(--bar-read); } i.delivered { background: var(--bar-delivered); } i.accepted { background: var(--bar-accepted); }
i.failed { background: var(--bar-failed); } i.unknown { background: var(--bar-unknown); } i.held { background: var(--bar-held); }
i.cancelled { background: var(--bar-cancelled); } i.waiting { background: var(--bar-waiting); box-shadow: inset 0 0 0 1px var(--cancelled, var(--soft)); }

.lead > * + * { margin-top: 18px; }
.progress .big { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 20px; color: var(--soft); margin-bottom: 14px; }
.progress .big > b { font-size: 44px; line-height: 1.1; letter-spacing: -.03em; font-weight: 650; color: var(--ink); }
.progress .big > b small { display: inline; font-size: 22px; letter-spacing: 0; font-weight: 500; color: var(--soft); }
.progress .big span b { color: var(--ink); font-weight: 600; }
.progress .bar { height: 14px; border-radius: 7px; }
.links { display: flex; flex-wrap: wrap; gap: 4px 18px; }

.funnel { display: grid; gap: 12px; }
.funnel li { display: grid; grid-template-columns: 1fr auto; gap: 3px 12px; }
.funnel .bar { grid-column: 1 / -1; height: 8px; border-radius: 4px; }
.funnel .share { grid-column: 1 / -1; font-size: 13px; color: var(--soft); }
.funnel .share:empty { display: none; }
.open { display: grid; gap: 14px; }
.open .hint { margin-top: 2px; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 8px 16px 8px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-top: 0; padding-top: 0; font-weight: 500; font-size: 13px; color: var(--soft); white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.counts th:first-child, .counts .number { width: 1%; }
.counts .number { padding-right: 20px; }
time { white-space: nowrap; }
.row + .scroll { margin-top: 14px; }
.act { width: 200px; text-align: right; }
.act .sure[open] { display: block; }
.act button.quiet, .act .sure summary { padding-top: 0; padding-bottom: 0; }
.act form, .act details { display: inline-block; vertical-align: top; }
.pages { display: flex; gap: 16px; margin-top: 14px; }
.pages:not(:has(a)) { display: none; }
table + .hint { margin-top: 12px; }

button, .button { font: inherit; font-weight: 550; display: inline-block; padding: 8px 14px; border-radius: 8px; border: 1px solid var(--line); background: var(--card); color: var(--ink); cursor: pointer; text-decoration: none; line-height: 1.4; }
button:hover, .button:hover { border-color: var(--soft); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
button.main:hover { filter: brightness(1.07); }
button.danger, .button.danger { color: var(--bad); }
button.danger:hover, .button.danger:hover { border-color: var(--bad); }
button.quiet { border-color: transparent; background: none; color: var(--soft); padding: 6px 8px; font-weight: 500; }
button.quiet:hover { color: var(--ink); text-decoration: underline; }
button[aria-busy] { opacity: .6; cursor: default; }
.top button.quiet { margin-right: -8px; white-space: nowrap; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; }
input { font: inherit; color: inherit; background: var(--field); border: 1px solid var(--soft); border-radius: 8px; padding: 8px 11px; min-width: 0; width: 100%; }
input[type="number"] { max-width: 140px; }
label { font-size: 14px; font-weight: 550; }
.problem { color: var(--bad); background: var(--bad-soft); padding: 9px 12px; border-radius: 8px; margin-bottom: 6px; }
.ask { max-width: 560px; }
form.ask.line { max-width: none; }
form.ask.line input { flex: 0 1 140px; }
.sure summary { cursor: pointer; color: var(--soft); padding: 6px 8px; border-radius: 6px; display: inline-block; list-style: none; }
.sure summary::-webkit-details-marker { display: none; }
.sure summary:hover { color: var(--ink); text-decoration: underline; }
.sure form { white-space: normal; text-align: left; max-width: 260px; padding: 8px 0 4px; display: grid; gap: 8px; }
.question ul { list-style: disc; padding-left: 20px; margin: 14px 0 20px; display: grid; gap: 6px; max-width: 70ch; }
.question { max-width: 720px; }
.question h1 { font-size: 22px; }
.question button.danger, .sure button.danger { background: var(--bad); border-color: var(--bad); color: var(--card); }

.login { max-width: 340px; margin: 12vh auto 0; display: grid; gap: 16px; justify-items: center; text-align: center; }
.login .mark { width: 44px; height: 44px; }
.login form { width: 100%; text-align: left; }
.login input { padding: 10px 12px; }
.login button { margin-top: 10px; padding: 10px; }
.wrong { max-width: 60ch; margin: 10vh auto; }
.wrong p { margin-top: 10px; color: var(--soft); }

.person > * + * { margin-top: 12px; }
.person .title h2 { font-size: 20px; }
.person .card ul { list-style: disc; padding-left: 20px; }
.person .card .sure { margin-left: -8px; }
.dispatch > * + * { margin-top: 8px; }
.timeline { border-left: 2px solid var(--line); padding-left: 16px; display: grid; gap: 8px; margin-top: 14px; }
.timeline li { display: grid; grid-template-columns: 190px minmax(0, 1fr); gap: 4px 12px; font-size: 14px; position: relative; overflow-wrap: anywhere; }
.timeline li::before { content: ""; position: absolute; left: -21px; top: 7px; width: 8px; height: 8px; border-radius: 50%; background: var(--soft); box-shadow: 0 0 0 3px var(--card); }
.timeline time { color: var(--soft); }

.preview { display: grid; gap: 12px; justify-items: start; }
.phone { width: min(390px, 100%); }
.phone .screen { background: var(--chat); border: 8px solid var(--line); border-radius: 34px; padding: 28px 14px 36px; display: grid; gap: 8px; overflow: hidden; }
.phone figcaption { padding: 10px 12px; }
.bubble { background: var(--bubble); color: var(--bubble-ink); border-radius: 4px 14px 14px 14px; padding: 6px; width: 92%; min-width: 0; box-shadow: 0 1px 1px rgb(0 0 0 / 12%); font-size: 15px; line-height: 1.4; overflow-wrap: anywhere; }
.bubble .text, .bubble .head, .bubble .footer, .bubble .offer { padding: 3px 6px; white-space: pre-wrap; }
.bubble .head { font-weight: 650; }
.bubble .footer, .bubble small { color: var(--bubble-soft); font-size: 13px; }
.bubble .offer { font-weight: 550; border-bottom: 1px solid rgb(128 128 128 / 25%); }
.bubble code { background: rgb(128 128 128 / 18%); }
.bubble .media { border-radius: 8px; background: linear-gradient(135deg, rgb(128 140 135 / 30%), rgb(128 140 135 / 12%)); min-height: 130px; display: grid; place-content: center; justify-items: center; gap: 2px; padding: 12px; text-align: center; margin-bottom: 4px; }
.bubble .media span { font-size: 12px; color: var(--bubble-soft); }
.bubble .buttons { margin: 4px -6px -6px; }
.bubble .buttons li { border-top: 1px solid rgb(128 128 128 / 25%); padding: 9px 12px; text-align: center; color: var(--bubble-link); font-weight: 500; }
.bubble .buttons small { font-weight: 400; }
.cards-row { display: flex; gap: 8px; overflow-x: auto; padding-bottom: 6px; }
.cards-row .bubble { flex: 0 0 78%; width: auto; border-radius: 12px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin-top: 10px; }
dt { color: var(--soft); }

@media (max-width: 720px) {
  main { padding: 20px 14px 56px; }
  h1 { font-size: 23px; }
  .columns { grid-template-columns: minmax(0, 1fr); }
  .card { padding: 16px; }
  .top .inner { flex-wrap: wrap; gap: 0 12px; padding: 0 14px; justify-content: space-between; }
  .top nav { order: 3; flex: 1 0 100%; overflow-x: auto; margin: 0 -14px; padding: 0 6px; }
  .top form { padding: 8px 0 4px; }
  nav a { padding: 8px 9px 10px; }
  .when { margin-left: 0; }
  .timeline li { grid-template-columns: minmax(0, 1fr); gap: 0; }
  table.cards thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table.cards, table.cards tbody, table.cards tr, table.cards th, table.cards td { display: block; }
  table.cards tr { border-top: 1px solid var(--line); padding: 10px 0; }
  table.cards tr:first-child { border-top: 0; padding-top: 0; }
  table.cards th, table.cards td { border: 0; padding: 1px 0; text-align: left; }
  table.cards td.fine { display: inline; color: var(--soft); font-size: 13px; }
  table.cards td.fine + td.fine::before { content: "· "; margin-left: 5px; }
  table.cards .act form, table.cards .act summary { margin-left: -8px; }
  .counts thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .counts, .counts tbody { display: block; }
  .counts tr { display: grid; grid-template-columns: 1fr auto; border-top: 1px solid var(--line); padding: 8px 0; }
  .counts tr:first-child { border-top: 0; padding-top: 0; }
  .counts tbody th, .counts tbody td { border: 0; padding: 0; width: auto; }
  .counts tbody .number { padding-right: 0; }
  .counts td:last-child { grid-column: 1 / -1; }
  .act { width: auto; }
  .progress .big > b { flex-basis: 100%; }
  th, td { padding-right: 10px; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; }
}
@media print {
  .top, .actions, .links, form { display: none; }
  body { background: none; }
}
`;
