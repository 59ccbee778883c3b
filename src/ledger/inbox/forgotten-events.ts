// Knows events of people who were forgotten: nothing is heard of them any more, and a body that is
// kept is kept without them. They are on the suppression list for good.

import { withoutPerson } from "../../domain/ledger/erasure.ts";
import type { Name } from "../../domain/receipts/match.ts";
import type { PersonNames, WebhookEvent } from "../../domain/receipts/receipt.ts";
import type { Verb } from "../engine.ts";
import type { Forgotten } from "../people/forgotten.ts";
import { namesIn, namesInId } from "../people/forgotten.ts";

/** The people forgotten, within one round. */
export interface ForgottenOfRound {
  /** Looks up at once who is in these events. */
  lookUp(events: readonly WebhookEvent[]): Verb<void>;
  /** Whether an event is of one of them. */
  isOf(event: WebhookEvent): Verb<boolean>;
  /** A body without them; null when nothing is left. */
  without(body: string): Verb<string | null>;
}

/** @param namesOf the names under which the ledger has who is in an event */
export function makeForgottenEvents({
  forgotten,
  namesOf,
}: {
  forgotten: Forgotten;
  namesOf(named: PersonNames): Name[];
}) {
  const namesOfEvent = (event: WebhookEvent): Name[] =>
    "waId" in event ? [...namesOf(event), ...namesInIdsOf(event)] : [];

  return {
    /** Begins a round; undefined when nobody was forgotten. */
    *open(): Verb<ForgottenOfRound | undefined> {
      if (!(yield* forgotten.isAny())) return undefined;
      let known = new Map<Name, boolean>();
      let learned = forgotten.learned();

      function* lookUp(names: readonly Name[]): Verb<void> {
        // An event may have brought other names of a forgotten person.
        if (learned !== forgotten.learned()) known = new Map();
        learned = forgotten.learned();
        const asked = [...new Set(names)].filter((name) => !known.has(name));
        if (asked.length === 0) return;
        const found = yield* forgotten.areAmong(asked);
        for (const [index, name] of asked.entries()) known.set(name, found[index] === true);
      }

      return {
        lookUp: (events) => lookUp(events.flatMap(namesOfEvent)),

        *isOf(event) {
          const names = namesOfEvent(event);
          yield* lookUp(names);
          return names.some((name) => known.get(name) === true);
        },

        *without(body) {
          // Every text of it is looked at first, since the look-up cannot wait for an answer.
          const texts = new Map<string, Name[]>();
          withoutPerson(body, (text) => {
            texts.set(text, namesIn(text));
            return false;
          });
          yield* lookUp([...texts.values()].flat());
          const isTheirs = (text: string): boolean =>
            texts.get(text)?.some((name) => known.get(name) === true) ?? false;
          return [...texts.keys()].some(isTheirs) ? withoutPerson(body, isTheirs) : body;
        },
      };
    },
  };
}

export type ForgottenEvents = ReturnType<typeof makeForgottenEvents>;

/** Who is in the ids of an event's messages: it may name them by nothing else. */
function namesInIdsOf(event: WebhookEvent): Name[] {
  const ids = [
    "messageId" in event ? event.messageId : null,
    "contextId" in event ? event.contextId : null,
    "clickId" in event ? event.clickId : null,
  ];
  return ids.flatMap((id) => (id === null ? [] : namesInId(id)));
}
