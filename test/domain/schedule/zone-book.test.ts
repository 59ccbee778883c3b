import { describe, expect, it } from "vitest";
import { makeZoneBook } from "../../../src/domain/schedule/zone-book.ts";
import { zonesLeft } from "../../../src/domain/schedule/zone-reach.ts";

const HOUR = 3_600_000;
/** Midnight UTC of a winter day. */
const DAY = Date.UTC(2027, 0, 13);
const schedule = {
  hours: { from: "09:00", to: "20:00" },
  ...{ clock: null, starts: null, ends: null, closed: [] },
};
const zone = (number: number, clocks: string, pending = 1, held = 0) => ({
  ...{ zone: number, clocks, pending, held },
});
const ZONES = [
  zone(1, "BR America/Sao_Paulo"),
  zone(2, "PT Atlantic/Azores,Europe/Lisbon"),
  zone(3, "JP Asia/Tokyo"),
  zone(4, "- "),
];

describe("the zones of a run", () => {
  it("are claimed whose hours close first, and the closed ones have their opening", () => {
    const book = makeZoneBook(schedule, ZONES);
    const noon = DAY + 13 * HOUR;
    expect(book.zonesAt(noon)).toEqual({
      open: [2, 1],
      closed: new Map([
        [3, DAY + 24 * HOUR],
        // Never open together: looked at again a day later.
        [4, noon + 24 * HOUR],
      ]),
    });
    expect(book.zonesAt(noon + HOUR)).toBe(book.zonesAt(noon));
    expect(book.zonesAt(DAY + 20 * HOUR).open).toEqual([1]);
    expect([1, 3].map((one) => book.isOpen(one, noon))).toEqual([true, false]);
  });

  it("are left out while nobody is pending in them", () => {
    const book = makeZoneBook(schedule, ZONES);
    const noon = DAY + 13 * HOUR;
    book.empty([2, 1]);
    expect(book.zonesAt(noon).open).toEqual([]);
    book.refill(1);
    expect(book.zonesAt(noon).open).toEqual([1]);
    book.see(ZONES.map((one) => ({ ...one, pending: one.zone === 2 ? 5 : 0 })));
    expect(book.zonesAt(noon).open).toEqual([2]);
    expect(book.next(DAY + 20 * HOUR)).toEqual({ at: DAY + 34 * HOUR, where: "09:00 in PT" });
  });

  it("are open while one with people is, and over when all are", () => {
    const ends = { ...schedule, ends: "2027-01-13T18:00" };
    const book = makeZoneBook(ends, [
      zone(1, "BR America/Sao_Paulo"),
      zone(3, "JP Asia/Tokyo", 0, 2),
    ]);
    expect(book.opening(DAY + 10 * HOUR)).toEqual({ kind: "closed", opensAt: DAY + 12 * HOUR });
    expect(book.opening(DAY + 13 * HOUR)).toMatchObject({ kind: "open" });
    expect(book.opening(DAY + 21 * HOUR)).toEqual({ kind: "over" });
    expect(book.next(DAY + 10 * HOUR)?.where).toBe("09:00 in BR");
  });
});

describe("who is left in which zone", () => {
  it("is who waits in the ledger, and as many more as are new, as the list has them", () => {
    const waiting = [zone(1, "BR", 10, 2)];
    const today = [zone(1, "BR", 30), zone(2, "PT", 10)];
    expect(zonesLeft({ waiting, today }, 12)).toEqual([{ clocks: "BR", people: 12 }]);
    expect(zonesLeft({ waiting, today }, 20)).toEqual([
      { clocks: "BR", people: 18 },
      { clocks: "PT", people: 2 },
    ]);
    expect(zonesLeft({ waiting: [], today }, 40)).toEqual([
      { clocks: "BR", people: 30 },
      { clocks: "PT", people: 10 },
    ]);
  });
});
