// The check before sending of a campaign with several numbers: what is found about each, where, and
// which of them may send all the same.

import { describe, expect, it } from "vitest";

import type { AccountFacts, HealthProblem, UnreadFact } from "../../../src/domain/account/facts.ts";
import { limitedNumber } from "../../../src/domain/account/facts.ts";
import { label } from "../../../src/domain/document/document-schema.ts";
import { blockedLanes, blockersOfRun, isOfSome } from "../../../src/domain/preflight/gate.ts";
import { preflight } from "../../../src/domain/preflight/preflight.ts";
import type { FactChanges } from "./preflight.builders.ts";
import { factsOf, manifestOf } from "./preflight.builders.ts";

const NOW = Date.UTC(2026, 9, 1, 12);
const FIRST = "100000000000001";
const SECOND = "100000000000009";

const MANIFEST = manifestOf({
  account: `account:
  numbers:
    - { phone_number_id: "${FIRST}" }
    - { phone_number_id: "${SECOND}", messages_per_second: 200 }
  waba_id: "100000000000002"
  access_token: \${TOKEN}`,
});

/** Changes of the facts of each number; null: it was not read. */
function both(
  first: FactChanges["number"],
  second: FactChanges["number"],
  more: FactChanges = {},
): AccountFacts {
  const HIGH = { throughputLevel: "HIGH" };
  const facts = second === null ? null : { ...HIGH, ...second };
  return factsOf({
    ...more,
    number: first === undefined ? {} : first,
    more: [{ id: SECOND, facts }],
  });
}

function judged(facts: AccountFacts, manifest = MANIFEST) {
  return preflight({ manifest, facts, planned: null, now: NOW });
}

function brief(facts: AccountFacts): string[] {
  return judged(facts).map(
    ({ id, lane, path }) => `${id} ${lane ?? "all"} ${path === null ? "-" : label(path)}`,
  );
}

const unread = (phoneNumberId: string, code: number | null = 100): UnreadFact => ({
  ...{ part: "number", phoneNumberId, code, passes: code === null },
  sentence: "Meta said no.",
});

const problem = (entity: string, canSend = "BLOCKED"): HealthProblem => ({
  ...{ entity, canSend, code: 141006 },
  ...{ description: "Unpaid.", solution: "Pay it." },
});

const blocked = (...problems: HealthProblem[]) => ({ health: { canSend: "BLOCKED", problems } });

const AT_FIRST = "account.numbers[0].phone_number_id";
const AT_SECOND = "account.numbers[1].phone_number_id";

