// Remembers for a minute what the receiver turned away for lack of room, for its operator.

/** What was not refused for so long is over, in milliseconds. */
const QUIET_MS = 60_000;

/**
 * Why something was turned away:
 * - `no_room`: a delivery, since more than there is room for is being kept
 * - `connections`: a connection, since there were too many
 * - `slow`: a body that came too slowly, or had to make room for others
 */
export type ReceiverRefusal = "no_room" | "connections" | "slow";

export interface ReceiverRefusals {
  note(kind: ReceiverRefusal, now: number): void;
  /** How many there were, since when; null when the last one is more than a minute ago. */
  recent(kind: ReceiverRefusal, now: number): { count: number; since: number } | null;
}

/** Counts refusals by kind. A count starts again after a quiet minute. */
export function makeRefusals(): ReceiverRefusals {
  const known = new Map<ReceiverRefusal, { count: number; since: number; last: number }>();
  const recent = (kind: ReceiverRefusal, now: number) => {
    const entry = known.get(kind);
    return entry === undefined || now - entry.last > QUIET_MS ? null : entry;
  };
  return {
    note(kind, now) {
      const { count, since } = recent(kind, now) ?? { count: 0, since: now };
      known.set(kind, { count: count + 1, since, last: now });
    },
    recent,
  };
}
