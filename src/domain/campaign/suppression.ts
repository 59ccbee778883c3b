// An entry of the opt-out list.

/**
 * Sources that are the switch in WhatsApp itself, reported by `user_preferences`, by 131050 in a
 * receipt, or by 131050 in a reply. Only their entries are lifted when the person turns the switch
 * back; every other entry is for good.
 */
export const SWITCH_SOURCES: readonly string[] = ["webhook", "reply"];

/** A person who must not be messaged. At least one of phone and userId. */
export interface Suppression {
  /** E.164 with `+`, or a WhatsApp id with `+` put before it. */
  phone: string | null;
  person: string | null;
  /** Business-scoped user id, such as `BR.1234`. */
  userId: string | null;
  reason: string;
  /**
   * Where it came from: `manual`, a file name; `reply` and `webhook` (the person's own switch in
   * WhatsApp, which alone they can turn back), `message` (the person wrote a stop word, or tapped a
   * button that says one).
   */
  source: string;
}

export interface SuppressionRecord extends Suppression {
  id: number;
  addedAt: number;
  /**
   * The person was forgotten: they are known again by a keyed hash, and neither phone nor user id
   * is kept.
   */
  isForgotten: boolean;
}
