// The life of a dispatch (one campaign × one recipient): its statuses, and every arrow between
// them. No I/O.

/** Every status a dispatch can have, in the order in which a recipient usually meets them. */
export const STATUSES = [
  "skipped", // screening, or the claim, said that this person must not be messaged; final
  "pending", // planned, or an attempt was provably refused before processing and may be made again now
  "claimed", // the intent is on disk and the request is about to be on the wire
  "held", // refused for now, or over the frequency cap; has the instant of the next try
  "accepted", // HTTP 200 with a message id: Meta took it, nothing is said about delivery
  "sent", // receipt
  "delivered", // receipt
  "read", // receipt
  "failed", // refused, in the reply or in a receipt, and not tried again by itself
  "unknown", // the request may have reached Meta and its answer is lost; never sent again by itself
  "expired", // the template's TTL passed without a delivery receipt, or Meta reported that (131043)
  "cancelled", // the operator ended the campaign first
] as const;

export type Status = (typeof STATUSES)[number];

/**
 * Statuses that still want the runner's work. A campaign is finished when no dispatch is in one of
 * them.
 */
export const OPEN: readonly Status[] = ["pending", "claimed", "held"];

/** What a claim says of people whom it skips, who were to be sent to when they were planned. */
export const SKIPPED_BY_CLAIM = {
  opted_out: "This person was put on the suppression list after planning.",
  reached_by_campaign:
    "A campaign that `suppress.campaigns` names may have reached this person since.",
  refused_country: "Meta refuses this account's messages to the person's country (130497).",
} as const;

/** Why planning skips a row. */
export const PLANNING_REASONS = [
  "invalid_number", // cannot be read for sure as a phone number
  "invalid_user_id", // is no business-scoped user id, or there is neither that nor a number
  "ragged_row", // more cells than the header has columns: the cells cannot be distinguished for sure
  "cut_off_row", // the file ends in the middle of this row
  "us_number", // Meta delivers no marketing to US numbers (131049), nor to user ids of the US
  "us_territory", // Puerto Rico, Guam, US Virgin Islands, American Samoa, Northern Marianas
  "us_undecidable", // +1, but the numbering plan names no country (toll-free and the like)
  "blocked_region", // Meta does not serve the region at all
  "opted_out", // on the suppression list
  "duplicate", // another row has the same person
  "reached_by_campaign", // a campaign that `suppress.campaigns` names may have reached this person
  "hold_out", // kept out by chance, so that it can be seen what the campaign was worth
  "removed", // gone from the file before it was posted; planned again when it is back
  "missing_value", // a variable of the template has no value and no default
  "invalid_value", // a value breaks a limit of Meta, such as a text's length; the detail says which
] as const;

/** Why only the claim skips a row: what the campaign learns while it sends. */
const CLAIM_REASONS = [
  "refused_country", // Meta lets this account send nothing to the country (130497)
  "frequency_cap", // the person had as many messages as the cap allows
] as const;

/** Why a recipient was not sent to. Public: these are values of `outcomes.reason`. */
export const SKIP_REASONS = [...PLANNING_REASONS, ...CLAIM_REASONS] as const;

export type PlanningReason = (typeof PLANNING_REASONS)[number];

export type SkipReason = (typeof SKIP_REASONS)[number];

/**
 * Skip reasons that the owner of the CSV can fix in the file; such rows are what `rejects` exports.
 */
export const FIXABLE_REASONS: readonly SkipReason[] = [
  "invalid_number",
  "invalid_user_id",
  "ragged_row",
  "cut_off_row",
  "missing_value",
  "invalid_value",
];

interface Arrow {
  from: Status;
  to: Status;
  /** When this happens. */
  when: string;
}

