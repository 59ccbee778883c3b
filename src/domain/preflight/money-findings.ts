// The findings about money: their levels and sentences, a part of the table of findings.

import type { FindingRule } from "./finding-rule.ts";

/** Findings about the budget and prices. */
export const MONEY_FINDINGS = {
  unpriced_market: {
    level: "blocker",
    about: "money",
    wrong: "A budget needs a price for everybody, and there is none for {people}: {countries}.",
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
  bid_without_max_price: {
    level: "blocker",
    about: "the template",
    wrong:
      "`delivery.bid_multiplier` is set, and the template has no max price: Meta would refuse every message (100).",
    todo: "Take it out, or give the template a max price (`optimization_spec`) first.",
  },
  bid_above_max_price: {
    level: "warning",
    about: "the template",
    wrong:
      "`delivery.bid_multiplier` is {multiplier}: messages may cost more than the template's max price.",
    todo: "Set the highest price in the template, and a multiplier of 1 or less, as Meta advises.",
  },
  max_price_fallback: {
    level: "warning",
    about: "the template",
    wrong:
      "The template has a max price, and such a message cannot go by the Cloud API (131061): one that Meta would let fall back may halt the campaign.",
    todo: "Set `delivery.product_policy: STRICT`, or use a template without a max price.",
  },
  no_reach_estimate: {
    level: "warning",
    about: "money",
    wrong: "What the template's max price reaches is missing for some countries: {why}.",
    todo: "The campaign can be sent without it; the same check again later may have it.",
  },
  max_price_user_ids: {
    level: "warning",
    about: "the template",
    wrong:
      "The template has a max price, and such a message cannot go to a user id (131062): people without a number are refused.",
    todo: "Send to them in a campaign of its own, with a template that has no max price.",
  },
} as const satisfies Record<string, FindingRule>;
