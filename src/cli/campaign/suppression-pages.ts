// Reads the opt-out list of a ledger, a page at a time.

import { systemClock } from "../../clock/clock.ts";
import type { SuppressionLedger } from "../../domain/campaign/list-ports.ts";
import type { SuppressionRecord } from "../../domain/campaign/suppression.ts";

/** Suppressions read from the ledger at a time. */
const PAGE = 2000;

/** The whole suppression list, a page at a time. */
export async function* suppressionPages(
  ledger: Pick<SuppressionLedger, "suppressions">,
): AsyncGenerator<SuppressionRecord[]> {
  let after = 0;
  for (;;) {
    const page = await ledger.suppressions(after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.id;
    // A signal is only heard between two pages.
    await systemClock.sleep(0);
  }
}
