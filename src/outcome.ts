// What an attempt turned out to mean: Meta's error codes as a table, and the reading of one exchange. No I/O.
//
// The table is the policy of the whole program; replies and receipts are both read with it. Source of codes, meanings and
// HTTP statuses: Meta, "Error codes" (WhatsApp Cloud API) as of 2026-09-11 with the HTTP column of 2025-12-12, and the
// Marketing Messages API pages of 2026-05 to 2026-09. Meta asks to branch on the code, not on HTTP or the text.

import type { Answer } from "./ledger.ts";
import { isUserId } from "./user-id.ts";

/** What one error code asks for. */
export type Action =
  /** Refused before processing because of our speed: again, and the lane slows down. */
  | "throttle"
  /** Refused before processing for a moment that passes: the lane waits `waitMs`, then again. */
  | "wait"
  /** Refused for now for this one recipient: held. */
  | "hold"
  /** This recipient will not get the message; the campaign goes on. */
  | "fail"
  /** The message was dropped when its time to live passed: expired; the campaign goes on. */
  | "expire"
  /** This person wants no marketing from us: failed, and on the suppression list. */
  | "suppress"
  /** Something in the request is wrong: fails the row, and halts the campaign when every row has it. */
  | "fix"
  /** Concerns the campaign or its template: stop. */
  | "halt_campaign"
  /** Concerns the number, the account or the app: stop. */
  | "halt_lane"
  /** A fault on Meta's side that does not say whether the message went out: unknown. */
  | "ambiguous";

export interface CodeRule {
  code: number;
  action: Action;
  /** Plain meaning, one clause. */
  meaning: string;
  /** What a person does about it, one sentence. */
  todo: string;
  /** For `wait` and `hold`. */
  waitMs?: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Meta: after a per-user marketing refusal wait at least 24 h (per-user-limits page, 2026-04-29). */
const PER_USER_HOLD_MS = DAY;
/** Meta: a new or long unused template takes about 10 min to sync for this API (send page, 2026-09). */
export const TEMPLATE_SYNC_MS = 10 * MINUTE;

/** Codes that other files ask for by name. */
export const BAD_VALUE = 131009;
export const PAIR_LIMIT = 131056;
export const TEMPLATE_SYNCING = 134101;
const WRONG_OBJECT = 33;

const TOKEN_TODO =
  "Make a new access token with whatsapp_business_messaging, then run the same command again.";
const NUMBER_TODO =
  "Look at the number in WhatsApp Manager, mend it, then run the same command again.";
const ACCOUNT_TODO =
  "Look at the account in Meta Business Support Home, then run the same command again.";
const TEMPLATE_TODO =
  "Look at the template in WhatsApp Manager; once it is approved again, run the same command.";
const REQUEST_TODO =
  "Compare the manifest's template values with the template, mend, and `retry --code` the rows.";
const WAIT_TODO = "Nothing: the run slows down and tries again by itself.";
const SUPPORT_TODO = "Settled by a receipt, or by you with `resolve --unknown`.";

/** Every code with a policy of its own, in the order of Meta's page. */
export const CODE_RULES: readonly CodeRule[] = [
  { code: 0, action: "halt_lane", meaning: "the access token was not accepted", todo: TOKEN_TODO },
  {
    code: 1,
    action: "ambiguous",
    meaning: "Meta does not say what went wrong",
    todo: SUPPORT_TODO,
  },
  { code: 2, action: "ambiguous", meaning: "Meta's service is overloaded", todo: SUPPORT_TODO },
  {
    code: 3,
    action: "halt_lane",
    meaning: "the app lacks a capability or permission",
    todo: TOKEN_TODO,
  },
  { code: 4, action: "throttle", meaning: "the app's call limit is reached", todo: WAIT_TODO },
  { code: 10, action: "halt_lane", meaning: "permission denied", todo: TOKEN_TODO },
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
    code: 190,
    action: "halt_lane",
    meaning: "the access token is expired or not valid",
    todo: TOKEN_TODO,
  },
  {
    code: 368,
    action: "halt_lane",
    meaning: "the account is blocked for a policy violation",
    todo: ACCOUNT_TODO,
  },
  {
    code: 80007,
    action: "throttle",
    meaning: "the WhatsApp Business Account's rate limit is reached",
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
    meaning: "more messages a second than the number may send",
    todo: WAIT_TODO,
  },
  {
    code: 130472,
    action: "fail",
    meaning: "the person is in one of Meta's experiments and gets no marketing",
    todo: "Nothing; do not send again in this campaign.",
  },
  {
    code: 130497,
    action: "fail",
    meaning: "the account may not message people in that country",
    todo: "Take the country out of the list.",
  },
  {
    code: 131000,
    action: "ambiguous",
    meaning: "something went wrong at Meta",
    todo: SUPPORT_TODO,
  },
  { code: 131005, action: "halt_lane", meaning: "access denied", todo: TOKEN_TODO },
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
    todo: SUPPORT_TODO,
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
    meaning: "undeliverable: not on WhatsApp, an old client, or a reason Meta does not tell",
    todo: "Check the number with its owner by another channel.",
  },
  {
    code: 131030,
    action: "fail",
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
    todo: "Mend the payment method in WhatsApp Manager, then run the same command again.",
  },
  {
    // Not on Meta's page of 2026-09; in the error tables of two SDKs (great-detail, MarcosNicolau).
    code: 131043,
    action: "expire",
    meaning: "the message was not delivered within its time to live",
    todo: "Nothing: the message has expired.",
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
    todo: "Nothing; this is not expected for templates.",
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
    todo: "Nothing: it is tried again after 24 hours by the same command.",
  },
  {
    code: 131050,
    action: "suppress",
    meaning: "the person stopped marketing messages from your business",
    todo: "Nothing: the person is on the suppression list now.",
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
    meaning: "a template with a maximum price cannot go by Cloud API",
    todo: "Finish the onboarding to Marketing Messages API, or use another template.",
  },
  {
    code: 131062,
    action: "fail",
    meaning: "a template with a maximum price cannot go to a business-scoped user id",
    todo: "Send to these people by phone number, in a campaign of its own, or use another template.",
  },
  {
    code: 131063,
    action: "halt_campaign",
    meaning: "marketing is switched off on Cloud API and the account is not fully onboarded",
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
    action: "fail",
    meaning: "the text with its values filled in is too long",
    todo: "Shorten the row's values.",
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
    todo: SUPPORT_TODO,
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
    todo: "Check the onboarding of the account to Marketing Messages API.",
  },
  { code: 135000, action: "fix", meaning: "a generic error of the request", todo: REQUEST_TODO },
  {
    code: 137000,
    action: "fail",
    meaning: "the person's identity key has changed",
    todo: "Check the number with its owner.",
  },
];

