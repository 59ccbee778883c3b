// Reads from the headers of an answer how long the other side asks to be left alone.

const MINUTE_MS = 60_000;
/** No header is believed about more: what is named beyond it is no span of time. */
const LONGEST_MS = 365 * 86_400_000;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * `estimated_time_to_regain_access`, in minutes, of `X-Business-Use-Case-Usage` (Graph API, rate
 * limits page, 2026-09), or `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
 * @param headers names in lower case
 * @returns milliseconds, at most a year; null when no header says anything
 */
export function waitAsked(headers: Headers): number | null {
  const minutes = regainMinutes(headers["x-business-use-case-usage"]);
  const ms = minutes > 0 ? minutes * MINUTE_MS : retryAfter(headers["retry-after"], headers.date);
  return ms > 0 ? Math.min(ms, LONGEST_MS) : null;
}

/** The longest of all use cases of all businesses that the header names. */
function regainMinutes(header: Headers[string]): number {
  const businesses = Object.values(parsed(header) ?? {});
  const useCases = businesses.flatMap((entries): unknown[] =>
    Array.isArray(entries) ? entries : [],
  );
  const minutes = useCases.map((useCase) =>
    Number((useCase as Record<string, unknown> | null)?.estimated_time_to_regain_access),
  );
  return Math.max(0, ...minutes.filter((value) => !Number.isNaN(value)));
}

/** A date is taken by the clock of the server that wrote it; NaN for what is no span of time. */
function retryAfter(header: Headers[string], date: Headers[string]): number {
  const text = String(header ?? "");
  return /^\s*\d+(\.\d+)?\s*$/.test(text)
    ? Number(text) * 1_000
    : Date.parse(text) - Date.parse(String(date ?? ""));
}

function parsed(header: Headers[string]): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(header ?? ""));
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
