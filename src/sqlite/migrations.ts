// The ledger's schema, as the steps that lead to it. A step that was ever released is never edited again.

import type { Database } from "better-sqlite3";
import { LedgerError } from "../ledger.ts";
import { changeCheck } from "./check-change.ts";
import { addAudit } from "./migration-audit.ts";
import { addEvents } from "./migration-events.ts";
import { addHistory } from "./migration-history.ts";
import { addTally } from "./migration-tally.ts";

/** Marks the file as ours in its header ("mml1"), so that another program's database is never touched. */
const APPLICATION_ID = 0x6d6d6c31;

/**
 * Instants are milliseconds since the epoch. No CHECK compares two of them: clocks jump, and a computer whose
 * clock was set back must still be able to write down what Meta answered.
 *
 * `value_list` is null exactly for skipped rows, and no outcome touches it: that is why the unique index on
 * the person hangs on it and not on `status`, which would rewrite a random page of that index at every claim
 * and at every outcome.
 */
const V1 = `
create table meta (
  only_row integer primary key check (only_row = 1),
  ledger_id text not null check (length(ledger_id) between 1 and 32),
  created_at integer not null
) strict;

create table campaign (
  id integer primary key,
  name text not null unique check (name <> ''),
  lane text not null check (lane <> ''),
  state text not null check (
    state in ('planning', 'ready', 'running', 'finished', 'stopped', 'halted', 'cancelled')
  ),
  halt_code text,
  halt_sentence text,
  frozen text not null check (json_valid(frozen)),
  columns text not null check (json_valid(columns)),
  recipients_size integer,
  recipients_modified_ms real,
  recipients_sha256 text,
  rows integer not null default 0 check (rows >= 0),
  created_at integer not null,
  changed_at integer not null,
  constraint halt_is_whole check ((halt_code is null) = (halt_sentence is null)),
  constraint recipients_is_whole check (
    (recipients_size is null) = (recipients_sha256 is null)
    and (recipients_size is null) = (recipients_modified_ms is null)
  )
) strict;

create table dispatch (
  campaign_id integer not null references campaign (id),
  row_number integer not null check (row_number >= 1),
  line integer not null check (line >= 1),
  hash integer not null,
  phone integer,
  person integer,
  region text,
  value_list text check (json_valid(value_list)),
  cells text check (json_valid(cells)),
  status text not null,
  reason text,
  detail text,
  attempts integer not null default 0 check (attempts >= 0),
  holds integer not null default 0 check (holds >= 0),
  claimed_at integer,
  held_until integer,
  accepted_at integer,
  sent_at integer,
  delivered_at integer,
  read_at integer,
  failed_at integer,
  message_id text,
  message_status text,
  wa_id integer,
  user_id text,
  error_code text,
  error_message text,
  path text,
  primary key (campaign_id, row_number),
  constraint phone_and_person_together check ((phone is null) = (person is null)),
  constraint status_fits check (
    (held_until is not null) = (status = 'held')
    and (failed_at is not null) = (status = 'failed')
    and (value_list is null) = (status = 'skipped')
    and (reason is null or status = 'held' or status = 'skipped')
    and case status
      when 'pending' then phone is not null
      when 'claimed' then phone is not null and attempts >= 1 and claimed_at is not null
      when 'accepted' then phone is not null and attempts >= 1 and message_id is not null
      when 'skipped' then reason is not null and reason in (
        'invalid_number', 'ragged_row', 'cut_off_row', 'us_number', 'us_territory',
        'us_undecidable', 'blocked_region', 'opted_out', 'duplicate', 'missing_value'
      )
      when 'held' then phone is not null and reason is not null
      when 'failed' then phone is not null and error_code is not null
      when 'unknown' then phone is not null and attempts >= 1
      when 'sent' then phone is not null and attempts >= 1 and message_id is not null
      when 'delivered' then phone is not null and attempts >= 1 and message_id is not null
      when 'read' then phone is not null and attempts >= 1 and message_id is not null
      when 'expired' then phone is not null and attempts >= 1 and message_id is not null
      when 'cancelled' then phone is not null
      else false
    end
  ),
  constraint only_skipped_has_cells check (cells is null or status = 'skipped'),
  constraint only_skipped_has_detail check (detail is null or status = 'skipped')
) strict, without rowid;

create unique index dispatch_person on dispatch (campaign_id, person) where value_list is not null;
create index dispatch_pending on dispatch (campaign_id, row_number) where status = 'pending';
create index dispatch_held on dispatch (campaign_id, held_until, row_number) where status = 'held';
create index dispatch_claimed on dispatch (campaign_id, row_number) where status = 'claimed';

-- stale: 0 for the answer that moved its dispatch; 1, 2, … for answers that came when it was settled already.
create table attempt (
  campaign_id integer not null,
  row_number integer not null,
  attempt integer not null check (attempt >= 1),
  stale integer not null check (stale >= 0),
  started_at integer,
  ended_at integer not null,
  endpoint text,
  outcome text not null,
  http_status integer,
  code integer,
  subcode integer,
  message text,
  details text,
  fbtrace_id text,
  next_status text not null,
  next_detail text check (json_valid(next_detail)),
  message_id text,
  message_status text,
  wa_id integer,
  user_id text,
  primary key (campaign_id, row_number, attempt, stale),
  foreign key (campaign_id, row_number) references dispatch (campaign_id, row_number),
  constraint outcome_fits check (
    (next_status = 'accepted') = (message_id is not null)
    and case outcome
      when 'accepted' then next_status = 'accepted'
      when 'refused' then
        next_status = 'failed' or next_status = 'held' or next_status = 'pending'
        or next_status = 'unknown'
      when 'unknown' then next_status = 'unknown' or next_status = 'pending'
      when 'not_sent' then
        next_status = 'pending' or next_status = 'held' or next_status = 'failed'
        or next_status = 'unknown'
      else false
    end
  )
) strict, without rowid;

create table suppression (
  id integer primary key autoincrement,
  phone integer,
  person integer,
  user_id text check (user_id <> ''),
  reason text not null,
  source text not null,
  added_at integer not null,
  constraint phone_and_person_together check ((phone is null) = (person is null)),
  constraint somebody check (person is not null or user_id is not null)
) strict;
create unique index suppression_person on suppression (person) where person is not null;
create unique index suppression_user on suppression (user_id) where user_id is not null;

-- Two numbers that WhatsApp keeps as one account; every pair stands here in both orders.
create table alias (
  person integer not null,
  other integer not null check (other <> person),
  learned_at integer not null,
  primary key (person, other)
) strict, without rowid;

-- The business-scoped user ids behind which a person was seen.
create table alias_user (
  person integer not null,
  user_id text not null check (user_id <> ''),
  learned_at integer not null,
  primary key (person, user_id)
) strict, without rowid;
create index alias_user_by_user on alias_user (user_id);

create table lane (
  lane text primary key check (lane <> ''),
  used_until real not null,
  factor real not null check (factor > 0 and factor <= 1)
) strict, without rowid;

create view outcomes as
select
  campaign.name as campaign,
  d.row_number as row_number,
  '+' || d.phone as phone,
  d.region as region,
  d.status as status,
  d.reason as reason,
  d.error_code as error_code,
  coalesce(d.detail, d.error_message) as error_message,
  d.message_id as message_id,
  d.message_status as message_status,
  d.attempts as attempts,
  d.path as path,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.claimed_at / 1000.0, 'unixepoch') as claimed_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.accepted_at / 1000.0, 'unixepoch') as accepted_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.sent_at / 1000.0, 'unixepoch') as sent_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.delivered_at / 1000.0, 'unixepoch') as delivered_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.read_at / 1000.0, 'unixepoch') as read_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.failed_at / 1000.0, 'unixepoch') as failed_at
from dispatch as d join campaign on campaign.id = d.campaign_id;
`;

