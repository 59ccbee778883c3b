// Stores what people do: they write, tap, follow links, turn WhatsApp's own switch, change their
// number. domain/receipts/consent.ts decides what opts out; opt-outs go onto the opt-out list. Its
// functions run inside the caller's transaction.

import type { OptOut } from "../../domain/receipts/consent.ts";
import {
  consentOf,
  isOfRecipient,
  optOutByMessage,
  optOutByRefusal,
  optOutTests,
} from "../../domain/receipts/consent.ts";
import type { Name, TimedReceipt } from "../../domain/receipts/match.ts";
import type { Applied, EventEffect } from "../../domain/receipts/processing.ts";
import type {
  Click,
  IdentityChange,
  Inbound,
  PersonNames,
  Preference,
} from "../../domain/receipts/receipt.ts";
import type { OptOutTest } from "../../domain/recipient/stop-words.ts";
import type { Verb } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import type { PersonOfWaId } from "../sending/attempts.ts";
import type { ConsentPerson, Consents } from "./consents.ts";
import type { EngagementStore } from "./engagement.ts";
import type { OptedOut, OptOuts } from "./opt-outs.ts";
import type { ReceiptMatch } from "./receipt-match.ts";
import type { MatchedDispatch, RoundDispatches } from "./round-dispatches.ts";

/** One application of webhook bodies, as far as people are concerned. */
export interface InboundRound {
  now: number;
  dispatches: RoundDispatches;
  match: ReceiptMatch;
  /** Counts of what was put on the opt-out list and taken off it. */
  result: Pick<Applied, "optOuts" | "lifted">;
  /** What opts out, of what is written or tapped to this business number. */
  testOf(number: string | null): OptOutTest;
}

/** Applies events of people. */
export function makeInbound(parts: {
  aliases: Aliases;
  consents: Consents;
  optOuts: OptOuts;
  engagement: EngagementStore;
  personOfWaId: PersonOfWaId;
  /** Words of the campaigns' own, with their lanes. */
  stopWords(): Verb<{ lane: string; words: string[] }[]>;
}) {
  const { aliases, consents, optOuts, engagement, personOfWaId } = parts;

  function whoIs({ waId, userId, parentUserId }: PersonNames): ConsentPerson {
    const phone = waId === null ? null : `+${waId}`;
    const userIds = [userId, parentUserId].filter((id) => id !== null);
    return { phone, person: waId === null ? null : personOfWaId(waId), userIds };
  }

  /**
   * Puts people on the opt-out list who are one person: whom the event names, and who got the
   * message that it is about.
   * @returns whether that was news
   */
  function* stop(
    round: InboundRound,
    optOut: OptOut,
    people: readonly ConsentPerson[],
    about: Partial<Pick<OptedOut, "answers" | "refused">> = {},
  ): Verb<boolean> {
    let added = 0;
    let isNews = false;
    const known = people.filter((who) => !isNobody(who));
    for (const who of known) {
      const additions = yield* consents.stop(who, optOut);
      if (additions === undefined) continue;
      isNews = true;
      added += additions;
    }
    round.result.optOuts += added;
    const { way, at } = optOut;
    if (added === 0) return isNews;
    yield* round.dispatches.flush();
    yield* optOuts.count({ names: known.flatMap(namesOf), way, at, ...about });
    return isNews;
  }

  function* applyRefusal(round: InboundRound, receipt: TimedReceipt): Verb<boolean> {
    const optOut = optOutByRefusal(receipt);
    if (optOut === undefined) return false;
    const found = yield* round.match.find(receipt);
    const refused = found.kind === "found" ? found.target : undefined;
    const people = [whoIs(receipt), ...recipientsOf(optOut, refused)];
    return yield* stop(round, optOut, people, { refused });
  }

  function* applyPreference(
    round: InboundRound,
    event: Preference & { at: number },
  ): Verb<EventEffect> {
    const who = whoIs(event);
    if (isNobody(who)) return "unmatched";
    yield* aliases.learn(namesOf(who), round.now);
    const consent = consentOf(event);
    if (consent === undefined) return "noted";
    if (consent !== "resume") return (yield* stop(round, consent, [who])) ? "applied" : "repeated";
    const lifted = yield* consents.resume(who, event.at);
    round.result.lifted += lifted ?? 0;
    return lifted === undefined ? "repeated" : "applied";
  }

  function* applyInbound(round: InboundRound, event: Inbound & { at: number }): Verb<EventEffect> {
    const who = whoIs(event);
    yield* aliases.learn(namesOf(who), round.now);
    const { tap, contextId, messageId, at } = event;
    const place =
      contextId === null ? undefined : yield* round.match.placeOf(contextId, namesOf(who));
    const optOut = optOutByMessage(event, round.testOf(event.number));
    let effect: EventEffect = "noted";
    if (optOut !== undefined && !(isNobody(who) && place === undefined)) {
      const target = place && (yield* round.dispatches.of(place));
      const people = [who, ...recipientsOf(optOut, target)];
      effect = (yield* stop(round, optOut, people, { answers: place })) ? "applied" : "repeated";
    }
    if (tap === null || contextId === null || messageId === null) return effect;
    if (place === undefined) return effect === "noted" ? "unmatched" : effect;
    const reported = { label: tap.text ?? tap.payload, at, isOptOut: optOut !== undefined };
    if (yield* engagement.tap(messageId, place, reported)) return "applied";
    return effect === "noted" ? "repeated" : effect;
  }

  /** Who got the message that an opt-out is about, where the opt-out is theirs too. */
  function recipientsOf(optOut: OptOut, target: MatchedDispatch | undefined): ConsentPerson[] {
    if (target === undefined || target.erasedAt !== null || !isOfRecipient(optOut)) return [];
    const { phone, person, rowUserId } = target;
    const userIds = rowUserId === null ? [] : [rowUserId];
    return [{ phone: phone === null ? null : `+${phone}`, person, userIds }];
  }

  function* applyClick(round: InboundRound, event: Click & { at: number }): Verb<EventEffect> {
    const who = whoIs(event);
    yield* aliases.learn(namesOf(who), event.at);
    const { messageId } = event;
    const place =
      messageId === null ? undefined : yield* round.match.placeOf(messageId, namesOf(who));
    return yield* engagement.click(event, place);
  }

  /** What is known of either name holds for both from now on, an opt-out too. */
  function* applyIdentity(
    round: InboundRound,
    { waIds, userIds }: IdentityChange,
  ): Verb<EventEffect> {
    const isNews = yield* aliases.learn([...waIds.map(personOfWaId), ...userIds], round.now);
    return isNews ? "applied" : "repeated";
  }

  return {
    refusal: applyRefusal,
    preference: applyPreference,
    message: applyInbound,
    click: applyClick,
    identity: applyIdentity,
    *testsOf(words: readonly string[]): Verb<InboundRound["testOf"]> {
      return optOutTests(words, yield* parts.stopWords());
    },
    namesOf: (named: PersonNames): Name[] => namesOf(whoIs(named)),
  };
}

export type InboundEvents = ReturnType<typeof makeInbound>;

function namesOf({ person, userIds }: ConsentPerson): Name[] {
  return person === null ? [...userIds] : [person, ...userIds];
}

function isNobody({ person, userIds }: ConsentPerson): boolean {
  return person === null && userIds.length === 0;
}
