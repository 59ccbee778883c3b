// What SQLite and PostgreSQL answer differently, and no error says so: statements are written so
// that it does not matter, and here is how.

import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Params, Row } from "./both-engines.ts";
import { BothEngines } from "./both-engines.ts";

let both: BothEngines;
beforeAll(async () => {
  both = await BothEngines.open();
  for (const who of ["b", "B", "a", "Ä", "_", "10", "9", "é"]) {
    await both.change("insert into consent values (?, 'switch', 'stop', 1)", [who]);
  }
  for (const [at, reason] of ["Asked", "ASKED É", "é_k", "50%"].entries()) {
    const insert = `
      insert into suppression (phone, person, reason, source, added_at)
      values (?, ?, ?, 'manual', 1)`;
    const phone = 5_511_987_650_000 + at;
    await both.change(insert, [phone, phone, reason]);
  }
});
afterAll(async () => {
  await both.close();
});

/** Rows whose only column `x` has these values. */
function values(...all: (number | string | null)[]): string {
  const literal = (value: number | string | null) =>
    typeof value === "string" ? `'${value}'` : String(value);
  return `(${all.map((value) => `select ${literal(value)} as x`).join(" union all ")}) as t`;
}

const only = (...all: unknown[]): Row[] => all.map((x) => ({ x }));
const LAST = Number.MAX_SAFE_INTEGER;

/** [what differs, a statement as the ledger writes it, its parameters, what it gives]. */
const IDIOMS: [string, string, Params, Row[]][] = [
  [
    "where nulls stand: said",
    `select x from ${values(2, null, 1)} order by x nulls first`,
    [],
    only(null, 1, 2),
  ],
  [
    "nulls of an order downwards",
    `select x from ${values(2, null, 1)} order by x desc nulls last`,
    [],
    only(2, 1, null),
  ],
  [
    "an order of texts: byte by byte",
    "select who as x from consent order by who",
    [],
    only("10", "9", "B", "_", "a", "b", "Ä", "é"),
  ],
  [
    "a page of texts",
    "select who as x from consent where who > ? order by who limit ?",
    ["Z", 2],
    only("_", "a"),
  ],
  [
    "the largest of texts",
    "select max(who) as x, min(who) as y from consent",
    [],
    [{ x: "é", y: "10" }],
  ],
  [
    "the case of ASCII in a search",
    "select reason as x from suppression where lower(reason) like ? escape '\\' order by id",
    ["%asked%"],
    only("Asked", "ASKED É"),
  ],
  [
    "the case of other letters",
    "select lower(reason) as x from suppression where lower(reason) like ? escape '\\'",
    ["%É%"],
    only("asked É"),
  ],
  [
    "signs of a pattern",
    "select reason as x from suppression where lower(reason) like ? escape '\\' order by id",
    ["%\\_%"],
    only("é_k"),
  ],
  [
    "a beginning, with its case",
    `select x from ${values("erased.1", "Erased.1")} where substr(x, 1, 7) <> 'erased.'`,
    [],
    only("Erased.1"),
  ],
  [
    "digits within a number",
    "select reason as x from suppression where instr(cast(phone as text), ?) > 0",
    ["650001"],
    only("ASKED É"),
  ],
  [
    "names of columns: quoted",
    'select 1 as "lastClaimAt", 2 as last_claim_at',
    [],
    [{ lastClaimAt: 1, last_claim_at: 2 }],
  ],
  [
    "truth as a number",
    'select exists (select 1) as "isAny", 1 > 2 as "isMore", 1 is distinct from null as "isOther"',
    [],
    [{ isAny: 1, isMore: 0, isOther: 1 }],
  ],
  [
    "truth in an aggregate",
    `select coalesce(max(iif(x in (1, 2), 1, 0)), 0) as x from ${values(1, 3)}`,
    [],
    only(1),
  ],
  [
    "an order by truth",
    `select x from ${values("a", "b")} order by x = 'b' desc`,
    [],
    only("b", "a"),
  ],
  [
    "nulls that are alike",
    `select x from ${values(1, null)} where x is not distinct from cast(@x as bigint)`,
    { x: null },
    only(null),
  ],
  [
    "a choice of texts and null",
    "select iif(1 > 2, 'a', 'b') as x, iif(1 > 2, 1, null) as y",
    [],
    [{ x: "b", y: null }],
  ],
  [
    "the larger one, of null",
    "select max(1, cast(? as bigint)) as x, min(2, 1) as y, max(1.5, 0.5) as z",
    [null],
    [{ x: null, y: 1, z: 1.5 }],
  ],
  [
    "a division of whole numbers",
    "select cast(? as bigint) / 60000 as x, -7 / 2 as y, 65537 >> 16 as z",
    [1_795_341_659_999],
    [{ x: 29_922_360, y: -3, z: 1 }],
  ],
  [
    "a parameter beside a small number",
    "select cast(? as bigint) + 1000 as x",
    [1_795_341_600_000],
    only(1_795_341_601_000),
  ],
  [
    "large numbers",
    "select cast(? as bigint) as x, count(*) as y, sum(said_at) as z from consent",
    [LAST],
    [{ x: LAST, y: 8, z: 8 }],
  ],
  [
    "a number as text",
    "select cast(person as text) as x from suppression order by person limit 1",
    [],
    only("5511987650000"),
  ],
  [
    "a text beside a number",
    "select '+' || phone as x from suppression order by person limit 1",
    [],
    only("+5511987650000"),
  ],
  [
    "a list of texts",
    "select who as x from consent where who in (select value from json_each(?)) order by who",
    ['["b","é","none"]'],
    only("b", "é"),
  ],
  [
    "a list of both",
    "select cast(value as bigint) as x from json_each(@list) where type = 'integer' order by 1",
    { list: `[${LAST},"7",3]` },
    only(3, LAST),
  ],
  [
    "texts of both",
    "select cast(value as text) as x from json_each(@list) order by 1",
    { list: '["b.1",5511987650004]' },
    only("5511987650004", "b.1"),
  ],
  [
    "a text within a text",
    "select count(*) as x from json_each(?) where instr('xAbcx', value) > 0",
    ['["Abc","abc"]'],
    only(1),
  ],
  [
    "a member of a document",
    `select json_extract(?, '$."template.name"') as x, json_extract('{"a":{"b":"c"}}', '$.a.b') as y`,
    ['{"template.name":"é\\n"}'],
    [{ x: "é\n", y: "c" }],
  ],
  ["no member", "select json_extract('{}', '$.a') as x", [], only(null)],
  [
    "a list that is joined",
    `select '[' || string_agg(json_quote(x), ',' order by x) || ']' as x from ${values('b"', "a")}`,
    [],
    only('["a","b\\""]'),
  ],
  [
    "nothing that is joined",
    `select string_agg(x, ',' order by x) as x from ${values("a")} where x = 'b'`,
    [],
    only(null),
  ],
  [
    "groups of null and of nothing",
    `select coalesce(x, '') as x, count(*) as n from ${values(null, "", null)} group by t.x order by n`,
    [],
    [
      { x: "", n: 1 },
      { x: "", n: 2 },
    ],
  ],
  [
    "what is skipped gives no row",
    "insert into consent values ('a', 'switch', 'stop', 1) on conflict do nothing returning who",
    [],
    [],
  ],
  [
    "what is changed instead gives one",
    "insert into consent values ('a', 'switch', 'stop', 9) on conflict (who, channel) do update set said_at = max(consent.said_at, excluded.said_at) returning said_at as x",
    [],
    only(9),
  ],
];

