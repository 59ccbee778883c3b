// The ledger's schema, whole. A file of another version is refused: nothing was released before
// this one.

import { laneSql } from "../lanes.ts";
import { LANGUAGE_OF_VALUES } from "../looks.ts";

/**
 * Written to `user_version`. Schemas before 11 belong to versions of this program that were never
 * released.
 */
export const SCHEMA_VERSION = 19;

/**
 * The index on message ids is in buckets of 65,536 rows of a campaign. Ids come in random order:
 * one index over a million of them takes a page of its own for every message, which made recording
 * an answer cost 36 µs instead of 21; the bucket that is written to stays in memory, and costs 3. A
 * look goes through the buckets, sixteen for a million rows.
 */
export const MESSAGE_BUCKET_BITS = 16;

/**
 * `place` of a dispatch whose row is in the source no more: this and its own number, so that those
 * come behind the others, in the order in which they were planned.
 */
export const GONE_FROM = 2 ** 40;

/** SQL: the name of the arm that the dispatch `d` is in; null for none. */
const ARM_NAME = `iif(d.arm = 0, null, (
  select a.name from campaign_arm a where a.campaign_id = d.campaign_id and a.place = d.arm
))`;

/** SQL: the language that the row of `d` gives its template; null where no row gives one. */
const OWN_LANGUAGE = `iif(
  substr(d.value_list, 1, 2) = '["'
    and instr(json_extract(campaign.frozen, '$."template.language"'), '{') > 0,
  ${LANGUAGE_OF_VALUES}, null)`;

/** The columns of the view `outcomes`: public and stable, new ones only behind the others. */
export const OUTCOME_COLUMNS = `
  campaign.name as campaign,
  iif(d.place < ${GONE_FROM}, d.place, null) as row_number,
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
  coalesce(d.row_user_id, d.user_id) as user_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.clicked_at / 1000.0, 'unixepoch') as clicked_at,
  d.recipient_id as recipient_id,
  ${laneSql("d", "campaign")} as lane,
  ${ARM_NAME} as arm,
  cast(d.cost as double precision) / 1000000 as cost,
  d.cost_currency as currency,
  ${OWN_LANGUAGE} as language
`;

/**
 * Instants are milliseconds since the epoch. No CHECK compares two of them: clocks jump, and a
 * computer whose clock was set back must still be able to record what Meta answered.
 *
 * `value_list` is null exactly for skipped rows, and no outcome touches it. That is why the unique
 * indexes on the person hang on it and not on `status`, which would rewrite a random page of the
 * index at every claim and at every outcome.
 */
