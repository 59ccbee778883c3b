// The frequency cap: whether a person may get another message, by those that reached them or may
// have. What counts as one is the ledger's SQL (src/ledger/sending/person-messages.ts).

import { spanText } from "../common/spans.ts";

/** A frequency cap as a campaign obeys it. */
export interface Cap {
  /** Most messages to a person within the window. */
  most: number;
  windowMs: number;
  /** Least time between two messages to a person; null: none is asked for. */
  gapMs: number | null;
  /** What becomes of who is over it. */
  over: "skip" | "hold";
}

/** A cap as a manifest or a policy has it, its spans in ms. */
interface CapWritten {
  most: number;
  in: number;
  gap?: number | undefined;
  over?: Cap["over"] | undefined;
}

/** The cap of what is written. */
export function capOf({ most, in: windowMs, gap, over }: CapWritten): Cap {
  return { most, windowMs, gapMs: gap ?? null, over: over ?? "skip" };
}

/** `2 in 7d, gap 24h`. */
export function capText({ most, windowMs, gapMs }: Omit<Cap, "over">): string {
  return `${most} in ${spanText(windowMs)}${gapMs === null ? "" : `, gap ${spanText(gapMs)}`}`;
}

/** A cap as JSON documents have it, as it is written. */
export interface CapRecord {
  most: number;
  in: string;
  gap: string | null;
  over: Cap["over"];
}

/** The same of what is written. */
export function capRecord({ most, windowMs, gapMs, over }: Cap): CapRecord {
  return { most, in: spanText(windowMs), gap: gapMs === null ? null : spanText(gapMs), over };
}

/** A cap in one turn. */
export interface TurnCap extends Cap {
  /** Nobody is held beyond this instant; null: the campaign has no end. */
  endsAt: number | null;
}

/** The messages of a person that decide. */
export interface LastMessages {
  /** When the newest one was claimed, and by which campaign. */
  latest: number;
  campaign: string;
  /** The same of the one with which `most` are reached; null: there are fewer. */
  nth: number | null;
}

/** What the cap does with a person who is over it. */
export type CapVerdict =
  | { kind: "skip"; until: number; detail: string }
  | { kind: "hold"; until: number };

/** How far back messages count, in ms. */
export function lookBackMs({ windowMs, gapMs }: Cap): number {
  return Math.max(windowMs, gapMs ?? 0);
}

/** When a person may get the next message; null: now. */
export function freeAt(
  { windowMs, gapMs }: Cap,
  { latest, nth }: Pick<LastMessages, "latest" | "nth">,
  now: number,
): number | null {
  const byWindow = nth === null ? now : nth + windowMs;
  const byGap = gapMs === null ? now : latest + gapMs;
  const free = Math.max(byWindow, byGap);
  return free > now ? free : null;
}

/**
 * Whether a person may get the next message whatever their messages are in detail.
 * @param messages as many as they got at most as far back as counts
 * @param latest when they got the last of them; null: none
 */
export function isFree(
  { most, gapMs }: Cap,
  { messages, latest }: { messages: number; latest: number | null },
  now: number,
): boolean {
  return messages < most && (latest === null || gapMs === null || latest + gapMs <= now);
}

/** What becomes of a person; null: they may get the message now. */
export function capVerdict(cap: TurnCap, last: LastMessages, now: number): CapVerdict | null {
  const until = freeAt(cap, last, now);
  if (until === null) return null;
  const isBeyond = cap.endsAt !== null && until >= cap.endsAt;
  if (cap.over === "hold" && !isBeyond) return { kind: "hold", until };
  const why = `The frequency cap (${capText(cap)}) is used up: campaign "${last.campaign}" messaged this person on ${minute(last.latest)}.`;
  const ends = isBeyond && cap.over === "hold" ? ", after the campaign's end" : "";
  return { kind: "skip", until, detail: `${why} Free from ${minute(until)} on${ends}.` };
}

/** `2026-12-01 09:30 UTC`. */
function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
