// Tells which requests the live page answers at all: whom they were sent to, and where they come from. Pure.

/** Names of this machine for itself. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Headers as Node gives them. */
export interface RequestHeaders {
  host?: string | undefined;
  origin?: string | undefined;
  "sec-fetch-site"?: string | string[] | undefined;
}

/**
 * Whether the request names this server as people who may use it do. A page of somebody else's whose name was pointed at this
 * machine (DNS rebinding) is told by its own name in `Host`.
 * @param allowed further names, `name` or `name:port`
 */
export function isOwnHost(host: string | undefined, allowed: readonly string[]): boolean {
  const parsed = parseHost(host);
  if (parsed === undefined) return false;
  return LOOPBACK.test(parsed.hostname) || allowed.some((name) => isNamed(parsed, name));
}

/**
 * Whether what is posted comes from a page of this server's. Browsers say so in `Sec-Fetch-Site`, and the others in `Origin`; what
 * is no browser says neither, and has no cookie that somebody else could use.
 */
export function isOwnOrigin(headers: RequestHeaders, allowed: readonly string[]): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  if (headers.origin === undefined) return true;
  const origin = parseOrigin(headers.origin);
  if (origin === undefined) return false;
  if (origin.host === parseHost(headers.host)?.host) return true;
  // A proxy may have put another name into Host; the browser's own word is one of those that were allowed.
  return allowed.some((name) => isNamed(origin, name));
}

/** The headers of every page: nothing runs but our own script, nobody frames it, nothing of it is kept. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not `no-referrer`: under that a browser posts its own forms with `Origin: null` (Fetch, section 3.2), which could not be told
  // from a foreign page's. Other sites learn as little.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "cache-control": "no-store",
};

interface Named {
  /** With the port, unless it is the scheme's own. */
  host: string;
  hostname: string;
}

function parseHost(host: string | undefined): Named | undefined {
  if (host === undefined || !/^[A-Za-z0-9.:[\]_-]+$/.test(host)) return undefined;
  return parseOrigin(`http://${host}`);
}

function parseOrigin(origin: string): Named | undefined {
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return undefined;
  const { host, hostname } = new URL(origin);
  return { host, hostname };
}

function isNamed({ host, hostname }: Named, name: string): boolean {
  const wanted = name.toLowerCase();
  // An address of IPv6 stands in brackets in `Host`, and without them where it is given.
  return wanted === host || wanted === hostname || `[${wanted}]` === hostname;
}
