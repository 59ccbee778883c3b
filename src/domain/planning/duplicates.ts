// Which of several rows of one person is sent to.

import type { Status } from "../campaign/dispatch.ts";

/**
 * Whether another row of the same person keeps the message, so that the row at `place` is a
 * duplicate. The first row of the file wins. A later row that has the person still, from an earlier
 * planning of a file with another order, gives way, unless it was sent to.
 * @param place the row's place in the file
 */
export function winsOver(
  other: { place: number; status: Status; attempts: number },
  place: number,
): boolean {
  return other.place < place || other.status !== "pending" || other.attempts > 0;
}
