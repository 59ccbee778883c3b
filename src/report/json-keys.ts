// The keys of the `--json` documents, each with its type and meaning.

import type { Column } from "./columns.ts";

/**
 * The summary of `run`, `status <manifest>`, `report`, `retry`, `resolve` and `cancel` with
 * `--json`.
 */
export const SUMMARY_KEYS: readonly Column[] = [
  { name: "campaign", type: "text", what: "the name" },
  {
    name: "state",
    type: "text",
    what: "`finished`, `stopped`, `halted`, `cancelled`, or `running` while a runner holds it",
  },
  {
    name: "standing",
    type: "object",
    what: "the same more closely: `kind`, `why` it waits or stopped, `since` and `until` when, and `by` whom; docs/output.md has the words",
  },
  {
    name: "manifest",
    type: "text",
    optional: true,
    what: "path of the manifest that the last run read",
  },
  {
    name: "halt",
    type: "object",
    optional: true,
    what: "`code` and `sentence` of what a person must act on",
  },
  {
    name: "stop",
    type: "object",
    optional: true,
    what: "a person wants it stopped: `kind` (`paused` by a person, `halted` by an event of the account), `code`, `sentence` and `at`",
  },
  { name: "rows", type: "number", what: "data rows of the CSV, and those that it has no more" },
  { name: "counts", type: "numbers by name", what: "by status; adds up to `rows`" },
  {
    name: "reasons",
    type: "numbers by name",
    what: "by skip reason, hold reason or error code",
  },
  {
    name: "failures",
    type: "numbers by name",
    what: "failed ones by error code: what `retry` can queue again",
  },
  {
    name: "message_statuses",
    type: "numbers by name",
    what: "by Meta's word on accepted messages",
  },
  {
    name: "without_receipt",
    type: "numbers by name",
    what: "the same, of those of which no receipt has come since",
  },
  {
    name: "refused_countries",
    type: "list",
    what: "ISO codes of countries that Meta refuses the account for (130497)",
  },
  {
    name: "notes",
    type: "list",
    what: "what a person should know of these counts, one sentence each",
  },
  {
    name: "without_optimisation",
    type: "number",
    what: "not skipped, and in a country where Meta neither optimises delivery nor reports clicks and conversions",
  },
  {
    name: "without_reporting",
    type: "number",
    what: "not skipped, and in Russia or Belarus, where Meta reports no clicks and conversions and uses no max price",
  },
  { name: "sandbox", type: "yes or no", what: "true when nothing went to WhatsApp" },
  { name: "phone_number_id", type: "text", what: "the sending number's id, or `sandbox`" },
  {
    name: "daily_limit",
    type: "object",
    optional: true,
    what: "`limit`, `reached` (people in the last 24 hours, from all numbers of the business) and `free_at` (when the first of them does not count any more)",
  },
  {
    name: "conditions",
    type: "list",
    what: "each condition that is on, with what it holds back: `condition` (`hours`, `frequency_cap`, `ramp`, `test`, `budget`, `daily_limit`, `holds`), `people`, `until` when the first of them may go on, and `sentence`. Hours, ramp and test are known where the command reads the manifest",
  },
  {
    name: "budget",
    type: "object",
    optional: true,
    what: "of a campaign with a `budget`, in its currency's unit: `most`, `currency`, `settled` (delivered messages: by their receipts, else by the prices that were planned), `reserved` (set aside for messages on their way or unknown) and `left`",
  },
  {
    name: "costs",
    type: "list",
    what: "what messages cost by Meta's receipts: `currency`, `amount` in its unit, and `messages`; empty while none reported a cost",
  },
  {
    name: "funnel",
    type: "object",
    what: "`to_send` (not skipped), `accepted`, `delivered` and `read`: how many got at least so far. Without receipts the last two are 0",
  },
  {
    name: "figures",
    type: "object",
    what: "each figure with its one base, as `number`, `of` and `percent` (null of nobody): `sent_to`, `failed`, `skipped` and `held` of the rows; `delivered`, `settled` (delivered or failed) and `no_receipt` of the people sent to; `read`, `clicked` and `opted_out` of the delivered. Sent to: a request was made, or perhaps made, and none is waited for",
  },
  {
    name: "opt_outs",
    type: "object",
    what: "`people` who opted out after the campaign's message, `percent_of_delivered` (null of nobody), `by_way`: `button`, `text`, `switch`, `refusal` (131050). docs/receipts.md says which campaign an opt-out is counted for",
  },
  {
    name: "first_claim_at",
    type: "instant",
    optional: true,
    what: "the first claim that still counts",
  },
  {
    name: "last_accepted_at",
    type: "instant",
    optional: true,
    what: "when the last message was taken by Meta",
  },
  {
    name: "sending_seconds",
    type: "number",
    what: "seconds between the two, without whole minutes in which Meta took no message",
  },
  {
    name: "go_on_at",
    type: "instant",
    optional: true,
    what: "when the same command has something to do again",
  },
  {
    name: "waits_for",
    type: "object",
    optional: true,
    what: "`campaign` and `since` of another campaign that has the sending number now, while recipients of this one wait",
  },
  { name: "created_at", type: "instant", what: "when the campaign was first planned" },
  { name: "changed_at", type: "instant", what: "when its state last changed" },
  {
    name: "erased_at",
    type: "instant",
    optional: true,
    what: "since when it is purged: its personal data is erased, and it sends to nobody any more",
  },
];

