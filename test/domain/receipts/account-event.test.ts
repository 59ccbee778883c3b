// Every documented event of an account, a number or a template, as one of our kinds; and what a
// person reads of it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accountNotice, noticeSentence } from "../../../src/domain/receipts/account-event.ts";
import type { AccountEventKind } from "../../../src/domain/receipts/account-rules.ts";
import {
  levelOf,
  liftedBy,
  liftersOf,
  stopsCampaigns,
} from "../../../src/domain/receipts/account-rules.ts";
import { readWebhookBody } from "../../../src/domain/receipts/webhook.ts";

const FOLDER = join(import.meta.dirname, "bodies");

function noticesOf(body: unknown) {
  const reading = readWebhookBody(JSON.stringify(body));
  if ("fault" in reading) throw new Error(reading.fault);
  return reading.events.flatMap((event) =>
    ["template", "account", "limit", "error"].includes(event.kind)
      ? [accountNotice(event as Parameters<typeof accountNotice>[0])]
      : [],
  );
}

/** Shape → kind, and whether it stops campaigns. */
const SHAPES: Record<string, [AccountEventKind, boolean]> = {
  "account-alert.json": ["account_alert", false],
  "account-alert-info.json": ["account_alert", false],
  "account-deleted.json": ["account_deleted", true],
  "account-disabled.json": ["account_disabled", true],
  "account-disabled-list.json": ["account_disabled", true],
  "account-partner-removed.json": ["account_disconnected", false],
  "account-reinstated-list.json": ["account_reinstated", false],
  "account-restriction-calling.json": ["account_limited", false],
  "account-violation-calling.json": ["account_noted", false],
  "account-restriction.json": ["account_restricted", true],
  "account-terms-signed.json": ["account_terms_signed", false],
  "account-violation.json": ["account_violation", true],
  "business-limit.json": ["account_limit", false],
  "number-flagged.json": ["number_flagged", false],
  "number-removed.json": ["number_removed", true],
  "number-throughput.json": ["number_limit", false],
  "template-category-announced.json": ["template_category_announced", false],
  "template-category-appealed.json": ["template_category_changed", true],
  "template-category-done.json": ["template_category_changed", true],
  "template-disabled.json": ["template_disabled", true],
  "template-paused.json": ["template_paused", true],
  "template-quality.json": ["template_quality", false],
  "template-rejected.json": ["template_rejected", true],
  "template-rejected-newer.json": ["template_rejected", true],
  "value-errors.json": ["number_error", false],
};

