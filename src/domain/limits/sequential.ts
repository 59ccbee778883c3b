// A test that may be looked at after every message: is a share above its limit, or below it?
//
// A mixture of likelihood ratios (SPRT): whatever the true share on the right side of the limit is,
// the chance that the evidence ever reaches 1/α is at most α, however often one looks (Ville's
// inequality). A share over the limit, or a confidence interval, that is looked at again and again
// finds a fault in many a sound campaign.

/** The chance that a sound campaign is ever halted. */
export const ALPHA = 0.01;

/** Shares that the limit is tried against, as multiples of it. */
const WORSE = [1.25, 1.5, 2, 3, 5, 8];
const BETTER = [0.8, 0.65, 0.5, 0.33, 0.2];
/** A multiple that is no share any more counts as this one. */
const SHARE_MAX = 0.99;
/** What comes next would not be a number any more. */
const EXPONENT_MAX = 700;

/** True when the evidence is enough to act on. */
export function isEnough(evidence: number): boolean {
  return evidence >= 1 / ALPHA;
}

/**
 * Evidence that a share is above its limit: a campaign at the limit or below it shows as much once
 * in so many.
 * @param limit 0 < limit < 1
 * @param events of `trials`
 */
export function evidenceAbove(limit: number, events: number, trials: number): number {
  const worse = WORSE.map((times) => Math.min(SHARE_MAX, times * limit));
  return evidence(
    limit,
    worse.filter((share) => share > limit),
    { events, trials },
  );
}

/** Evidence that a share is below its limit. */
export function evidenceBelow(limit: number, events: number, trials: number): number {
  return evidence(
    limit,
    BETTER.map((times) => times * limit),
    { events, trials },
  );
}

function evidence(
  limit: number,
  others: readonly number[],
  { events, trials }: { events: number; trials: number },
): number {
  let sum = 0;
  for (const share of others) {
    const hits = events * Math.log(share / limit);
    const misses = (trials - events) * Math.log((1 - share) / (1 - limit));
    sum += Math.exp(Math.min(EXPONENT_MAX, hits + misses));
  }
  return others.length === 0 ? 0 : sum / others.length;
}
