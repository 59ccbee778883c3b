// The report's section on people who did not get the message, and why.

import { FIXABLE_REASONS } from "../domain/campaign/dispatch.ts";
import { type Html, html, NOTHING, withCode } from "../domain/common/html.ts";
import { count, percent, plural } from "../domain/common/numbers.ts";
import { command } from "../domain/page/parts.ts";
import { cutAt, reasonName } from "../domain/page/reasons.ts";
import { wordsFor } from "../domain/result/labels.ts";
import { ruleFor } from "../domain/sending/error-codes.ts";
import type { ReportView } from "./view.ts";

/** Reasons that are listed; the smaller ones are summed up. */
const FAILED_MAX = 4;
const SKIPPED_MAX = 5;

interface Reason {
  reason: string;
  number: number;
}

/** Failed and skipped in one table, each with its reasons; nothing when all got the message. */
export function reasonsSection(view: ReportView): Html {
  const { data, figures } = view;
  const failed = data.failed.map(({ code, number }) => ({ reason: code, number }));
  if (failed.length === 0 && data.skipped.length === 0) return NOTHING;
  const later = data.failed.reduce((sum, { afterAcceptance }) => sum + afterAcceptance, 0);
  const all = figures.failed.number;
  const after =
    later === 0
      ? ""
      : later === all
        ? "after Meta had accepted the message"
        : `${count(later)} of them after Meta had accepted the message`;
  return html`<section><h2>Not delivered, and why</h2><p class="sub">Shares are of all ${plural(data.rows, "person", "people")} on the list.</p><table class="t stack"><thead><tr><th class="wide">Reason</th><th class="n">People</th><th class="n">Of list</th><th>What to do</th></tr></thead>${group(
    view,
    { name: "Failed", note: after, total: all, most: FAILED_MAX },
    failed,
  )}${group(
    view,
    {
      name: "Skipped",
      note: "before anything was sent",
      total: figures.skipped.number,
      most: SKIPPED_MAX,
    },
    data.skipped,
  )}</table></section>`;
}

function group(
  view: ReportView,
  about: { name: string; note: string; total: number; most: number },
  reasons: readonly Reason[],
): Html {
  if (reasons.length === 0) return NOTHING;
  const { rows } = view.data;
  const { name, note, total, most } = about;
  const { shown, rest } = cutAt(reasons, most);
  const lines = shown.map(({ reason, number }) =>
    line(rows, reasonName(reason), number, reasonTodo(reason, view.manifest)),
  );
  if (rest.length > 0) {
    const sum = rest.reduce((total, { number }) => total + number, 0);
    lines.push(line(rows, html`${count(rest.length)} smaller reasons`, sum, restTodo(rest)));
  }
  return html`<tbody><tr class="grp"><td>${name}</td><td class="n">${count(total)}</td><td class="n">${percent(total, rows)}</td><td class="do cap">${note}</td></tr>${lines}</tbody>`;
}

function line(rows: number, name: Html, number: number, todo: Html): Html {
  return html`<tr><td>${name}</td><td class="n">${count(number)}</td><td class="n">${percent(number, rows)}</td><td class="do">${todo}</td></tr>`;
}

function isFixable(reason: string): boolean {
  return (FIXABLE_REASONS as readonly string[]).includes(reason);
}

function restTodo(rest: readonly Reason[]): Html {
  const fixable = rest
    .filter(({ reason }) => isFixable(reason))
    .reduce((sum, { number }) => sum + number, 0);
  return fixable === 0 ? NOTHING : html`${count(fixable)} of them are rows to fix, see Open.`;
}

/**
 * For a failure: what the table of codes says of a message that is held is not true of one that
 * failed.
 */
function reasonTodo(reason: string, manifest: string): Html {
  if (isFixable(reason)) return html`Rows to fix, see Open.`;
  if (!/^\d{1,9}$/.test(reason)) return withCode(wordsFor(reason).todo);
  const { action, todo } = ruleFor(Number(reason), null);
  const retry = command(`campaign retry ${manifest} --code ${reason}`);
  switch (action) {
    case "hold":
    case "wait":
    case "throttle":
      return html`Send again on purpose: ${retry}`;
    case "halt_campaign":
    case "halt_lane":
      return html`${withCode(todo)} To send to them again: ${retry}`;
    default:
      return withCode(todo);
  }
}
