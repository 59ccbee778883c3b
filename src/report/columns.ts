// Every column and key that an export has, with what it means: the tables that the exports are
// written by, and their documentation (docs/exports.md) too. Reads nothing and writes nothing.

/** What a value looks like. In CSV a value that is not there is an empty cell, in JSON `null`. */
type ValueType =
  | "text"
  | "number"
  | "yes or no"
  /** ISO 8601 in UTC with milliseconds, such as 2026-04-02T09:01:07.512Z. */
  | "instant"
  /** An object from a name to a number. */
  | "numbers by name"
  | "object"
  | "list";

export interface Column {
  name: string;
  type: ValueType;
  /** True when it may be empty. */
  optional?: true;
  what: string;
}

/** `report --csv` and `--jsonl`: those of the view `outcomes`, in its order, and one more. */
export const OUTCOME_COLUMNS: readonly Column[] = [
  { name: "campaign", type: "text", what: "the campaign's name" },
  {
    name: "row_number",
    type: "number",
    optional: true,
    what: "the data row of the CSV as it is now, from 1; the header and blank lines do not count. Empty when the file has the row no more",
  },
  {
    name: "phone",
    type: "text",
    optional: true,
    what: "E.164 with `+`; empty when it could not be read, or the row has only a user id",
  },
  {
    name: "region",
    type: "text",
    optional: true,
    what: "the country by the number, else by the user id, ISO 3166-1 alpha-2",
  },
  { name: "status", type: "text", what: "one of the statuses in docs/output.md" },
  { name: "reason", type: "text", optional: true, what: "why it is skipped or held" },
  {
    name: "error_code",
    type: "text",
    optional: true,
    what: "Meta's code of the last refusal, or one of ours (`given_up`, `campaign_over`)",
  },
  {
    name: "error_message",
    type: "text",
    optional: true,
    what: "Meta's text, or our sentence on a skipped or unknown row",
  },
  { name: "message_id", type: "text", optional: true, what: "Meta's id, `wamid.…`" },
  {
    name: "message_status",
    type: "text",
    optional: true,
    what: "`accepted`, `held_for_quality_assessment` or `paused`, where Meta reported",
  },
  { name: "attempts", type: "number", what: "requests made, or perhaps made" },
  {
    name: "path",
    type: "text",
    optional: true,
    what: "`marketing_lite` (Marketing Messages API) or `marketing` (Cloud API), once a receipt has reported",
  },
  {
    name: "claimed_at",
    type: "instant",
    optional: true,
    what: "when the last attempt was decided",
  },
  { name: "accepted_at", type: "instant", optional: true, what: "when Meta's answer came" },
  { name: "sent_at", type: "instant", optional: true, what: "when a receipt first said so" },
  { name: "delivered_at", type: "instant", optional: true, what: "when a receipt first said so" },
  {
    name: "read_at",
    type: "instant",
    optional: true,
    what: "when a receipt first said so; it may come without the one before",
  },
  { name: "failed_at", type: "instant", optional: true, what: "when it failed for good" },
  {
    name: "user_id",
    type: "text",
    optional: true,
    what: "the business-scoped user id of the row, else the one that Meta reported",
  },
  {
    name: "clicked_at",
    type: "instant",
    optional: true,
    what: "the first click on a link of the message, of those whose message can be known",
  },
  {
    name: "recipient_id",
    type: "text",
    optional: true,
    what: "the row's cell of the column that `recipients.id` names",
  },
  {
    name: "lane",
    type: "text",
    what: "the id of the sending number at Meta, or `sandbox`",
  },
  {
    name: "arm",
    type: "text",
    optional: true,
    what: "the arm of the campaign's test that the person is in; empty for those in none, who get what wins",
  },
  {
    name: "cost",
    type: "number",
    optional: true,
    what: "what the message cost by Meta's receipts, in the currency's unit; they report it of messages with a max price, once delivered",
  },
  { name: "currency", type: "text", optional: true, what: "the currency of `cost`, ISO 4217" },
  {
    name: "language",
    type: "text",
    optional: true,
    what: "the language in which the row gets the template, by Meta's code, where each row gives its own; empty of skipped rows",
  },
  {
    name: "meaning",
    type: "text",
    what: "status, reason or code in plain words; not in the view. For people: the words may change",
  },
];

/**
 * `rejects` and `report --rejects`; behind these stand the columns of the campaign's CSV, as they
 * were read.
 */
export const REJECT_COLUMNS: readonly Column[] = [
  {
    name: "row_number",
    type: "number",
    optional: true,
    what: "the data row of the CSV, from 1; the header and blank lines do not count",
  },
  { name: "line", type: "number", what: "the line of the file on which the row begins" },
  { name: "reason", type: "text", what: "one of the reasons in docs/output.md" },
  { name: "detail", type: "text", optional: true, what: "a sentence that says what to fix" },
];

/** `suppress export`. */
export const SUPPRESSION_COLUMNS: readonly Column[] = [
  {
    name: "phone",
    type: "text",
    optional: true,
    what: "E.164 with `+`; empty when only the user id is known",
  },
  { name: "user_id", type: "text", optional: true, what: "business-scoped user id" },
  { name: "reason", type: "text", what: "why, as it was given" },
  {
    name: "source",
    type: "text",
    what: "`manual`, the name of a file, `reply` and `webhook` (the switch in WhatsApp), `message` (a stop word)",
  },
  { name: "added_at", type: "instant", what: "when it was put on the list" },
];
