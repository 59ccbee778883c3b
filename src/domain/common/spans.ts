// Spans of time as manifests write them: `30s`, `90m`, `24h`, `7d`.

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span in milliseconds; undefined when the text is none. */
export function readSpan(written: string | number): number | undefined {
  const [, number, unit = ""] = /^(\d{1,9})\s*([smhd])$/.exec(String(written).trim()) ?? [];
  const unitMs = UNITS_MS[unit as keyof typeof UNITS_MS];
  return unitMs === undefined ? undefined : Number(number) * unitMs;
}

/** `7d`, `36h`, `90m`: whole numbers only; one day is `24h`. @param ms whole minutes */
export function spanText(ms: number): string {
  const { m, h, d } = UNITS_MS;
  if (ms % d === 0 && ms > d) return `${ms / d}d`;
  return ms % h === 0 ? `${ms / h}h` : `${ms / m}m`;
}
