// Whom a campaign that was sent to in part has still to reach, by country. Pure.

type Regions = Readonly<Record<string, number>>;

/**
 * Counts by region those whom a run would still send to: who waits in the ledger and is in the list
 * of today, and who is new in it.
 * @param counts.waiting pending and held in the ledger
 * @param counts.planned everybody of the ledger that is not skipped
 * @param counts.today everybody of the list that would be sent to, if it was planned now
 * @param left how many they are together; what no region accounts for is of no known one
 */
export function regionsLeft(
  { waiting, planned, today }: { waiting: Regions; planned: Regions; today: Regions },
  left: number,
): Record<string, number> {
  const regions: Record<string, number> = {};
  let room = left;
  for (const [region, people] of Object.entries(today)) {
    const added = Math.max(0, people - (planned[region] ?? 0));
    // People who are gone from the list wait in the ledger, and are not sent to.
    const here = Math.min(people, (waiting[region] ?? 0) + added, room);
    if (here > 0) regions[region] = here;
    room -= here;
  }
  return regions;
}
