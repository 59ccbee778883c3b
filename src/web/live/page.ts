// The frame around every page: head, navigation, the word about what was just done. Knows nothing
// of campaigns.

import type { Content, Html } from "../../domain/common/html.ts";
import { html, markupText, said } from "../../domain/common/html.ts";
import { PATTERNS } from "../../domain/page/shapes.ts";
import type { Session } from "../auth/session.ts";

/** Where a page stands in the navigation; null for none of it. */
export type Section = "campaigns" | "opt-outs" | "people" | "audit" | null;

const SECTIONS: readonly { section: Section; path: string; name: string }[] = [
  { section: "campaigns", path: "/", name: "Campaigns" },
  { section: "people", path: "/people", name: "People" },
  { section: "opt-outs", path: "/opt-outs", name: "Opt-outs" },
  { section: "audit", path: "/audit", name: "Audit" },
];

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' " +
  "fill='%230b6170'/%3E%3Cpath d='M4 9.5 7 12l5-7.5' fill='none' stroke='%23fff' stroke-width='2' stroke-linecap='round' " +
  "stroke-linejoin='round'/%3E%3C/svg%3E";

export interface Page {
  title: string;
  section: Section;
  body: Content;
  /** Path of the events that keep the page up to date. */
  events?: string;
}

/** What stands around a page. */
interface PageFrame {
  /** What the zone of its instants is called. */
  zone?: string;
  /** Of several the one that the page is of; null where there is one ledger. */
  workspace?: string | null;
  /** The page is of all workspaces. */
  isOfAll?: boolean;
}

/**
 * A whole page as text. The session's notice is said once, and forgotten.
 */
export function pageText(page: Page, session: Session | null, about: PageFrame = {}): string {
  const notice = session?.notice ?? null;
  if (session !== null) session.notice = null;
  return `<!doctype html>\n${markupText(html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title} · campaign</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/live.css">
<script src="/live.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${PATTERNS}
${session !== null && navigation(page.section, session, about)}
<main id="main" tabindex="-1"${page.events !== undefined && html` data-events="${page.events}"`}>
${notice !== null && html`<p class="notice" role="status">${notice}</p>`}
<p class="notice stale" id="stale" role="status" hidden></p>
${page.body}
</main>
</body>
</html>`)}\n`;
}

/** The mark of the program. */
const MARK = html`<svg class="mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><rect width="20" height="20" rx="5" class="f-accent"/><path d="M5 10.4 8.6 14 15 6.6" class="tick"/></svg>`;

function navigation(
  current: Section,
  session: Session,
  { zone = "", workspace = null, isOfAll = false }: PageFrame,
): Html {
  const shown = isOfAll ? [] : SECTIONS;
  const links = shown.map(
    ({ section, path, name }) =>
      html`<a class="tab" href="${path}"${section === current && html` aria-current="page"`}>${name}</a>`,
  );
  // A phone shows the mark alone.
  const brand =
    workspace === null
      ? html`<a class="brand" href="/">${MARK}<span>campaign</span></a>`
      : html`<a class="brand" href="/workspaces" title="All workspaces">${MARK}<span>All workspaces / ${said(workspace)}</span></a>`;
  return html`<header class="site"><div>
${brand}
<nav aria-label="Pages">${links}</nav>
<span class="end"><span class="zone">${zone}</span><form method="post" action="/logout">${csrfField(session)}<button class="link">Log out</button></form></span>
</div></header>`;
}

/** What every form must carry. */
export function csrfField(session: Session): Html {
  return html`<input type="hidden" name="csrf" value="${session.csrf}">`;
}

/** A page that says what is wrong and what to do. */
export function wrongPage(title: string, sentence: Content, section: Section = null): Page {
  return {
    title,
    section,
    body: html`<div class="wrong"><h1>${title}</h1><p class="sub">${sentence}</p><p><a class="btn" href="/">All campaigns</a></p></div>`,
  };
}

/** The page that asks for the password. */
export function loginPage(options: { problem: string | null; to: string }): Page {
  return {
    title: "Log in",
    section: null,
    body: html`<div class="login">
<div class="brand">${MARK}<span>campaign</span></div>
<form method="post" action="/login" class="card form">
<h1>Log in</h1>
${options.problem !== null && html`<p class="problem" role="alert">${options.problem}</p>`}
<input type="hidden" name="to" value="${options.to}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus maxlength="1000">
<button class="btn pri">Log in</button>
</form>
<p class="cap">The one in CAMPAIGN_SERVE_PASSWORD; without it, the one that <code>campaign serve</code> printed when it started.</p>
</div>`,
  };
}
