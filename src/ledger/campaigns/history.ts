// Reads what the ledger knows of one person, and of one row's message. Every look is one into an
// index: no campaign is gone through. Keeps the template's words for that, and writes nothing else.

import type { Status } from "../../domain/campaign/dispatch.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import type { Name } from "../../domain/receipts/match.ts";
import { personOf } from "../../domain/recipient/person.ts";
import type {
  AttemptHistory,
  ClickHistory,
  ConsentHistory,
  DispatchHistory,
  History,
  MessageRecord,
  TapHistory,
} from "../../domain/result/history.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { digitsToInteger, isDigits } from "../file/digits.ts";
import { GONE_FROM } from "../file/schema.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Forgotten } from "../people/forgotten.ts";
import { IS_GIVEN_AWAY } from "../people/given-away.ts";
import type { SuppressionRow } from "../people/suppression-rows.ts";
import { SUPPRESSION_COLUMNS, suppressionRecord } from "../people/suppression-rows.ts";
import { namedSuppressionsSql } from "../people/suppressions.ts";
import { ARM_OF_MESSAGE } from "./tests.ts";

/** Dispatches of one person that are read; nobody is in so many campaigns. */
const DISPATCHES_MAX = 500;
/** Attempts and taps of one dispatch that are read. */
const EACH_MAX = 100;
/** A template has some kilobytes; what is longer than this is none. */
const DEFINITION_LENGTH_MAX = 262_144;
/** Suppressions of one person: by each number and each user id. */
const SUPPRESSIONS_MAX = 100;

type HistoryRow = Omit<DispatchHistory, "attempts" | "taps" | "clicks" | "phone"> & {
  campaignId: number;
  number: number;
  phone: number | null;
};

interface MessageRow {
  row: number | null;
  phone: number | null;
  userId: string | null;
  status: Status;
  reason: string | null;
  valueList: string | null;
  arm: number;
  definitions: string | null;
}

const COLUMNS = `
  c.id as "campaignId", c.name as campaign, d.row_number as number,
  iif(d.place < ${GONE_FROM}, d.place, null) as row, d.line, d.phone,
  d.recipient_id as "recipientId", coalesce(d.row_user_id, d.user_id) as "userId", d.region,
  d.status, d.reason, d.detail, d.error_code as "errorCode", d.error_message as "errorMessage",
  d.message_id as "messageId", d.message_status as "messageStatus", d.path,
  d.held_until as "heldUntil", d.claimed_at as "claimedAt", d.accepted_at as "acceptedAt",
  d.sent_at as "sentAt", d.delivered_at as "deliveredAt", d.read_at as "readAt",
  d.failed_at as "failedAt"
`;

/** The reading verbs of the contract that concern one person or one row. */
export function makeHistory(aliases: Aliases, forgotten: Forgotten) {
  const sql = prepare();

  function* dispatchesOf(name: Name): Verb<HistoryRow[]> {
    const of = typeof name === "number" ? sql.ofPerson : sql.ofUser;
    return [...(yield* of.kept.all(name)), ...(yield* of.skipped.all(name))];
  }

  function* complete({ campaignId, number, phone, ...row }: HistoryRow): Verb<DispatchHistory> {
    return {
      ...row,
      phone: phone === null ? null : `+${phone}`,
      attempts: yield* sql.attempts.all(campaignId, number),
      taps: yield* sql.taps.all(campaignId, number),
      clicks: yield* sql.clicks.all(campaignId, number),
    };
  }

  return {
    *historyOf(who: { phone?: string; userId?: string }): Verb<History> {
      const digits = who.phone === undefined ? "" : personOf(who.phone);
      const person = isDigits(digits) ? digitsToInteger(digits) : null;
      const names = yield* aliases.namesOf([person, who.userId ?? null]);
      const rows = new Map<string, HistoryRow>();
      for (const name of names) {
        for (const row of yield* dispatchesOf(name))
          rows.set(`${row.campaignId}/${row.number}`, row);
      }
      const newest = [...rows.values()].sort(
        (a, b) => b.campaignId - a.campaignId || a.number - b.number,
      );
      const dispatches: DispatchHistory[] = [];
      for (const row of newest.slice(0, DISPATCHES_MAX)) dispatches.push(yield* complete(row));
      const list = JSON.stringify(names);
      const phones = new Set(who.phone === undefined ? [] : [who.phone]);
      for (const { phone } of dispatches) if (phone !== null) phones.add(phone);
      return {
        phones: [...phones],
        userIds: names.filter((name) => typeof name === "string"),
        dispatches,
        isCut: newest.length > DISPATCHES_MAX,
        suppressions: (yield* sql.suppressions.all({ list })).map(suppressionRecord),
        isForgotten: (yield* forgotten.entryOf(names)) !== undefined,
        consents: yield* sql.consents.all(list),
      };
    },

    *keepDefinitions(campaign: number, definitions: readonly TemplateDefinition[]): Verb<void> {
      const text = JSON.stringify(definitions);
      if (text.length <= DEFINITION_LENGTH_MAX) yield* sql.keepDefinitions.run(text, campaign);
    },

    *messageOf(campaign: number, row: number | null): Verb<MessageRecord | undefined> {
      const found =
        row === null
          ? yield* sql.firstMessage.get(campaign)
          : yield* sql.message.get(campaign, row);
      if (found === undefined) return undefined;
      const { valueList, phone, ...rest } = found;
      return { ...rest, phone: phone === null ? null : `+${phone}`, values: valueList };
    },
  };
}

