// The report's sections on people who did not get the message: skipped, failed, and what is still open with the command that deals with it.

import { FIXABLE_REASONS } from "../domain/campaign/dispatch.ts";
import type { Calendar } from "../domain/common/calendar.ts";
import { unreachable } from "../domain/common/errors.ts";
import type { Html } from "../domain/common/html.ts";
import { html, NOTHING, withCode } from "../domain/common/html.ts";
import { count, percent, plural } from "../domain/common/numbers.ts";
import { wordsFor } from "../domain/result/reason-labels.ts";
import type { ReportData } from "../domain/result/report-data.ts";
import type { OpenEnd } from "../domain/result/report-figures.ts";
import { openEnds } from "../domain/result/report-figures.ts";
import { ruleFor } from "../domain/sending/error-codes.ts";
import { isSandbox, shareOf } from "./result.ts";
import { table } from "./table.ts";

/** Rows of a table of reasons or codes; what comes after is summed up. */
const ROWS_MAX = 20;

/** Who was skipped, and why. */
export function skippedOf({ skipped, funnel }: ReportData): Html {
  if (skipped.length === 0) return NOTHING;
  const most = skipped[0]?.number ?? 1;
  const rows = skipped.slice(0, ROWS_MAX).map(({ reason, number }) => {
    const { meaning, todo } = wordsFor(reason);
    return {
      name: sentenceCase(meaning === "" ? reason : meaning),
      note: html`<code>${reason}</code> ${withCode(todo)}`,
      bar: { share: number / most, colour: "plain" as const },
      values: [count(number), percent(number, funnel.rows)],
    };
  });
  return html`<section><h2>Not sent to</h2>
<p>${plural(funnel.rows - funnel.toSend, "row")} of the CSV were left out on purpose, before anything was sent to them.</p>
${table(
  "Rows that were not sent to, by reason",
  ["Reason", { name: "Rows", kind: "number" }, { name: "Of all rows", kind: "number" }],
  rows,
)}${others(skipped)}</section>`;
}

/** What failed, by code, with the plain meaning and what to do. */
export function failedOf(data: ReportData): Html {
  const { failed, funnel } = data;
  const manifest = manifestOf(data);
  if (failed.length === 0) return NOTHING;
  const most = failed[0]?.number ?? 1;
  const total = failed.reduce((sum, { number }) => sum + number, 0);
  const rows = failed.slice(0, ROWS_MAX).map(({ code, number, afterAcceptance, example }) => {
    const { meaning } = wordsFor(code);
    const said = example === null ? NOTHING : html` <q>${example}</q>`;
    const after =
      afterAcceptance === 0
        ? ""
        : afterAcceptance === number
          ? "All after Meta had accepted them."
          : `${count(afterAcceptance)} of them after Meta had accepted them.`;
    return {
      name: html`<code>${code}</code> ${sentenceCase(meaning)}`,
      note: html`${withCode(failureTodo(code, manifest))} ${after}${said}`,
      bar: { share: number / most, colour: "failed" as const },
      values: [count(number), shareOf(number, funnel.posted)],
    };
  });
  return html`<section><h2>Failed</h2>
<p>${plural(total, "message")} failed. Delivery failures arrive after acceptance, by receipt.</p>
${table(
  "Failed messages by code",
  [
    "Code and meaning",
    { name: "Failed", kind: "number" },
    { name: "Of the posted", kind: "number" },
  ],
  rows,
)}${others(failed)}</section>`;
}

/** For a failure: what the table of codes says of a message that is held is not true of one that failed. */
function failureTodo(code: string, manifest: string): string {
  if (!/^\d{1,9}$/.test(code)) return wordsFor(code).todo;
  const { action, todo } = ruleFor(Number(code), null);
  switch (action) {
    case "hold":
    case "wait":
    case "throttle":
      return `It is not tried again by itself; \`campaign retry ${manifest} --code ${code}\` does so on purpose.`;
    case "halt_campaign":
    case "halt_lane":
      return `${todo} Those who failed with it are queued again by \`campaign retry ${manifest} --code ${code}\`.`;
    default:
      return todo;
  }
}

function others(all: readonly { number: number }[]): Html {
  const rest = all.slice(ROWS_MAX);
  if (rest.length === 0) return NOTHING;
  const sum = rest.reduce((total, { number }) => total + number, 0);
  return html`<p class="small">${plural(rest.length, "more reason")} with ${count(sum)} together; <code>report --json</code> has them all.</p>`;
}

