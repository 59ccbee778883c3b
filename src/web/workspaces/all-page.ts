// The page of several workspaces: each with its campaigns, and one whose ledger does not answer
// with the reason.

import type { Html } from "../../domain/common/html.ts";
import { html, markupText, NOTHING, said, trusted, withCode } from "../../domain/common/html.ts";
import type { Parts } from "../live/events.ts";
import type { HomeView } from "../live/home-page.ts";
import { homeParts } from "../live/home-page.ts";
import type { Page } from "../live/page.ts";
import { ALL_PATH, baseOf, withBase } from "./base.ts";

/** A workspace as the page shows it. */
export interface WorkspaceView {
  name: string;
  /** Its campaigns, or why they cannot be shown. */
  shown: HomeView | { fault: string };
}

/** The page. @param notice about all of them; null for nothing */
export function allPage(workspaces: readonly WorkspaceView[], notice: string | null): Page {
  const parts = allParts(workspaces, notice);
  const part = (name: string) => html`<div class="home" data-live="${name}">${parts[name]}</div>`;
  return {
    title: "Workspaces",
    section: null,
    events: `${ALL_PATH}/events`,
    body: html`<div class="head"><h1>Workspaces</h1></div>${Object.keys(parts).map(part)}`,
  };
}

/** Its parts: one a workspace. */
export function allParts(workspaces: readonly WorkspaceView[], notice: string | null): Parts {
  const entries = workspaces.map((one): [string, Html] => [`w-${one.name}`, workspacePart(one)]);
  const about =
    notice === null ? NOTHING : html`<p class="notice" role="status">${withCode(notice)}</p>`;
  return { notice: about, ...Object.fromEntries(entries) };
}

function workspacePart({ name, shown }: WorkspaceView): Html {
  const base = baseOf(name);
  const title = html`<h2><a class="name" href="${base}/">${said(name)}</a></h2>`;
  if ("fault" in shown) {
    return html`<div class="head">${title}</div><section class="card"><p class="problem">${said(shown.fault)}</p></section>`;
  }
  const { needs, under_way, ended } = homeParts(shown);
  // The addresses of its campaigns are below its own.
  const inside = trusted(withBase(markupText(html`${needs}${under_way}${ended}`), base));
  return html`<div class="head">${title}</div>${inside}`;
}
