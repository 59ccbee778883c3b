// The witness as tables: what it remembers, what it makes of a ledger, and which texts of it can be
// read.

import { describe, expect, it } from "vitest";

import type { Sighting, Witness } from "../../../src/domain/receipts/witness.ts";
import {
  behindOf,
  behindSentence,
  laneOfKey,
  otherLedgerOf,
  parseWitness,
  withSighting,
  witnessKey,
  witnessText,
} from "../../../src/domain/receipts/witness.ts";

const KEY = "106540352242922";
const AT = Date.UTC(2026, 10, 29, 3, 0, 0);

function sighting(ledger: string, turn: number, more: Partial<Sighting> = {}): Sighting {
  return { ledger, path: `/srv/${ledger}.sqlite`, turn, at: AT + turn, ...more };
}

function witnessOf(...sightings: [key: string, seen: Sighting][]): Witness {
  return sightings.reduce<Witness>((all, [key, seen]) => withSighting(all, key, seen), new Map());
}

describe("what is remembered", () => {
  it("has the last ledger first, and never a lower turn", () => {
    const witness = witnessOf(
      [KEY, sighting("a", 5)],
      [KEY, sighting("b", 9)],
      [KEY, sighting("a", 3, { path: "/moved.sqlite" })],
      ["77", sighting("a", 1)],
    );
    expect(witness.get(KEY)).toEqual([
      { ledger: "a", path: "/moved.sqlite", turn: 5, at: AT + 5 },
      sighting("b", 9),
    ]);
    expect(witness.get("77")).toEqual([sighting("a", 1)]);
  });

  it("is the same after it was a file", () => {
    const witness = witnessOf(
      [KEY, sighting("a", 5)],
      [KEY, sighting("b", 9)],
      ["77", sighting("c", 0)],
    );
    expect(parseWitness(witnessText(witness))).toEqual(witness);
    expect(parseWitness(witnessText(new Map()))).toEqual(new Map());
  });

  it("has an end", () => {
    const many = Array.from({ length: 200 }, (_, at): [string, Sighting] => [
      KEY,
      sighting(`l${at}`, at),
    ]);
    const kept = witnessOf(...many).get(KEY) ?? [];
    expect(kept.length).toBeLessThan(60);
    expect(kept[0]?.ledger).toBe("l199");
  });

  const KEYS: [baseUrl: string, key: string][] = [
    ["https://graph.facebook.com", KEY],
    ["https://proxy.example/graph", KEY],
    ["http://127.0.0.1:8080", `${KEY}@localhost`],
    ["http://127.9.9.9", `${KEY}@localhost`],
    ["http://localhost:1", `${KEY}@localhost`],
    ["http://[::1]:1", `${KEY}@localhost`],
    ["http://localhost.example", KEY],
    ["http://10.0.0.1:8080", KEY],
  ];
  it.each(KEYS)("tells a simulator here from the number at Meta: %s", (baseUrl, key) => {
    expect(witnessKey(KEY, baseUrl)).toBe(key);
    expect(laneOfKey(key)).toBe(KEY);
  });
});

describe("what it makes of a ledger", () => {
  const seen = witnessOf(
    [KEY, sighting("a", 5)],
    ["77", sighting("a", 9)],
    [KEY, sighting("b", 2)],
  );
  const CASES: [title: string, id: string, turns: Record<string, number>, behind: string[]][] = [
    ["as far as it was seen", "a", { [KEY]: 5, 77: 9 }, []],
    ["further than that", "a", { [KEY]: 6, 77: 12 }, []],
    ["one turn short of one number", "a", { [KEY]: 4, 77: 9 }, [KEY]],
    ["without any turn", "a", {}, [KEY, "77"]],
    ["short of a number that another one is sent from now", "a", { [KEY]: 5, 77: 8 }, ["77"]],
    ["another ledger, further", "b", { [KEY]: 3 }, []],
    ["another ledger, behind", "b", { [KEY]: 1 }, [KEY]],
    ["one that was never seen", "c", {}, []],
  ];
  it.each(CASES)("%s", (_, id, turns, lanes) => {
    const behind = behindOf(seen, { id, turns });
    expect(behind.map(({ lane }) => lane)).toEqual(lanes);
    for (const one of behind) {
      expect(behindSentence(one)).toContain(`saw turn ${one.seen.turn}`);
      expect(behindSentence(one)).toContain(`ends with turn ${one.turn}`);
    }
  });

  it("names the ledger that the number was last sent from, when it is another one", () => {
    expect(otherLedgerOf(seen, KEY, "a")).toMatchObject({ ledger: "b" });
    expect(otherLedgerOf(seen, KEY, undefined)).toMatchObject({ ledger: "b" });
    expect(otherLedgerOf(seen, KEY, "b")).toBeUndefined();
    expect(otherLedgerOf(seen, "88", "a")).toBeUndefined();
  });
});

describe("a file that cannot be read", () => {
  const whole = { ledger: "a", path: "/a", turn: 1, at: "2026-11-29T03:00:00.000Z" };
  const numbers = (one: unknown) => JSON.stringify({ version: 1, numbers: { [KEY]: one } });
  const TEXTS: [text: string, why: RegExp][] = [
    ["", /^it is empty$/],
    [" \n", /^it is empty$/],
    ["\0\0\0\0", /^it is not JSON$/],
    ['{"version":1,"numb', /^it is not JSON$/],
    ["null", /^it is not an object$/],
    ["[]", /^it is not an object$/],
    ["{}", /^"numbers" is not an object$/],
    ['{"version":1,"numbers":[]}', /^"numbers" is not an object$/],
    ['{"version":2,"numbers":{}}', /^a newer version of this program wrote it \(2\)$/],
    [numbers(null), /is not an object$/],
    [numbers({}), /cannot be read$/],
    [numbers({ ...whole, ledger: 7 }), /cannot be read$/],
    [numbers({ ...whole, ledger: "../a" }), /cannot be read$/],
    [numbers({ ...whole, path: null }), /cannot be read$/],
    [numbers({ ...whole, turn: -1 }), /cannot be read$/],
    [numbers({ ...whole, turn: 1.5 }), /cannot be read$/],
    [numbers({ ...whole, turn: "1" }), /cannot be read$/],
    [numbers({ ...whole, at: "yesterday" }), /cannot be read$/],
    [numbers({ ...whole, at: 5 }), /cannot be read$/],
    [numbers({ ...whole, others: {} }), /is not a list$/],
    [numbers({ ...whole, others: [whole, "x"] }), /is not an object$/],
  ];
  it.each(TEXTS)("%j", (text, why) => {
    expect(() => parseWitness(text)).toThrow(why);
  });

  it("may have more in it than is known here", () => {
    const text = JSON.stringify({ version: 1, more: 1, numbers: { [KEY]: { ...whole, more: 1 } } });
    expect(parseWitness(text).get(KEY)).toHaveLength(1);
  });
});
