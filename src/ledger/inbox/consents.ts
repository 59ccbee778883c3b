// Remembers what people reported last about marketing, so that a webhook reported twice, or late,
// or imported again changes nothing; and puts them on the suppression list or takes them off it.
// Needs the caller's transaction.

import type { Consent, ConsentChannel, OptOut } from "../../domain/receipts/consent.ts";
import { isNewConsent, liftedBefore } from "../../domain/receipts/consent.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Suppressions } from "../people/suppressions.ts";

/** Where the suppression then says that it came from. */
const SOURCE: Readonly<Record<ConsentChannel, string>> = { switch: "webhook", message: "message" };

/** Who reported it: a number, user ids, or both. */
export interface ConsentPerson {
  /** Digits that stand for the person, and those they are reached by. */
  person: number | null;
  phone: string | null;
  userIds: readonly string[];
}

/** The memory of consents; its functions run inside the caller's transaction. */
export function makeConsents({
  aliases,
  suppressions,
}: {
  aliases: Aliases;
  suppressions: Suppressions;
}) {
  const last = statement<[string, ConsentChannel], Consent>(
    "select value, said_at as at from consent where who = ? and channel = ?",
  );
  const remember = statement(`
    insert into consent (who, channel, value, said_at) values (?, ?, ?, ?)
    on conflict (who, channel) do update set value = excluded.value, said_at = excluded.said_at
  `);

  /** Remembers a consent under every name of the person. Returns false when it changes nothing. */
  function* isNews(who: ConsentPerson, channel: ConsentChannel, consent: Consent): Verb<boolean> {
    const person = who.person === null ? null : String(who.person);
    const names = person === null ? who.userIds : [person, ...who.userIds];
    const before: (Consent | undefined)[] = [];
    for (const name of names) before.push(yield* last.get(name, channel));
    if (!isNewConsent(consent, before)) return false;
    for (const name of names) yield* remember.run(name, channel, consent.value, consent.at);
    return true;
  }

  return {
    /** Returns undefined when this was known; otherwise how many suppressions it added. */
    *stop(who: ConsentPerson, { channel, at, reason }: OptOut): Verb<number | undefined> {
      if (!(yield* isNews(who, channel, { value: "stop", at }))) return undefined;
      const person = who.person === null ? null : String(who.person);
      const [userId = null] = who.userIds;
      const source = SOURCE[channel];
      // Together they stop the person under each of them.
      yield* aliases.learn([who.person, ...who.userIds], at);
      return (yield* suppressions.add({ phone: who.phone, person, userId, reason, source }, at))
        ? 1
        : 0;
    },

    /**
     * Lifts what the switch had set until then, and nothing else. Returns undefined when this was
     * known.
     */
    *resume(who: ConsentPerson, at: number): Verb<number | undefined> {
      if (!(yield* isNews(who, "switch", { value: "resume", at }))) return undefined;
      const names = who.person === null ? who.userIds : [who.person, ...who.userIds];
      return yield* suppressions.lift(names, liftedBefore(at));
    },
  };
}

export type Consents = ReturnType<typeof makeConsents>;