/** What `compare --json` has. */
export const COMPARE_KEYS: readonly Column[] = [
  {
    name: "a",
    type: "object",
    what: "the first campaign: `campaign`, `state`, `sandbox`, `rows`, `created_at`",
  },
  { name: "b", type: "object", what: "the second one, with the same keys" },
  {
    name: "funnel",
    type: "list",
    what: "`to_send` and `sent_to` of the rows, `accepted` and `delivered` of the people sent to, `read`, `clicked` and `opted_out` of the delivered",
  },
  { name: "skipped", type: "list", what: "skip reasons, each as a part of the rows" },
  {
    name: "failures",
    type: "list",
    what: "error codes, each as a part of the rows",
  },
];

/** An entry of the lists of `compare --json`. */
export const COMPARED_KEYS: readonly Column[] = [
  { name: "name", type: "text", what: "the step, the reason or the code" },
  {
    name: "part_of",
    type: "text",
    what: "what the share is a part of: `rows`, `sent_to` or `delivered`",
  },
  {
    name: "a",
    type: "object",
    what: "`number`, `of` and `percent` (null of nobody) of the first campaign",
  },
  { name: "b", type: "object", what: "the same of the second one" },
  {
    name: "points",
    type: "number",
    optional: true,
    what: "percent of the second less the first, in percentage points",
  },
  {
    name: "low",
    type: "number",
    optional: true,
    what: "lower end of the 95% interval of `points` (Newcombe's score method)",
  },
  { name: "high", type: "number", optional: true, what: "upper end of it" },
  {
    name: "verdict",
    type: "text",
    what: "`higher` or `lower` (the second one, and chance alone hardly explains it), `no_sure_difference`, `too_few` people, or `no_receipts` of one of the two",
  },
];

