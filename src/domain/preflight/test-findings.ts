// The findings about tests of arms: their levels and sentences, a part of the table of findings.

import type { FindingRule } from "./finding-rule.ts";

/** Findings about a test. */
export const TEST_FINDINGS = {
  cloud_arm_disabled: {
    level: "blocker",
    about: "the test",
    wrong:
      "Arm {arm} is sent by the Cloud API, and the account has marketing messages switched off there: Meta would refuse every one (131063).",
    todo: "Switch them on with `campaign account cloud-marketing on`, or compare arms of the Marketing Messages API.",
  },
  cloud_arm_max_price: {
    level: "blocker",
    about: "the test",
    wrong:
      "Arm {arm} is sent by the Cloud API, and its template has a max price: Meta would refuse every message (131061).",
    todo: "Give this arm a template without a max price.",
  },
  cloud_arm_user_ids: {
    level: "warning",
    about: "the test",
    wrong:
      "An arm is sent by the Cloud API, and the list has user ids: Meta optimises nothing for people without a number, so for them the two APIs do the same.",
    todo: "Compare the APIs with a list of numbers alone.",
  },
  cloud_arm_same: {
    level: "warning",
    about: "the test",
    wrong:
      "{people} of {all} are in countries where Meta optimises nothing ({countries}): for them the two APIs do the same, and the arms differ less.",
    todo: "Compare the APIs with a list of other countries alone.",
  },
  test_after_end: {
    level: "blocker",
    about: "the test",
    wrong: "The campaign's end passes before the test can be decided: the rest would get nothing.",
    todo: "Set `test.wait` shorter, or `ends` later.",
  },
  test_by_clicks: {
    level: "warning",
    about: "the test",
    wrong:
      "The arms are compared by clicks, and Meta often reports a click without the message: only those count of which it is known.",
    todo: "Compare them by `replied`, with a quick reply in every template, or by `read`.",
  },
  test_too_small: {
    level: "warning",
    about: "the test",
    wrong: "{shows}, and the manifest wants to know of {least}.",
    todo: "Take larger shares, a longer list, or be content with that: a smaller difference is no winner, and the first arm goes to the rest.",
  },
} as const satisfies Record<string, FindingRule>;