describe("both engines give the same answer for", () => {
  it.each(IDIOMS)("%s", async (_, sql, params, rows) => {
    const [sqlite, postgres] = await both.ask(sql, params);
    expect(postgres).toEqual(rows);
    expect(sqlite).toEqual(rows);
  });

  it("instants of the view", async () => {
    const instants = fc.array(fc.integer({ min: 0, max: Date.UTC(2100, 0) }), { minLength: 50 });
    await fc.assert(
      fc.asyncProperty(instants, async (all) => {
        const sql = `
          select strftime('%Y-%m-%dT%H:%M:%fZ', cast(value as bigint) / 1000.0, 'unixepoch') as x
          from json_each(?)`;
        const [sqlite, postgres] = await both.ask(sql, [JSON.stringify(all)]);
        const wanted = all.map((instant) => new Date(instant).toISOString());
        expect(postgres).toEqual(only(...wanted));
        expect(sqlite).toEqual(only(...wanted));
      }),
      { numRuns: 40 },
    );
  });
});

describe("PostgreSQL's own functions", () => {
  it("hash a name as people/forgotten.ts does", async () => {
    const key = randomBytes(32);
    await both.postgres.query("insert into meta values (1, 'id', 1, $1)", [key]);
    const names = [5_511_987_654_321, 1, "BR.1234567890", "é", "x".repeat(200)];
    for (const name of names) {
      const digest = createHmac("sha256", key).update(String(name)).digest();
      const hash = digest.readUIntBE(0, 6) * 16 + (digest.readUInt8(6) >> 4);
      const type = typeof name === "number" ? "bigint" : "text";
      const asked = await both.postgres.query(`select name_hash($1::${type}) as hash`, [name]);
      expect(asked.rows, String(name)).toEqual([{ hash }]);
    }
    const { rows } = await both.postgres.query("select name_hash(null::text) as hash");
    expect(rows).toEqual([{ hash: null }]);
  });

  it("make another random name for each row", async () => {
    const sql = `select lower(hex(randomblob(8))) as x from ${values(1, 2, 3)}`;
    const { rows } = await both.postgres.query<{ x: string }>(sql);
    expect(new Set(rows.map(({ x }) => x)).size).toBe(3);
    for (const { x } of rows) expect(x).toMatch(/^[0-9a-f]{16}$/);
  });
});
