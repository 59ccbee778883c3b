// Several arms against one.

/**
 * p-values of several tests as if each were the only one: what is at most α after it is found
 * wrongly with a chance of at most α over all of them together (S. Holm, Scandinavian Journal of
 * Statistics 6, 1979, 65–70, as adjusted p-values).
 * @returns in the order of `values`
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).toSorted((one, other) => byValue(values, one, other));
  const adjusted = values.map(() => 0);
  let highest = 0;
  for (const [rank, at] of order.entries()) {
    const value = values[at] as number;
    highest = Math.max(highest, Math.min(1, (values.length - rank) * value));
    adjusted[at] = highest;
  }
  return adjusted;
}

function byValue(values: readonly number[], one: number, other: number): number {
  return (values[one] as number) - (values[other] as number);
}
