// Whose clock the hours of a manifest go by. It reads no YAML, so that commands may ask it early.

/** `hours.time_zone` of a campaign that goes by everybody's own clock. */
export const RECIPIENT = "recipient";

/**
 * A moment of a campaign: an instant in ms, or what each person's own clock shows, such as
 * `2026-12-01T09:00`.
 */
export type Moment = number | string;

interface WithHours {
  hours?: { time_zone: string } | undefined;
}

/** Whether the campaign goes by everybody's own clock. */
export function isByRecipient({ hours }: WithHours): boolean {
  return hours?.time_zone === RECIPIENT;
}

/** The one zone of the campaign's hours, IANA; undefined without one. */
export function ownZoneOf({ hours }: WithHours): string | undefined {
  return hours?.time_zone === RECIPIENT ? undefined : hours?.time_zone;
}
