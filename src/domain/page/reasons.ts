// Reasons and open items as the pages name them, and lists that are cut.

import type { Html } from "../common/html.ts";
import { html, NOTHING, said } from "../common/html.ts";
import { sentenceCase } from "../common/text.ts";
import { plainReason } from "../result/labels.ts";
import type { OpenItem } from "../result/open-items.ts";

/**
 * The plain words of a reason, and its code after them, small. @param unknown the words of a code
 * that has none
 */
export function reasonName(reason: string, unknown = ""): Html {
  const words = sentenceCase(plainReason(reason)) || unknown;
  return html`${words === "" ? NOTHING : html`${words} `}<span class="id">${said(reason)}</span>`;
}

/** What is open, and its code after it, small. */
export function openItemName({ name, detail, code }: OpenItem): Html {
  const of = detail === "" ? NOTHING : html`, ${said(detail)}`;
  const id = code === null ? NOTHING : html` <span class="id">${said(code)}</span>`;
  return html`<b>${name}</b>${of}${id}`;
}

/**
 * The first of a list, and the rest, for which one line stands; one more takes no more room than
 * that line.
 */
export function cutAt<T>(
  all: readonly T[],
  most: number,
): { shown: readonly T[]; rest: readonly T[] } {
  const shown = all.length === most + 1 ? all : all.slice(0, most);
  return { shown, rest: all.slice(shown.length) };
}
