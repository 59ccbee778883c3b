// The findings about money: their levels and sentences, a part of the table of findings.

import type { FindingRule } from "./finding-rule.ts";

/** Findings about the budget and prices. */
export const MONEY_FINDINGS = {
  unpriced_market: {
    level: "blocker",
    about: "money",
    wrong: "A budget needs a price for everybody, and {people} have none: {countries}.",
    todo: "Add a line such as `AE,…` for each to the rate card that `rate_card` names, or take these people off the list. What is planned already gets its price by a run with --replan.",
  },
  price_rose: {
    level: "blocker",
    about: "money",
    wrong:
      "{people} are planned at a lower price than today's, so the budget may be exceeded: {countries}.",
    todo: "Run with --replan: who is not sent to yet gets today's price.",
  },
  budget_too_small: {
    level: "warning",
    about: "money",
    wrong:
      "The {people} who wait may cost {cost} together, and {left} of the budget is left: not everybody gets the message.",
    todo: "Raise `budget.most`, or leave it: a run stops before the first message that the budget does not allow (exit code 75), and a higher one goes on.",
  },
  budget_currency: {
    level: "blocker",
    about: "money",
    wrong: "The budget is in {currency}, and the account is billed in {billed}.",
    todo: "Set `budget` in the account's currency, with the rate card of that currency.",
  },
} as const satisfies Record<string, FindingRule>;
