// What the tests of properties share.

import fc from "fast-check";

/** Set to `all` where every run of every property is made: by the projects that `npm test` leaves out. */
const RUNS = "TEST_RUNS";
/** What else is made of them. */
const PART = 1 / 6;
const SURROGATES_FROM = 0xd800;
const SURROGATES = 0x800;
const CODE_POINTS = 0x110000;

/**
 * How many runs a property gets: a part of them with `npm test`, all of them in the project
 * `thorough`.
 */
export function runsOf(all: number): number {
  return process.env[RUNS] === "all" ? all : Math.ceil(all * PART);
}

/**
 * Any code point, as fast-check's unit `binary` is, which builds a table of a million entries (a
 * second and 100 MB) in each process that asks for it.
 */
export const codePoint: fc.Arbitrary<string> = fc.nat(CODE_POINTS - SURROGATES - 1).map(
  (at) => String.fromCodePoint(at < SURROGATES_FROM ? at : at + SURROGATES),
  (text) => {
    const point = typeof text === "string" ? text.codePointAt(0) : undefined;
    if (point === undefined || String.fromCodePoint(point) !== text) throw new Error("none");
    return point < SURROGATES_FROM ? point : point - SURROGATES;
  },
);
