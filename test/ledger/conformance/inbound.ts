// What every ledger must do with receipts that name a person oddly, with people under several
// names, and with opt-outs that follow a campaign. Part of the suite in ledger.conformance.ts.

import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { OptOutCounts } from "../../../src/domain/receipts/engagement.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  sendUser,
  statuses,
  T0,
  turn,
} from "./builders.ts";
import { receive } from "./receipts.ts";

const NUMBER = "106540352242922";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;

const seconds = (at: number): string => String(Math.floor(at / SECOND));

/** The body of a webhook of the field `messages`. */
function bodyOf(value: object, number = NUMBER): string {
  const whole = { metadata: { phone_number_id: number }, ...value };
  const entry = [{ id: "1", changes: [{ field: "messages", value: whole }] }];
  return JSON.stringify({ object: "whatsapp_business_account", entry });
}

const status = (one: object, more: object = {}, number?: string): string =>
  bodyOf({ ...more, statuses: [{ timestamp: seconds(T0 + MINUTE), ...one }] }, number);
const preference = (one: object, more: object = {}, at = T0 + MINUTE): string =>
  bodyOf({ ...more, user_preferences: [{ value: "stop", timestamp: seconds(at), ...one }] });
const message = (one: object, more: object = {}, at = T0 + MINUTE): string =>
  bodyOf({ ...more, messages: [{ timestamp: seconds(at), ...one }] });
const wrote = (from: number, text: string, id: string, at?: number): string =>
  message({ from: personKey(from), id, type: "text", text: { body: text } }, {}, at);
const failedWith = (...codes: number[]): object => ({
  status: "failed",
  errors: codes.map((code) => ({ code, title: "Title" })),
});