const RULES = new Map(CODE_RULES.map((rule) => [rule.code, rule]));

/**
 * The policy for a code.
 * @param code Meta's `error.code`
 * @param region ISO region of the recipient: 131049 for a US number is Meta's block of US marketing, so for good
 * @returns the rule; for a code that has none, `fail` with the code kept verbatim
 */
export function ruleFor(code: number, region: string | null): CodeRule {
  if (code === 131049 && region === "US") {
    return {
      code,
      action: "fail",
      meaning: "Meta delivers no marketing to US numbers",
      todo: "Nothing.",
    };
  }
  // Meta's documentation gives the whole range 200–299 to missing permissions.
  if (code >= 200 && code <= 299) {
    return { code, action: "halt_lane", meaning: "a permission is missing", todo: TOKEN_TODO };
  }
  return (
    RULES.get(code) ?? {
      code,
      action: "fail",
      meaning: "a code that this program does not know",
      todo: "Look the code up on Meta's error codes page, and tell us.",
    }
  );
}

/** Tells whether the table has a policy for the code. */
export function isKnownCode(code: number): boolean {
  return RULES.has(code) || (code >= 200 && code <= 299);
}

/** What happened on the wire, as the graph world reports it. */
export type Exchange =
  /** A complete HTTP answer; the body is cut at the client's limit, and then `truncated`. */
  | { kind: "answered"; httpStatus: number; body: string; truncated: boolean }
  /** The request never began to be written: nothing can have reached Meta. */
  | { kind: "not_started"; cause: string; fatal: boolean }
  /** Writing began, and no complete answer came. `httpStatus` when at least its head did. */
  | { kind: "lost"; cause: string; httpStatus: number | null };

/** What an attempt turned out to mean. */
export type Outcome =
  | {
      kind: "accepted";
      answer: Answer;
      messageId: string;
      messageStatus: string | null;
      waId: string | null;
      userId: string | null;
    }
  | { kind: "refused"; answer: Answer; rule: CodeRule; known: boolean }
  /** `fatal`: a fault of configuration (TLS, address) that trying again does not mend. */
  | { kind: "not_sent"; answer: Answer; cause: string; fatal: boolean }
  | { kind: "unknown"; answer: Answer; cause: string };

/**
 * Reads one exchange.
 *
 * The one question is whether the message may have gone out. Never started: certainly not. Started without a complete
 * answer: perhaps. A complete answer with a Meta error: the table says, and outside it a 4xx is a refusal and a 5xx is
 * not. A 429 is a refusal whoever sent it, since limits are checked before processing.
 */
