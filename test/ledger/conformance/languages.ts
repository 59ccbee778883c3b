// What every ledger must know of the languages of a campaign whose rows give theirs. Part of the
// suite in conformance.ts.

import { describe, expect, it } from "vitest";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { accepted, answerTo, finish, send, skip, T0, turn } from "./builders.ts";

const LANGUAGES = ["pt_BR", "es", "pt_BR", "fil", "pt_BR", "es", "pt_BR"];

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeLanguages(open: () => Ledger): void {
  describe("languages", () => {
    it("of who waits are counted with their first rows, and kept of who was sent to", async () => {
      const draft = { name: `languages-${Math.random()}`, lane: "20980000000001", frozen: {} };
      const { id } = await open().createCampaign({ ...draft, columns: ["phone"], now: T0 });
      const rows = LANGUAGES.map((language, at) =>
        send(at + 1, 700 + at, JSON.stringify([language, `es", "x${at}`])),
      );
      await open().plan(id, [...rows, skip(8, "invalid_value")], T0);
      await finish(open(), id, 8);
      expect(await open().waitingLanguages(id, 3)).toEqual([
        { language: "es", people: 2, rows: [2, 6] },
        { language: "fil", people: 1, rows: [4] },
        { language: "pt_BR", people: 4, rows: [1, 3, 5] },
      ]);
      expect(await open().sentLanguages(id)).toEqual([]);
      const { claimed } = await open().turn(turn(id, { claim: 2 }));
      expect(claimed.map(({ values }) => JSON.parse(values)[0])).toEqual(["pt_BR", "es"]);
      const record = claimed.map((claim) => answerTo(claim, accepted(claim.row)));
      await open().turn(turn(id, { record }));
      expect(await open().waitingLanguages(id, 1)).toEqual([
        { language: "es", people: 1, rows: [6] },
        { language: "fil", people: 1, rows: [4] },
        { language: "pt_BR", people: 3, rows: [3] },
      ]);
      expect(await open().sentLanguages(id)).toEqual(["es", "pt_BR"]);
    });
  });
}
