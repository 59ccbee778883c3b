// The keys of a scenario that say which sending numbers the account has beside the first one, and
// what must hold among the numbers. Never touches a file.

import * as z from "zod";
import { accountKeys, digits, health } from "./scenario-account.ts";

/** Most numbers of a portfolio, as `business_capability_update` reports them. */
export const MAX_NUMBERS = 20;

const furtherNumber = z.strictObject({
  phone_number_id: digits,
  display_phone_number: z
    .exactOptional(accountKeys.display_phone_number.unwrap())
    .describe("Left out, a made-up one of its own: +55 20 5555-0101 and so on, by place."),
  verified_name: z.exactOptional(accountKeys.verified_name.unwrap()),
  name_status: z.exactOptional(accountKeys.name_status.unwrap()),
  business_country_code: z.exactOptional(accountKeys.business_country_code.unwrap()),
  throughput: z.exactOptional(accountKeys.throughput.unwrap()),
  throughput_level: z.exactOptional(accountKeys.throughput_level.unwrap()),
  phone_status: z.exactOptional(accountKeys.phone_status.unwrap()),
  quality_rating: z.exactOptional(accountKeys.quality_rating.unwrap()),
  health: z.exactOptional(z.strictObject({ phone_number: health })),
});

/** A part of the scenario's own keys. */
export const numberKeys = {
  numbers: z
    .array(furtherNumber)
    .max(MAX_NUMBERS - 1)
    .default([])
    .describe(
      "Further numbers of the account; what one leaves out is as the first's, which stands above.",
    ),
};

/** A further number as the scenario has it. */
export type FurtherNumber = z.output<typeof furtherNumber>;

/** The display number of the further number at a place, from 0. */
export function displayNumberOf(number: FurtherNumber, place: number): string {
  const last = String(place + 1).padStart(2, "0");
  return number.display_phone_number ?? `+55 20 5555-01${last}`;
}

interface NamesNumber {
  phone_number_id?: string | null;
}

/** The parts of a scenario that are, or name, a sending number. */
interface Numbered {
  phone_number_id: string;
  display_phone_number: string;
  numbers: FurtherNumber[];
  account_state: NamesNumber;
  faults: { on: NamesNumber }[];
  management_faults: { on: NamesNumber }[];
  inbound: NamesNumber[];
}

/** What is wrong among the numbers: one that stands twice, or is named and not there. */
export function checkNumbers(scenario: Numbered): { path: (string | number)[]; message: string }[] {
  const problems: { path: (string | number)[]; message: string }[] = [];
  const ids = new Set([scenario.phone_number_id]);
  const displayed = new Set([scenario.display_phone_number.replace(/\D/g, "")]);
  for (const [place, number] of scenario.numbers.entries()) {
    const path = ["numbers", place];
    const display = displayNumberOf(number, place);
    if (ids.has(number.phone_number_id)) {
      const message = `another number has the id ${number.phone_number_id}`;
      problems.push({ path: [...path, "phone_number_id"], message });
    } else if (displayed.has(display.replace(/\D/g, ""))) {
      const message = `another number is ${display}`;
      problems.push({ path: [...path, "display_phone_number"], message });
    }
    ids.add(number.phone_number_id);
    displayed.add(display.replace(/\D/g, ""));
  }
  for (const { at, path } of namesIn(scenario)) {
    const { phone_number_id: id } = at;
    if (id === undefined || id === null || ids.has(id)) continue;
    const message = `the account has no number with the id ${id}`;
    problems.push({ path: [...path, "phone_number_id"], message });
  }
  return problems;
}

function namesIn(scenario: Numbered): { at: NamesNumber; path: (string | number)[] }[] {
  const { account_state, faults, management_faults, inbound } = scenario;
  const among = (key: string, list: { on: NamesNumber }[]) =>
    list.map(({ on }, index) => ({ at: on, path: [key, index, "on"] }));
  return [
    { at: account_state, path: ["account_state"] },
    ...among("faults", faults),
    ...among("management_faults", management_faults),
    ...inbound.map((at, index) => ({ at, path: ["inbound", index] })),
  ];
}
