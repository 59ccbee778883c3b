// Schema 6, first part: what accounts and templates were told of, what stops a campaign from outside, clicks and taps.

import type { Database } from "better-sqlite3";

/**
 * `campaign_stop`: somebody other than the runner wants no more claims of the campaign: a person (`paused`), or an event of the
 * account or template (`halted`). Both may stand at once, and each is lifted by itself.
 *
 * `checked_at`: what Meta's side looked like then is known; an event that is older stops nothing. `waba` and `number` (digits) are
 * whose events concern the campaign.
 */
const STOPS = `
create table campaign_stop (
  campaign_id integer not null references campaign (id),
  kind text not null check (kind in ('paused', 'halted')),
  code text not null check (code <> ''),
  sentence text not null check (sentence <> ''),
  stopped_at integer not null,
  primary key (campaign_id, kind)
) strict, without rowid;

alter table campaign add column checked_at integer;
alter table campaign add column waba text check (waba <> '');
alter table campaign add column number integer;
`;

/**
 * `identity` is the same for an event that is delivered again. `said`, `previous` and `reason` are Meta's words; `detail` is JSON of
 * what came with them.
 */
const ACCOUNT_EVENTS = `
create table account_event (
  id integer primary key,
  identity text not null unique,
  kind text not null check (kind <> ''),
  at integer not null,
  delivery_id integer not null,
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
`;

/** A click whose message cannot be told has no row, and perhaps no campaign; `identity` is the same for one that is delivered again. */
const ENGAGEMENT = `
alter table dispatch add column clicked_at integer;
drop view outcomes;

create table click (
  identity text primary key,
  number text,
  campaign_id integer,
  row_number integer,
  component text,
  clicked_at integer not null,
  constraint row_has_campaign check (row_number is null or campaign_id is not null)
) strict, without rowid;
create index click_by_campaign on click (campaign_id, row_number);
create index tap_by_campaign on tap (campaign_id, label, row_number);
`;

/** The public view, with the first click on a link of the message at its end. */
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
  coalesce(d.row_user_id, d.user_id) as user_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', d.clicked_at / 1000.0, 'unixepoch') as clicked_at
from dispatch as d join campaign on campaign.id = d.campaign_id;
`;

/** Words of the manifest by which people ask to be left alone: a JSON array. Read for every piece of deliveries, hence the index. */
const STOP_WORDS = `
alter table campaign add column stop_words text check (json_valid(stop_words));
create index campaign_stop_words on campaign (lane, stop_words) where stop_words is not null;
`;

/** Adds what stops a campaign from outside, events of accounts and templates, clicks, and the campaigns' own stop words. */
export function addEvents(db: Database): void {
  db.exec(STOPS);
  db.exec(ACCOUNT_EVENTS);
  db.exec(ENGAGEMENT);
  db.exec(OUTCOMES);
  db.exec(STOP_WORDS);
}
