// Reads an instant as Meta, and what stands between, writes it: one reader for answers and for
// webhooks. No clock.

/**
 * Of an instant as a number: below is seconds, then milliseconds, microseconds, nanoseconds. The
 * first is the year 5138 in seconds.
 */
const SECONDS_MAX = 1e11;
const MILLISECONDS_MAX = 1e14;
const MICROSECONDS_MAX = 1e17;
/** Latest instant of a Date, in milliseconds. */
const INSTANT_MAX = 8_640_000_000_000_000;

/**
 * Reads an instant: Meta has seconds, as text or number, and in some answers ISO 8601 with `+0000`;
 * gateways and simulators have milliseconds and fractions. An ISO text without a zone is UTC.
 * @returns milliseconds since the epoch; null for what is none, and for 0, which stands for "never"
 * or "not known"
 */
export function readInstant(value: unknown): number | null {
  if (typeof value === "number") return fromNumber(value);
  if (typeof value !== "string") return null;
  const trimmed = value.trim();
  if (/^\d{1,19}(\.\d{1,9})?$/.test(trimmed)) return fromNumber(Number(trimmed));
  return fromIso(trimmed);
}

function fromNumber(value: number): number | null {
  if (!Number.isFinite(value) || value <= 0) return null;
  const ms =
    value < SECONDS_MAX
      ? value * 1e3
      : value < MILLISECONDS_MAX
        ? value
        : value < MICROSECONDS_MAX
          ? value / 1e3
          : value / 1e6;
  const whole = Math.floor(ms);
  return whole > INSTANT_MAX ? null : whole;
}

function fromIso(value: string): number | null {
  const match =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s?(Z|[+-]\d\d:?\d\d)?$/i.exec(value);
  if (match === null) return null;
  const [, day, time, zone = "Z"] = match;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const ms = Date.parse(`${day}T${time}${offset}`);
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
