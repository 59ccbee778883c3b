// Meta's error codes as a table: what each asks for, in a reply, in a receipt and in an answer of
// the management API. The one place that knows a code; every caller asks here. No I/O.
//
// Codes and meanings: Meta, "Error codes" (WhatsApp Cloud API), 2026-09-11; the Marketing Messages
// API pages of 2026-05 to 2026-09; "Handle errors" and "Rate limits" of the Graph API, 2026-09.
// Meta asks to branch on the code, not on HTTP or the text; code 100 is the one that stands for too
// much, and is distinguished by its subcode and its text.

/** What one error code asks for. */
export type CodeAction =
  /**
   * Refused before processing because of our speed: again, and the lane slows down. `waitMs`:
   * longest pause between two tries.
   */
  | "throttle"
  /** Refused before processing for a moment that passes: the lane waits `waitMs`, then again. */
  | "wait"
  /** Refused for now for this one recipient: held. */
  | "hold"
  /**
   * About this person by its nature: fails the row, and never halts, however many come in a row.
   */
  | "fail"
  /** The message was dropped when its time to live passed: expired; the campaign goes on. */
  | "expire"
  /** This person wants no marketing from us: failed, and on the opt-out list. */
  | "suppress"
  /**
   * The account may not message this person's country: fails the row, and holds back the rest of
   * that country.
   */
  | "refuse_country"
  /**
   * May be everybody's: fails the row, and halts the campaign when it comes many times in a row.
   */
  | "fix"
  /** Concerns the campaign or its template: stop. */
  | "halt_campaign"
  /** Concerns the number, the account or the app: stop. */
  | "halt_lane"
  /** A fault on Meta's side that does not say whether the message went out: unknown. */
  | "ambiguous";

