// What every ledger must do with events of accounts and templates, with failures that concern
// everybody, with clicks and taps, with words of a campaign's own, and with the evidence about
// messages in doubt. Part of the suite in ledger.conformance.ts.

import { describe, expect, it } from "vitest";
import type { CampaignRecord } from "../../../src/domain/campaign/campaign.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { accepted, answerTo, personKey, send, statuses, T0, turn } from "./builders.ts";
import type { StatusOptions } from "./receipts.ts";
import { inboundBody, receive, statusBody } from "./receipts.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let made = 0;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeAccountEvents(open: () => Ledger): void {
  const recordOf = async (id: number): Promise<CampaignRecord> =>
    (await open().listCampaigns()).find((one) => one.id === id) as CampaignRecord;
  const stopOf = async (id: number) => (await recordOf(id)).stop;

  interface Made {
    id: number;
    lane: string;
    template: string;
    waba: string;
    number: string;
  }

  /** A campaign with a template, an account and a number of its own. */
  async function campaign(
    people: number[],
    {
      lane,
      keep = true,
      language = "en_US",
      values,
    }: { lane?: string; keep?: boolean; language?: string; values?: string } = {},
  ): Promise<Made> {
    made += 1;
    const facts = {
      lane: lane ?? `3000${made}`,
      template: `offer_${made}`,
      waba: `9000${made}`,
      number: `4477009999${String(made).padStart(2, "0")}`,
    };
    const frozen = { "template.name": facts.template, "template.language": language };
    const draft = { name: `events-${made}`, lane: facts.lane, frozen, columns: ["phone"], now: T0 };
    const { id } = await open().createCampaign(draft);
    const rows = people.map((person, at) => send(at + 1, person, values));
    await open().plan(id, rows, T0);
    const recipients = { size: 1, modifiedMs: 1, sha256: "ab" };
    const plan = { frozen, recipients, columns: ["phone"], rows: rows.length, now: T0 };
    await open().finishPlanning(id, plan);
    const { waba, number } = facts;
    const reported = {
      portfolio: `events-${made}`,
      ttlSeconds: 86_400,
      ...(keep && { waba, number }),
    };
    await open().keepFacts(id, reported, T0);
    return { id, ...facts };
  }

  /** Everybody's message is accepted, each under `w<campaign>.<row>`. */
  async function sendAll(id: number, now = T0): Promise<void> {
    const { claimed } = await open().turn(turn(id, { claim: 500, now }));
    const record = claimed.map((one) =>
      answerTo(one, accepted(one.row, { messageId: `w${id}.${one.row}` })),
    );
    await open().turn(turn(id, { record, now }));
  }

  const failed = (id: number, row: number, code: number, at: number, more: object = {}): string =>
    statusBody({
      status: "failed",
      id: `w${id}.${row}`,
      key: callbackKey({ ledger: open().id, campaign: id, row, attempt: 1 }),
      code,
      at,
      ...more,
    } as StatusOptions);

  function notice(field: string, value: object, waba: string, at?: number): string {
    const time = at === undefined ? {} : { time: Math.floor(at / SECOND) };
    const entry = [{ id: waba, changes: [{ field, value }], ...time }];
    return JSON.stringify({ object: "whatsapp_business_account", entry });
  }
  const templateStatus = (made: Made, event: string, at?: number, more: object = {}): string => {
    const value = {
      event,
      message_template_id: 5,
      message_template_name: made.template,
      message_template_language: "en-US",
      reason: "NONE",
      ...more,
    };
    return notice("message_template_status_update", value, made.waba, at);
  };

  describe("events of templates, accounts and numbers", () => {
    it("are kept once, with what Meta said, and shown for the campaigns concerned", async () => {
      const ledger = open();
      const mine = await campaign([801]);
      const other = await campaign([801]);
      const body = templateStatus(mine, "PAUSED", T0 + MINUTE, {
        other_info: { title: "FIRST_PAUSE" },
      });
      const first = await receive(ledger, [body], T0 + 2 * MINUTE);
      expect(first.counts).toEqual({ template: { applied: 1 } });
      const again = await receive(ledger, [body], T0 + 3 * MINUTE);
      expect(again.counts).toEqual({ template: { repeated: 1 } });
      expect(await ledger.accountEvents(mine.id, 10)).toMatchObject([
        {
          kind: "template_paused",
          at: T0 + MINUTE,
          wabaId: mine.waba,
          template: mine.template,
          language: "en_US",
          templateId: "5",
          said: "PAUSED",
          reason: "FIRST_PAUSE",
        },
      ]);
      expect(await ledger.accountEvents(other.id, 10)).toEqual([]);
      expect((await ledger.accountEvents(null, 1))[0]?.template).toBe(mine.template);
    });

    it("concern a campaign whose rows give the language where a row gives theirs", async () => {
      const byRow = { language: "{{ lang }}" };
      const english = await campaign([801], { ...byRow, values: '["en_US","v"]' });
      const other = await campaign([801], { ...byRow, values: '["en","en_US"]' });
      const pause = (made: Made) => templateStatus(made, "PAUSED", T0 + MINUTE);
      const { counts } = await receive(open(), [pause(english), pause(other)], T0 + 2 * MINUTE);
      expect(counts).toEqual({ template: { applied: 1, noted: 1 } });
      expect(await stopOf(english.id)).toMatchObject({ kind: "halted", code: "template_paused" });
      expect(await stopOf(other.id)).toBeNull();
      const approve = templateStatus(english, "APPROVED", T0 + 3 * MINUTE);
      await receive(open(), [approve], T0 + 4 * MINUTE);
      expect(await stopOf(english.id)).toBeNull();
    });

    it("stop what they concern at the next claim, with what to do", async () => {
      const ledger = open();
      const mine = await campaign([802, 803]);
      const other = await campaign([802]);
      await receive(ledger, [templateStatus(mine, "PAUSED", T0 + MINUTE)], T0 + 2 * MINUTE);
      const result = await ledger.turn(turn(mine.id, { claim: 2 }));
      expect(result.claimed).toEqual([]);
      expect(result.stop).toMatchObject({ kind: "halted", code: "template_paused" });
      expect(result.stop?.sentence).toMatch(/Template "offer_\d+" \(en_US\).*run the same command/);
      expect(await stopOf(other.id)).toBeNull();
    });

    const stopping: [string, (made: Made) => string, string | null][] = [
      [
        "a disabled template",
        (one) => templateStatus(one, "DISABLED", T0 + 1_000),
        "template_disabled",
      ],
      [
        "a rejected template",
        (one) => templateStatus(one, "REJECTED", T0 + 1_000),
        "template_rejected",
      ],
      ["an approved template", (one) => templateStatus(one, "APPROVED", T0 + 1_000), null],
      ["a flagged template", (one) => templateStatus(one, "FLAGGED", T0 + 1_000), null],
      [
        "another category",
        (one) =>
          notice(
            "template_category_update",
            {
              message_template_id: 5,
              message_template_name: one.template,
              message_template_language: "en-US",
              previous_category: "MARKETING",
              new_category: "UTILITY",
            },
            one.waba,
            T0 + 1_000,
          ),
        "template_category_changed",
      ],
      [
        "another category to come",
        (one) =>
          notice(
            "template_category_update",
            {
              message_template_id: 5,
              message_template_name: one.template,
              message_template_language: "en-US",
              new_category: "MARKETING",
              correct_category: "UTILITY",
            },
            one.waba,
            T0 + 1_000,
          ),
        null,
      ],
      [
        "a red quality",
        (one) =>
          notice(
            "message_template_quality_update",
            {
              message_template_id: 5,
              message_template_name: one.template,
              message_template_language: "en-US",
              previous_quality_score: "GREEN",
              new_quality_score: "RED",
            },
            one.waba,
            T0 + 1_000,
          ),
        null,
      ],
      [
        "a restricted account",
        (one) =>
          notice(
            "account_update",
            {
              event: "ACCOUNT_RESTRICTION",
              restriction_info: [{ restriction_type: "RESTRICTED_BIZ_INITIATED_MESSAGING" }],
            },
            one.waba,
            T0 + 1_000,
          ),
        "account_restricted",
      ],
      [
        "a restriction of something else",
        (one) =>
          notice(
            "account_update",
            {
              event: "ACCOUNT_RESTRICTION",
              restriction_info: [{ restriction_type: "RESTRICTED_ADD_PHONE_NUMBER_ACTION" }],
            },
            one.waba,
            T0 + 1_000,
          ),
        null,
      ],
      [
        "a disabled account",
        (one) =>
          notice(
            "account_update",
            { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "DISABLE" } },
            one.waba,
            T0 + 1_000,
          ),
        "account_disabled",
      ],
      [
        "an account that is reinstated",
        (one) =>
          notice(
            "account_update",
            { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "REINSTATE" } },
            one.waba,
            T0 + 1_000,
          ),
        null,
      ],
      [
        "signed terms",
        (one) =>
          notice(
            "account_update",
            { event: "MM_LITE_TERMS_SIGNED", waba_info: { waba_id: one.waba } },
            "1",
            T0 + 1_000,
          ),
        null,
      ],
      [
        "a number that was removed",
        (one) =>
          notice(
            "account_update",
            { event: "PHONE_NUMBER_REMOVED", phone_number: one.number },
            one.waba,
            T0 + 1_000,
          ),
        "number_removed",
      ],
      [
        "a lower limit",
        (one) =>
          notice(
            "phone_number_quality_update",
            {
              display_phone_number: one.number,
              event: "DOWNGRADE",
              old_limit: "TIER_10K",
              current_limit: "TIER_2K",
            },
            one.waba,
            T0 + 1_000,
          ),
        null,
      ],
      [
        "a limit of the business",
        (one) =>
          notice(
            "business_capability_update",
            { max_daily_conversations_per_business: 10_000 },
            one.waba,
            T0 + 1_000,
          ),
        null,
      ],
    ];
    for (const [title, body, code] of stopping) {
      it(`such as ${title} ${code === null ? "are only shown" : `stop with ${code}`}`, async () => {
        const ledger = open();
        const mine = await campaign([804]);
        const other = await campaign([804]);
        await receive(ledger, [body(mine)], T0 + MINUTE);
        expect((await stopOf(mine.id))?.code ?? null).toBe(code);
        expect(await stopOf(other.id)).toBeNull();
        expect(await ledger.accountEvents(mine.id, 10)).toHaveLength(1);
      });
    }

    it("that a check has looked after since stop nothing, however late they are reported", async () => {
      const ledger = open();
      const mine = await campaign([805]);
      await receive(ledger, [templateStatus(mine, "PAUSED", T0 + MINUTE)], T0 + 2 * MINUTE);
      expect(await ledger.liftStop(mine.id, "halted", T0 + 5 * MINUTE)).toBe(true);
      await receive(
        ledger,
        [
          templateStatus(mine, "PAUSED", T0 + MINUTE),
          templateStatus(mine, "PAUSED", T0 + 4 * MINUTE),
          templateStatus(mine, "DISABLED", T0 + 5 * MINUTE - 1_000),
        ],
        T0 + 6 * MINUTE,
      );
      expect(await stopOf(mine.id)).toBeNull();
      expect(await ledger.accountEvents(mine.id, 10)).toHaveLength(3);
      await receive(ledger, [templateStatus(mine, "PAUSED", T0 + 6 * MINUTE)], T0 + 7 * MINUTE);
      expect(await stopOf(mine.id)).toMatchObject({ at: T0 + 6 * MINUTE + 999 });
    });

    it("in the second of a check stop their campaign: Meta's dates have whole seconds", async () => {
      const ledger = open();
      const mine = await campaign([814]);
      await ledger.liftStop(mine.id, "halted", T0 + MINUTE + 400);
      await receive(ledger, [templateStatus(mine, "PAUSED", T0 + MINUTE)], T0 + MINUTE + 700);
      expect(await stopOf(mine.id)).toMatchObject({ at: T0 + MINUTE + 700 });
      await ledger.liftStop(mine.id, "halted", T0 + MINUTE + 600);
      expect(await stopOf(mine.id)).not.toBeNull();
    });

    it("without an instant stop only when they come by webhook", async () => {
      const ledger = open();
      const mine = await campaign([806]);
      const body = templateStatus(mine, "PAUSED");
      await ledger.storeWebhookBodies([{ body, receivedAt: T0 + MINUTE, source: "old.jsonl" }]);
      await ledger.processWebhookBodies({ limit: 10, now: T0 + MINUTE });
      expect(await stopOf(mine.id)).toBeNull();
      const other = await campaign([806]);
      await receive(ledger, [templateStatus(other, "PAUSED")], T0 + MINUTE);
      expect(await stopOf(other.id)).toMatchObject({ code: "template_paused", at: T0 + MINUTE });
    });

    it("leave alone what is over", async () => {
      const ledger = open();
      const mine = await campaign([807]);
      await sendAll(mine.id);
      await ledger.setState(mine.id, "finished", null, T0);
      await receive(ledger, [templateStatus(mine, "PAUSED", T0 + MINUTE)], T0 + 2 * MINUTE);
      expect(await stopOf(mine.id)).toBeNull();
    });

    it("of a template stop a campaign whose account is not known, and those of an account do not", async () => {
      const ledger = open();
      const mine = await campaign([808], { keep: false });
      await receive(
        ledger,
        [notice("account_update", { event: "ACCOUNT_DELETED" }, mine.waba, T0 + MINUTE)],
        T0 + 2 * MINUTE,
      );
      expect(await stopOf(mine.id)).toBeNull();
      await receive(ledger, [templateStatus(mine, "PAUSED", T0 + MINUTE)], T0 + 2 * MINUTE);
      expect(await stopOf(mine.id)).toMatchObject({ code: "template_paused" });
    });
  });

  describe("a failure by receipt that concerns everybody", () => {
    it("stops its campaign when it is about the template", async () => {
      const ledger = open();
      const mine = await campaign([811, 812]);
      const beside = await campaign([813], { lane: mine.lane });
      await sendAll(mine.id);
      await receive(ledger, [failed(mine.id, 1, 132015, T0 + MINUTE)], T0 + 2 * MINUTE);
      expect(await stopOf(mine.id)).toMatchObject({
        kind: "halted",
        code: "132015",
        at: T0 + MINUTE + 999,
        sentence: expect.stringMatching(/Code 132015 came by receipt/),
      });
      expect(await stopOf(beside.id)).toBeNull();
    });

    it("stops every open campaign of the number when it is about that or the account", async () => {
      const ledger = open();
      for (const code of [131042, 131031]) {
        const mine = await campaign([814]);
        const beside = await campaign([815], { lane: mine.lane });
        const other = await campaign([815]);
        await sendAll(mine.id);
        await receive(ledger, [failed(mine.id, 1, code, T0 + MINUTE)], T0 + 2 * MINUTE);
        expect((await stopOf(mine.id))?.code).toBe(String(code));
        expect((await stopOf(beside.id))?.code).toBe(String(code));
        expect(await stopOf(other.id)).toBeNull();
      }
    });

    it("stops nobody when a check has looked since", async () => {
      const ledger = open();
      const mine = await campaign([816, 817]);
      await sendAll(mine.id);
      await ledger.liftStop(mine.id, "halted", T0 + 3 * MINUTE);
      await receive(ledger, [failed(mine.id, 1, 132015, T0 + MINUTE)], T0 + 4 * MINUTE);
      expect(await statuses(ledger, mine.id)).toMatchObject({ 1: "held/132015" });
      expect(await stopOf(mine.id)).toBeNull();
    });

    it("stops its campaign when the same wrong request comes from everybody, and not from a few", async () => {
      const ledger = open();
      const people = Array.from({ length: 22 }, (_, at) => 820 + at);
      const mine = await campaign(people);
      await sendAll(mine.id);
      const wrong = (from: number, to: number) =>
        people.slice(from, to).map((_, at) => failed(mine.id, from + at + 1, 131053, T0 + MINUTE));
      const fine = statusBody({
        status: "delivered",
        id: `w${mine.id}.10`,
        key: callbackKey({ ledger: ledger.id, campaign: mine.id, row: 10, attempt: 1 }),
      });
      await receive(ledger, [...wrong(0, 9), fine, ...wrong(10, 19)], T0 + 2 * MINUTE);
      expect(await stopOf(mine.id)).toBeNull();
      await receive(ledger, wrong(19, 20), T0 + 2 * MINUTE);
      expect(await stopOf(mine.id)).toMatchObject({
        code: "131053",
        sentence: expect.stringMatching(/10 times in a row/),
      });
    });
  });

  describe("clicks and taps", () => {
    const click = (number: string, id: string, more: object = {}, contacts?: object[]): string => {
      const action = {
        action_type: "marketing_messages_link_click",
        timestamp: Math.floor((T0 + MINUTE) / SECOND),
        marketing_messages_link_click_data: { click_component: "cta", click_id: id },
        ...more,
      };
      const metadata = { phone_number_id: number };
      const value = { metadata, user_actions: [action], ...(contacts && { contacts }) };
      return notice("messages", value, "1");
    };

    it("are counted once for the only campaign that sent from the number", async () => {
      const ledger = open();
      const mine = await campaign([851]);
      await sendAll(mine.id);
      const bodies = [click(mine.lane, "c1"), click(mine.lane, "c1"), click(mine.lane, "c2")];
      const result = await receive(ledger, bodies, T0 + 2 * MINUTE);
      expect(result.counts).toEqual({ click: { noted: 2, repeated: 1 } });
      expect(await ledger.engagement(mine.id)).toEqual({
        clicks: { total: 2, people: 0, byComponent: { cta: 2 } },
        landingPageViews: 0,
        otherActions: 0,
        clicksUnmatched: 0,
        taps: [],
      });
    });

    it("stay pending while two campaigns may be meant", async () => {
      const ledger = open();
      const one = await campaign([852]);
      const other = await campaign([853], { lane: one.lane });
      await sendAll(one.id);
      await sendAll(other.id);
      await receive(ledger, [click(one.lane, "c3")], T0 + 2 * MINUTE);
      for (const { id } of [one, other]) {
        expect(await ledger.engagement(id)).toMatchObject({
          clicks: { total: 0 },
          clicksUnmatched: 1,
        });
      }
    });

    it("are the message's where it is named, and its row has the first of them", async () => {
      const ledger = open();
      const mine = await campaign([854]);
      await sendAll(mine.id);
      const who = [{ wa_id: personKey(854) }];
      const named = { message_id: `w${mine.id}.1` };
      const late = { ...named, timestamp: Math.floor((T0 + HOUR) / SECOND) };
      const bodies = [
        click(mine.lane, "c4", late, who),
        click(mine.lane, "c5", named, who),
        click(mine.lane, "c5", named, who),
      ];
      const result = await receive(ledger, bodies, T0 + 2 * HOUR);
      expect(result.counts).toEqual({ click: { applied: 2, repeated: 1 } });
      expect(await ledger.engagement(mine.id)).toMatchObject({ clicks: { total: 2, people: 1 } });
      const [row] = (await ledger.outcomes(mine.id, 0, 1)).rows;
      expect(row?.clicked_at).toBe(new Date(T0 + MINUTE).toISOString());
    });

    it("on quick replies are counted by button and person", async () => {
      const ledger = open();
      const mine = await campaign([855, 856]);
      await sendAll(mine.id);
      const tap = (id: string, row: number, person: number, text: string): string =>
        inboundBody({
          id,
          from: personKey(person),
          type: "button",
          button: { text, payload: text },
          context: { id: `w${mine.id}.${row}` },
        });
      const bodies = [
        tap("t1", 1, 855, "Yes"),
        tap("t1", 1, 855, "Yes"),
        tap("t2", 1, 855, "Yes"),
        tap("t3", 2, 856, "Yes"),
        tap("t4", 2, 856, "No"),
      ];
      await receive(ledger, bodies, T0 + 2 * MINUTE);
      expect((await ledger.engagement(mine.id)).taps).toEqual([
        { label: "Yes", taps: 3, people: 2 },
        { label: "No", taps: 1, people: 1 },
      ]);
    });
  });

  describe("a campaign's own stop words", () => {
    it("count beside those of everybody, for messages to its number", async () => {
      const ledger = open();
      const mine = await campaign([861]);
      const other = await campaign([861]);
      await ledger.keepStopWords(mine.id, ["¡Me voy!"]);
      const wrote = (id: string, person: number, body: string, number: string): string =>
        inboundBody({ id, from: personKey(person), type: "text", text: { body } }, T0, number);
      const bodies = [
        wrote("s1", 862, "me voy", mine.lane),
        wrote("s2", 863, "me voy", other.lane),
        wrote("s3", 864, "stop", mine.lane),
      ];
      expect(await receive(ledger, bodies)).toMatchObject({ optOuts: 2 });
      const persons = (await ledger.suppressions(0, 10_000)).map((one) => one.person);
      expect(persons).toContain(personKey(862));
      expect(persons).not.toContain(personKey(863));
      await ledger.keepStopWords(mine.id, []);
      const later = wrote("s4", 863, "me voy", mine.lane);
      expect(await receive(ledger, [later])).toMatchObject({ optOuts: 0 });
    });
  });

  describe("a number that Meta changed", () => {
    it("is suppressed under both, whichever of them asked, and whenever it was learned", async () => {
      const ledger = open();
      for (const [posted, reported, asks] of [
        [871, 872, 872],
        [873, 874, 873],
      ] as const) {
        const mine = await campaign([posted]);
        await sendAll(mine.id);
        const receipt = statusBody({
          status: "delivered",
          id: `w${mine.id}.1`,
          waId: personKey(reported),
          key: callbackKey({ ledger: ledger.id, campaign: mine.id, row: 1, attempt: 1 }),
        });
        const stop = inboundBody({
          id: `stop-${posted}`,
          from: personKey(asks),
          type: "text",
          text: { body: "STOP" },
        });
        // The opt-out is reported before the receipt that says who it is.
        await receive(ledger, [stop, receipt]);
        const later = await campaign([posted]);
        const other = await campaign([reported]);
        for (const { id } of [later, other]) {
          expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toEqual([]);
          expect(await statuses(ledger, id)).toEqual({ 1: "skipped/opted_out" });
        }
      }
    });
  });

  describe("messages in doubt", () => {
    it("have none to tell of when there is none", async () => {
      const mine = await campaign([881]);
      expect(await open().doubts(mine.id)).toBeNull();
    });

    it("are reported with their age, and with what their neighbours got", async () => {
      const ledger = open();
      const people = Array.from({ length: 16 }, (_, at) => 750 + at);
      const mine = await campaign(people);
      // Two long before, twelve in the minute of the doubt, two of which are in doubt themselves.
      const long = await ledger.turn(turn(mine.id, { claim: 2, now: T0 - HOUR }));
      const near = await ledger.turn(turn(mine.id, { claim: 12, now: T0 + 30 * SECOND }));
      const record = [...long.claimed, ...near.claimed.slice(0, 10)].map((one) =>
        answerTo(one, accepted(one.row, { messageId: `w${mine.id}.${one.row}` })),
      );
      await ledger.turn(turn(mine.id, { record }));
      await ledger.recoverClaims(mine.id, T0 + MINUTE);
      const before = { unknown: 2, oldestAt: T0 + 30 * SECOND, newestAt: T0 + 30 * SECOND };
      expect(await ledger.doubts(mine.id)).toEqual({
        ...before,
        receiptsSince: null,
        neighbours: 10,
        neighboursReported: 0,
      });
      const bodies = near.claimed.slice(0, 9).map(({ row }) =>
        row === 5
          ? failed(mine.id, row, 131026, T0 + MINUTE)
          : statusBody({
              status: "sent",
              id: `w${mine.id}.${row}`,
              key: callbackKey({ ledger: ledger.id, campaign: mine.id, row, attempt: 1 }),
            }),
      );
      await receive(ledger, bodies, T0 + 2 * MINUTE);
      expect(await ledger.doubts(mine.id)).toEqual({
        ...before,
        receiptsSince: T0 + 2 * MINUTE,
        neighbours: 10,
        neighboursReported: 9,
      });
    });
  });
}
