// Ends the wait for receipts that will not come: Meta drops a message whose TTL has passed, and
// tells nobody. Of a campaign that never had a receipt nothing is known to be dropped, and nothing
// of it expires.

import type { Expiry, ExpiryPlace } from "../../domain/ledger/ledger.ts";
import { DEFAULT_TTL_SECONDS, RECEIPT_DELAY_MS } from "../../domain/sending/ttl.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Tallies } from "./tallies.ts";

/**
 * Rows looked through in one transaction: some milliseconds, and about 50 when all of them expire.
 */
const ROWS = 5_000;
/**
 * A campaign is looked through no more often than this, since nothing but reading it tells what is
 * due.
 */
const LOOK_MS = 3_600_000;

interface Due {
  id: number;
  rows: number;
}

interface ExpiryPage {
  dueAt: number | null;
  isOpen: 0 | 1;
}

/**
 * SQL: when the dispatch `d` expires. A message that Meta sent by the Cloud API lives for its 30
 * days, since a template's TTL is one of the Marketing Messages API alone (Meta, TTL page,
 * 2026-09).
 */
const EXPIRES_AT = `(
  coalesce(d.accepted_at, d.sent_at, d.claimed_at, 0) + ${RECEIPT_DELAY_MS} + 1000 * coalesce(
    iif(d.path = 'marketing', ${DEFAULT_TTL_SECONDS}, null),
    (
      select ttl_seconds from campaign_ttl t
      where t.campaign_id = d.campaign_id and t.since <= d.claimed_at
      order by t.since desc limit 1
    ),
    ${DEFAULT_TTL_SECONDS}
  )
)`;

/** The verbs of the contract around the TTL; each needs a transaction around it. */
export function makeExpiry(tallies: Tallies) {
  const sql = prepare();

  function* finish(place: ExpiryPlace, now: number): Verb<void> {
    const { campaign, dueAt, isOpen } = place;
    const next: number[] = dueAt === null ? [] : [dueAt];
    // What is accepted only after this cannot expire before its TTL has passed.
    if (isOpen)
      next.push(now + RECEIPT_DELAY_MS + 1000 * ((yield* sql.shortest.get(campaign)) as number));
    const at = next.length === 0 ? null : Math.max(Math.min(...next), now + LOOK_MS);
    yield* sql.setExpiry.run(at, campaign);
  }

  return {
    /** Messages that are claimed from now on have this TTL. */
    *keepTtl(campaign: number, ttlSeconds: number, now: number): Verb<void> {
      const since = Math.round(now);
      if ((yield* sql.lastTtl.get(campaign)) !== ttlSeconds)
        yield* sql.addTtl.run(campaign, since, ttlSeconds);
      yield* sql.soonerExpiry.run({ campaign, at: since + RECEIPT_DELAY_MS + 1000 * ttlSeconds });
    },

    *expire(after: ExpiryPlace | null, instant: number): Verb<Expiry> {
      const now = Math.round(instant);
      const due = after === null ? yield* sql.due.get(now) : yield* sql.one.get(after.campaign);
      if (due === undefined) return { expired: 0, next: null };
      const { id: campaign, rows } = due;
      const place = after ?? { campaign, row: 0, dueAt: null, isOpen: false };
      const range = { campaign, from: place.row + 1, to: place.row + ROWS };
      const expired = yield* tallies.changed(
        campaign,
        (yield* sql.expire.run({ ...range, now })).changes,
      );
      const page = (yield* sql.page.get(range)) as ExpiryPage;
      const dues = [place.dueAt, page.dueAt].filter((at) => at !== null);
      const next: ExpiryPlace = {
        campaign,
        row: range.to,
        dueAt: dues.length === 0 ? null : Math.min(...dues),
        isOpen: place.isOpen || page.isOpen === 1,
      };
      if (range.to < rows) return { expired, next };
      yield* finish(next, now);
      const other = yield* sql.due.get(now);
      const begin = other && { campaign: other.id, row: 0, dueAt: null, isOpen: false };
      return { expired, next: begin ?? null };
    },
  };
}

function prepare() {
  const inRange = "d.campaign_id = @campaign and d.row_number between @from and @to";
  const waits = "d.status in ('accepted', 'sent')";
  return {
    due: statement<[number], Due>(`
      select id, rows from campaign
      where expiry_at <= ? and receipts_since is not null order by id limit 1
    `),
    one: statement<[number], Due>("select id, rows from campaign where id = ?"),
    expire: statement(`
      update dispatch as d set status = 'expired'
      where ${inRange} and ${waits} and ${EXPIRES_AT} <= @now
    `),
    page: statement<[{ campaign: number; from: number; to: number }], ExpiryPage>(`
      select min(iif(${waits}, ${EXPIRES_AT}, null)) as "dueAt",
        coalesce(max(iif(d.status in ('pending', 'claimed', 'held', 'unknown'), 1, 0)), 0)
          as "isOpen"
      from dispatch d where ${inRange}
    `),
    shortest: statement(`
        select coalesce(min(ttl_seconds), ${DEFAULT_TTL_SECONDS}) from campaign_ttl
        where campaign_id = ?
      `).pluck(),
    setExpiry: statement("update campaign set expiry_at = ? where id = ?"),
    soonerExpiry: statement(`
      update campaign set expiry_at = min(coalesce(expiry_at, @at), @at) where id = @campaign
    `),
    lastTtl: statement(
      "select ttl_seconds from campaign_ttl where campaign_id = ? order by since desc limit 1",
    ).pluck(),
    addTtl: statement(`
      insert into campaign_ttl (campaign_id, since, ttl_seconds) values (?, ?, ?)
      on conflict (campaign_id, since) do update set ttl_seconds = excluded.ttl_seconds
    `),
  };
}
