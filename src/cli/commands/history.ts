// `campaign history <who>` and `campaign suppress check <who>`: what the ledger knows of a person.
// They write nothing.

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { plain } from "../../domain/common/plain.ts";
import { sentenceCase } from "../../domain/common/text.ts";
import type { DispatchHistory, History } from "../../domain/result/history.ts";
import { STATUS_WORDS, wordsFor } from "../../domain/result/labels.ts";
import type { Moment } from "../../domain/result/moments.ts";
import { momentsOf } from "../../domain/result/moments.ts";
import { readNamed, requireRegion } from "../campaign/optouts.ts";
import { readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { print, printJson } from "../print/print.ts";
import type { Times } from "../print/times.ts";
import { timesOf } from "../print/times.ts";

interface Flags {
  region?: string;
  json?: boolean;
}

/** A person whom a text means, and what the ledger knows of them. */
interface Found {
  who: string;
  history: History;
}

/** `history`: every campaign, attempt, receipt and opt-out of a person. */
export async function history(
  who: string,
  flags: Flags,
  context: CommandContext,
): Promise<ExitCode> {
  const found = await lookUp([who], flags, context);
  if (flags.json) printJson({ people: found.map(recordOf) });
  else print(found.map((one) => historyText(one, timesOf())).join("\n\n"));
  return EXIT.done;
}

/** `suppress check`: whether campaigns send to people, and why not. */
export async function suppressCheck(
  who: string[],
  flags: Flags,
  context: CommandContext,
): Promise<ExitCode> {
  const found = await lookUp(who, flags, context);
  if (flags.json) printJson({ people: found.map(standingRecord) });
  else print(found.map((one) => `${one.who}  ${standing(one.history, timesOf())}`).join("\n"));
  return EXIT.done;
}

async function lookUp(
  texts: readonly string[],
  { region }: Flags,
  context: CommandContext,
): Promise<Found[]> {
  requireRegion(region);
  const people = texts.flatMap((text) => {
    const read = readNamed(text, region);
    if (read.length > 0) return read;
    throw new OperatorError({
      message: `"${text}" is neither a phone number nor a business-scoped user id`,
      hint: "Write the number with + and country code, or give --region.",
    });
  });
  const ledger = await readLedger(context.options);
  try {
    const found: Found[] = [];
    for (const { phone, userId } of people) {
      const named = phone === null ? { userId: userId ?? "" } : { phone };
      const known = (await ledger?.historyOf(named)) ?? unknownPerson(named);
      found.push({ who: phone ?? userId ?? "", history: known });
    }
    return found;
  } finally {
    await ledger?.close();
  }
}

/** What is known of anybody where there is no ledger yet. */
function unknownPerson({ phone, userId }: { phone?: string; userId?: string }): History {
  return {
    phones: phone === undefined ? [] : [phone],
    userIds: userId === undefined ? [] : [userId],
    ...{ dispatches: [], isCut: false, suppressions: [], isForgotten: false, consents: [] },
  };
}

/** Whether campaigns send to the person. */
function standing({ isForgotten, suppressions }: History, times: Times): string {
  if (isForgotten) return "Forgotten: the data was erased on request. No campaign sends to them.";
  const [entry] = suppressions;
  if (entry === undefined) return "Not on the opt-out list: campaigns may send to them.";
  const since = times.named(entry.addedAt);
  return plain(`On the opt-out list since ${since}: ${entry.reason} (${entry.source}).`);
}

function historyText(found: Found, times: Times): string {
  const { who, history: known } = found;
  const others = [...known.phones, ...known.userIds].filter((name) => name !== who);
  const head = [who, ...others].join("  ");
  const campaigns =
    known.dispatches.length === 0
      ? ["No campaign of this ledger has this person."]
      : known.dispatches.map((one) => dispatchText(one, times));
  const cut = known.isCut ? ["Older campaigns are in the ledger and not shown."] : [];
  return [`${head}\n${standing(known, times)}`, ...campaigns, ...cut].join("\n\n");
}

function dispatchText(dispatch: DispatchHistory, times: Times): string {
  const { campaign, row, line, status, detail, errorMessage } = dispatch;
  const where = row === null ? "no longer in the file" : `row ${row}, line ${line}`;
  const reason = dispatch.reason ?? dispatch.errorCode;
  const words = sentenceCase(STATUS_WORDS[status]);
  const why = [
    ...(reason === null ? [] : [`${wordsFor(reason).meaning} (${reason})`.trim()]),
    ...(detail === null ? [] : [detail]),
    ...(errorMessage === null ? [] : [errorMessage]),
  ].join(": ");
  const moments = momentsOf(dispatch).map((moment) => `  ${momentLine(moment, times)}`);
  return [
    plain(`${campaign}  ${status}  (${where})`),
    ...(why === "" && moments.length > 0 ? [] : [plain(`  ${why === "" ? words : why}`)]),
    ...moments,
  ].join("\n");
}

function momentLine(moment: Moment, { calendar }: Times): string {
  const { at, what, quoted, refusal, next, answer } = moment;
  const parts = [
    `${calendar.date(at)}, ${calendar.second(at)}  ${what}`,
    quoted === null ? "" : ` "${quoted}"`,
    refusal === null ? "" : `: ${refusal.meaning} (${refusal.code})`,
    next === null ? "" : `, now ${next}`,
    answer === "" ? "" : `. Meta: ${answer}`,
  ];
  return plain(parts.join(""));
}

function standingRecord({ who, history: known }: Found): Record<string, unknown> {
  const { suppressions, isForgotten } = known;
  return {
    who,
    opted_out: suppressions.length > 0 || isForgotten,
    forgotten: isForgotten,
    entries: suppressions.map((entry) => ({
      phone: entry.phone,
      user_id: entry.userId,
      reason: entry.reason,
      source: entry.source,
      added_at: iso(entry.addedAt),
    })),
  };
}

function recordOf(found: Found): Record<string, unknown> {
  const { phones, userIds, dispatches, isCut, consents } = found.history;
  return {
    ...standingRecord(found),
    phones,
    user_ids: userIds,
    consents: consents.map(({ channel, value, saidAt }) => ({ channel, value, at: iso(saidAt) })),
    dispatches: dispatches.map(dispatchRecord),
    dispatches_cut: isCut,
  };
}

function dispatchRecord(dispatch: DispatchHistory): Record<string, unknown> {
  return {
    campaign: dispatch.campaign,
    row: dispatch.row,
    line: dispatch.line,
    phone: dispatch.phone,
    user_id: dispatch.userId,
    recipient_id: dispatch.recipientId,
    status: dispatch.status,
    reason: dispatch.reason,
    detail: dispatch.detail,
    error_code: dispatch.errorCode,
    error_message: dispatch.errorMessage,
    message_id: dispatch.messageId,
    path: dispatch.path,
    held_until: iso(dispatch.heldUntil),
    accepted_at: iso(dispatch.acceptedAt),
    sent_at: iso(dispatch.sentAt),
    delivered_at: iso(dispatch.deliveredAt),
    read_at: iso(dispatch.readAt),
    failed_at: iso(dispatch.failedAt),
    attempts: dispatch.attempts.map(
      ({ attempt, startedAt, endedAt, outcome, next, ...answer }) => ({
        attempt,
        started_at: iso(startedAt),
        ended_at: iso(endedAt),
        outcome,
        next,
        error_code: answer.code,
        message_id: answer.messageId,
      }),
    ),
    taps: dispatch.taps.map(({ label, tappedAt }) => ({ label, at: iso(tappedAt) })),
    clicks: dispatch.clicks.map(({ component, clickedAt }) => ({ component, at: iso(clickedAt) })),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
