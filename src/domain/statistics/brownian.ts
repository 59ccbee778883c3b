// A test that is looked at several times: the chance of crossing a boundary at each look.
//
// The sum of what is observed is a Brownian motion in the share of the information that has come
// (P. Armitage, C. K. McPherson and B. C. Rowe, Journal of the Royal Statistical Society A 132,
// 1969, 235–244): its density after each look is the one before, as far as it stayed within the
// boundaries, spread by what came since. The integrals are by Gauss and Legendre, in panels as
// narrow as what came.

import { normalUpper } from "./normal.ts";

/** Nodes and weights of Gauss–Legendre with 8 points, of 0 to 1 (Abramowitz and Stegun, p. 916). */
const POINTS: readonly (readonly [at: number, weight: number])[] = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
];
/** The width of a panel, in standard errors of what comes: 1 gives the same ten digits. */
const PANEL = 2;
const PANELS_MAX = 400;
/** A path is no further out than this, in standard errors. */
const FAR = 9;

/** A place of the path at a look, and the weighted density that it is there and went no further. */
interface Node {
  at: number;
  mass: number;
}

/**
 * A path that is symmetric around 0 and stayed within boundaries so far; of the places only those
 * of 0 and above are kept. The path and its boundaries are in standard errors times √information.
 */
export interface Path {
  /** The share of the information at the last look. */
  information: number;
  nodes: readonly Node[];
}

/** Before the first look. */
export const START: Path = { information: 0, nodes: [{ at: 0, mass: 1 }] };

/**
 * The chance to be beyond a boundary, on either side, at the next look and not before.
 * @param information the share at that look: above that of the path
 * @param boundary 0 or more
 */
export function crossing(path: Path, information: number, boundary: number): number {
  const spread = Math.sqrt(information - path.information);
  let chance = 0;
  for (const { at, mass } of path.nodes) {
    const beyond = normalUpper((boundary - at) / spread) + normalUpper((boundary + at) / spread);
    chance += mass * beyond;
  }
  return chance;
}

/**
 * The path after a look at which it stayed within a boundary.
 * @param next the share of the information at the look after it: the finer, the more places are
 * kept
 */
export function within(path: Path, information: number, boundary: number, next: number): Path {
  const spread = Math.sqrt(information - path.information);
  const end = Math.min(boundary, FAR * Math.sqrt(information));
  const width = Math.min(spread, Math.sqrt(Math.max(0, next - information)));
  const panels = Math.min(PANELS_MAX, Math.max(1, Math.ceil(end / (PANEL * width))));
  const half = end / panels / 2;
  const nodes: Node[] = [];
  for (let panel = 0; panel < panels; panel += 1) {
    const middle = (2 * panel + 1) * half;
    for (const [offset, weight] of POINTS) {
      for (const at of [middle - offset * half, middle + offset * half]) {
        nodes.push({ at, mass: weight * half * densityAt(path, at, spread) });
      }
    }
  }
  return { information, nodes };
}

/** The density of the path's size: both sides of 0 together. */
function densityAt(path: Path, at: number, spread: number): number {
  let density = 0;
  for (const node of path.nodes) {
    const near = (at - node.at) / spread;
    const opposite = (at + node.at) / spread;
    density += node.mass * (Math.exp((-near * near) / 2) + Math.exp((-opposite * opposite) / 2));
  }
  return density / (spread * Math.sqrt(2 * Math.PI));
}
