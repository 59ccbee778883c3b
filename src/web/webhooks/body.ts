// Reads the bytes of a delivery as they were signed, no more than a delivery of Meta's can have and
// no more than there is room for.

import type { IncomingMessage } from "node:http";

import type { ReceiverAnswer } from "./figures.ts";

/**
 * Meta, "Webhooks: payload size", 2026-09: 3 MB at most; and a little, since nobody says whether
 * that is 3,145,728.
 */
export const BODY_BYTES_MAX = 3_500_000;

/** Ends a delivery with an answer other than 200, before its body is there. */
export class RefusedBody extends Error {
  override readonly name = "RefusedDelivery";
  readonly answer: ReceiverAnswer;

  constructor(answer: ReceiverAnswer) {
    super(`the delivery was refused: ${answer}`);
    this.answer = answer;
  }
}

/** Where the bytes of one body find room; see room.ts. */
export interface BodyRoom {
  /** The body begins to come; `end` ends it. */
  begin(end: (answer: ReceiverAnswer) => void): void;
  /**
   * Asked for the bytes of each piece before it is kept; the answer where there is no room for
   * them.
   */
  take(bytes: number): ReceiverAnswer | null;
  whole(): void;
}

/**
 * Reads a body to its end.
 * @throws RefusedDelivery `too_large`, `cut`, and what `room` says
 */
export function readBody(request: IncomingMessage, room: BodyRoom): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const end = (refused: ReceiverAnswer | null) => {
      request.off("data", take).off("end", whole).off("error", cut).off("close", cut);
      // Without a listener an error of the connection would end the process.
      request.on("error", () => {});
      room.whole();
      if (refused === null) resolve(Buffer.concat(pieces, bytes));
      else reject(new RefusedBody(refused));
      pieces.length = 0;
    };
    const take = (piece: Buffer) => {
      bytes += piece.length;
      const refused = bytes > BODY_BYTES_MAX ? "too_large" : room.take(piece.length);
      if (refused === null) pieces.push(piece);
      else end(refused);
    };
    const whole = () => end(null);
    const cut = () => end("cut");
    room.begin(end);
    request.on("data", take).on("end", whole).on("error", cut).on("close", cut);
  });
}