describe("an event", () => {
  const all = readdirSync(FOLDER).map((name) => {
    const shape = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as { delivery: unknown };
    return { name, notices: noticesOf(shape.delivery) };
  });

  it("of every shape that is about an account, a number or a template has a kind", () => {
    const found = all.flatMap(({ name, notices }) =>
      notices.map(({ kind }) => [name, [kind, stopsCampaigns(kind)]]),
    );
    expect(Object.fromEntries(found)).toEqual(SHAPES);
  });

  it("is reported in a sentence that says what, when and what to do", () => {
    const paused = all.find(({ name }) => name === "template-paused.json")?.notices[0];
    expect(paused && noticeSentence(paused)).toBe(
      'Template "spring_sale" (en_US): Meta paused it for low quality (PAUSED; FIRST_PAUSE) on ' +
        "22 Nov 2026, 10:00 UTC. Look at the template in WhatsApp Manager; once it is approved " +
        "again, run the same command.",
    );
    const removed = all.find(({ name }) => name === "number-removed.json")?.notices[0];
    // A sentence goes into logs, and a number does not.
    expect(removed && noticeSentence(removed)).toMatch(/^The sending number …0001: it was taken/);
  });

  const template = (value: object) => ({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "message_template_status_update", value }] }],
  });
  const named = { message_template_id: 5, message_template_name: "a" };
  it.each([
    ["APPROVED", "template_approved"],
    ["REINSTATED", "template_approved"],
    ["PENDING", "template_pending"],
    ["IN_APPEAL", "template_pending"],
    ["PENDING_DELETION", "template_deleted"],
    ["ARCHIVED", "template_archived"],
    ["FLAGGED", "template_flagged"],
    ["LOCKED", "template_changed"],
    ["SOMETHING_NEW", "template_changed"],
  ])("of a template that says %s is %s", (event, kind) => {
    expect(noticesOf(template({ ...named, event }))).toMatchObject([{ kind, said: event }]);
  });

  const account = (value: object, field = "account_update") => ({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field, value }] }],
  });
  it.each([
    [
      account({ event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "REINSTATE" } }),
      "account_reinstated",
    ],
    [account({ event: "ACCOUNT_RESTRICTION" }), "account_restricted"],
    [
      account({
        event: "ACCOUNT_RESTRICTION",
        restriction_info: [{ restriction_type: "RESTRICTED_ADD_PHONE_NUMBER_ACTION" }],
      }),
      "account_limited",
    ],
    [account({ event: "VERIFIED_ACCOUNT" }), "account_changed"],
    [account({}), "account_changed"],
    [account({ decision: "REJECTED" }, "account_review_update"), "account_rejected"],
    [account({ decision: "APPROVED" }, "account_review_update"), "account_changed"],
  ] as const)("of an account: %j is %s", (body, kind) => {
    expect(noticesOf(body)).toMatchObject([{ kind }]);
  });

  const restricted = (...types: string[]) =>
    account({
      event: "ACCOUNT_RESTRICTION",
      restriction_info: types.map((restriction_type) => ({ restriction_type })),
    });
  it.each([
    // Every type that Meta documents.
    ["RESTRICTED_BIZ_INITIATED_MESSAGING", true],
    ["RESTRICTED_CUSTOMER_INITIATED_MESSAGING", false],
    ["RESTRICTED_ADD_PHONE_NUMBER_ACTION", false],
    ["RESTRICTED_UTILITY_TEMPLATES", false],
    ["RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES", false],
    ["RESTRICTED_BUSINESS_INITIATED_CALLING", false],
    ["RESTRICTED_USER_INITIATED_CALLING", false],
    ["RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN", false],
    ["RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING", false],
    // New ones, by their names.
    ["RESTRICTED_MARKETING_TEMPLATES", true],
    ["RESTRICTED_MARKETING_AND_UTILITY_TEMPLATES", true],
    ["RESTRICTED_TEMPLATE_MESSAGING", true],
    ["RESTRICTED_ALL", true],
    ["RESTRICTED_SENDING", true],
    ["RESTRICTED_AUTHENTICATION_TEMPLATES", false],
    ["RESTRICTED_CATALOG_MANAGEMENT", false],
    ["RESTRICTED_VIDEO_CALLING", false],
    ["RESTRICTED_USERNAME_CHANGE", false],
  ])("of a restriction of the type %s stops campaigns: %j", (type, isStop) => {
    const [notice] = noticesOf(restricted(type));
    expect(notice?.kind).toBe(isStop ? "account_restricted" : "account_limited");
    expect(stopsCampaigns(notice?.kind as AccountEventKind)).toBe(isStop);
    expect(notice && noticeSentence(notice)).toContain(type);
  });

  it.each(Object.keys(SHAPES))("is the same whatever the case of Meta's words: %s", (name) => {
    const { delivery } = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
    const small = JSON.parse(JSON.stringify(delivery), (key, value: unknown) =>
      /^(?:event|decision|\w+_(?:type|state|category|score))$/.test(key) &&
      typeof value === "string"
        ? value.toLowerCase()
        : value,
    );
    const kinds = (body: unknown) => noticesOf(body).map(({ kind }) => kind);
    expect(kinds(small)).toEqual(kinds(delivery));
  });

  it("of several restrictions stops for the one that is about marketing messages", () => {
    const types = ["RESTRICTED_BUSINESS_INITIATED_CALLING", "RESTRICTED_BIZ_INITIATED_MESSAGING"];
    expect(noticesOf(restricted(...types))).toMatchObject([{ kind: "account_restricted" }]);
  });

  it.each([
    ["SPAM", true],
    ["ADULT", true],
    ["SCAM", true],
    ["SOMETHING_NEW", true],
    ["LOW_BUSINESS_INITIATED_CALLING_QUALITY", false],
    ["LOW_USER_INITIATED_CALLING_QUALITY", false],
    ["USER_INITIATED_CALLS_LOW_PICKUP_RATE", false],
    ["DIRECT_SEND_UTILITY_CATEGORY_ABUSE_STRIKE_2", false],
  ])("of a violation of the type %s stops campaigns: %j", (violation_type, isStop) => {
    const [notice] = noticesOf(
      account({ event: "ACCOUNT_VIOLATION", violation_info: { violation_type } }),
    );
    expect(stopsCampaigns(notice?.kind as AccountEventKind)).toBe(isStop);
    expect(notice && noticeSentence(notice)).toContain(violation_type);
  });

  it.each(["PARTNER_REMOVED", "ACCOUNT_OFFBOARDED", "PARTNER_APP_UNINSTALLED"])(
    "of %s is a warning with its reason",
    (event) => {
      const left = { reason: "PRIMARY_INACTIVITY", initiated_by: "SYSTEM" };
      const [notice] = noticesOf(account({ event, disconnection_info: left }));
      expect(notice?.kind).toBe("account_disconnected");
      expect(levelOf("account_disconnected")).toBe("warning");
      expect(notice && noticeSentence(notice)).toMatch(/PRIMARY_INACTIVITY, by SYSTEM/);
    },
  );

  it("says until when, and when an account was banned", () => {
    const sentences = all.flatMap(({ name, notices }) =>
      ["account-restriction.json", "account-disabled.json"].includes(name)
        ? notices.map(noticeSentence)
        : [],
    );
    expect(sentences.join("\n")).toMatch(
      /RESTRICTED_BIZ_INITIATED_MESSAGING until 29 Nov 2026, 10:00 UTC/,
    );
    expect(sentences.join("\n")).toMatch(/SCHEDULE_FOR_DISABLE; December 1, 2026/);
  });

  it("of an error about no message says which and what Meta says of it", () => {
    const [notice] = all.find(({ name }) => name === "value-errors.json")?.notices ?? [];
    expect(notice && noticeSentence(notice)).toMatch(/^The sending number .*code 130429/);
  });

  it("that is over lifts its own stops, and no kind lifts what does not stop", () => {
    expect(liftersOf("template_paused")).toEqual(["template_approved"]);
    expect(liftersOf("account_disabled")).toEqual(["account_reinstated"]);
    for (const kind of liftedBy("template_approved")) {
      expect(stopsCampaigns(kind as AccountEventKind)).toBe(true);
    }
  });

  it("of signed terms is of the account that signed, and not of the partner that is reported", () => {
    const value = { event: "MM_LITE_TERMS_SIGNED", waba_info: { waba_id: "22" } };
    expect(noticesOf(account(value))).toMatchObject([{ wabaId: "22" }]);
  });

  it("of a kind that a newer version wrote is only good to know", () => {
    expect(levelOf("account_teleported")).toBe("info");
  });
});
