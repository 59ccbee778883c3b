import { describe, expect, it } from "vitest";
import { toPostgres, toPostgresSet, toSetParameter } from "../../../src/ledger/postgres/dialect.ts";

/** [what it is about, a statement, the same for PostgreSQL, names of its parameters]. */
const CASES: [string, string, string, string[] | null][] = [
  ["nothing to be translated", "select 1", "select 1", []],
  [
    "places",
    "update t set a = ?, b = ? where c = ?",
    "update t set a = $1, b = $2 where c = $3",
    null,
  ],
  ["names, one of them twice", "select @b, @a, @b", "select $1, $2, $1", ["b", "a"]],
  [
    "a name that begins with another one",
    "select @at, @attempt",
    "select $1, $2",
    ["at", "attempt"],
  ],
  [
    "a hint of an index",
    "select 1 from t indexed by i\nwhere a = ?",
    "select 1 from t\nwhere a = $1",
    null,
  ],
  [
    "a hint behind an alias",
    "select 1 from a cross join dispatch as d indexed by i on d.x = a.x",
    "select 1 from a join dispatch as d on d.x = a.x",
    [],
  ],
  [
    "a hint across lines, in capitals",
    "select 1 from t\n  INDEXED BY i CROSS  JOIN u on true",
    "select 1 from t JOIN u on true",
    [],
  ],
  ["a hint in a change", "update t indexed by i set a = 1", "update t set a = 1", []],
  [
    "a plus that is no addition: no index of the column",
    "select 1 from t where a = 1 and +status = 'x' and (+b or c = +d)",
    "select 1 from t where a = 1 and (status || '') = 'x' and ((b || '') or c = (d || ''))",
    [],
  ],
  ["an addition", "select a + b, a +b, 1+c, (a)+b", "select a + b, a +b, 1+c, (a)+b", []],
  [
    "a string",
    "select 'who? @me''s indexed by x +y', ?",
    "select 'who? @me''s indexed by x +y', $1",
    null,
  ],
  [
    "a backslash in a string",
    "select 'a' like ? escape '\\', ?",
    "select 'a' like $1 escape '\\', $2",
    null,
  ],
  [
    "a quoted name",
    'select a as "b?", c as "d@e""f", @g',
    'select a as "b?", c as "d@e""f", $1',
    ["g"],
  ],
  ["a comment", "select 1 -- why?\n, ? /* @x */", "select 1 -- why?\n, $1 /* @x */", null],
];

describe("a statement for PostgreSQL", () => {
  it.each(CASES)("translates %s", (_, sql, text, names) => {
    expect(toPostgres(sql)).toEqual({ text, names });
  });

  it("refuses parameters with names beside ones with places", () => {
    expect(() => toPostgres("select ?, @a")).toThrow(/names or places/);
  });
});

describe("a set", () => {
  it("is looked up tuple by tuple, each for its first row", () => {
    const sql = "select a from t indexed by i where b = ? and c = ?";
    expect(toPostgresSet(sql, ["bigint", "text"], "getEach")).toBe(
      'select tuple."#", found.* from json_to_recordset($1::json) as tuple("#" bigint, "1" bigint, "2" text) ' +
        'cross join lateral (select a from t where b = tuple."1" and c = tuple."2" limit 1) as found',
    );
  });

  const tuple = 'json_to_recordset($1::json) as tuple("#" bigint, "1" text, "2" bigint)';

  const few = 'tuple."#" between 1 and 1000000000';

  it("changes its rows by one statement, which tells them", () => {
    const sql = "update t set a = coalesce(?, (select a from u where u.b = t.b)) where b = ?";
    expect(toPostgresSet(sql, ["text", "bigint"], "changeEach")).toBe(
      `update t set a = coalesce(tuple."1", (select a from u where u.b = t.b)) from ${tuple} where ${few} and b = tuple."2" returning tuple."#"`,
    );
    expect(
      toPostgresSet("delete from t where a = ? and b = ?", ["text", "bigint"], "changeEach"),
    ).toBe(
      `delete from t using ${tuple} where ${few} and a = tuple."1" and b = tuple."2" returning tuple."#"`,
    );
  });

  it("is inserted in its order", () => {
    const sql = "insert into t (a, b, c) values (?, 'x', ?) on conflict do nothing";
    expect(toPostgresSet(sql, ["text", "bigint"], "insertEach")).toBe(
      `insert into t (a, b, c) select tuple."1", 'x', tuple."2" from ${tuple} order by "#" on conflict do nothing`,
    );
  });

  it("comes as one parameter, with the place of each tuple", () => {
    const tuples = [
      [1, null],
      [2 ** 53 - 1, 'a "b"'],
    ];
    expect(JSON.parse(toSetParameter(tuples))).toEqual([
      { "#": 1, "1": 1, "2": null },
      { "#": 2, "1": 2 ** 53 - 1, "2": 'a "b"' },
    ]);
  });
});
