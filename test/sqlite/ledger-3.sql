-- A ledger as schema 3 kept it, with a dispatch of most statuses; written by the program of that time.

CREATE TABLE meta (
  only_row integer primary key check (only_row = 1),
  ledger_id text not null check (length(ledger_id) between 1 and 32),
  created_at integer not null
) strict;

CREATE TABLE campaign (
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

CREATE TABLE dispatch (
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
  path text, pricing_type text, pricing_category text,
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
        'us_undecidable', 'blocked_region', 'opted_out', 'duplicate', 'missing_value', 'invalid_value'
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

CREATE TABLE attempt (
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

CREATE TABLE suppression (
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

CREATE TABLE alias (
  person integer not null,
  other integer not null check (other <> person),
  learned_at integer not null,
  primary key (person, other)
) strict, without rowid;

CREATE TABLE alias_user (
  person integer not null,
  user_id text not null check (user_id <> ''),
  learned_at integer not null,
  primary key (person, user_id)
) strict, without rowid;

CREATE TABLE lane (
  lane text primary key check (lane <> ''),
  used_until real not null,
  factor real not null check (factor > 0 and factor <= 1)
) strict, without rowid;

CREATE TABLE delivery (
  id integer primary key autoincrement,
  source text not null,
  received_at integer not null,
  body text,
  applied_at integer,
  events integer check (events >= 1),
  constraint applied_is_whole check ((applied_at is null) = (events is null)),
  constraint waiting_has_body check (applied_at is not null or body is not null)
) strict;

CREATE TABLE parked_receipt (
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

CREATE TABLE receipt_count (
  event text not null,
  effect text not null,
  number integer not null check (number >= 0),
  primary key (event, effect)
) strict, without rowid;

CREATE TABLE consent (
  who text not null check (who <> ''),
  channel text not null check (channel in ('switch', 'message')),
  value text not null check (value in ('stop', 'resume')),
  said_at integer not null,
  primary key (who, channel)
) strict, without rowid;

CREATE TABLE tap (
  inbound_id text primary key,
  campaign_id integer not null,
  row_number integer not null,
  label text,
  tapped_at integer not null
) strict, without rowid;

CREATE UNIQUE INDEX dispatch_person on dispatch (campaign_id, person) where value_list is not null;

CREATE INDEX dispatch_pending on dispatch (campaign_id, row_number) where status = 'pending';

CREATE INDEX dispatch_held on dispatch (campaign_id, held_until, row_number) where status = 'held';

CREATE INDEX dispatch_claimed on dispatch (campaign_id, row_number) where status = 'claimed';

CREATE UNIQUE INDEX suppression_person on suppression (person) where person is not null;

CREATE UNIQUE INDEX suppression_user on suppression (user_id) where user_id is not null;

CREATE INDEX alias_user_by_user on alias_user (user_id);

CREATE INDEX delivery_waiting on delivery (id) where applied_at is null;

CREATE VIEW outcomes as
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

insert into meta values (1, 'old', 1795341600000);
insert into campaign values (1, 'old', 'sandbox', 'ready', null, null, '{"template":"t"}', '["phone","v"]', 100, 1795341600000.5, 'abababababababababababababababababababababababababababababababab', 7, 1795341600000, 1795341600000);
insert into dispatch values (1, 1, 2, 1000003, 447700900001, 447700900001, 'GB', '["v1"]', null, 'accepted', null, null, 1, 0, 1795341600000, null, 1795341601150, null, null, null, null, 'wamid.1', 'accepted', null, 'GB.1', null, null, null, null, null);
insert into dispatch values (1, 2, 3, 2000006, 447700900002, 447700900002, 'GB', '["v2"]', null, 'held', '131049', null, 1, 1, 1795341600000, 1795428000000, null, null, null, null, null, null, null, null, null, '131049', '(#131049) Refused', null, null, null);
insert into dispatch values (1, 3, 4, 3000009, 447700900003, 447700900003, 'GB', '["v3"]', null, 'failed', null, null, 1, 0, 1795341600000, null, null, null, null, null, 1795341601150, null, null, null, null, '131026', 'Undeliverable', null, null, null);
insert into dispatch values (1, 4, 5, 4000012, 447700900004, 447700900004, 'GB', '["v4"]', null, 'unknown', null, null, 1, 0, 1795341600000, null, null, null, null, null, null, null, null, null, null, null, 'Cut.', null, null, null);
insert into dispatch values (1, 5, 6, 5000015, 447700900005, 447700900005, null, null, '["raw","5"]', 'skipped', 'us_number', 'Row 5 is skipped: us_number.', 0, 0, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
insert into dispatch values (1, 6, 7, 6000018, null, null, null, null, '["raw","6"]', 'skipped', 'invalid_number', 'Row 6 is skipped: invalid_number.', 0, 0, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
insert into dispatch values (1, 7, 8, 7000021, 447700900007, 447700900007, 'GB', '["v7"]', null, 'pending', null, null, 0, 0, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
insert into attempt values (1, 1, 1, 0, 1795341601000, 1795341601150, 'marketing_messages', 'accepted', 200, null, null, null, null, null, 'accepted', null, 'wamid.1', 'accepted', null, 'GB.1');
insert into attempt values (1, 2, 1, 0, 1795341601000, 1795341601150, 'marketing_messages', 'refused', 400, 131049, null, '(#131049) Refused', null, 'A1b2C3', 'held', '{"until":1795428000000,"reason":"131049"}', null, null, null, null);
insert into attempt values (1, 3, 1, 0, 1795341601000, 1795341601150, 'marketing_messages', 'refused', 400, 131049, null, '(#131049) Refused', null, 'A1b2C3', 'failed', '{"code":"131026","message":"Undeliverable"}', null, null, null, null);
insert into attempt values (1, 4, 1, 0, 1795341601000, 1795341601150, 'marketing_messages', 'unknown', null, null, null, null, null, null, 'unknown', '{"message":"Cut."}', null, null, null, null);
insert into suppression values (1, 447700900007, 447700900007, null, 'asked', 'manual', 1795341600000);
insert into alias_user values (447700900001, 'GB.1', 1795341601150);

pragma application_id = 1835887665;
pragma user_version = 3;