export function readExchange(exchange: Exchange, region: string | null): Outcome {
  switch (exchange.kind) {
    case "not_started":
      return {
        kind: "not_sent",
        answer: noAnswer(null),
        cause: exchange.cause,
        fatal: exchange.fatal,
      };
    case "lost":
      return { kind: "unknown", answer: noAnswer(exchange.httpStatus), cause: exchange.cause };
    case "answered":
      return readAnswer(exchange, region);
  }
}

function readAnswer(
  exchange: Extract<Exchange, { kind: "answered" }>,
  region: string | null,
): Outcome {
  const { httpStatus } = exchange;
  const body = exchange.truncated ? undefined : parseObject(exchange.body);
  if (httpStatus === 200) return readAccepted(body);
  const error = body === undefined ? undefined : object(body.error);
  const code = error === undefined ? undefined : number(error.code);
  if (error === undefined || code === undefined) {
    const said = snippetOf(exchange.body);
    const answer = { ...noAnswer(httpStatus), message: said };
    if (httpStatus === 429)
      return { kind: "refused", answer, rule: ruleFor(130429, region), known: true };
    const quoted = said === null ? "" : `: “${said}”`;
    return {
      kind: "unknown",
      answer,
      cause: `HTTP ${httpStatus} without an error of Meta's${quoted}`,
    };
  }
  const answer = answerOf(httpStatus, code, error);
  const known = isKnownCode(code);
  const rule = isWrongObject(answer) ? ruleFor(WRONG_OBJECT, region) : ruleFor(code, region);
  // A server error is a refusal only when its code is known to be one: the message may be on its way.
  if (rule.action === "ambiguous" || (httpStatus >= 500 && !known)) {
    return { kind: "unknown", answer, cause: `HTTP ${httpStatus}, code ${code}: ${rule.meaning}` };
  }
  return { kind: "refused", answer, rule, known };
}

/**
 * Graph answers 100 with subcode 33 when the id in the path is of nothing this token may see: that is the number's fault and
 * not the message's. (Graph API, "Handling errors", 2026.)
 */
function isWrongObject(answer: Answer): boolean {
  return answer.code === 100 && answer.subcode === WRONG_OBJECT;
}

/** What Meta says besides when it takes a message: one object for all, since there are so many of them. */
const TAKEN: Answer = Object.freeze(noAnswer(200));

function readAccepted(body: Record<string, unknown> | undefined): Outcome {
  const message = object(array(body?.messages)?.[0]);
  const contact = object(array(body?.contacts)?.[0]);
  const id = text(message?.id);
  if (id === null || id === "") {
    return { kind: "unknown", answer: noAnswer(200), cause: "HTTP 200 without a message id" };
  }
  return {
    kind: "accepted",
    answer: TAKEN,
    messageId: id,
    messageStatus: word(message?.message_status),
    waId: digits(text(contact?.wa_id)),
    userId: userIdOf(contact?.user_id),
  };
}

/** Longest text of an answer that is kept, in characters. */
const TEXT_MAX = 1000;

function answerOf(httpStatus: number, code: number, error: Record<string, unknown>): Answer {
  // `error_data` is documented as an object and has been seen as a plain string.
  const details = text(error.error_data) ?? text(object(error.error_data)?.details);
  return {
    httpStatus,
    code,
    subcode: number(error.error_subcode) ?? null,
    message: text(error.message),
    details,
    fbtraceId: text(error.fbtrace_id),
  };
}

function noAnswer(httpStatus: number | null): Answer {
  return { httpStatus, code: null, subcode: null, message: null, details: null, fbtraceId: null };
}

/** Longest text that is quoted of a body that is not Meta's, in characters. */
const SNIPPET_MAX = 200;

/** What a body that is not Meta's says, as one short line without its markup: a proxy's or a gateway's; null for nothing. */
export function snippetOf(body: string): string | null {
  const line = body
    .slice(0, 20 * SNIPPET_MAX)
    .replace(/<(script|style)\b[\s\S]*?<\/\1\s*>|<[^<>]*>/gi, " ")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return line === "" ? null : line.slice(0, SNIPPET_MAX);
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    return object(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function object(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}

function array(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : null;
}

function userIdOf(value: unknown): string | null {
  return typeof value === "string" && isUserId(value) ? value : null;
}

/** One of Meta's words, such as `held_for_quality_assessment`; null for anything else. */
function word(value: unknown): string | null {
  return typeof value === "string" && /^\w{1,100}$/.test(value) ? value : null;
}

function digits(value: string | null): string | null {
  return value !== null && /^\+?\d{5,15}$/.test(value) ? value.replace("+", "") : null;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}