/**
 * Receipts. The body of a delivery is kept until it is applied, and afterwards only when something in it had no effect: it is full
 * of phone numbers, and a million messages have three million of them. A parked receipt watches the one or two dispatches on which
 * its application hangs: when either has left the status that is written down beside it, it is tried again.
 */
const RECEIPTS = `
alter table dispatch add column pricing_type text;
alter table dispatch add column pricing_category text;

create table delivery (
  id integer primary key autoincrement,
  source text not null,
  received_at integer not null,
  body text,
  applied_at integer,
  events integer check (events >= 1),
  constraint applied_is_whole check ((applied_at is null) = (events is null)),
  constraint waiting_has_body check (applied_at is not null or body is not null)
) strict;
create index delivery_waiting on delivery (id) where applied_at is null;

create table parked_receipt (
  id integer primary key,
  delivery_id integer not null,
  receipt text not null check (json_valid(receipt)),
  reason text not null check (reason in ('claimed', 'several')),
  campaign_id integer not null,
  row_number integer not null,
  status text not null,
  other_campaign_id integer,
  other_row_number integer,
  other_status text,
  parked_at integer not null,
  constraint several_has_another check ((reason = 'several') = (other_status is not null))
) strict;

create table receipt_count (
  event text not null,
  effect text not null,
  number integer not null check (number >= 0),
  primary key (event, effect)
) strict, without rowid;

-- What a person said last about marketing, by which way, and when; who: digits or a business-scoped user id.
create table consent (
  who text not null check (who <> ''),
  channel text not null check (channel in ('switch', 'message')),
  value text not null check (value in ('stop', 'resume')),
  said_at integer not null,
  primary key (who, channel)
) strict, without rowid;

-- Quick replies that people tapped under our messages.
create table tap (
  inbound_id text primary key,
  campaign_id integer not null,
  row_number integer not null,
  label text,
  tapped_at integer not null
) strict, without rowid;
`;

