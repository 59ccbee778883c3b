// By which path messages went, and how they are priced, in words.

import { type Html, html, NOTHING } from "../domain/common/html.ts";
import { count, percent } from "../domain/common/numbers.ts";
import { paperRows } from "../domain/page/parts.ts";
import type { PathCount } from "../domain/result/report-data.ts";

/** Rows on paper at most. */
const PATHS_ON_PAPER = 4;

const PATHS: Readonly<Record<string, string>> = {
  marketing_lite: "Marketing Messages API",
  marketing: "Cloud API",
};

/** Meta's words for how a message is priced, as people are shown them. */
export const PRICING_WORDS: Readonly<Record<string, string>> = {
  regular: "billed",
  free_customer_service: "free: within a customer service window",
  free_entry_point: "free: after an ad that leads to WhatsApp",
  free_group_customer_service: "free: within a customer service window of a group",
};

/** Table of the paths, as receipts reported them. */
export function pathTable(paths: readonly PathCount[]): Html {
  const rows = paths.map(({ path, pricingType, number, delivered, read }) => {
    const price =
      pricingType === null ? "price not reported" : (PRICING_WORDS[pricingType] ?? pricingType);
    return html`<tr><td>${pathWords(path)}${path === null ? NOTHING : html` <span class="id">${path}</span>`}<span class="cap"> ${price}</span></td><td class="n">${count(number)}</td><td class="n">${percent(delivered, number)}</td><td class="n">${percent(read, delivered)}</td></tr>`;
  });
  return html`<table class="t"><thead><tr><th>Path and price</th><th class="n">Messages</th><th class="n">Delivered</th><th class="n">Read</th></tr></thead>${paperRows(rows, PATHS_ON_PAPER)}</table>`;
}

/** Where the most messages went, in a few words. */
export function pathAnswer(paths: readonly PathCount[]): string {
  const known = new Map<string, number>();
  for (const { path, number } of paths) {
    known.set(pathWords(path), (known.get(pathWords(path)) ?? 0) + number);
  }
  return [...known].map(([name, number]) => `${count(number)} by ${name}`).join(", ");
}

function pathWords(path: string | null): string {
  return path === null ? "a path not reported" : (PATHS[path] ?? path);
}
