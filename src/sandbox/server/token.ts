// The access token: whether it is valid, what it allows, and what Graph tells of it. Never
// says a token itself.

import type { Refusal } from "../messages/graph-errors.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** When a call comes, and since when the sandbox plays, in milliseconds. */
export interface Instants {
  startMs: number;
  nowMs: number;
}

/** Meta's permissions (Meta, permissions page, 2025-11). */
type Permission = "whatsapp_business_management" | "whatsapp_business_messaging" | "ads_read";

/** Error subcode of a session that is over (OpenAPI v23.0). */
const EXPIRED = 463;
const APP_ID = "100000000000005";
const USER_ID = "100000000000006";

/**
 * The refusal of a bad token, or undefined. Meta gives 190 for a wrong one (error codes page,
 * 2026-09).
 */
export function refusedToken(
  authorization: string | undefined,
  scenario: Scenario,
  instants: Instants,
): Refusal | undefined {
  // The scheme's name is case-insensitive (RFC 9110).
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
  if (token === undefined) {
    return { code: 190, message: "An access token is required to request this resource." };
  }
  if (token !== scenario.access_token) return { code: 190 };
  if (!isExpired(scenario, instants)) return undefined;
  const message = "Error validating access token: Session has expired";
  return { code: 190, subcode: EXPIRED, message };
}

/** Tells whether the token was not given a permission. */
export function lacksScope({ token }: Scenario, scope: Permission): boolean {
  return !token.scopes.includes(scope);
}

/** `GET /debug_token` (Meta, permissions page, 2025-11); of a strange token only that it is bad. */
export function describeToken(
  inputToken: string | null,
  scenario: Scenario,
  instants: Instants,
): Record<string, unknown> | Refusal {
  if (inputToken === null || inputToken === "") {
    const message = "(#100) You must provide an input token.";
    return { code: 100, message, fromGraph: true };
  }
  if (inputToken !== scenario.access_token) {
    const error = { code: 190, message: "Invalid OAuth access token - Cannot parse access token" };
    return { data: { error, is_valid: false, scopes: [] } };
  }
  const { expires_in_seconds: expiresIn, scopes } = scenario.token;
  const startSeconds = Math.floor(instants.startMs / 1_000);
  return {
    data: {
      app_id: APP_ID,
      type: "SYSTEM_USER",
      application: "Sandbox",
      data_access_expires_at: 0,
      // 0 is never.
      expires_at: expiresIn === null ? 0 : startSeconds + Math.floor(expiresIn),
      is_valid: true,
      issued_at: startSeconds,
      scopes,
      granular_scopes: scopes.map((scope) => ({ scope, target_ids: [scenario.waba_id] })),
      user_id: USER_ID,
    },
  };
}

function isExpired({ token }: Scenario, { startMs, nowMs }: Instants): boolean {
  const { expires_in_seconds: expiresIn } = token;
  return expiresIn !== null && nowMs - startMs >= expiresIn * 1_000;
}
