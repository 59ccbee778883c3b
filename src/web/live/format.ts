// Numbers and instants as the live page writes them: English, UTC, the same on every machine.

import type { Html } from "../../domain/common/html.ts";
import { html } from "../../domain/common/html.ts";
import { plural } from "../../domain/common/numbers.ts";

const SECOND_MS = 1000;
const MINUTE_S = 60;
const HOUR_MIN = 60;

/** `45 s`, `3 min`, `2 h 10 min`, `3 days`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND_MS));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / MINUTE_S);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / HOUR_MIN);
  const rest = minutes % HOUR_MIN;
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return plural(Math.round(hours / 24), "day");
}

/** An instant with its machine-readable form: `2026-04-30 21:00:05 UTC`; a dash for none. */
export function instant(at: number | null): Html {
  if (at === null || !Number.isFinite(at)) return html`<span class="none">–</span>`;
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

/** A day: `30 Apr 2026`, with the whole instant as its title. */
export function day(at: number): Html {
  const date = new Date(at);
  const text = date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  return html`<time datetime="${date.toISOString()}" title="${date.toISOString()}">${text}</time>`;
}
