// Where a function of one number crosses zero.

const STEPS_MAX = 200;
/** The width at which a crossing is known, relative above 1. */
const WIDTH = 1e-13;

/** A place, and the function there. */
interface Point {
  at: number;
  value: number;
}

/**
 * The place between `low` and `high` where a continuous function crosses zero: by inverse quadratic
 * interpolation where that is safe, else by halving (T. R. Chandrupatla, Advances in Engineering
 * Software 28, 1997, 145–149).
 * @returns the bound that is nearer to zero when the function has one sign at both
 */
export function rootOf(
  functionOf: (at: number) => number,
  low: number,
  high: number,
  width = WIDTH,
): number {
  let near: Point = { at: high, value: functionOf(high) };
  let far: Point = { at: low, value: functionOf(low) };
  if (near.value > 0 === far.value > 0) return nearest(near, far).at;
  let part = 0.5;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const best = nearest(near, far);
    const least = (width * Math.max(1, Math.abs(best.at))) / Math.abs(far.at - near.at);
    if (best.value === 0 || least > 0.5) break;
    const at = near.at + Math.min(1 - least, Math.max(least, part)) * (far.at - near.at);
    const next: Point = { at, value: functionOf(at) };
    const isSameSide = next.value > 0 === near.value > 0;
    const before = isSameSide ? near : far;
    far = isSameSide ? far : near;
    near = next;
    part = partOf(near, far, before);
  }
  return nearest(near, far).at;
}

function nearest(one: Point, other: Point): Point {
  return Math.abs(one.value) < Math.abs(other.value) ? one : other;
}

/** How far to go from `a` towards `b`, which lie on both sides of zero; `c` is from before. */
function partOf(a: Point, b: Point, c: Point): number {
  const xi = (a.at - b.at) / (c.at - b.at);
  const phi = (a.value - b.value) / (c.value - b.value);
  const isSafe = phi * phi < xi && (1 - phi) ** 2 < 1 - xi;
  if (!isSafe) return 0.5;
  const quadratic = (a.value / (b.value - a.value)) * (c.value / (b.value - c.value));
  const skew = (c.at - a.at) / (b.at - a.at);
  return quadratic + skew * (a.value / (c.value - a.value)) * (b.value / (c.value - b.value));
}
