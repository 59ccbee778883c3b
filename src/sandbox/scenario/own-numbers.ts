// The sending numbers of a scenario, each as the scenario that it plays alone. Changes nothing.

import type { Scenario } from "./scenario.ts";
import { displayNumberOf } from "./scenario-numbers.ts";

/** Asked for every message and every receipt; a scenario never changes in place. */
const known = new WeakMap<Scenario, ReadonlyMap<string, Scenario>>();

/**
 * The numbers of a scenario by their ids, the first one first. Each is the whole scenario, with the
 * number's own id, names, status, quality, throughput and health at the keys of the first.
 */
export function numbersOf(scenario: Scenario): ReadonlyMap<string, Scenario> {
  let numbers = known.get(scenario);
  if (numbers === undefined) {
    numbers = new Map([
      [scenario.phone_number_id, scenario],
      ...scenario.numbers.map((further, place): [string, Scenario] => {
        const display_phone_number = displayNumberOf(further, place);
        const health = { ...scenario.health, ...further.health };
        return [further.phone_number_id, { ...scenario, ...further, display_phone_number, health }];
      }),
    ]);
    known.set(scenario, numbers);
  }
  return numbers;
}

/** The scenario of one number; of the first where the account has none of that id. */
export function playedBy(scenario: Scenario, phoneNumberId: string | undefined): Scenario {
  return numbersOf(scenario).get(phoneNumberId ?? "") ?? scenario;
}