/** Lets a row be skipped as `invalid_value`. */
function allowInvalidValue(db: Database): void {
  changeCheck(db, "'missing_value'", "'missing_value', 'invalid_value'");
}

/**
 * Recipients by user id. `row_user_id` is the business-scoped user id that the row gave, and what is sent to where there is no
 * phone; `user_id` is what Meta told of the recipient since, which may be another one.
 */
const USER_IDS = `
alter table dispatch add column row_user_id text;
create unique index dispatch_row_user on dispatch (campaign_id, row_user_id)
  where value_list is not null and row_user_id is not null;

drop view outcomes;
`;

/** The public view, with the user id: the row's own, else the one that Meta told. */
const OUTCOMES = `
create view outcomes as
select
  campaign.name as campaign,
  d.row_number as row_number,
  '+' || d.phone as phone,
  d.region as region,
  d.status as status,
  d.reason as reason,
  d.error_code as error_code,
  coalesce(d.detail, d.error_message) as error_message,
  d.message_id as message_id,
  d.message_status as message_status,
  d.attempts as attempts,
  d.path as path,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.claimed_at / 1000.0, 'unixepoch') as claimed_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.accepted_at / 1000.0, 'unixepoch') as accepted_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.sent_at / 1000.0, 'unixepoch') as sent_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.delivered_at / 1000.0, 'unixepoch') as delivered_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.read_at / 1000.0, 'unixepoch') as read_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.failed_at / 1000.0, 'unixepoch') as failed_at,
  coalesce(d.row_user_id, d.user_id) as user_id
from dispatch as d join campaign on campaign.id = d.campaign_id;
`;

/** Lets a dispatch that has a user id be without a phone, and a row be skipped as `invalid_user_id`. */
function allowUserIds(db: Database): void {
  db.exec(USER_IDS);
  db.exec(OUTCOMES);
  const who = "(phone is not null or row_user_id is not null)";
  changeCheck(db, "then phone is not null", `then ${who}`);
  changeCheck(db, "'invalid_number'", "'invalid_number', 'invalid_user_id'");
}

/**
 * The daily limit and the TTL. `reach` is a portfolio whose people are counted, `reached` its people, each with the last claim of a
 * message that may have reached them; both are a memory of what the dispatches say, and may be thrown away (see reach.ts).
 * `last_claim_at` is no more than a minute late, and tells which campaigns need not be read for that.
 *
 * `expiry_at`: no message of the campaign expires before. `receipts_since`: the first receipt that was applied to it.
 */