/** What stands under `report` in `report --json`, besides the summary. */
export const REPORT_KEYS: readonly Column[] = [
  { name: "at", type: "instant", what: "when it was read" },
  {
    name: "first_post_at",
    type: "instant",
    optional: true,
    what: "when the first request began to be written",
  },
  { name: "last_post_at", type: "instant", optional: true, what: "the same of the last one" },
  {
    name: "sending_seconds",
    type: "number",
    what: "seconds of sending, without whole minutes in which Meta took no message",
  },
  {
    name: "time_zone",
    type: "text",
    what: "the zone of the manifest's `hours`, in which the page shows instants; `UTC` without",
  },
  {
    name: "requests",
    type: "number",
    what: "requests that began to be written; a recipient may have had several",
  },
  {
    name: "funnel",
    type: "object",
    what: "`rows`, `to_send`, `sent_to`, `posted`, `accepted`, `sent`, `delivered`, `read`: each a part of the one before; `clicked`: followed a link or tapped a button other than an opt-out, as far as Meta reports",
  },
  {
    name: "figures",
    type: "object",
    what: "as in the summary, as the rows stood when the report read them",
  },
  { name: "skipped", type: "list", what: "`reason` and `number`, most first" },
  {
    name: "failed",
    type: "list",
    what: "`code`, `number`, `after_acceptance` (of them failed by a receipt) and `example`, what Meta said of one of them",
  },
  {
    name: "held",
    type: "list",
    what: "`reason`, `number`, `next_at` and `last_at`: the earliest and the latest next try",
  },
  {
    name: "receipts_since",
    type: "instant",
    optional: true,
    what: "the first receipt of this campaign; null: nothing is known of any delivery",
  },
  {
    name: "without_receipt",
    type: "object",
    what: "accepted, and no receipt yet: `number` and `oldest_at`",
  },
  {
    name: "series",
    type: "object",
    what: "`posted`, `accepted`, `delivered`, `read` over time: `bucket_seconds`, and `buckets` with `at` and `number`; empty ones are left out",
  },
  {
    name: "countries",
    type: "list",
    what: "`region` (null: not known), `to_send`, `sent_to`, `accepted`, `delivered`, `read`, `failed`, `billable`",
  },
  {
    name: "paths",
    type: "list",
    what: "`path` and `pricing_type` as receipts reported, `number`, `delivered`, `read`, `failed`",
  },
  {
    name: "waits",
    type: "object",
    what: "`to_delivery` and `to_reading`: `number`, `p50_seconds`, `p90_seconds`, `p99_seconds`, `histogram`",
  },
  {
    name: "opt_outs",
    type: "object",
    what: "as in the summary",
  },
  {
    name: "taps",
    type: "list",
    what: "quick replies that were tapped, without those that opt out: `label` and `number` of recipients",
  },
  {
    name: "clicks",
    type: "number",
    what: "clicks on links, those included of which it is not known whose they are",
  },
  {
    name: "landing_page_views",
    type: "number",
    what: "pages behind links that WhatsApp's own browser reached",
  },
  {
    name: "ttl_seconds",
    type: "number",
    optional: true,
    what: "TTL of the messages that were claimed last",
  },
  {
    name: "cost",
    type: "object",
    optional: true,
    what: "`estimate` and `bill` by the manifest's `rate_card`; null without a card",
  },
  {
    name: "insights",
    type: "object",
    optional: true,
    what: "what Meta counted, as `campaign insights` read it last; its keys stand below",
  },
  {
    name: "money",
    type: "list",
    what: "for each currency, in its unit: `currency`, `estimated` (if all were delivered, at planned prices), `reserved`, `settled`, `by_receipts`, `by_meta` (its analytics), `messages` with a cost by receipts, and `difference` of these to what was planned for them; null: not known. Empty without a budget or a cost by receipts",
  },
  {
    name: "worth",
    type: "object",
    optional: true,
    what: "what people ordered, by assignment: `state` (`none`: nothing imported, `counting`, `early`: imported before the end, `final`), `from`, `until`, `window_seconds`, `imported`, `currency`, `cost_currency`; `groups` with `group`, `kind`, `people`, `ordered`, `rate` and `interval` (null before the end), `revenue` by currency, `cost`; `against_hold_out` with `difference` and `interval`, `people_who_ordered`, `revenue` and `cost_per_order`, each with its interval, null: cannot tell",
  },
  {
    name: "test",
    type: "object",
    optional: true,
    what: "arms side by side: `name`, `metric`, `result` (`winner`, `cannot_tell`, `split_broken`, `by_hand`; null before the decision), `winner`, `decided_at`, `decides_at`, `sentence`; `arms` with `arm`, `share`, `people`, a number by the metric's name, `rate` with its `interval` and `difference` to the first arm with `difference_interval` (all null before the decision); `split_p` of the sample-ratio check; `rest_waiting`, `rest_gets`",
  },
];