let campaigns = 0;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeInbound(open: () => Ledger): void {
  const claim = async (id: number, now = T0): Promise<Claim[]> =>
    (await open().turn(turn(id, { claim: 50, now }))).claimed;

  /** A campaign whose messages were accepted at this instant, each under `m<campaign>.<row>`. */
  async function sent(people: readonly (number | string)[], at = T0): Promise<number> {
    campaigns += 1;
    const rows = people.map((one, index) =>
      typeof one === "number" ? send(index + 1, one) : sendUser(index + 1, one),
    );
    const id = await planned(open(), rows, NUMBER);
    const record = (await claim(id, at)).map((one) =>
      answerTo(one, accepted(one.row, { messageId: `m${id}.${one.row}` })),
    );
    await open().turn(turn(id, { record, now: at }));
    return id;
  }

  const isSkipped = async (one: number | string): Promise<boolean> => {
    const row = typeof one === "number" ? send(1, one) : sendUser(1, one);
    const id = await planned(open(), [row], NUMBER);
    return (await statuses(open(), id))[1] === "skipped/opted_out";
  };

  describe("a receipt with the id of our message", () => {
    const odd: [string, (id: number) => string][] = [
      ["names nobody", (id) => status({ id: `m${id}.1`, status: "delivered" })],
      [
        "names its contact alone",
        (id) =>
          status(
            { id: `m${id}.1`, status: "delivered" },
            { contacts: [{ wa_id: personKey(1401) }] },
          ),
      ],
      [
        "names a user id alone",
        (id) => status({ id: `m${id}.1`, status: "delivered", recipient_user_id: "GB.odd1" }),
      ],
      [
        "names a parent's user id alone",
        (id) =>
          status({ id: `m${id}.1`, status: "delivered", parent_recipient_user_id: "GB.ENT.odd1" }),
      ],
      [
        "names another recipient",
        (id) => status({ id: `m${id}.1`, status: "delivered", recipient_id: personKey(1402) }),
      ],
      [
        "names the recipient as a gateway does",
        (id) =>
          status({
            ...{ id: `m${id}.1`, status: "delivered" },
            recipient_id: `${personKey(1401)}@s.whatsapp.net`,
          }),
      ],
      [
        "has a key of another program",
        (id) =>
          status({
            ...{ id: `m${id}.1`, status: "delivered", recipient_id: personKey(1401) },
            biz_opaque_callback_data: "crm-77",
          }),
      ],
      [
        "has a key of another ledger",
        (id) =>
          status({
            ...{ id: `m${id}.1`, status: "delivered" },
            biz_opaque_callback_data: `mm1.other.${id}.1.1`,
          }),
      ],
      [
        "has the key of another row",
        (id) =>
          status({
            ...{ id: `m${id}.1`, status: "delivered" },
            biz_opaque_callback_data: callbackKey({
              ...{ ledger: open().id, campaign: id, row: 2, attempt: 1 },
            }),
          }),
      ],
      ["is of another number", (id) => status({ id: `m${id}.1`, status: "delivered" }, {}, "77")],
      [
        "has another price",
        (id) =>
          status({
            ...{ id: `m${id}.1`, status: "delivered" },
            pricing: { category: "utility", type: "regular" },
          }),
      ],
    ];
    it.each(odd)("%s: it is ours", async (_, body) => {
      const id = await sent([1401, 1403]);
      const { counts } = await receive(open(), [body(id)]);
      expect(counts).toEqual({ delivered: { applied: 1 } });
      expect(await statuses(open(), id)).toEqual({ 1: "delivered", 2: "accepted" });
    });

    it("of an earlier attempt is that attempt's: who got it after all is not sent to again", async () => {
      const id = await sent([1404]);
      await receive(open(), [status({ id: `m${id}.1`, ...failedWith(131049) })]);
      expect(await statuses(open(), id)).toEqual({ 1: "held/131049" });
      await receive(open(), [status({ id: `m${id}.1`, status: "delivered" })]);
      expect(await statuses(open(), id)).toEqual({ 1: "delivered" });
    });

    it("that settled a lost answer is known by its message from then on", async () => {
      const id = await planned(open(), [send(1, 1405)], NUMBER);
      await claim(id);
      await open().recoverClaims(id, T0);
      const key = callbackKey({ ledger: open().id, campaign: id, row: 1, attempt: 1 });
      await receive(open(), [
        status({ id: "late.405", status: "sent", biz_opaque_callback_data: key }),
      ]);
      await receive(open(), [status({ id: "late.405", status: "read" })]);
      expect(await statuses(open(), id)).toEqual({ 1: "read" });
    });

    it("that a simulator gave to several messages is matched by key or recipient, or not at all", async () => {
      const id = await planned(open(), [send(1, 1408), send(2, 1409)], NUMBER);
      const record = (await claim(id)).map((one) =>
        answerTo(one, accepted(one.row, { messageId: "same.1" })),
      );
      await open().turn(turn(id, { record }));
      const nobody = await receive(open(), [status({ id: "same.1", status: "delivered" })]);
      expect(nobody.counts).toEqual({ delivered: { unmatched: 1 } });
      await receive(open(), [
        status({ id: "same.1", status: "read", recipient_id: personKey(1409) }),
      ]);
      expect(await statuses(open(), id)).toEqual({ 1: "accepted", 2: "read" });
    });

    it("and 131050 opts out the person who got it and whom it names", async () => {
      const id = await sent([1411, 1412, 1413]);
      const result = await receive(open(), [
        status({ id: `m${id}.1`, ...failedWith(131050) }),
        status({ id: `m${id}.2`, ...failedWith(131050), recipient_user_id: "GB.refused" }),
        status({ id: `m${id}.3`, ...failedWith(131000, 131050), recipient_id: personKey(1414) }),
      ]);
      expect(result.optOuts).toBeGreaterThanOrEqual(3);
      for (const one of [1411, 1412, 1413, 1414, "GB.refused"]) {
        expect([one, await isSkipped(one)]).toEqual([one, true]);
      }
    });
  });

  describe("a person with several names", () => {
    it.each([
      [
        "a number beside a user id of its contact",
        preference(
          { wa_id: personKey(1421) },
          { contacts: [{ wa_id: personKey(1421), user_id: "GB.421" }] },
        ),
        [1421, "GB.421"],
      ],
      [
        "a user id beside the only contact's number",
        preference({ user_id: "GB.422" }, { contacts: [{ wa_id: personKey(1422) }] }),
        [1422, "GB.422"],
      ],
      [
        "no name beside the only contact",
        preference({}, { contacts: [{ wa_id: personKey(1423), user_id: "GB.423" }] }),
        [1423, "GB.423"],
      ],
      [
        "a contact among several",
        preference(
          { wa_id: personKey(1424) },
          {
            contacts: [
              { wa_id: personKey(1425), user_id: "GB.425" },
              { wa_id: personKey(1424), user_id: "GB.424" },
            ],
          },
        ),
        [1424, "GB.424"],
      ],
      [
        "a parent's user id",
        preference({ parent_user_id: "GB.ENT.426", user_id: "GB.426" }),
        ["GB.426"],
      ],
      [
        "a message without a sender",
        message(
          { id: "in.427", type: "text", text: { body: "STOP" } },
          { contacts: [{ wa_id: personKey(1427), user_id: "GB.427" }] },
        ),
        [1427, "GB.427"],
      ],
    ] as [string, string, (number | string)[]][])(
      "%s: an opt-out counts under each",
      async (_, body, names) => {
        expect(await receive(open(), [body])).toMatchObject({ optOuts: 1 });
        for (const one of names) expect([one, await isSkipped(one)]).toEqual([one, true]);
        expect(await isSkipped("GB.425")).toBe(false);
      },
    );

    const system = (more: object, from: object = {}): string =>
      message({ id: `sys.${JSON.stringify(more)}`, type: "system", ...from, system: more });
    it.each([
      [
        "another number",
        1431,
        system(
          {
            type: "user_changed_number",
            wa_id: personKey(1432),
            body: "User E changed from a to b",
          },
          { from: personKey(1431) },
        ),
        [1432],
      ],
      [
        "another number, in the words alone",
        1433,
        system({
          type: "user_changed_number",
          body: `User E changed from ${personKey(1433)} to ${personKey(1434)}`,
        }),
        [1434],
      ],
      [
        "another user id",
        "GB.435",
        system({
          type: "user_changed_user_id",
          previous_user_id: "GB.435",
          user_id: "GB.436",
          body: "x",
        }),
        ["GB.436"],
      ],
      [
        "another user id, in the words alone",
        "GB.437",
        system({
          type: "user_changed_user_id",
          user_id: "GB.438",
          body: "User Ana changed from GB.437 to GB.438",
        }),
        ["GB.438"],
      ],
      [
        "a parent's id that changed as well",
        "GB.439",
        system({
          ...{ type: "user_changed_user_id", previous_user_id: "GB.439", user_id: "GB.440" },
          ...{ previous_parent_user_id: "GB.ENT.439", parent_user_id: "GB.ENT.440" },
        }),
        ["GB.440"],
      ],
      [
        "both at once",
        1441,
        system(
          {
            type: "user_changed_number",
            wa_id: personKey(1442),
            previous_user_id: "GB.441",
            user_id: "GB.442",
          },
          { from: personKey(1441) },
        ),
        [1442, "GB.441", "GB.442"],
      ],
      [
        "an item of user_id_update",
        "GB.443",
        bodyOf({
          user_id_update: [
            { user_id: { previous: "GB.443", current: "GB.444" }, timestamp: seconds(T0) },
          ],
        }),
        ["GB.444"],
      ],
    ] as [string, number | string, string, (number | string)[]][])(
      "%s: an opt-out goes along, whether it came before or after",
      async (_, old, changed, names) => {
        const isNumber = typeof old === "number";
        const stop = preference(isNumber ? { wa_id: personKey(old) } : { user_id: old });
        await receive(open(), [stop]);
        const { counts } = await receive(open(), [changed, changed]);
        expect(counts).toEqual({ identity: { applied: 1, repeated: 1 } });
        for (const one of names) expect([one, await isSkipped(one)]).toEqual([one, true]);
        const key = isNumber ? { person: personKey(old) } : { userId: old };
        await open().unsuppress([key]);
        for (const one of names) expect([one, await isSkipped(one)]).toEqual([one, false]);
        const [last] = names;
        const again = typeof last === "number" ? { wa_id: personKey(last) } : { user_id: last };
        await receive(open(), [preference(again, {}, T0 + 2 * MINUTE)]);
        expect(await isSkipped(old)).toBe(true);
        const back = preference({ ...again, value: "resume" }, {}, T0 + 3 * MINUTE);
        expect(await receive(open(), [back])).toMatchObject({ lifted: 1 });
        expect(await isSkipped(old)).toBe(false);
      },
    );

    it("is one person over any number of changes", async () => {
      const step = (from: string, to: string): string =>
        system({ type: "user_changed_user_id", previous_user_id: from, user_id: to });
      await receive(open(), [
        preference({ user_id: "GB.c1" }),
        step("GB.c2", "GB.c3"),
        step("GB.c1", "GB.c2"),
      ]);
      const known = status({
        id: "x",
        status: "sent",
        recipient_id: personKey(1451),
        recipient_user_id: "GB.c3",
      });
      await receive(open(), [known, wrote(1451, "hello", "in.451")]);
      await receive(open(), [
        message({
          id: "in.452",
          from: personKey(1451),
          from_user_id: "GB.c3",
          type: "text",
          text: { body: "hello" },
        }),
      ]);
      for (const one of ["GB.c1", "GB.c2", "GB.c3", 1451])
        expect([one, await isSkipped(one)]).toEqual([one, true]);
    });

    it("does not become everybody where a server names one number for all", async () => {
      const people = Array.from({ length: 40 }, (_, at) => 1900 + at);
      const bodies = people.map((one) =>
        message({
          id: `sys.all.${one}`,
          type: "system",
          from: personKey(one),
          system: { type: "user_changed_number", wa_id: personKey(1999) },
        }),
      );
      await receive(open(), bodies);
      await receive(open(), [preference({ wa_id: personKey(1939) })]);
      expect(await isSkipped(1939)).toBe(true);
      const skipped = await Promise.all(people.map((one) => isSkipped(one)));
      expect(skipped.filter((one) => one)).toHaveLength(1);
    });
  });

  describe("opt-outs that follow a campaign", () => {
    const optOuts = async (id: number): Promise<OptOutCounts> => (await open().tally(id)).optOuts;
    const tap = (id: number, row: number, from: number, text: string, at = T0 + MINUTE): string =>
      message(
        {
          ...{ id: `tap.${id}.${row}.${text}.${at}`, from: personKey(from), type: "button" },
          button: { text, payload: text },
          context: { id: `m${id}.${row}` },
        },
        {},
        at,
      );

    it("are counted by the way in which they came, and are no engagement", async () => {
      const id = await sent([1501, 1502, 1503, 1504]);
      await receive(open(), [
        tap(id, 1, 1501, "Unsubscribe from Promos"),
        wrote(1502, "please stop", "in.502"),
        preference({ wa_id: personKey(1503) }),
        tap(id, 4, 1504, "Yes"),
      ]);
      expect(await optOuts(id)).toEqual({ people: 3, byWay: { button: 1, text: 1, switch: 1 } });
      expect((await open().engagement(id)).taps).toEqual([{ label: "Yes", taps: 1, people: 1 }]);
      const report = await open().report(id, T0 + DAY);
      expect(report.taps).toEqual([{ label: "Yes", number: 1 }]);
      expect(report.funnel.clicked).toBe(1);
      expect(report.optOuts).toEqual(await optOuts(id));
    });

    it("are counted once, and stay counted when the person is taken off the list or forgotten", async () => {
      const id = await sent([1505, 1506]);
      const bodies = [tap(id, 1, 1505, "STOP"), wrote(1506, "sair", "in.506")];
      await receive(open(), bodies);
      await receive(open(), bodies);
      await open().unsuppress([{ person: personKey(1505) }]);
      await receive(open(), [wrote(1505, "stop", "in.505", T0 + 2 * MINUTE)]);
      for (
        let next: number | null = null, isFirst = true;
        isFirst || next !== null;
        isFirst = false
      ) {
        next = (await open().forget({ person: personKey(1506) }, next, T0 + DAY)).next;
      }
      expect(await optOuts(id)).toEqual({ people: 2, byWay: { button: 1, text: 1 } });
    });

    it("are the last campaign's whose message may have reached the person in the week before", async () => {
      const first = await sent([1511, 1512, 1513, 1514], T0);
      const second = await sent([1511], T0 + DAY);
      const refused = await sent([1512], T0 + DAY);
      await receive(open(), [status({ id: `m${refused}.1`, ...failedWith(131026) })], T0 + DAY);
      const reported = [
        preference({ wa_id: personKey(1511) }, {}, T0 + 2 * DAY),
        preference({ wa_id: personKey(1512) }, {}, T0 + 2 * DAY),
        preference({ wa_id: personKey(1513) }, {}, T0 + 8 * DAY),
        preference({ wa_id: personKey(1514) }, {}, T0 - DAY),
      ];
      await receive(open(), reported, T0 + 8 * DAY);
      expect(await optOuts(second)).toEqual({ people: 1, byWay: { switch: 1 } });
      expect(await optOuts(refused)).toEqual({ people: 0, byWay: {} });
      expect(await optOuts(first)).toEqual({ people: 1, byWay: { switch: 1 } });
    });

    it("by a tap are that message's, however old; by 131050 not the refused message's", async () => {
      const old = await sent([1521, 1522], T0);
      const later = await sent([1521, 1522], T0 + 3 * DAY);
      const reported = [
        tap(old, 1, 1521, "Parar promoções", T0 + 20 * DAY),
        status({ id: `m${later}.2`, ...failedWith(131050), timestamp: seconds(T0 + 3 * DAY) }),
      ];
      await receive(open(), reported, T0 + 20 * DAY);
      expect(await optOuts(old)).toEqual({ people: 2, byWay: { button: 1, refusal: 1 } });
      expect(await optOuts(later)).toEqual({ people: 0, byWay: {} });
    });

    it("by hand, or of a person whom no campaign reached, are counted for none", async () => {
      const id = await sent([1531]);
      const entry = { phone: phoneOf(1531), person: personKey(1531), userId: null };
      await open().suppress([{ ...entry, reason: "asked", source: "manual" }], T0 + MINUTE);
      await receive(open(), [wrote(1532, "stop", "in.532")]);
      expect(await optOuts(id)).toEqual({ people: 0, byWay: {} });
    });

    it("by a tap under another name opt out the person who got the message, too", async () => {
      const id = await sent([1541]);
      await receive(open(), [tap(id, 1, 1542, "Stop messages")]);
      expect([await isSkipped(1541), await isSkipped(1542)]).toEqual([true, true]);
      expect(await optOuts(id)).toEqual({ people: 1, byWay: { button: 1 } });
    });
  });

  describe("a sign-up", () => {
    it("is counted, and lifts no opt-out", async () => {
      const who = { wa_id: personKey(1551) };
      await receive(open(), [preference(who)]);
      const again = preference({ ...who, value: "signup" }, {}, T0 + 2 * MINUTE);
      expect(await receive(open(), [again])).toMatchObject({
        lifted: 0,
        counts: { signup: { noted: 1 } },
      });
      expect(await isSkipped(1551)).toBe(true);
    });
  });

  describe("actions", () => {
    const action = (type: string, data: object, more: object = {}): object => ({
      ...{ action_type: type, timestamp: seconds(T0 + MINUTE) },
      marketing_messages_link_click_data: data,
      ...more,
    });
    const click = (id: string): object =>
      action("marketing_messages_link_click", { click_component: "cta", click_id: id });
    const view = (id: string): object => action("landing_page_view", { click_id: id });

    it.each([
      ["a click before its view", [click("a1"), view("a1")], 1, 1, 0],
      ["a view before its click", [view("a2"), click("a2")], 1, 1, 0],
      ["a view alone", [view("a3")], 0, 1, 0],
      ["a click alone", [click("a4")], 1, 0, 0],
      ["each twice", [click("a5"), view("a5"), click("a5"), view("a5")], 1, 1, 0],
      ["an action that is not documented", [action("catalog_open", { click_id: "a6" })], 0, 0, 1],
    ] as const)("%s", async (_, actions, clicks, views, others) => {
      const lane = `77${campaigns}`;
      campaigns += 1;
      const id = await planned(open(), [send(1, 1561)], lane);
      const record = (await claim(id)).map((one) => answerTo(one, accepted(one.row)));
      await open().turn(turn(id, { record }));
      const bodies = actions.map((one) => bodyOf({ user_actions: [one] }, lane));
      await receive(open(), bodies, T0 + 2 * MINUTE);
      expect(await open().engagement(id)).toMatchObject({
        clicks: { total: clicks },
        landingPageViews: views,
        otherActions: others,
      });
    });
  });
}
