// How bodies that are still coming share the memory of the receiver. Who sends them is not known
// yet: only a whole body can be held against its signature. So a body that comes slowly holds
// nothing that another one needs.

import type { ReceiverAnswer, ReceiverFigures } from "./figures.ts";

/** A delivery between its headers and its answer. */
export interface Flight {
  /** Monotonic milliseconds. */
  from: number;
  /** Bytes of its body in memory. */
  bytes: number;
  signature: Buffer | null;
  /** Its body is being kept: the client may be gone, and the memory still is not. */
  isKeeping: boolean;
  isOver: boolean;
}

export interface CapacityLimits {
  /** Deliveries that are read or kept at the same time, and the bytes of them in memory. */
  inFlight: number;
  inFlightBytes: number;
  /** A body that takes longer than `slowMs` must have come at this rate since its headers. */
  slowMs: number;
  bytesPerSecondMin: number;
}

/** Ends the reading of a body with an answer other than 200. */
type End = (answer: ReceiverAnswer) => void;

export interface BodyCapacity {
  /** Takes one more delivery in. Gives the answer where there is no room for it. */
  enter(declaredBytes: number): ReceiverAnswer | null;
  /**
   * The body of the delivery begins to come; `end` is called when it has to make room, or is too
   * slow.
   */
  begin(flight: Flight, end: End): void;
  /** Takes room for bytes that came. Gives the answer where there is none. */
  take(flight: Flight, bytes: number): ReceiverAnswer | null;
  /** The body is there, or nothing more of it comes. */
  whole(flight: Flight): void;
  /** Gives the room back; the second time nothing. */
  leave(flight: Flight): void;
  /** Ends bodies that come too slowly. */
  endSlow(now: number): void;
}

/** Shares the room; counts what is in flight in `figures`. */
export function makeCapacity(figures: ReceiverFigures, limits: CapacityLimits): BodyCapacity {
  /** Bodies that are coming, the one that began first at the front. */
  const reading = new Map<Flight, End>();

  let readingBytes = 0;

  function whole(flight: Flight): void {
    if (reading.delete(flight)) readingBytes -= flight.bytes;
  }

  function leave(flight: Flight): void {
    whole(flight);
    if (flight.isOver) return;
    flight.isOver = true;
    figures.inFlight -= 1;
    figures.inFlightBytes -= flight.bytes;
  }

  function cut(flight: Flight, answer: ReceiverAnswer): void {
    const end = reading.get(flight);
    leave(flight);
    end?.(answer);
  }

  return {
    enter(declaredBytes) {
      figures.inFlight += 1;
      if (figures.inFlight > limits.inFlight) {
        const [oldest] = reading.keys();
        if (oldest === undefined) return "no_room";
        cut(oldest, "displaced");
      }
      // Counted as bytes come, not as they are promised; but what is being kept makes no room.
      const kept = figures.inFlightBytes - readingBytes;
      return kept + declaredBytes > limits.inFlightBytes ? "no_room" : null;
    },

    begin: (flight, end) => void reading.set(flight, end),

    take(flight, bytes) {
      while (figures.inFlightBytes + bytes > limits.inFlightBytes) {
        const [oldest] = reading.keys();
        if (oldest === undefined || reading.size === 1) return "no_room";
        if (oldest === flight) return "displaced";
        cut(oldest, "displaced");
      }
      flight.bytes += bytes;
      readingBytes += bytes;
      figures.inFlightBytes += bytes;
      return null;
    },

    whole,

    leave,

    endSlow(now) {
      for (const flight of [...reading.keys()]) {
        const seconds = (now - flight.from) / 1000;
        // In the order in which they began.
        if (seconds * 1000 < limits.slowMs) return;
        if (flight.bytes / seconds < limits.bytesPerSecondMin) cut(flight, "slow");
      }
    },
  };
}