export interface CodeRule {
  code: number;
  action: CodeAction;
  /** Plain meaning, one clause. */
  meaning: string;
  /** What a person does about it, one sentence. */
  todo: string;
  /** For `throttle`, `wait` and `hold`. */
  waitMs?: number;
  /** Of some that halt the number: the access token is not valid, or lacks a permission. */
  blames?: "token" | "permission";
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Meta: after a per-user marketing refusal wait at least 24 h (per-user-limits page, 2026-04-29).
 */
const PER_USER_HOLD_MS = DAY;
/**
 * Meta: a new or long unused template takes about 10 min to sync for this API (send page, 2026-09).
 */
export const TEMPLATE_SYNC_MS = 10 * MINUTE;
/**
 * Graph counts calls over an hour (rate limits page, 2026-09): a pause of minutes finds out when
 * there is room again.
 */
const CALL_LIMIT_PAUSE_MS = 5 * MINUTE;
/** A number's throughput is counted by the second (throughput page, 2026-09). */
const THROUGHPUT_PAUSE_MS = MINUTE;

/** Codes that other files ask for by name. */
export const THROUGHPUT_LIMIT = 130429;
export const COUNTRY_REFUSED = 130497;
export const PERSON_LIMIT = 131049;
export const PAIR_LIMIT = 131056;
export const BAD_VALUE = 131009;
export const TEMPLATE_SYNCING = 134101;
/** Also what Graph says of a field, a metric or a product that it does not know. */
export const INVALID_PARAMETER = 100;
/** Of analytics alone (Meta, error codes page, 2026-09). */
export const INSIGHTS_NOT_YET = 200005;
export const INSIGHTS_OFF = 200007;
const WRONG_OBJECT = 33;

const AGAIN = "then run the same command again";
const TOKEN_TODO = `Make a new access token with whatsapp_business_messaging, ${AGAIN}.`;
const VERSION_TODO = `Set account.graph_version to a version that Meta still serves, ${AGAIN}.`;
const NUMBER_TODO = `Look at the number in WhatsApp Manager, fix it, ${AGAIN}.`;
const ACCOUNT_TODO = `Look at the account in Meta Business Support Home, ${AGAIN}.`;
const TEMPLATE_TODO =
  "Look at the template in WhatsApp Manager; once it is approved again, run the same command.";
const REQUEST_TODO =
  "Compare the manifest's template values with the template, fix them, and `retry --code` the rows.";
const WAIT_TODO = "Nothing: the run slows down and tries again by itself.";
const NOTHING = "Nothing.";

/** Every code with a policy of its own, in numerical order. */
export const CODE_RULES: readonly CodeRule[] = [
  {
    code: 0,
    action: "halt_lane",
    blames: "token",
    meaning: "the access token was not accepted",
    todo: TOKEN_TODO,
  },
  {
    code: 1,
    action: "ambiguous",
    meaning: "Meta does not say what went wrong",
    todo: "`resolve` decides on those whose answer was lost; `retry --code 1` queues again those that failed by receipt.",
  },
  {
    code: 2,
    action: "ambiguous",
    meaning: "Meta's service is overloaded",
    todo: "`resolve` decides on those whose answer was lost; `retry --code 2` queues again those that failed by receipt.",
  },
  {
    code: 3,
    action: "halt_lane",
    blames: "permission",
    meaning: "the app lacks a capability or permission",
    todo: TOKEN_TODO,
  },
  {
    code: 4,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "the app's call limit is reached",
    todo: WAIT_TODO,
  },
  {
    code: 10,
    action: "halt_lane",
    blames: "permission",
    meaning: "permission denied",
    todo: TOKEN_TODO,
  },
  {
    code: 12,
    action: "halt_lane",
    meaning: "this version of the Graph API is not served any more",
    todo: VERSION_TODO,
  },
  {
    code: 17,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "the token's call limit is reached",
    todo: WAIT_TODO,
  },
  {
    code: 32,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "the page's call limit is reached",
    todo: WAIT_TODO,
  },
  {
    code: 33,
    action: "halt_lane",
    meaning: "the phone number id does not exist or was deleted",
    todo: "Correct account.phone_number_id in the manifest.",
  },
  {
    code: 100,
    action: "fix",
    meaning: "a parameter of the request is not valid",
    todo: REQUEST_TODO,
  },
  {
    code: 102,
    action: "halt_lane",
    blames: "token",
    meaning: "the session of the access token is not valid",
    todo: TOKEN_TODO,
  },
  {
    code: 104,
    action: "halt_lane",
    blames: "token",
    meaning: "the access token is missing or its signature is wrong",
    todo: TOKEN_TODO,
  },
  {
    code: 190,
    action: "halt_lane",
    blames: "token",
    meaning: "the access token is expired or not valid",
    todo: TOKEN_TODO,
  },
  {
    code: 341,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "the app's limit is reached",
    todo: WAIT_TODO,
  },
  {
    code: 368,
    action: "halt_lane",
    meaning: "the account is blocked for a policy violation",
    todo: ACCOUNT_TODO,
  },
  {
    code: 613,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "a call limit is reached",
    todo: WAIT_TODO,
  },
  {
    code: 2500,
    action: "halt_lane",
    meaning: "the address does not exist at Meta, or the token is missing",
    todo: "Check account.base_url, account.graph_version and the access token, then run the same command again.",
  },
  {
    code: 2635,
    action: "halt_lane",
    meaning: "this version of the Graph API is not served any more",
    todo: VERSION_TODO,
  },
  {
    code: 80007,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "the WhatsApp Business Account's rate limit is reached",
    todo: WAIT_TODO,
  },
  {
    code: 80008,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "the WhatsApp Business Account's call limit is reached",
    todo: WAIT_TODO,
  },
  {
    code: 130403,
    action: "fail",
    meaning: "your business has blocked this person",
    todo: "Unblock the person if that was a mistake.",
  },
  {
    code: 130429,
    action: "throttle",
    waitMs: THROUGHPUT_PAUSE_MS,
    meaning: "more messages a second than the number may send",
    todo: WAIT_TODO,
  },
  {
    code: 130472,
    action: "fail",
    meaning: "the person is in one of Meta's experiments and gets no marketing",
    todo: "Do not send to this person again in this campaign.",
  },
  {
    code: 130497,
    action: "refuse_country",
    meaning: "the account may not message people in that country",
    todo: "The rest of that country is skipped (refused_country); `retry --code 130497` queues them again once Meta allows it.",
  },
  {
    code: 131000,
    action: "ambiguous",
    meaning: "something went wrong at Meta",
    todo: "`resolve` decides on those whose answer was lost; `retry --code 131000` queues again those that failed by receipt.",
  },
  {
    code: 131005,
    action: "halt_lane",
    blames: "permission",
    meaning: "access denied",
    todo: TOKEN_TODO,
  },
  { code: 131008, action: "fix", meaning: "a required parameter is missing", todo: REQUEST_TODO },
  {
    code: 131009,
    action: "fix",
    meaning: "a parameter's value is not valid (or a new template is still syncing)",
    todo: REQUEST_TODO,
  },
  {
    code: 131016,
    action: "ambiguous",
    meaning: "Meta's service is not available",
    todo: "`resolve` decides on those whose answer was lost; `retry --code 131016` queues again those that failed by receipt.",
  },
  {
    code: 131021,
    action: "fail",
    meaning: "the recipient is the sending number itself",
    todo: "Take the row out of the list.",
  },
  {
    code: 131026,
    action: "fail",
    meaning: "undeliverable: not on WhatsApp, an old client, or a reason Meta does not give",
    todo: "Check the number with its owner by another channel.",
  },
  {
    code: 131030,
    action: "fix",
    meaning: "a test number may only message its allow-list",
    todo: "Send from a real number, or add the recipient to the test number's list.",
  },
  { code: 131031, action: "halt_lane", meaning: "the account is locked", todo: ACCOUNT_TODO },
  {
    code: 131037,
    action: "halt_lane",
    meaning: "the number's display name is not approved",
    todo: NUMBER_TODO,
  },
  {
    code: 131042,
    action: "halt_lane",
    meaning: "there is a problem with the payment method",
    todo: "Fix the payment method in WhatsApp Manager, then run the same command again.",
  },
  // Not on Meta's page of 2026-09; in the error tables of two SDKs (great-detail, MarcosNicolau).
  {
    code: 131043,
    action: "expire",
    meaning: "the message was not delivered within its time to live",
    todo: "The message has expired.",
  },
  {
    code: 131045,
    action: "halt_lane",
    meaning: "the number is not registered correctly",
    todo: NUMBER_TODO,
  },
  {
    code: 131047,
    action: "fail",
    meaning: "more than 24 hours since the person last wrote",
    todo: "This is not expected for templates.",
  },
  {
    code: 131048,
    action: "halt_lane",
    meaning: "the number may not send for now, since too many messages were reported as spam",
    todo: "Stop, and look at the number's quality in WhatsApp Manager before you send anything more.",
  },
  {
    code: 131049,
    action: "hold",
    waitMs: PER_USER_HOLD_MS,
    meaning: "Meta chose not to deliver, to keep engagement healthy (a limit per person)",
    todo: "The same command tries again after 24, 48 and more hours, delivery.capped_tries times in all.",
  },
  {
    code: 131050,
    action: "suppress",
    meaning: "the person stopped marketing messages from your business",
    todo: "The person is on the opt-out list now.",
  },
  { code: 131051, action: "fix", meaning: "the message type is not supported", todo: REQUEST_TODO },
  {
    code: 131053,
    action: "fix",
    meaning: "the media of the header could not be fetched or has a wrong type",
    todo: "Check that the header's link is public and of the right type, then `retry --code 131053`.",
  },
  {
    code: 131055,
    action: "halt_campaign",
    meaning: "only marketing templates may be sent here (was the category changed?)",
    todo: TEMPLATE_TODO,
  },
  {
    code: 131056,
    action: "hold",
    meaning: "too many messages to this one person in a short time",
    todo: WAIT_TODO,
  },
  {
    code: 131057,
    action: "wait",
    waitMs: 20 * SECOND,
    meaning: "the number is in maintenance for about a minute",
    todo: WAIT_TODO,
  },
  {
    code: 131061,
    action: "halt_campaign",
    meaning: "a template with a max price cannot go by the Cloud API",
    todo: "Finish the onboarding to the Marketing Messages API, or use another template.",
  },
  {
    code: 131062,
    action: "fix",
    meaning: "a template with a max price cannot go to a business-scoped user id",
    todo: "Send to these people by phone number, in a campaign of its own, or use another template.",
  },
  {
    code: 131063,
    action: "halt_campaign",
    meaning: "marketing is switched off on the Cloud API and the account is not fully onboarded",
    todo: "Finish the onboarding, or set disable_marketing_messages_on_cloud_api to false.",
  },
  {
    code: 131064,
    action: "halt_lane",
    meaning: "the account is limited for templates in a wrong category",
    todo: ACCOUNT_TODO,
  },
  {
    code: 132000,
    action: "fix",
    meaning: "the number of values differs from the template's variables",
    todo: REQUEST_TODO,
  },
  {
    code: 132001,
    action: "halt_campaign",
    meaning: "the template does not exist in this language, or is not approved",
    todo: "Correct template.name and template.language, or wait for the approval.",
  },
  {
    code: 132005,
    action: "fix",
    meaning: "the text with its values filled in is too long",
    todo: "Shorten the values, then `retry --code 132005`.",
  },
  {
    code: 132007,
    action: "halt_campaign",
    meaning: "the template's content violates a policy",
    todo: TEMPLATE_TODO,
  },
  { code: 132008, action: "fix", meaning: "a value has a wrong format", todo: REQUEST_TODO },
  {
    code: 132012,
    action: "fix",
    meaning: "a value has another format than the template's variable",
    todo: REQUEST_TODO,
  },
  {
    code: 132015,
    action: "halt_campaign",
    meaning: "the template is paused for low quality",
    todo: TEMPLATE_TODO,
  },
  {
    code: 132016,
    action: "halt_campaign",
    meaning: "the template is disabled for good",
    todo: "Make a new template and a new campaign.",
  },
  {
    code: 132018,
    action: "fix",
    meaning: "the values do not pass the template's validation",
    todo: REQUEST_TODO,
  },
  {
    code: 132068,
    action: "halt_campaign",
    meaning: "the template's flow is blocked",
    todo: TEMPLATE_TODO,
  },
  {
    code: 132069,
    action: "halt_campaign",
    meaning: "the template's flow is throttled (10 messages an hour)",
    todo: TEMPLATE_TODO,
  },
  {
    code: 133000,
    action: "halt_lane",
    meaning: "the number's registration is in a broken state",
    todo: NUMBER_TODO,
  },
  {
    code: 133004,
    action: "ambiguous",
    meaning: "Meta's server is temporarily not available",
    todo: "`resolve` decides on those whose answer was lost; `retry --code 133004` queues again those that failed by receipt.",
  },
  { code: 133005, action: "halt_lane", meaning: "the number's PIN is wrong", todo: NUMBER_TODO },
  {
    code: 133006,
    action: "halt_lane",
    meaning: "the number must be verified again",
    todo: NUMBER_TODO,
  },
  { code: 133008, action: "halt_lane", meaning: "too many PIN guesses", todo: NUMBER_TODO },
  { code: 133009, action: "halt_lane", meaning: "PIN guesses came too fast", todo: NUMBER_TODO },
  { code: 133010, action: "halt_lane", meaning: "the number is not registered", todo: NUMBER_TODO },
  {
    code: 133015,
    action: "halt_lane",
    meaning: "the number was deleted a moment ago",
    todo: NUMBER_TODO,
  },
  {
    code: 133016,
    action: "halt_lane",
    meaning: "too many registrations of the number",
    todo: NUMBER_TODO,
  },
  {
    code: 134011,
    action: "halt_campaign",
    meaning: "the payments terms of service are not accepted",
    todo: ACCOUNT_TODO,
  },
  {
    code: 134100,
    action: "halt_campaign",
    meaning: "only marketing templates may be sent here",
    todo: TEMPLATE_TODO,
  },
  {
    code: 134101,
    action: "hold",
    waitMs: TEMPLATE_SYNC_MS,
    meaning: "the template is new or long unused and still syncing",
    todo: WAIT_TODO,
  },
  {
    code: 134102,
    action: "halt_campaign",
    meaning: "the template cannot be sent here, or the account is not eligible",
    todo: "Check the onboarding of the account to the Marketing Messages API.",
  },
  { code: 135000, action: "fix", meaning: "a generic error of the request", todo: REQUEST_TODO },
  {
    code: 137000,
    action: "fail",
    meaning: "the person's identity key has changed",
    todo: "Check the number with its owner.",
  },
];

/** Ranges of codes that mean one thing. */
export const RANGE_RULES: readonly (Omit<CodeRule, "code"> & { from: number; to: number })[] = [
  // Meta, error codes page, 2026-09: 200 to 299 are missing permissions.
  {
    from: 200,
    to: 299,
    action: "halt_lane",
    blames: "permission",
    meaning: "a permission is missing",
    todo: TOKEN_TODO,
  },
  // Graph API, rate limits page, 2026-09: one code for each use case of a business (80000 to
  // 80014).
  {
    from: 80000,
    to: 80014,
    action: "throttle",
    waitMs: CALL_LIMIT_PAUSE_MS,
    meaning: "a call limit of the business is reached",
    todo: WAIT_TODO,
  },
];

/** Code 100 by its text: each concerns everybody, where the code alone is about one request. */
export const TEXT_RULES: readonly (CodeRule & { text: string })[] = [
  {
    code: INVALID_PARAMETER,
    text: "appsecret_proof",
    action: "halt_lane",
    // Graph API, "Secure Graph API calls", 2026: the app can demand it for calls of servers.
    meaning:
      "the app demands a proof of its secret with every call, which this program does not send",
    todo: `Switch off "Require app secret" in the app's advanced settings (Meta App Dashboard), ${AGAIN}.`,
  },
  {
    code: INVALID_PARAMETER,
    text: "sign the testing legal agreement",
    action: "halt_campaign",
    // Meta, "Set a max price", 2026-07.
    meaning: "the business has not signed the agreement for templates with a max price",
    todo: `Sign it in WhatsApp Manager, or use a template without a max price, ${AGAIN}.`,
  },
];

const RULES = new Map(CODE_RULES.map((rule) => [rule.code, rule]));

/** What of an error tells what it asks for. */
export interface CodedError {
  code: number;
  subcode?: number | null | undefined;
  message?: string | null | undefined;
  details?: string | null | undefined;
}

/**
 * The policy for a code.
 * @param code Meta's `error.code`
 * @param region ISO region of the recipient: 131049 for a US number is Meta's block of US
 *   marketing, so for good; 130497 without a region holds back no country
 * @returns the rule; for a code that has none, `fail` with the code kept verbatim
 */
export function ruleFor(code: number, region: string | null): CodeRule {
  if (code === PERSON_LIMIT && region === "US") {
    return {
      code,
      action: "fail",
      meaning: "Meta delivers no marketing to US numbers",
      todo: NOTHING,
    };
  }
  const rule = knownRule(code);
  // Which country it is about is not known, so nobody can be held back: it may be everybody's.
  if (rule?.action === "refuse_country" && region === null) return { ...rule, action: "fix" };
  if (rule !== undefined) return rule;
  const todo = "Look the code up on Meta's error codes page, and report it to this project.";
  return { code, action: "fail", meaning: "a code that this program does not know", todo };
}

/**
 * The policy for an error: as for its code, and where the code is 100 by subcode and text.
 *
 * Graph answers 100 with subcode 33 when the id in the path is of nothing this token may see: that
 * is the number's fault and not the message's (Graph API, "Handle errors", 2026).
 */
export function ruleForError(error: CodedError, region: string | null): CodeRule {
  if (error.code !== INVALID_PARAMETER) return ruleFor(error.code, region);
  if (error.subcode === WRONG_OBJECT) return ruleFor(WRONG_OBJECT, region);
  return ruleByText(error) ?? ruleFor(error.code, region);
}

/** The policy for an error whose text says more than its code; undefined for any other. */
export function ruleByText({ code, message, details }: CodedError): CodeRule | undefined {
  if (code !== INVALID_PARAMETER) return undefined;
  const words = `${message ?? ""} ${details ?? ""}`.toLowerCase();
  return TEXT_RULES.find(({ text }) => words.includes(text));
}

/** Tells whether the table has a policy for the code. */
export function isKnownCode(code: number): boolean {
  return knownRule(code) !== undefined;
}

function knownRule(code: number): CodeRule | undefined {
  const rule = RULES.get(code);
  if (rule !== undefined) return rule;
  const range = RANGE_RULES.find(({ from, to }) => code >= from && code <= to);
  if (range === undefined) return undefined;
  const { from: _from, to: _to, ...rest } = range;
  return { code, ...rest };
}

/** Tells whether the code says that the access token is not valid. */
export function isOfToken(code: number | null): boolean {
  return code !== null && knownRule(code)?.blames === "token";
}

/** Tells whether the code says that the access token lacks a permission. */
export function isOfPermission(code: number | null): boolean {
  return code !== null && knownRule(code)?.blames === "permission";
}

/**
 * Tells whether an answer of the management API with this code may mean that the object of the path
 * does not exist, or that the token may not see it (Graph API, "Handle errors", 2026). In an answer
 * to a message 100 means a wrong request.
 */
export function mayBeNoSuchObject(code: number | null): boolean {
  return code === WRONG_OBJECT || code === INVALID_PARAMETER;
}

/**
 * Tells whether a code is about a person by its nature: it never halts, however many come in a row.
 */
export function isOfPerson({ code, action }: CodeRule): boolean {
  const isOnes = action === "fail" || action === "suppress" || action === "expire";
  return (isOnes && isKnownCode(code)) || code === PERSON_LIMIT || code === PAIR_LIMIT;
}

/**
 * Tells whether an error concerns the campaign, the number or the account, and with it everybody.
 */
export function isOfAll({ action }: CodeRule): boolean {
  return action === "halt_lane" || action === "halt_campaign";
}
