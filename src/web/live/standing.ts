// How a campaign stands, in a word and a sentence, and what can be done with it on the live page. Pure.

import { OPEN } from "../../domain/campaign/dispatch.ts";
import type { Look } from "./counting.ts";

/** Of a campaign, as a person would say it. */
export interface Standing {
  word: string;
  /** Decides the colour beside the word; the word alone says it all. */
  tone: "busy" | "good" | "waiting" | "bad" | "over";
  /** Why it stands so and what to do; null where there is nothing to say. */
  sentence: string | null;
}

const INTERRUPTED =
  "Its run ended without a word (it was killed, or the machine went down). The same run command goes on where it stopped.";
const CANCELLED = "It was cancelled: nobody who was still waiting gets the message.";

/** Says how it stands. */
export function standingOf({ campaign, isRunning, left, tally }: Look): Standing {
  const { state, stop, halt } = campaign;
  if (state === "cancelled") return { word: "Cancelled", tone: "over", sentence: CANCELLED };
  if (stop !== null) {
    const sentence = stop.sentence;
    if (stop.kind === "halted") return { word: "Halted", tone: "bad", sentence };
    return { word: isRunning ? "Pausing" : "Paused", tone: "waiting", sentence };
  }
  if (isRunning) {
    const word = state === "planning" ? "Planning" : "Sending";
    return { word, tone: "busy", sentence: null };
  }
  const sentence = halt?.sentence ?? null;
  switch (state) {
    case "halted":
      return { word: "Halted", tone: "bad", sentence };
    case "planning":
    case "running":
      return { word: "Interrupted", tone: "waiting", sentence: INTERRUPTED };
    case "ready":
      return { word: "Planned", tone: "waiting", sentence: "Nothing was sent yet." };
    case "stopped":
      return { word: "Stopped part-way", tone: "waiting", sentence };
    case "finished": {
      // After `retry` or `resolve` a person waits again, whatever the last run ended with.
      const open = left !== null ? left.pending + left.claimed + left.held : openOf(tally);
      if (open === 0) return { word: "Finished", tone: "good", sentence };
      return { word: "Stopped part-way", tone: "waiting", sentence: "Recipients wait again." };
    }
  }
}

function openOf(tally: Look["tally"]): number {
  return OPEN.reduce((sum, status) => sum + (tally?.counts[status] ?? 0), 0);
}

/** What a person may do with it. */
export interface Choices {
  pause: boolean;
  unpause: boolean;
  cancel: boolean;
}

/** What the choices hang on. */
export type Chosen = Pick<Look, "campaign" | "isRunning" | "left">;

/** A halt that came from Meta's side is no matter of leave: a later run looks whether it is over. */
export function choicesOf({ campaign, isRunning, left }: Chosen): Choices {
  const isOver = campaign.state === "cancelled";
  const isPaused = campaign.stop?.kind === "paused";
  const waits = isRunning || left === null || left.pending + left.claimed + left.held > 0;
  return {
    pause: !isOver && campaign.stop === null && waits,
    unpause: !isOver && isPaused,
    cancel: !isOver && waits,
  };
}