export const SCHEMA = `
create table meta (
  only_row integer primary key check (only_row = 1),
  ledger_id text not null check (length(ledger_id) between 1 and 32),
  created_at integer not null,
  -- Key of the hashes in \`forgotten\`; made with the first of them.
  name_key blob check (length(name_key) = 32),
  -- 1: free pages of the file may still hold erased data.
  rewrite_due integer not null default 0 check (rewrite_due in (0, 1)),
  -- Where the ledger is now, without a password; null while it is here.
  moved_to text check (moved_to <> '')
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
  -- Id of the business at Meta that owns the sending number; null while it is not known.
  portfolio text check (portfolio <> ''),
  -- At most a minute late: which campaigns the daily limit need not read.
  last_claim_at integer,
  -- No message of the campaign expires before.
  expiry_at integer,
  -- The first receipt that was applied to it.
  receipts_since integer,
  -- When Meta was last asked: an older account event stops nothing.
  checked_at integer,
  -- Whose account events concern the campaign: the account's id, the number's digits.
  waba text check (waba <> ''),
  number integer,
  -- The manifest's own opt-out words, a JSON array.
  stop_words text check (json_valid(stop_words)),
  -- When the erasure of its rows began, and how far it got.
  erased_at integer,
  erased_rows integer,
  -- Set while rows of a changed source are planned again.
  replanning text check (replanning in ('changes', 'again')),
  -- The templates as the last run saw them at Meta, a JSON array.
  definitions text check (json_valid(definitions)),
  -- Tries of a person whom Meta refuses for its limit per person (131049), as the last run had it.
  capped_tries integer check (capped_tries >= 1),
  -- How the last run stopped part-way, JSON; null when it did not.
  last_stop text check (json_valid(last_stop)),
  cancelled_by text,
  -- Absolute path of the manifest that the last run read.
  manifest text check (manifest <> ''),
  -- Counts of the campaign, JSON; or the mark of a process that is counting; null when a row changed since.
  tally text,
  -- The change of state that was last sent by \`notify\` of the policy.
  notice text check (notice <> ''),
  -- Of a message that was sent to try the campaign of this name out; null of every campaign.
  test_of text check (test_of <> ''),
  constraint halt_is_whole check ((halt_code is null) = (halt_sentence is null)),
  constraint recipients_is_whole check (
    (recipients_size is null) = (recipients_sha256 is null)
    and (recipients_size is null) = (recipients_modified_ms is null)
  )
) strict;
-- Read for every batch of webhook bodies.
create index campaign_stop_words on campaign (lane, stop_words) where stop_words is not null;
-- Whose messages may count for a frequency cap, or for the daily limit.
create index campaign_last_claim on campaign (last_claim_at) where last_claim_at is not null;

-- The numbers that a campaign sends from besides \`campaign.lane\`, with their digits as far as Meta has reported them.
create table campaign_lane (
  campaign_id integer not null references campaign (id),
  place integer not null check (place >= 1),
  lane text not null check (lane <> ''),
  number integer,
  primary key (campaign_id, place)
) strict, without rowid;
create unique index campaign_lane_by_lane on campaign_lane (lane, campaign_id);

-- The zones of the people of a campaign that goes by everybody's own clock: a country and the clocks that one of its people may live by.
create table campaign_zone (
  campaign_id integer not null references campaign (id),
  zone integer not null check (zone >= 1),
  clocks text not null check (clocks <> ''),
  primary key (campaign_id, zone)
) strict, without rowid;
create unique index campaign_zone_by_clocks on campaign_zone (campaign_id, clocks);

-- How the last run of each number of a campaign with several left it; \`campaign.state\` follows from these.
create table lane_state (
  campaign_id integer not null references campaign (id),
  lane_place integer not null check (lane_place >= 0),
  state text not null check (state in ('running', 'finished', 'stopped', 'halted')),
  halt_code text,
  halt_sentence text,
  last_stop text check (json_valid(last_stop)),
  primary key (campaign_id, lane_place),
  constraint halt_is_whole check ((halt_code is null) = (halt_sentence is null))
) strict, without rowid;

-- A stop from outside the runner: a person's pause, or an event of the account or template. Each is lifted by itself.
-- lane_place: of one number alone, where the campaign has several; -1: of the whole campaign.
create table campaign_stop (
  campaign_id integer not null references campaign (id),
  kind text not null check (kind in ('paused', 'halted', 'ramp', 'plan')),
  code text not null check (code <> ''),
  sentence text not null check (sentence <> ''),
  stopped_at integer not null,
  -- Who paused.
  stopped_by text,
  lane_place integer not null check (lane_place >= -1),
  primary key (campaign_id, kind, lane_place)
) strict, without rowid;

-- How often the campaign halted because one code came many times in a row; the next run bears ten times as many for each.
create table streak_halt (
  campaign_id integer not null references campaign (id),
  code text not null check (code <> ''),
  halts integer not null check (halts >= 1),
  primary key (campaign_id, code)
) strict, without rowid;

-- Regions to which Meta lets the account send nothing (130497): their recipients are skipped when they would be claimed.
create table refused_region (
  campaign_id integer not null references campaign (id),
  region text not null check (region <> ''),
  refused_at integer not null,
  primary key (campaign_id, region)
) strict, without rowid;

-- Campaigns whose people a campaign leaves out, as its last run had it.
create table excluded_campaign (
  campaign_id integer not null references campaign (id),
  other_id integer not null references campaign (id) check (other_id <> campaign_id),
  primary key (campaign_id, other_id)
) strict, without rowid;

-- What a campaign may cost at most, as its last run had it, in millionths of the currency's unit. spent: never less than what its
-- messages may cost; derived from the dispatches, and counted again before it is used where counted_at is null (see budget.ts).
create table campaign_budget (
  campaign_id integer not null primary key references campaign (id),
  most integer not null check (most >= 0),
  currency text not null check (currency <> ''),
  spent integer not null check (spent >= 0),
  counted_at integer
) strict, without rowid;

-- The arms of a campaign's test; template, language: its events at Meta concern the campaign.
create table campaign_arm (
  campaign_id integer not null references campaign (id),
  place integer not null check (place >= 1),
  name text not null check (name <> ''),
  template text not null,
  language text not null,
  primary key (campaign_id, place)
) strict, without rowid;

-- What a test came to. winner, rest: places of arms; the rest is who is in no arm. evidence: the figures, JSON.
create table campaign_test (
  campaign_id integer not null primary key references campaign (id),
  decided_at integer not null,
  winner integer check (winner >= 1),
  rest integer not null check (rest >= 1),
  sentence text not null check (sentence <> ''),
  evidence text not null check (json_valid(evidence))
) strict, without rowid;

-- Looks at a test before its end. share: of the people of its arms who had been sent to long enough.
create table campaign_test_look (
  campaign_id integer not null references campaign (id),
  place integer not null check (place >= 1),
  share real not null check (share > 0),
  looked_at integer not null,
  primary key (campaign_id, place)
) strict, without rowid;

-- The TTL of the messages that were claimed since an instant.
create table campaign_ttl (
  campaign_id integer not null references campaign (id),
  since integer not null,
  ttl_seconds integer not null check (ttl_seconds > 0),
  primary key (campaign_id, since)
) strict, without rowid;

-- How far a campaign's ramp is. step: from 0. people: who were claimed so far, each once. since: evidence is gathered of messages that
-- were claimed after it.
create table campaign_ramp (
  campaign_id integer primary key references campaign (id),
  step integer not null default 0 check (step >= 0),
  people integer not null default 0 check (people >= 0),
  since integer not null default 0
) strict, without rowid;

-- row_number: the dispatch's own number, in the order of planning, for good; callback keys hold it. place, line: where its row is in the source
-- now, from 1; from ${GONE_FROM} on: nowhere. recipient_id: what names the row for good, of the column that \`recipients.id\` names.
-- row_user_id: the user id that the row gave, sent to where there is no phone; user_id: what Meta reported since.
-- erased_at: what the person gave is erased, and the row stays for the counts.
-- holds, capped: refusals for now so far, for a reason of its own and for the limit per person.
-- lane_place: which number of the campaign sends it: 0 is \`campaign.lane\`, others are in \`campaign_lane\`.
-- zone: when their clocks allow it, see \`campaign_zone\`; 0: whenever the campaign sends. bucket: the place in a random order of all
-- rows, from 1; 0: rows go in their own order. price: what the message may cost, in millionths of the budget's currency.
-- arm: of the campaign's test, by its place in \`campaign_arm\`; 0: none.
-- cost: what the message cost by its receipts, in millionths of cost_currency.
-- withheld_list: value_list of a row that was skipped as refused_country, so that it can wait again.
create table dispatch (
  campaign_id integer not null references campaign (id),
  row_number integer not null check (row_number >= 1),
  place integer not null check (place >= 1),
  line integer not null check (line >= 1),
  hash integer not null,
  phone integer,
  person integer,
  region text,
  value_list text check (json_valid(value_list)),
  -- Most rows have none, and asking for null is cheaper than calling the function.
  cells text check (cells is null or json_valid(cells)),
  status text not null,
  reason text,
  detail text,
  attempts integer not null default 0 check (attempts >= 0),
  holds integer not null default 0 check (holds >= 0),
  capped integer not null default 0 check (capped >= 0),
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
  pricing_type text,
  pricing_category text,
  row_user_id text,
  recipient_id text check (recipient_id <> ''),
  clicked_at integer,
  erased_at integer,
  withheld_list text check (withheld_list is null or json_valid(withheld_list)),
  lane_place integer not null default 0 check (lane_place >= 0),
  zone integer not null default 0 check (zone >= 0),
  bucket integer not null default 0 check (bucket >= 0),
  price integer check (price >= 0),
  arm integer not null default 0 check (arm >= 0),
  cost integer check (cost >= 0),
  cost_currency text,
  primary key (campaign_id, row_number),
  constraint cost_is_whole check ((cost is null) = (cost_currency is null)),
  constraint phone_and_person_together check ((phone is null) = (person is null)),
  constraint status_fits check (
    (held_until is not null) = (status = 'held')
    and (failed_at is not null) = (status = 'failed')
    and (value_list is null) = (status = 'skipped')
    and (reason is null or status = 'held' or status = 'skipped')
    and case status
      when 'skipped' then reason is not null and reason in (
        'invalid_number', 'invalid_user_id', 'ragged_row', 'cut_off_row', 'us_number', 'us_territory',
        'us_undecidable', 'blocked_region', 'refused_country', 'opted_out', 'duplicate', 'reached_by_campaign', 'frequency_cap', 'hold_out', 'removed',
        'missing_value', 'invalid_value'
      )
      when 'pending' then true
      when 'claimed' then attempts >= 1 and claimed_at is not null
      when 'held' then reason is not null
      when 'accepted' then attempts >= 1
      when 'sent' then attempts >= 1
      when 'delivered' then attempts >= 1
      when 'read' then attempts >= 1
      when 'expired' then attempts >= 1
      when 'failed' then error_code is not null
      when 'unknown' then attempts >= 1
      when 'cancelled' then true
      else false
    end
  ),
  constraint addressed check (
    status = 'skipped' or phone is not null or row_user_id is not null
    or (erased_at is not null and status not in ('pending', 'claimed', 'held'))
  ),
  -- The cheap questions first: an "in" with five texts costs more than all the other checks.
  constraint taken_has_message check (
    case
      when message_id is not null or erased_at is not null then true
      when status = 'pending' then true
      else status not in ('accepted', 'sent', 'delivered', 'read', 'expired')
    end
  ),
  constraint only_skipped_has_cells check (cells is null or status = 'skipped'),
  constraint only_skipped_has_detail check (detail is null or status = 'skipped'),
  constraint only_refused_is_withheld check (
    withheld_list is null or (status = 'skipped' and reason = 'refused_country')
  )
) strict, without rowid;
create unique index dispatch_person on dispatch (campaign_id, person) where value_list is not null;
create unique index dispatch_row_user on dispatch (campaign_id, row_user_id)
  where value_list is not null and row_user_id is not null;
create index dispatch_place on dispatch (campaign_id, place);
create index dispatch_pending on dispatch (campaign_id, lane_place, zone, bucket, row_number)
  where status = 'pending';
create index dispatch_held on dispatch (campaign_id, lane_place, held_until, row_number)
  where status = 'held';
-- Of rows that do not go in their own order.
create index dispatch_by_claim on dispatch (campaign_id, claimed_at)
  where (bucket > 0 or zone > 0) and claimed_at is not null;
create index dispatch_claimed on dispatch (campaign_id, row_number) where status = 'claimed';
-- For the history of a person. Only skipped rows: planning people who are sent to pays nothing for these.
create index dispatch_skipped_person on dispatch (person)
  where value_list is null and person is not null;
create index dispatch_skipped_user on dispatch (row_user_id)
  where value_list is null and row_user_id is not null;

-- stale: 0 for the answer that moved its dispatch; 1, 2, … for answers that came when it was settled already.
-- message_id: of Meta's answer, or of a receipt that settled the attempt.
-- arrived: its message was delivered, while the dispatch has another one or is sent to again; cost: what it cost by its receipts.
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
  arrived integer not null default 0 check (arrived in (0, 1)),
  cost integer check (cost >= 0),
  cost_currency text,
  primary key (campaign_id, row_number, attempt, stale),
  foreign key (campaign_id, row_number) references dispatch (campaign_id, row_number),
  constraint outcome_fits check (
    (next_status <> 'accepted' or message_id is not null)
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

create index attempt_message
  on attempt (campaign_id, row_number >> ${MESSAGE_BUCKET_BITS}, message_id)
  where message_id is not null;
create index attempt_arrived on attempt (campaign_id, row_number) where arrived = 1;

create table suppression (
  id integer primary key autoincrement,
  phone integer,
  person integer,
  user_id text check (user_id <> ''),
  reason text not null,
  source text not null,
  added_at integer not null,
  is_forgotten integer not null default 0 check (is_forgotten in (0, 1)),
  constraint phone_and_person_together check ((phone is null) = (person is null)),
  constraint names_a_person check (person is not null or user_id is not null or is_forgotten = 1)
) strict;
create unique index suppression_person on suppression (person) where person is not null;
create unique index suppression_user on suppression (user_id) where user_id is not null;

-- Keyed hashes of the names of people who are erased and must be left alone; all names of a person share a suppression.
create table forgotten (
  hash integer primary key,
  suppression_id integer not null references suppression (id) on delete cascade
) strict;
create index forgotten_by_suppression on forgotten (suppression_id);

-- Ids of messages to people who are being forgotten: kept until no webhook body names one of them.
create table forgetting (
  message_id text primary key
) strict, without rowid;

-- Numbers of one person; every pair stands here in both orders.
create table alias (
  person integer not null,
  other integer not null check (other <> person),
  learned_at integer not null,
  primary key (person, other)
) strict, without rowid;

-- The user ids of a person. A person below zero stands for one of whom no number is known.
create table alias_user (
  person integer not null,
  user_id text not null check (user_id <> ''),
  learned_at integer not null,
  primary key (person, user_id)
) strict, without rowid;
create index alias_user_by_user on alias_user (user_id);

-- turn: counts the turns that claimed for the lane; a copy of the file from before has a lower one (see src/domain/receipts/witness.ts).
create table lane (
  lane text primary key check (lane <> ''),
  used_until real not null default 0,
  factor real not null default 1 check (factor > 0 and factor <= 1),
  turn integer not null default 0 check (turn >= 0)
) strict, without rowid;

-- Receipts of attempts that this ledger never made: the file is an older copy. They stop its campaigns until a person overrides it.
create table went_back (
  lane text primary key check (lane <> ''),
  since integer not null,
  receipts integer not null check (receipts >= 1),
  overridden_at integer
) strict, without rowid;

-- reach: a portfolio whose people are counted. reached: its people, each with the last claim of a message that may have
-- reached them. Both are derived from the dispatches and may be thrown away (see reach.ts).
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

-- A webhook body, kept until it is applied, and afterwards only when something in it had no effect: it is full of phone
-- numbers, and a million messages have three million of them.
create table webhook_body (
  id integer primary key autoincrement,
  source text not null,
  received_at integer not null,
  body text,
  applied_at integer,
  events integer check (events >= 1),
  constraint applied_is_whole check ((applied_at is null) = (events is null)),
  constraint waiting_has_body check (applied_at is not null or body is not null)
) strict;
create index webhook_body_waiting on webhook_body (id) where applied_at is null;

-- A receipt that waits for one or two dispatches: it is tried again when either has left the status written down here.
create table parked_receipt (
  id integer primary key,
  webhook_body_id integer not null,
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

-- What a person last said about marketing, by which way, and when; who: digits or a business-scoped user id.
create table consent (
  who text not null check (who <> ''),
  channel text not null check (channel in ('switch', 'message')),
  value text not null check (value in ('stop', 'resume')),
  said_at integer not null,
  primary key (who, channel)
) strict, without rowid;

-- Opt-outs that followed a campaign's message, one for each row. No name is in it: erasing a person, or taking them off the
-- opt-out list, keeps the count.
create table opt_out (
  campaign_id integer not null references campaign (id),
  row_number integer not null,
  way text not null check (way in ('button', 'text', 'switch', 'refusal')),
  opted_out_at integer not null,
  primary key (campaign_id, row_number)
) strict, without rowid;

-- Quick replies that people tapped under our messages.
create table tap (
  inbound_id text primary key,
  campaign_id integer not null,
  row_number integer not null,
  label text,
  tapped_at integer not null,
  is_opt_out integer not null check (is_opt_out in (0, 1))
) strict, without rowid;
create index tap_by_campaign on tap (campaign_id, label, row_number);
create index tap_by_dispatch on tap (campaign_id, row_number);

-- What people did with a link. One whose message is not known has no row, and perhaps no campaign; identity: the same when delivered
-- again.
create table click (
  identity text primary key,
  action text not null check (action in ('link_click', 'landing_page_view', 'other')),
  number text,
  campaign_id integer,
  row_number integer,
  component text,
  clicked_at integer not null,
  constraint row_has_campaign check (row_number is null or campaign_id is not null)
) strict, without rowid;
create index click_by_campaign on click (campaign_id, row_number);

-- identity: the same when delivered again. said, previous, reason: Meta's words; detail: JSON of what came with them.
create table account_event (
  id integer primary key,
  identity text not null unique,
  kind text not null check (kind <> ''),
  at integer not null,
  webhook_body_id integer not null,
  waba text,
  number integer,
  template text,
  language text,
  template_id text,
  said text,
  previous text,
  reason text,
  detail text
) strict;
create index account_event_by_time on account_event (at);

-- What people did by hand. No phone number is in it, so that it stays when a person is erased.
create table audit (
  id integer primary key,
  at integer not null,
  actor text not null check (actor <> ''),
  action text not null check (action <> ''),
  subject text not null,
  detail text not null check (json_valid(detail))
) strict;

-- Answers of Meta, kept for a while: facts of an account, ids of uploaded files. Nothing of a recipient is in it.
create table cache (
  kind text not null check (kind in ('facts', 'uploads')),
  key text not null check (key <> ''),
  value text not null check (json_valid(value)),
  answered_at integer not null,
  primary key (kind, key)
) strict, without rowid;

-- What Meta counted of a template on a day, a number each: see src/domain/insights/insight.ts. Nothing of a recipient is in it.
create table insight (
  template text not null check (template <> ''),
  day text not null check (day <> ''),
  product text not null check (product in ('marketing_lite', 'marketing')),
  metric text not null check (metric <> ''),
  value real not null check (value >= 0),
  read_at integer not null,
  primary key (template, day, product, metric)
) strict, without rowid;

-- The last look at these figures for a campaign, with what is no number of a day: JSON.
create table insight_reading (
  campaign_id integer primary key references campaign (id),
  read_at integer not null,
  reading text not null check (json_valid(reading))
) strict;

-- Orders of people, as \`conversions import\` read them. person: digits; recipient_id: what a list calls the person.
-- value: millionths of the currency's unit.
create table conversion (
  order_id text primary key check (order_id <> ''),
  person integer,
  user_id text check (user_id <> ''),
  recipient_id text check (recipient_id <> ''),
  ordered_at integer not null,
  value integer check (value >= 0),
  currency text,
  constraint names_a_person check (
    person is not null or user_id is not null or recipient_id is not null
  ),
  constraint value_is_whole check ((value is null) = (currency is null))
) strict, without rowid;
create index conversion_by_time on conversion (ordered_at);
create index conversion_by_person on conversion (person) where person is not null;
create index conversion_by_user on conversion (user_id) where user_id is not null;
create index conversion_by_recipient on conversion (recipient_id) where recipient_id is not null;

-- Files of orders that were read to their end.
create table conversion_import (
  id integer primary key,
  imported_at integer not null,
  file text not null check (file <> '')
) strict;

create view outcomes as
select
${OUTCOME_COLUMNS}
from dispatch as d join campaign on campaign.id = d.campaign_id where campaign.test_of is null;
`;