/** Every legal change of status. The ledger's guards and the tests are held to this table. */
export const TRANSITIONS: readonly Arrow[] = [
  { from: "pending", to: "claimed", when: "the intent to post is committed" },
  {
    from: "pending",
    to: "skipped",
    when: "the claim finds a suppression, another campaign's message, a used-up frequency cap, a refused country, or another row of the person; or its row is gone from the file",
  },
  {
    from: "pending",
    to: "cancelled",
    when: "the operator, or the campaign's end, ends the campaign",
  },
  {
    from: "pending",
    to: "held",
    when: "the claim finds the frequency cap used up, and the campaign waits for it",
  },
  { from: "pending", to: "sent", when: "receipt of an earlier attempt whose answer was lost" },
  { from: "pending", to: "delivered", when: "receipt of an earlier attempt: it came after all" },
  { from: "pending", to: "read", when: "receipt of an earlier attempt: it came after all" },
  {
    from: "pending",
    to: "unknown",
    when: "a receipt proves an attempt that the ledger does not have; then the receipt's own arrow",
  },
  { from: "held", to: "claimed", when: "the hold is due" },
  {
    from: "held",
    to: "skipped",
    when: "the claim finds a suppression, another campaign's message, a used-up frequency cap, a refused country, or another row of the person; or its row is gone from the file",
  },
  { from: "held", to: "failed", when: "the campaign's end passed while it was held" },
  { from: "held", to: "cancelled", when: "the operator ends the campaign" },
  { from: "held", to: "sent", when: "receipt of an earlier attempt whose answer was lost" },
  { from: "held", to: "delivered", when: "receipt of an earlier attempt: it came after all" },
  { from: "held", to: "read", when: "receipt of an earlier attempt: it came after all" },
  {
    from: "held",
    to: "unknown",
    when: "a receipt proves an attempt that the ledger does not have; then the receipt's own arrow",
  },
  { from: "claimed", to: "accepted", when: "HTTP 200 with a message id" },
  { from: "claimed", to: "pending", when: "never written, or refused before processing" },
  { from: "claimed", to: "held", when: "refused for now" },
  { from: "claimed", to: "failed", when: "refused, and not to be tried again by itself" },
  { from: "claimed", to: "unknown", when: "started, and no complete answer; or an unclean stop" },
  { from: "accepted", to: "sent", when: "receipt" },
  { from: "accepted", to: "delivered", when: "receipt" },
  { from: "accepted", to: "read", when: "receipt" },
  { from: "accepted", to: "failed", when: "receipt" },
  {
    from: "accepted",
    to: "held",
    when: "receipt: refused for now (131049), or for a fault of everybody (131042)",
  },
  { from: "accepted", to: "expired", when: "the TTL passed without a delivery receipt" },
  { from: "sent", to: "delivered", when: "receipt" },
  { from: "sent", to: "read", when: "receipt" },
  { from: "sent", to: "failed", when: "receipt" },
  {
    from: "sent",
    to: "held",
    when: "receipt: refused for now (131049), or for a fault of everybody (131042)",
  },
  { from: "sent", to: "expired", when: "the TTL passed without a delivery receipt" },
  { from: "delivered", to: "read", when: "receipt" },
  { from: "failed", to: "pending", when: "the operator's `retry`" },
  {
    from: "skipped",
    to: "pending",
    when: "its row is in the file again, or repaired; or the operator's `retry --code 130497`, of a country that was refused",
  },
  {
    from: "skipped",
    to: "unknown",
    when: "it is to be sent to again, and an attempt from before it was skipped may have reached the person",
  },
  { from: "failed", to: "sent", when: "receipt of a message that the operator had given up" },
  { from: "failed", to: "delivered", when: "receipt: it came after all" },
  { from: "failed", to: "read", when: "receipt: it came after all" },
  {
    from: "failed",
    to: "unknown",
    when: "a receipt proves an attempt that the ledger does not have; then the receipt's own arrow",
  },
  {
    from: "unknown",
    to: "accepted",
    when: "a receipt shows that Meta had it; or the answer came late",
  },
  { from: "unknown", to: "sent", when: "receipt" },
  { from: "unknown", to: "delivered", when: "receipt" },
  { from: "unknown", to: "read", when: "receipt" },
  {
    from: "unknown",
    to: "held",
    when: "receipt: refused for now (131049), or for a fault of everybody (131042); or a late answer",
  },
  {
    from: "unknown",
    to: "failed",
    when: "receipt, a late answer, or the operator's `resolve --unknown give-up`",
  },
  { from: "unknown", to: "expired", when: "receipt: its time to live passed (131043)" },
  {
    from: "unknown",
    to: "pending",
    when: "the operator's `resolve --unknown resend`; or a late answer that proves a refusal",
  },
  { from: "expired", to: "sent", when: "a late receipt" },
  { from: "expired", to: "delivered", when: "a late receipt" },
  { from: "expired", to: "read", when: "a late receipt" },
  { from: "expired", to: "failed", when: "a late receipt" },
];

/** Tells whether a dispatch may go from one status to another. */
export function isTransition(from: Status, to: Status): boolean {
  return TRANSITIONS.some((arrow) => arrow.from === from && arrow.to === to);
}

/** What identifies an attempt to the outside: ledger, campaign, row and number of the attempt. */
export interface AttemptKey {
  /**
   * Random id of the ledger file, so that two ledgers on one number cannot be mistaken for each
   * other.
   */
  ledger: string;
  campaign: number;
  row: number;
  attempt: number;
}

/**
 * Our key for `biz_opaque_callback_data`, echoed by Meta in status webhooks: ≤ 256 bytes, and no
 * phone number in it. Undocumented on /marketing_messages as of 2026-11 (documented on /messages).
 */
export function callbackKey(key: AttemptKey): string {
  return `mm1.${key.ledger}.${key.campaign}.${key.row}.${key.attempt}`;
}

/** Reads a callback key back; undefined when the text is not one of ours. */
export function parseCallbackKey(text: string): AttemptKey | undefined {
  const match = /^mm1\.([0-9a-z]{1,32})\.(\d{1,15})\.(\d{1,15})\.(\d{1,6})$/.exec(text);
  if (match === null) return undefined;
  return {
    ledger: match[1] as string,
    campaign: Number(match[2]),
    row: Number(match[3]),
    attempt: Number(match[4]),
  };
}
