// What makes a campaign wait for a person: a pause, and a plan that nobody started, in the words
// that everybody reads. No I/O.

import { actorWords } from "./audit.ts";
import type { Stop } from "./campaign.ts";

/** The code of a pause; the codes of halts are Meta's, or those of account-event.ts. */
const PAUSED = "paused";

/** The stop of a campaign whose plan was put forward, until a person starts it. */
export function planStop(now: number): Stop {
  const sentence =
    "The plan waits for a person, who starts it on the live page, or with `campaign run <manifest> --plan DIGEST`.";
  return { kind: "plan", code: "plan", sentence, at: now };
}

/**
 * The stop of a person.
 * @param actor as in the audit table: `live page`, or `command: anna`
 */
export function pauseBy(actor: string, now: number): Stop {
  const sentence =
    `Paused ${actorWords(actor)}. \`campaign unpause <manifest>\`, or the live page, lifts the pause; ` +
    "then run the same command again.";
  return { kind: "paused", code: PAUSED, sentence, at: now, by: actor };
}
