// Changes one thing of a template at Meta, and reads it back.

import { systemClock } from "../../clock/clock.ts";
import type { TemplateEdit, TemplateFacts } from "../../domain/account/facts.ts";
import type { AuditEntry } from "../../domain/campaign/audit.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import { bidPrice, priceText } from "../../domain/cost/max-price.ts";
import { ttlText } from "../../domain/preflight/template-checks.ts";
import { isOfPermission, isOfToken, ruleByText } from "../../domain/sending/error-codes.ts";
import type { Account } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";
import { say } from "../print/print.ts";

/** A change may be a moment on its way at Meta before it is read. */
const PROOF_TRIES = 3;

const PROOF_PAUSE_MS = 1_000;

/** One change of a template, and how to see that it was made. */
export interface TemplateChange {
  edit: TemplateEdit;
  isMade(template: TemplateFacts): boolean;
  /** What is to be, as a noun: `the TTL of 24 h`. */
  wanted: string;
  /** What a template has of it; null where that is not known. */
  hasText(template: TemplateFacts): string | null;
  /** What to do where Meta refuses the change for what it is. */
  todo: string;
}

/** The TTL of a template. @param seconds 43,200 to 2,592,000 */
export function ttlChange(seconds: number): TemplateChange {
  return {
    edit: { ttlSeconds: seconds },
    isMade: ({ definition }) => definition.message_send_ttl_seconds === seconds,
    wanted: `the TTL of ${ttlText(seconds)}`,
    hasText: ttlOf,
    todo: "Look at the template in WhatsApp Manager: it may be in review.",
  };
}

/** The same for the audit. */
export function ttlAudit(before: TemplateFacts, seconds: number): TemplateAudit {
  const had = before.definition.message_send_ttl_seconds ?? null;
  return { action: "set_ttl", detail: { before: had, after: seconds } };
}

/** What the audit keeps of a change. */
type TemplateAudit = Pick<AuditEntry, "action" | "detail">;

/**
 * Makes a change of a template at Meta and reads it again, which is the proof.
 * @param taken called once Meta may have made the change, before it is proved
 * @returns the template as it is afterwards
 * @throws GraphError when Meta cannot be asked; OperatorError (exit 3) when Meta refuses the
 * change, or when the template does not have it in spite of a yes
 */
export async function changeTemplate(
  account: Account,
  template: TemplateFacts,
  change: TemplateChange,
  taken: () => Promise<void>,
): Promise<TemplateFacts> {
  const { name, language } = template.definition;
  let doubt: GraphError | undefined;
  try {
    await account.editTemplate(template.id, change.edit);
  } catch (error) {
    // The answer was lost, and the change may have been made: read it again.
    if (!(error instanceof GraphError) || error.fault !== "failed")
      throw refusedEdit(error, change);
    doubt = error;
  }
  await taken();
  let after: TemplateFacts | undefined;
  for (let tries = 1; tries <= PROOF_TRIES; tries += 1) {
    if (tries > 1) await systemClock.sleep(PROOF_PAUSE_MS);
    const all = await account.listTemplates(name);
    after = all.find(({ id }) => id === template.id);
    if (after !== undefined && change.isMade(after)) return after;
  }
  if (doubt !== undefined) throw doubt;
  const has = after === undefined ? null : change.hasText(after);
  throw new OperatorError(
    {
      message: `Meta took ${change.wanted} for template "${name}" (${language}), and the template has ${has ?? "none that can be read"}`,
      hint: "Look at the template in WhatsApp Manager: it may be in review, or be edited too often today.",
    },
    EXIT.halted,
  );
}

/**
 * An edit that was refused for what it is: an object that exists and a token that may edit it were
 * seen before. Meta names no code for too many edits (template management page, 2026-03).
 */
function refusedEdit(error: unknown, { todo }: TemplateChange): unknown {
  if (!(error instanceof GraphError) || error.fault !== "refused") return error;
  const { code, message } = error;
  if (code === null || isOfToken(code) || isOfPermission(code)) return error;
  const known = ruleByText({ code, message });
  const hint =
    known?.todo ?? `${todo} Meta takes 100 edits of an approved template an hour, and 2,400 a day.`;
  return new OperatorError({ id: "meta_refused", message, hint }, EXIT.halted);
}

/** Null when not known. */
export function ttlOf({ definition }: TemplateFacts): string | null {
  const seconds = definition.message_send_ttl_seconds;
  if (seconds === undefined) return null;
  if (seconds === null) return "none of its own: Meta's default, 30 d";
  return `${ttlText(seconds)} (${count(seconds)} s)`;
}

/** What `template show` and `set-max-price` say of a max price; null when not known. */
export function maxPriceText({ maxPrice }: TemplateFacts, currency: string | null): string | null {
  if (maxPrice === undefined) return null;
  if (maxPrice === null) return "none: the rate card's price";
  const bid = `bid_amount ${count(maxPrice.bidAmount)} for 1,000 deliveries`;
  if (currency === null) return `${bid}, in the smallest unit of the account's currency`;
  const price = priceText(bidPrice(maxPrice.bidAmount, currency));
  return `${price} ${currency} a message (${bid})`;
}

/** The same for `--json`; null for none, and when not known. */
export function maxPriceJson(
  maxPrice: TemplateFacts["maxPrice"],
  currency: string | null,
): Record<string, unknown> | null {
  if (maxPrice === undefined || maxPrice === null) return null;
  const { bidAmount } = maxPrice;
  const price = currency === null ? null : bidPrice(bidAmount, currency);
  return { bid_amount: bidAmount, price, currency };
}

/** An edit may put a template into review. */
export function sayStatus(before: TemplateFacts, after: TemplateFacts): void {
  const { status } = after.definition;
  if (status === before.definition.status) return;
  say(`Its status is ${status} now; it was ${before.definition.status}.`);
}
