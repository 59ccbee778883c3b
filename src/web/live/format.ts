// Numbers and instants as the live page writes them: English, UTC, the same on every machine.

import { calendarOf, stamp } from "../../domain/common/calendar.ts";
import type { Html } from "../../domain/common/html.ts";
import { html } from "../../domain/common/html.ts";

const UTC = calendarOf("UTC");

/** An instant with its machine-readable form: `30 Apr 2026, 21:00 UTC`; a dash for none. */
export function instant(at: number | null): Html {
  if (at === null || !Number.isFinite(at)) return html`<span class="none">–</span>`;
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${stamp(at)}</time>`;
}

/** A day: `30 Apr 2026`, with the whole instant as its title. */
export function day(at: number): Html {
  const date = new Date(at);
  return html`<time datetime="${date.toISOString()}" title="${date.toISOString()}">${UTC.date(at)}</time>`;
}
