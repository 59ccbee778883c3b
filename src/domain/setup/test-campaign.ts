// A message that tries a campaign out: a campaign of its own with one person, which counts for
// nothing that concerns the campaign's people.

import type { Manifest } from "../manifest/manifest-schema.ts";

/** No manifest can have such a name. */
const MARK = "#test-";

/** The name of a campaign's next test. @param names those that there are */
export function nextTestName(campaign: string, names: readonly string[]): string {
  const numbers = names.map((name) => Number(name.slice(name.lastIndexOf(MARK) + MARK.length)));
  return `${campaign}${MARK}${Math.max(0, ...numbers) + 1}`;
}

/** Where the one person of a test stands. */
export interface TestList {
  /** A CSV of one row, absolute. */
  file: string;
  phone: string;
}

/**
 * The manifest of a test: the same number, template, values and delivery, and one person. Nothing
 * that spreads, limits or compares people has a meaning for one, and a person starts it by hand:
 * hours, ramp, arms, hold-out, cap, budget and plan are left out. The opt-out lists count.
 * @param message the manifest as the arm has it that is tried out
 */
export function testManifest(message: Manifest, name: string, list: TestList): Manifest {
  const { account } = message;
  const { messages_per_second, max_in_flight } = message.rate;
  const {
    hours: _hours,
    starts: _starts,
    ends: _ends,
    ramp: _ramp,
    test: _test,
    hold_out: _holdOut,
    policyHoldOut: _policyHoldOut,
    cap: _cap,
    budget: _budget,
    policy: _policy,
    requiresPlan: _requiresPlan,
    rate_card: _rateCard,
    ...kept
  } = message;
  const { id, default_region } = message.recipients;
  return {
    ...kept,
    campaign: name,
    account:
      account === "sandbox"
        ? account
        : { ...account, numbers: [{ phone_number_id: account.phone_number_id }] },
    recipients: {
      ...list,
      ...(id !== undefined && { id }),
      ...(default_region !== undefined && { default_region }),
      delimiter: ",",
      encoding: "utf-8",
    },
    rate: { messages_per_second, max_in_flight },
    suppress: { ...message.suppress, campaigns: [] },
  };
}
