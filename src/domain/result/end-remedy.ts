// What a person does about the end of a run, in one sentence that names the next command. No I/O.

import type { Halt, StopReason } from "../campaign/campaign.ts";
import { FAILED_OVER, FAILED_OVER_TODO } from "../campaign/failed-over.ts";
import { faultTodo } from "../campaign/fault.ts";
import { isFindingId } from "../preflight/finding.ts";
import { ruleOf } from "../receipts/account-rules.ts";
import { LEDGER_WENT_BACK, WENT_BACK_TODO } from "../receipts/went-back.ts";
import { ruleFor } from "../sending/error-codes.ts";
import type { RunEnd } from "../sending/run-ports.ts";

/** What is to be done before `campaign run` goes on; empty where nothing is. */
const BY_REASON: Readonly<Record<StopReason, string>> = {
  interrupted: "",
  held: "Wait until the first of them is due.",
  limit: "Give a higher --limit, or none, for those who are left.",
  daily_limit: "Wait until people of the last 24 hours no longer count.",
  budget: "Set a higher `budget.most`, if the campaign may cost more.",
  hours: "Wait until the hours open.",
  paused: "`campaign unpause <manifest>` lifts the pause.",
  offline: "See why this machine has no network.",
  refused_for_now: "Wait: Meta takes no message for now.",
  ledger_busy: faultTodo("ledger_busy") ?? "",
  ledger_unreachable: faultTodo("ledger_unreachable") ?? "",
  lane_taken:
    "Nothing: another process goes on with it, and `campaign status <manifest>` shows how far it is.",
  ramp: "Wait until the messages of this step have settled.",
  ramp_blind: "Start the receiver (`campaign serve`), or import what it stored.",
  ramp_held: "Wait until Meta has assessed the template; WhatsApp Manager shows its state.",
  test: "Wait until the test is decided; `campaign report <manifest>` shows its figures.",
  numbers_left: "",
};

/** Halts of our own that no other table words. */
const BY_CODE: Readonly<Record<string, string>> = {
  ramp: "See by `campaign report <manifest>` why so many of its messages failed. A person may go on all the same with --despite ramp.",
  [LEDGER_WENT_BACK]: WENT_BACK_TODO,
  [FAILED_OVER]: FAILED_OVER_TODO,
  connection: "Check account.base_url, and the certificates and proxies of this machine.",
  no_clear_answer: "See whether Meta, or what stands at account.base_url, answers.",
};

/**
 * What to do about a run that did not finish.
 * @param manifest its path as the operator wrote it
 */
export function endRemedy(end: Exclude<RunEnd, { kind: "finished" }>, manifest: string): string {
  const first = end.kind === "halted" ? haltTodo(end.halt) : BY_REASON[end.why];
  const run = `\`campaign run ${manifest}\``;
  const todo = first
    .replaceAll("<manifest>", manifest)
    .replace(/\brun the same command\b/, `run ${run}`)
    .replace(/\b[Tt]he same command\b/, run);
  if (todo.includes(run)) return todo;
  if (end.kind === "stopped" && end.why === "lane_taken") return todo;
  return `${todo} ${run} goes on; nobody gets the message twice.`.trim();
}

function haltTodo({ code }: Halt): string {
  if (/^\d+$/.test(code)) return ruleFor(Number(code), null).todo;
  const own = BY_CODE[code] ?? faultTodo(code) ?? ruleOf(code).todo;
  if (own !== null) return own;
  return isFindingId(code)
    ? "`campaign check <manifest>` shows what to correct."
    : "Act on what the message says.";
}