/** What waits for a person, with the command that deals with it. */
export function openOf(data: ReportData, calendar: Calendar): Html {
  const ends = openEnds(data, FIXABLE_REASONS);
  if (ends.length === 0) {
    return html`<section><h2>Still open</h2><p>Nothing: every row has its final state.</p></section>`;
  }
  const rows = ends.map((end) => {
    const { name, note, commands } = openWords(end, data, calendar);
    return {
      name,
      note: html`${note}${commands.map((one) => html`<code class="command">campaign ${one}</code>`)}`,
      values: [count(end.number)],
    };
  });
  return html`<section><h2>Still open</h2>
${table("What is still open", ["What, and what deals with it", { name: "Rows", kind: "number" }], rows)}
${heldTable(data, calendar)}</section>`;
}

interface OpenWords {
  name: string;
  note: string;
  /** Without the program's name; empty when there is nothing to do. */
  commands: string[];
}

function openWords({ kind, at }: OpenEnd, data: ReportData, calendar: Calendar): OpenWords {
  const manifest = manifestOf(data);
  const run = `run ${manifest}`;
  const when = at === null ? "" : `${calendar.minute(at)} ${calendar.zone}`;
  switch (kind) {
    case "halted":
      return {
        name: "Halted",
        note: "Fix what is said above, then run it again.",
        commands: [run],
      };
    case "paused":
      return {
        name: "Paused by a person",
        note: `Since ${when}.`,
        commands: [`unpause ${manifest}`, run],
      };
    case "pending":
      return { name: "Waiting to be sent", note: "The same command goes on.", commands: [run] };
    case "claimed":
      return data.campaign.state === "running"
        ? { name: "On their way right now", note: "Their answers are awaited.", commands: [] }
        : {
            name: "In doubt",
            note: "Their run was killed: the next one makes them unknown, and sends to none of them twice.",
            commands: [run],
          };
    case "held":
      return {
        name: "Held for later",
        note:
          at !== null && at <= data.at
            ? `Refused for now; the next try has been due since ${when}.`
            : `Refused for now; the next try is due ${when}.`,
        commands: [run],
      };
    case "unknown":
      return {
        name: "Unknown whether sent",
        note: "The answer was lost, and nobody is sent to twice by itself. A receipt settles it; without one, a person decides: resend may give some of them a second message.",
        commands: ["give-up", "resend"].map((one) => `resolve ${manifest} --unknown ${one}`),
      };
    default:
      return settlingWords(kind, when, data);
  }
}

/** What settles itself, or is a matter of the file. */
function settlingWords(kind: Settling, when: string, data: ReportData): OpenWords {
  switch (kind) {
    case "without_receipt": {
      const receives = "Receipts come while the receiver runs.";
      return {
        name: "Accepted, no receipt yet",
        note: `The oldest since ${when}. ${isSandbox(data) ? "" : receives}`,
        commands: isSandbox(data) ? [] : ["webhooks"],
      };
    }
    case "on_the_way":
      return {
        name: "Sent on by Meta, not delivered yet",
        note: "The phone may be off. Settled by a receipt, or when the time to live has passed.",
        commands: [],
      };
    case "expired":
      return {
        name: "Expired",
        note: "The time to live passed without a receipt of delivery; a late one still counts.",
        commands: [],
      };
    case "fixable":
      return {
        name: "Rows that can be fixed in the CSV",
        note: "Left out for what stands in the file; this writes them to a file of their own.",
        commands: [`rejects ${manifestOf(data)} --csv rejects.csv`],
      };
    default:
      return unreachable(kind);
  }
}

type Settling = Exclude<
  OpenEnd["kind"],
  "halted" | "paused" | "pending" | "claimed" | "held" | "unknown"
>;

function manifestOf({ settings }: ReportData): string {
  return settings === null ? "<manifest>" : shellWord(settings.manifest);
}

function heldTable({ held }: ReportData, calendar: Calendar): Html {
  if (held.length === 0) return NOTHING;
  const rows = held.slice(0, ROWS_MAX).map(({ reason, number, nextAt, lastAt }) => {
    const { meaning } = wordsFor(reason);
    const until = lastAt - nextAt < 60_000 ? "" : ` to ${calendar.minute(lastAt)}`;
    return {
      name: html`<code>${reason}</code> ${sentenceCase(meaning)}`,
      note: `Next try ${calendar.minute(nextAt)}${until} ${calendar.zone}`,
      values: [count(number)],
    };
  });
  return html`<h3>Why they are held</h3>${table(
    "Held messages by reason",
    ["Reason", { name: "Held", kind: "number" }],
    rows,
  )}`;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A path as a shell takes it. */
function shellWord(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