function prepare() {
  /**
   * Skipped rows stand in no index of persons but in one of their own: the unique one is of rows
   * that may be sent to.
   */
  const lookups = (column: string, skipped: string) => ({
    kept: statement<[Name], HistoryRow>(`
      select ${COLUMNS} from campaign c cross join dispatch d
      on d.campaign_id = c.id and d.${column} = ? and d.value_list is not null order by c.name
    `),
    skipped: statement<[Name], HistoryRow>(`
      select ${COLUMNS} from dispatch d indexed by ${skipped}
      cross join campaign c on c.id = d.campaign_id
      where d.${column} = ? and d.value_list is null
      order by d.campaign_id desc, d.row_number desc limit ${DISPATCHES_MAX + 1}
    `),
  });
  const message = `
    select iif(place < ${GONE_FROM}, place, null) as row, phone, row_user_id as "userId", status,
      reason, value_list as "valueList", ${ARM_OF_MESSAGE} as arm, c.definitions
    from campaign c cross join dispatch d on d.campaign_id = c.id
    where c.id = ?
  `;
  return {
    ofPerson: lookups("person", "dispatch_skipped_person"),
    ofUser: lookups("row_user_id", "dispatch_skipped_user"),
    attempts: statement<[number, number], AttemptHistory>(`
      select attempt, started_at as "startedAt", ended_at as "endedAt", outcome,
        http_status as "httpStatus", code, subcode, message, details, fbtrace_id as "fbtraceId",
        next_status as next, message_id as "messageId"
      from attempt where campaign_id = ? and row_number = ? and not ${IS_GIVEN_AWAY}
      order by attempt, stale limit ${EACH_MAX}
    `),
    taps: statement<[number, number], TapHistory>(`
      select label, tapped_at as "tappedAt" from tap indexed by tap_by_dispatch
      where campaign_id = ? and row_number = ? order by tapped_at, inbound_id limit ${EACH_MAX}
    `),
    clicks: statement<[number, number], ClickHistory>(`
      select component, clicked_at as "clickedAt" from click indexed by click_by_campaign
      where campaign_id = ? and row_number = ? order by clicked_at, identity limit ${EACH_MAX}
    `),
    suppressions: statement<[{ list: string }], SuppressionRow>(`
      select ${SUPPRESSION_COLUMNS} from suppression
      where id in (${namedSuppressionsSql("@list")})
      order by added_at desc, id desc limit ${SUPPRESSIONS_MAX}
    `),
    consents: statement<[string], ConsentHistory>(`
      select channel, value, said_at as "saidAt" from consent
      where who in (select cast(value as text) from json_each(?))
      order by said_at desc, who, channel
    `),
    keepDefinitions: statement("update campaign set definitions = ? where id = ?"),
    message: statement<[number, number], MessageRow>(`${message} and place = ?`),
    firstMessage: statement<[number], MessageRow>(
      `${message} and value_list is not null order by place limit 1`,
    ),
  };
}
