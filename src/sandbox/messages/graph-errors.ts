// Meta's errors as Graph words them: the HTTP status, title and details of each code, and the
// envelope. Never decides when one is given.

interface ErrorFact {
  http: number;
  title: string;
  details: string;
  /** Where Graph does not begin the message with the code. */
  plain?: true;
}

/**
 * Titles and details: Meta, error codes page, 2026-09; HTTP statuses: the same page of 2025-12, the
 * last one that had them. Where the page names no status (131030, 131055, 131063, 1340xx) 400 is
 * assumed, save 134102.
 */
const FACTS = new Map<number, ErrorFact>([
  [0, fact(401, "AuthException", "We were unable to authenticate the app user.")],
  [1, fact(400, "API Unknown", "Invalid request or possible server error.")],
  [2, fact(503, "API Service", "Temporary due to downtime or due to being overloaded.")],
  [3, fact(500, "API Method", "Capability or permissions issue.")],
  [4, fact(400, "Application request limit reached", "The app has reached its call limit.")],
  [10, fact(403, "Permission Denied", "Permission is either not granted or has been removed.")],
  [33, fact(400, "Parameter value is not valid", "The business number has been deleted.")],
  [100, fact(400, "Invalid parameter", "One or more parameters are unsupported or misspelt.")],
  [
    190,
    {
      ...fact(401, "Invalid OAuth access token - Cannot parse access token", "Your token expired."),
      plain: true,
    },
  ],
  [200, fact(403, "API Permission", "Permission is either not granted or has been removed.")],
  [368, fact(403, "Temporarily blocked for policies violations", "The account is restricted.")],
  [80007, fact(400, "Rate limit issues", "The account has reached its rate limit.")],
  // Graph's own rate limits page has this one for the same limit; Meta's WhatsApp pages do not.
  [
    80008,
    fact(400, "There have been too many calls to this WhatsApp Business account", "Wait an hour."),
  ],
  [130403, fact(400, "User is blocked", "You have blocked this user.")],
  [130429, fact(400, "Rate limit hit", "Message failed to send: throughput limit reached.")],
  [
    130472,
    fact(400, "User's number is part of an experiment", "Message was not sent: an experiment."),
  ],
  [
    130497,
    fact(403, "Business account is restricted from messaging users in this country", "Restricted."),
  ],
  [131000, fact(500, "Something went wrong", "Message failed to send due to an unknown error.")],
  [131005, fact(403, "Access denied", "Permission is either not granted or has been removed.")],
  [131008, fact(400, "Required parameter is missing", "A required parameter is missing.")],
  [131009, fact(400, "Parameter value is not valid", "One or more parameter values are invalid.")],
  [131016, fact(500, "Service unavailable", "A service is temporarily unavailable.")],
  [131021, fact(400, "Recipient cannot be sender", "Sender and recipient are the same number.")],
  [131026, fact(400, "Message undeliverable", "Message Undeliverable.")],
  [
    131030,
    fact(400, "Recipient phone number not in allowed list", "Add the number to the allowed list."),
  ],
  [131031, fact(403, "Business account locked", "The account was restricted or disabled.")],
  [131037, fact(400, "Display name approval is needed", "The display name is not approved.")],
  [131042, fact(400, "Business eligibility payment issue", "There is a problem with payment.")],
  // In the error tables of SDKs, not on Meta's page; only ever by receipt.
  [131043, fact(400, "Message expired", "Message was not sent during its Time To Live duration.")],
  [131045, fact(500, "Incorrect certificate", "A phone number registration error.")],
  [131048, fact(400, "Spam rate limit hit", "Restrictions on how many messages can be sent.")],
  [
    131049,
    fact(
      400,
      "This message was not delivered to maintain healthy ecosystem engagement.",
      "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    ),
  ],
  [
    131050,
    fact(
      400,
      "Unable to deliver the message. This recipient has chosen to stop receiving marketing" +
        " messages on WhatsApp from your business",
      "The user has stopped marketing messages from your business.",
    ),
  ],
  [131053, fact(400, "Media upload error", "The media could not be uploaded.")],
  [131055, fact(400, "Method not allowed", "Only marketing template messages are supported.")],
  [
    131056,
    fact(
      400,
      "(Business Account, Consumer Account) pair rate limit hit",
      "Message failed to send because there were too many messages sent to this number.",
    ),
  ],
  [131057, fact(500, "Account in maintenance mode", "The account is in maintenance mode.")],
  // Not on Meta's error codes page: from the page on max-price templates (2026-03).
  [
    131061,
    fact(
      400,
      "Template not supported on Cloud API",
      "Max-price templates need this API's own path.",
    ),
  ],
  [
    131062,
    fact(
      400,
      "Business-scoped user ID is not supported for this message",
      "Max-price templates can be sent to a phone number only.",
    ),
  ],
  [
    131063,
    fact(
      400,
      "Marketing templates disabled for Cloud API",
      "Your template is categorized as Marketing, but marketing templates are currently disabled" +
        " for your Cloud API configuration.",
    ),
  ],
  [131064, fact(400, "Account limited", "Limited for misclassified templates.")],
  [
    132000,
    fact(
      400,
      "Number of parameters does not match the expected number of params",
      "The number of variable values differs from the number of variables in the template.",
    ),
  ],
  [
    132001,
    fact(404, "Template name does not exist in the translation", "The template does not exist."),
  ],
  [132005, fact(400, "Translated text too long", "The translated text is too long.")],
  [132007, fact(400, "Template format character policy violated", "The content breaks a policy.")],
  [
    132012,
    fact(400, "Parameter format does not match format in the created template", "Mismatch."),
  ],
  [132015, fact(400, "Template is paused", "The template is paused because of low quality.")],
  [132016, fact(400, "Template is disabled", "The template was paused too many times.")],
  [132018, fact(400, "There's an issue with the parameters in your template", "Validation.")],
  [133004, fact(503, "Server Temporarily Unavailable", "Server is temporarily unavailable.")],
  [133010, fact(400, "Account not registered", "The phone number is not registered.")],
  [134100, fact(400, "Only marketing messages supported", "Only marketing templates can be sent.")],
  [134101, fact(400, "Template is syncing", "The template is still syncing; wait 10 minutes.")],
  // A refusal in spite of its 500 (Meta, error codes page, 2026-09: "check eligibility").
  [134102, fact(500, "Template unavailable for use", "Check that the account is eligible.")],
  [200005, fact(400, "Template Insights is not available", "Insights are not available yet.")],
  [200006, fact(400, "Template Insights cannot be disabled", "It cannot be switched off.")],
  [200007, fact(400, "Template Insights not enabled", "Insights are not enabled.")],
]);

/** What an error answer is made of. */
export interface Refusal {
  code: number;
  /** In place of the code's own details. */
  details?: string;
  /** In place of the code's own message; complete, with `(#CODE)` where Graph has it. */
  message?: string;
  subcode?: number;
  /** Graph itself answers and not WhatsApp: there is no `error_data`. */
  fromGraph?: true;
  /** Graph's `is_transient`: the same call may succeed later. */
  isTransient?: true;
}

/** The HTTP status that Graph gives with a code; 400 for a code that is not in the table. */
export function httpStatusOf(code: number): number {
  return FACTS.get(code)?.http ?? 400;
}

/** The title of a code, without `(#CODE)`, as status webhooks carry it. */
export function titleOf(code: number): string {
  return FACTS.get(code)?.title ?? "Unknown error";
}

/** The details of a code, as `error_data.details` carries them. */
export function detailsOf(code: number): string {
  return FACTS.get(code)?.details ?? "No details are known for this code.";
}

/**
 * Meta's error envelope as JSON text (Meta, error codes page, 2026-09). `traceId` is what support
 * asks for. `error_data` is left out where Graph itself answers and not WhatsApp (190, and code 100
 * with a subcode).
 */
export function errorBody(refusal: Refusal, traceId: string): string {
  const { code, subcode } = refusal;
  const known = FACTS.get(code);
  const prefix = known?.plain === true ? "" : `(#${code}) `;
  const details = refusal.details ?? detailsOf(code);
  const fromGraph = refusal.fromGraph === true || known?.plain === true || subcode !== undefined;
  return JSON.stringify({
    error: {
      message: refusal.message ?? `${prefix}${titleOf(code)}`,
      type: "OAuthException",
      code,
      ...(fromGraph ? {} : { error_data: { messaging_product: "whatsapp", details } }),
      ...(subcode === undefined ? {} : { error_subcode: subcode }),
      ...(refusal.isTransient === true && { is_transient: true }),
      fbtrace_id: traceId,
    },
  });
}

/** Graph's answer for an object that does not exist, or that the token may not see. */
export function unknownObject(id: string, method: "get" | "post"): Refusal {
  const message =
    `Unsupported ${method} request. Object with ID '${id}' does not exist, cannot be loaded due` +
    " to missing permissions, or does not support this operation";
  return { code: 100, subcode: 33, message };
}

function fact(http: number, title: string, details: string): ErrorFact {
  return { http, title, details };
}
