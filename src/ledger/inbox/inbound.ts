// Applies what people do and say: they write, tap, follow links, turn WhatsApp's own switch, change their number. Their opt-outs go onto
// the opt-out list. Its functions run inside the caller's transaction.

import type { OptOutWay } from "../../domain/receipts/engagement.ts";
import type { DispatchPlace, Name, TimedReceipt } from "../../domain/receipts/match.ts";
import { optOutOf } from "../../domain/receipts/match.ts";
import type { Applied, EventEffect } from "../../domain/receipts/processing.ts";
import type {
  Click,
  IdentityChange,
  Inbound,
  PersonNames,
  Preference,
} from "../../domain/receipts/receipt.ts";
import { asksForSuppression } from "../../domain/receipts/receipt-policy.ts";
import type { OptOutTest } from "../../domain/recipient/stop-words.ts";
import { optOutTest } from "../../domain/recipient/stop-words.ts";
import type { Aliases } from "../people/aliases.ts";
import type { PersonOfWaId } from "../sending/attempts.ts";
import type { ConsentPerson, Consents } from "./consents.ts";
import type { EngagementStore } from "./engagement.ts";
import type { OptedOut, OptOuts } from "./opt-outs.ts";
import type { ReceiptMatch } from "./receipt-match.ts";
import type { Receipts } from "./receipts.ts";

/** One application of webhook bodies, as far as people are concerned. */
export interface Hearing {
  now: number;
  /** Counts of what was put on the opt-out list and taken off it. */
  result: Pick<Applied, "optOuts" | "lifted">;
  /** What opts out, of what is written or tapped to this business number. */
  testOf(number: string | null): OptOutTest;
}

/** Applies events of people. */
export function makeInbound(parts: {
  receipts: Receipts;
  match: ReceiptMatch;
  aliases: Aliases;
  consents: Consents;
  optOuts: OptOuts;
  engagement: EngagementStore;
  personOfWaId: PersonOfWaId;
  /** Words of the campaigns' own, with their lanes. */
  stopWords(): { lane: string; words: string[] }[];
}) {
  const { receipts, match, aliases, consents, optOuts, engagement, personOfWaId } = parts;

  function whoIs({ waId, userId, parentUserId }: PersonNames): ConsentPerson {
    const phone = waId === null ? null : `+${waId}`;
    const userIds = [userId, parentUserId].filter((id) => id !== null);
    return { phone, person: waId === null ? null : personOfWaId(waId), userIds };
  }

  /**
   * Puts people on the opt-out list who are one person: whom the event names, and who got the message that it is about.
   * @returns whether that was news
   */
  function stop(
    round: Hearing,
    people: readonly ConsentPerson[],
    heard: Parameters<Consents["stop"]>[1],
    about: { way: OptOutWay } & Partial<Pick<OptedOut, "answers" | "refused">>,
  ): boolean {
    let added = 0;
    let isNews = false;
    const known = people.filter((who) => !isNobody(who));
    for (const who of known) {
      const additions = consents.stop(who, heard);
      if (additions === undefined) continue;
      isNews = true;
      added += additions;
    }
    round.result.optOuts += added;
    if (added > 0) optOuts.count({ names: known.flatMap(namesOf), at: heard.at, ...about });
    return isNews;
  }

  /** The person's switch is heard at once, whatever the receipt itself has to wait for. */
  function hearRefusal(round: Hearing, receipt: TimedReceipt): boolean {
    const rule = asksForSuppression(receipt);
    if (rule === undefined) return false;
    const ours = receipts.recipientOf(receipt);
    const people = [whoIs(receipt), ...(ours === undefined ? [] : [ours.recipient])];
    const reason = `${rule.code}: ${rule.meaning}`;
    const heard = { channel: "switch", at: receipt.at, reason } as const;
    return stop(round, people, heard, { way: "refusal", refused: ours?.place });
  }

  function applyPreference(round: Hearing, event: Preference & { at: number }): EventEffect {
    const who = whoIs(event);
    if (isNobody(who)) return "unmatched";
    aliases.learn(namesOf(who), round.now);
    // Whether a sign-up turns the switch back is not documented: then it would be reported as well.
    if (event.value === "signup") return "noted";
    if (event.value === "stop") {
      const reason = "stopped marketing messages in WhatsApp";
      const heard = { channel: "switch", at: event.at, reason } as const;
      return stop(round, [who], heard, { way: "switch" }) ? "applied" : "repeated";
    }
    const lifted = consents.resume(who, event.at);
    round.result.lifted += lifted ?? 0;
    return lifted === undefined ? "repeated" : "applied";
  }

  function applyInbound(round: Hearing, event: Inbound & { at: number }): EventEffect {
    const who = whoIs(event);
    aliases.learn(namesOf(who), round.now);
    const { tap, contextId, messageId, at } = event;
    const place = contextId === null ? undefined : match.placeOf(contextId, namesOf(who));
    const word = optOutOf(event, round.testOf(event.number));
    let effect: EventEffect = "noted";
    if (word !== undefined && !(isNobody(who) && place === undefined)) {
      const reason = `${tap === null ? "wrote" : "tapped"} "${word}"`;
      const heard = { channel: "message", at, reason } as const;
      const people = [who, ...recipientsOf(tap === null ? undefined : place)];
      const way = tap === null ? "text" : "button";
      effect = stop(round, people, heard, { way, answers: place }) ? "applied" : "repeated";
    }
    if (tap === null || contextId === null || messageId === null) return effect;
    if (place === undefined) return effect === "noted" ? "unmatched" : effect;
    const reported = { label: tap.text ?? tap.payload, at, isOptOut: word !== undefined };
    if (engagement.tap(messageId, place, reported)) return "applied";
    return effect === "noted" ? "repeated" : effect;
  }

  /** Who got the message of a dispatch: its button was tapped by nobody else, under whatever name. */
  function recipientsOf(place: DispatchPlace | undefined): ConsentPerson[] {
    const target = place && match.dispatch(place);
    if (target === undefined || target.erasedAt !== null) return [];
    const { phone, person, rowUserId } = target;
    const userIds = rowUserId === null ? [] : [rowUserId];
    return [{ phone: phone === null ? null : `+${phone}`, person, userIds }];
  }

  function applyClick(event: Click & { at: number }): EventEffect {
    const who = whoIs(event);
    aliases.learn(namesOf(who), event.at);
    const { messageId } = event;
    const place = messageId === null ? undefined : match.placeOf(messageId, namesOf(who));
    return engagement.click(event, place);
  }

  /** What is known of either name holds for both from now on, an opt-out too. */
  function applyIdentity(round: Hearing, { waIds, userIds }: IdentityChange): EventEffect {
    const isNews = aliases.learn([...waIds.map(personOfWaId), ...userIds], round.now);
    return isNews ? "applied" : "repeated";
  }

  /** The built-in words and others, and those of campaigns that send from the number; a sandbox has whatever number it has. */
  function testsOf(words: readonly string[]): Hearing["testOf"] {
    const own = parts.stopWords();
    const made = new Map<string | null, OptOutTest>();
    return (number) => {
      const known = made.get(number);
      if (known !== undefined) return known;
      const those = own.filter(
        ({ lane }) => number === null || lane === number || lane === "sandbox",
      );
      const test = optOutTest([...words, ...those.flatMap((campaign) => campaign.words)]);
      made.set(number, test);
      return test;
    };
  }

  return {
    hearRefusal,
    preference: applyPreference,
    message: applyInbound,
    click: applyClick,
    identity: applyIdentity,
    testsOf,
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
