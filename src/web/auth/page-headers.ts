// The headers of every page of the live page. By hand: @fastify/helmet has neither
// Permissions-Policy nor Cache-Control, and a stream of events, which is written past its hooks,
// needs them as data.

/**
 * The headers of every page: nothing runs but our own script, nobody frames it, nothing of it is
 * kept.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not `no-referrer`: under that a browser posts its own forms with `Origin: null` (Fetch, section
  // 3.2), which could not be distinguished from a foreign page's. Other sites learn as little.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "cache-control": "no-store",
};
