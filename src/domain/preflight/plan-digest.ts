// The digest of a plan: what would be sent, to how many, and for how much at most, in one word. It
// describes itself, so that a run can say what is otherwise without anything that was kept.

import type { Problem } from "../common/errors.ts";
import { count, money, plural } from "../common/numbers.ts";
import { inUnits, MILLION } from "../limits/budget.ts";

/** Keys of a manifest that a digest names one by one; all others count as one more. */
export const PLAN_KEYS = [
  "campaign",
  "account",
  "recipients",
  "template",
  "delivery",
  "rate",
  "ramp",
  "hold_out",
  "test",
  "rate_card",
  "budget",
  "hours",
  "starts",
  "ends",
  "cap",
  "suppress",
  "conversions",
  "sandbox",
] as const;

/** Characters of a hash in a digest, of 6 bits each. */
const HASH_LENGTH = 11;

/** What a plan is made of. */
export interface Plan {
  /** A hash of one character for each of the keys, and for all others. */
  keys: string;
  /** Of the whole manifest, and of the files that its messages carry. */
  manifest: string;
  /** Of the list. */
  source: string;
  /** Of the templates as Meta has them; null: they could not be read. */
  template: string | null;
  /** People of the whole list whom a message reached, may have reached, or is sent to. */
  people: number;
  /** What all of them cost at most, in millionths; null: a price is not known. */
  price: { amount: number; currency: string } | null;
}

const FORM = new RegExp(
  `^p1\\.([\\w-]{${PLAN_KEYS.length + 1}})\\.([\\w-]{${HASH_LENGTH}})\\.([\\w-]{${HASH_LENGTH}})` +
    `\\.(none|[\\w-]{${HASH_LENGTH}})\\.(\\d{1,9})\\.(?:none|(\\d{1,12}(?:\\.\\d{1,6})?)([A-Z]{3}))$`,
);

/** A hash as long as it stands in a digest. @param hash base64url */
export function shortHash(hash: string): string {
  return hash.slice(0, HASH_LENGTH);
}

/** The digest of a plan: letters, digits, `.`, `_` and `-`, so that a shell takes it as it is. */
export function planDigest({ keys, manifest, source, template, people, price }: Plan): string {
  const cost = price === null ? "none" : `${inUnits(price.amount)}${price.currency}`;
  return ["p1", keys, manifest, source, template ?? "none", people, cost].join(".");
}

/** A digest read; undefined for a text that is none. */
export function readPlanDigest(text: string): Plan | undefined {
  const [, keys, manifest, source, template, people, amount, currency] = FORM.exec(text) ?? [];
  if (keys === undefined || manifest === undefined || source === undefined) return undefined;
  const price =
    amount === undefined || currency === undefined
      ? null
      : { amount: Math.round(Number(amount) * MILLION), currency };
  return {
    ...{ keys, manifest, source, price },
    template: template === undefined || template === "none" ? null : template,
    people: Number(people),
  };
}

/** What of a plan is known again; what is left out is not compared. */
export type PlanNow = Partial<Plan>;

/**
 * What would be sent otherwise than in a plan, a sentence each; empty when it is still that. Fewer
 * people, and a lower price, are within it: people opt out between a check and a run.
 */
export function planDifferences(plan: Plan, now: PlanNow): string[] {
  const { manifest, source, template, people, price } = now;
  const found: string[] = [];
  if (manifest !== undefined && manifest !== plan.manifest) {
    found.push(`the manifest is another: ${changedKeys(plan.keys, now.keys ?? "")}`);
  }
  if (source !== undefined && source !== plan.source) found.push("the list is another file");
  if (template !== undefined && template !== plan.template) {
    found.push(
      template === null
        ? "the template cannot be read at Meta now"
        : "the template at Meta is another, in its words, its category or its TTL",
    );
  }
  if (people !== undefined && people > plan.people) {
    found.push(`${plural(people, "person", "people")} instead of ${count(plan.people)}`);
  }
  if (price !== undefined) found.push(...priceDifferences(plan.price, price));
  return found;
}

function priceDifferences(before: Plan["price"], now: Plan["price"]): string[] {
  if (before === null) return [];
  const planned = `${money(inUnits(before.amount))} ${before.currency}`;
  if (now === null) return [`a price is not known any more; at most ${planned} was planned`];
  if (now.currency === before.currency && now.amount <= before.amount) return [];
  return [`at most ${money(inUnits(now.amount))} ${now.currency} instead of ${planned}`];
}

/** A character stands for a key: of 64 changes one goes unseen there, and none in the whole. */
function changedKeys(before: string, now: string): string {
  const names = [...PLAN_KEYS, "another key"];
  const changed = names.filter((_, at) => before[at] !== now[at]);
  if (changed.length === 0) return "a key, or a file that its message carries";
  return changed.map((name) => (name === "another key" ? name : `\`${name}\``)).join(", ");
}

/** The problem of a run that would send something else than its plan. */
export function planProblems(
  differences: readonly string[],
  { file, isGiven }: { file: string; isGiven: boolean },
): Problem[] {
  if (differences.length === 0) return [];
  const which = isGiven ? "the plan that was given" : "the plan that was started";
  return [
    {
      ...{ id: "plan_differs", file },
      message: `what would be sent is not ${which}: ${differences.join("; ")}. Nothing was sent now`,
      hint: `\`campaign check ${file}\` prints the plan as it is now. Start that with \`campaign run ${file} --plan DIGEST\`, or put back what changed.`,
    },
  ];
}

/**
 * The problem of a run that needs a plan and was given none.
 * @param policy the file that wants it; null: the campaign's plan waits
 */
export function planRequired(file: string, policy: string | null): Problem {
  const why =
    policy === null
      ? "the campaign waits for a person to start its plan"
      : `${policy} wants every campaign to be started by the digest of its plan`;
  return {
    ...{ id: "plan_required", file },
    message: `${why}, and none was given; nothing was sent`,
    hint: `\`campaign check ${file}\` prints it: \`campaign run ${file} --plan DIGEST\`. Or put it forward with --plan-only, and start it on the live page.`,
  };
}