describe("findings about numbers", () => {
  it.for<[AccountFacts, string[]]>([
    [both({}, {}), []],
    [both({}, { status: "BANNED" }), [`number_not_connected ${SECOND} ${AT_SECOND}`]],
    [
      both({ qualityRating: "YELLOW" }, { status: "FLAGGED", qualityRating: "RED" }),
      [
        `number_quality_yellow ${FIRST} ${AT_FIRST}`,
        `number_flagged ${SECOND} ${AT_SECOND}`,
        `number_quality_red ${SECOND} ${AT_SECOND}`,
      ],
    ],
    [
      both({}, { displayPhoneNumber: "+49 1512 3456789" }),
      [`number_not_optimised ${SECOND} ${AT_SECOND}`],
    ],
    [
      both({}, { throughputLevel: "STANDARD" }),
      [`rate_above_throughput ${SECOND} account.numbers[1].messages_per_second`],
    ],
    [both({}, null, { unread: [unread(SECOND)] }), [`number_not_found ${SECOND} ${AT_SECOND}`]],
    [both(null, {}, { unread: [unread(FIRST)] }), [`number_not_found ${FIRST} ${AT_FIRST}`]],
    [both({}, null, { unread: [unread(SECOND, null)] }), ["meta_unreachable all -"]],
    [both({}, blocked(problem("PHONE_NUMBER"))), [`health_blocked ${SECOND} ${AT_SECOND}`]],
    [both({}, blocked()), [`health_blocked ${SECOND} ${AT_SECOND}`]],
    // What both numbers say of the business is one thing, and concerns all of them.
    [
      both(blocked(problem("BUSINESS")), blocked(problem("BUSINESS"))),
      ["health_blocked all account"],
    ],
    [
      both({}, blocked(problem("PHONE_NUMBER"), problem("WABA", "LIMITED"))),
      [`health_blocked ${SECOND} ${AT_SECOND}`, "health_limited all account"],
    ],
    [both({}, { status: null }), ["not_known all -"]],
  ])("%#", ([facts, expected]) => {
    expect(brief(facts)).toEqual(expected);
  });

  it("name the number in their sentences", () => {
    const facts = both(
      { qualityRating: "RED" },
      { status: "BANNED", throughputLevel: "STANDARD", ...blocked(problem("PHONE_NUMBER")) },
    );
    expect(judged(facts).map(({ wrong }) => wrong)).toEqual([
      `Meta says that sending is blocked: number ${SECOND}: PHONE_NUMBER (141006, Unpaid).`,
      `Number ${SECOND}'s status is BANNED; only CONNECTED sends.`,
      `Number ${FIRST}'s quality is RED: people block or report it, and Meta may limit it or stop it (131048).`,
      `\`account.numbers[1].messages_per_second\` is 200, and number ${SECOND}'s throughput (STANDARD) is 80 a second: Meta refuses what is above it (130429), and the run slows down.`,
    ]);
    const lost = judged(both({}, null, { unread: [unread(SECOND)] }));
    expect(lost[0]?.todo).toContain(`Correct ${AT_SECOND} (`);
    const unknown = judged(both({}, { qualityRating: null }));
    expect(unknown[0]?.wrong).toContain(`number ${SECOND}'s quality`);
  });

  it("speak of a rate that all numbers share where it stands", () => {
    const shared = manifestOf({
      account: `account:
  numbers: [{ phone_number_id: "${FIRST}" }, { phone_number_id: "${SECOND}" }]
  waba_id: "100000000000002"
  access_token: \${TOKEN}`,
      rate: "rate: { messages_per_second: 100 }",
    });
    const found = judged(both({}, {}), shared);
    expect(found).toMatchObject([
      { id: "rate_above_throughput", lane: FIRST, path: ["rate", "messages_per_second"] },
    ]);
  });

  it("know the limit of the portfolio from any of them", () => {
    expect(limitedNumber(both({ messagingLimit: null }, { messagingLimit: "TIER_2K" }))?.id).toBe(
      SECOND,
    );
    expect(limitedNumber(both({ messagingLimit: null }, null))?.id).toBe(FIRST);
    expect(limitedNumber(both(null, null))).toBeNull();
  });
});

describe("what stops a run", () => {
  const BANNED = { status: "BANNED" };

  it.for<[string, AccountFacts, { lanes: string[]; stops: string[]; some: boolean }]>([
    ["nothing", both({}, {}), { lanes: [], stops: [], some: false }],
    [
      "one number, which leaves the other",
      both(BANNED, {}),
      { lanes: [`${FIRST} number_not_connected`], stops: [], some: true },
    ],
    [
      "one that is not found beside one that is",
      both({}, null, { unread: [unread(SECOND)] }),
      { lanes: [`${SECOND} number_not_found`], stops: [], some: true },
    ],
    [
      "nothing where none is found: their first messages show it",
      both(null, null, { unread: [unread(FIRST), unread(SECOND)] }),
      { lanes: [], stops: [], some: false },
    ],
    [
      "every number",
      both(BANNED, blocked(problem("PHONE_NUMBER"))),
      {
        lanes: [`${SECOND} health_blocked`, `${FIRST} number_not_connected`],
        stops: ["health_blocked", "number_not_connected"],
        some: false,
      },
    ],
    [
      "the template, whatever the numbers",
      both({}, BANNED, { definition: { status: "REJECTED" } }),
      {
        lanes: [`${SECOND} number_not_connected`],
        stops: ["number_not_connected", "template_not_approved"],
        some: false,
      },
    ],
  ])("is %s", ([, facts, expected]) => {
    const findings = judged(facts);
    expect({
      lanes: blockedLanes(findings, facts).map(({ lane, code }) => `${lane} ${code}`),
      stops: blockersOfRun(findings, facts).map(({ id }) => id),
      some: isOfSome(findings, facts),
    }).toEqual(expected);
  });

  it("is what stops one number, with what to do", () => {
    const facts = both({}, BANNED);
    expect(blockedLanes(judged(facts), facts)).toEqual([
      {
        lane: SECOND,
        code: "number_not_connected",
        sentence: `Number ${SECOND}'s status is BANNED; only CONNECTED sends. Look at the number in WhatsApp Manager, fix it, then run the same command again.`,
      },
    ]);
  });

  it("is as before for one number, which is never held back alone", () => {
    const manifest = manifestOf();
    const facts = factsOf({ number: BANNED });
    const findings = judged(facts, manifest);
    expect(blockedLanes(findings, facts)).toEqual([]);
    expect(blockersOfRun(findings, facts).map(({ id }) => id)).toEqual(["number_not_connected"]);
  });
});