const PEOPLE_AND_TTL = `
alter table campaign add column portfolio text check (portfolio <> '');
alter table campaign add column last_claim_at integer;
alter table campaign add column expiry_at integer;
alter table campaign add column receipts_since integer;

-- A campaign that ran when its process ended may have claimed until now. What may have expired is not known: looked at once.
update campaign set expiry_at = 0, last_claim_at =
  iif(state = 'running', max(changed_at, 1000 * unixepoch('now')), changed_at);

create table reach (
  id integer primary key,
  portfolio text not null unique,
  people integer not null check (people >= 0),
  counted_from integer not null,
  people_max integer not null check (people_max >= 1),
  asked_at integer not null
) strict;

create table reached (
  reach_id integer not null references reach (id),
  person any not null,
  reached_at integer not null,
  primary key (reach_id, person)
) strict, without rowid;
create index reached_by_time on reached (reach_id, reached_at);

-- The TTL of the messages that were claimed since an instant.
create table campaign_ttl (
  campaign_id integer not null references campaign (id),
  since integer not null,
  ttl_seconds integer not null check (ttl_seconds > 0),
  primary key (campaign_id, since)
) strict, without rowid;
`;

function addPeopleAndTtl(db: Database): void {
  db.exec(PEOPLE_AND_TTL);
  const anyApplied = "select exists (select 1 from receipt_count where effect = 'applied')";
  if (db.prepare(anyApplied).pluck().get() === 0) return;
  db.exec(`
    update campaign set receipts_since = (
      select min(coalesce(sent_at, delivered_at, read_at)) from dispatch
      where campaign_id = campaign.id
    );
  `);
}

function addEventsAndAudit(db: Database): void {
  addEvents(db);
  addAudit(db);
  addHistory(db);
  addTally(db);
}

/** Step n leads from `user_version` n to n + 1. */
const MIGRATIONS: readonly (string | ((db: Database) => void))[] = [
  V1,
  RECEIPTS,
  allowInvalidValue,
  allowUserIds,
  addPeopleAndTtl,
  addEventsAndAudit,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** What the header of a file says of it. */
export type Identity = "fresh" | "ours";

/**
 * Looks who wrote the file, without writing to it.
 * Throws LedgerError: `not_a_ledger` for another program's database, `newer_schema` for a newer version of this one.
 */
export function identify(db: Database, file: string): Identity {
  const applicationId = db.pragma("application_id", { simple: true }) as number;
  const version = db.pragma("user_version", { simple: true }) as number;
  if (applicationId === APPLICATION_ID) {
    if (version <= SCHEMA_VERSION) return "ours";
    throw new LedgerError(
      "newer_schema",
      `The ledger ${file} was written by a newer version of this program (schema ${version}, ` +
        `this one knows ${SCHEMA_VERSION}). Install that version.`,
    );
  }
  const things = db.prepare("select count(*) from sqlite_schema").pluck().get() as number;
  if (applicationId === 0 && version === 0 && things === 0) return "fresh";
  throw new LedgerError(
    "not_a_ledger",
    `${file} is another program's database, not a ledger. Choose another file with --ledger.`,
  );
}

/**
 * Brings the file to the newest schema, each step in one transaction. Another process may do the same at the
 * same moment: who comes second finds the step done.
 */
export function migrate(db: Database, file: string, born: { ledgerId: string; now: number }): void {
  for (let limit = 0; limit <= MIGRATIONS.length; limit += 1) {
    const done = db.transaction(() => {
      identify(db, file);
      const version = db.pragma("user_version", { simple: true }) as number;
      const step = MIGRATIONS[version];
      if (step === undefined) return true;
      if (typeof step === "string") db.exec(step);
      else step(db);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version + 1}`);
      db.prepare(
        "insert into meta (only_row, ledger_id, created_at) values (1, ?, ?) on conflict do nothing",
      ).run(born.ledgerId, born.now);
      return version + 1 === MIGRATIONS.length;
    });
    if (done.immediate()) return;
  }
}
