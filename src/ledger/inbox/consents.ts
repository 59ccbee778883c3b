// Remembers what people said last about marketing, so that a webhook reported twice, or late, or imported again changes nothing; and
// puts them on the suppression list or takes them off it. Needs the caller's transaction.

import type { Database } from "better-sqlite3";
import type { Aliases } from "../people/aliases.ts";
import type { Suppressions } from "../people/suppressions.ts";

/** By the switch in WhatsApp itself, or by writing to us. */
export type Channel = "switch" | "message";

/** Where the suppression then says that it came from. */
const SOURCE: Readonly<Record<Channel, string>> = { switch: "webhook", message: "message" };

/** Meta tells instants in whole seconds; ours are finer. */
const SECOND_MS = 1000;

/** Who said it: a number, user ids, or both. */
export interface ConsentPerson {
  /** Digits that stand for the person, and those they are reached by. */
  person: number | null;
  phone: string | null;
  userIds: readonly string[];
}

interface Said {
  value: "stop" | "resume";
  at: number;
}

export interface Heard {
  channel: Channel;
  at: number;
  /** For the suppression list. */
  reason: string;
}

/** The memory of consents; its functions run inside the caller's transaction. */
export function makeConsents(
  db: Database,
  { aliases, suppressions }: { aliases: Aliases; suppressions: Suppressions },
) {
  const last = db.prepare<[string, Channel], Said>(
    "select value, said_at as at from consent where who = ? and channel = ?",
  );
  const remember = db.prepare(`
    insert into consent (who, channel, value, said_at) values (?, ?, ?, ?)
    on conflict do update set value = excluded.value, said_at = excluded.said_at
  `);

  /**
   * Returns false when this, or something later, was heard of this person before. Of a stop and a resume in one second the stop
   * counts, in whatever order they come.
   */
  function isNews(who: ConsentPerson, channel: Channel, consent: Said): boolean {
    const person = who.person === null ? null : String(who.person);
    const names = person === null ? who.userIds : [person, ...who.userIds];
    const before = names.map((name) => last.get(name, channel));
    const isOvertaken = before.some(
      (earlier) =>
        earlier !== undefined &&
        (earlier.at > consent.at ||
          (earlier.at === consent.at && earlier.value === "stop" && consent.value !== "stop")),
    );
    const isSame = before.every(
      (earlier) => earlier?.at === consent.at && earlier.value === consent.value,
    );
    if (isOvertaken || isSame) return false;
    for (const name of names) remember.run(name, channel, consent.value, consent.at);
    return true;
  }

  return {
    /** Returns undefined when this was known; otherwise how many suppressions it added. */
    stop(who: ConsentPerson, { channel, at, reason }: Heard): number | undefined {
      if (!isNews(who, channel, { value: "stop", at })) return undefined;
      const person = who.person === null ? null : String(who.person);
      const [userId = null] = who.userIds;
      const source = SOURCE[channel];
      // Together they stop the person under each of them.
      aliases.learn([who.person, ...who.userIds], at);
      return suppressions.add({ phone: who.phone, person, userId, reason, source }, at) ? 1 : 0;
    },

    /** Lifts what the switch had set until then, and nothing else. Returns undefined when this was known. */
    resume(who: ConsentPerson, at: number): number | undefined {
      if (!isNews(who, "switch", { value: "resume", at })) return undefined;
      const names = who.person === null ? who.userIds : [who.person, ...who.userIds];
      return suppressions.lift(names, at + SECOND_MS);
    },
  };
}

export type Consents = ReturnType<typeof makeConsents>;
