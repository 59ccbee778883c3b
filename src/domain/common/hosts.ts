// Decides which requests a server answers at all: the name that they were sent to, and the page
// that they come from. Pure.

/** Names of this machine for itself. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Whether the name of a host, as in a URL, means this machine. */
export function isLoopbackName(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Headers as Node gives them. */
export interface RequestHeaders {
  host?: string | undefined;
  origin?: string | undefined;
  "sec-fetch-site"?: string | string[] | undefined;
}

/**
 * Whether the request names this server as people who may use it do. A page of another site whose
 * name was pointed at this machine (DNS rebinding) is known by its own name in `Host`.
 * @param allowed further names, `name` or `name:port`
 */
export function isOwnHost(host: string | undefined, allowed: readonly string[]): boolean {
  const parsed = parseHost(host);
  if (parsed === undefined) return false;
  return isLoopbackName(parsed.hostname) || allowed.some((name) => isNamed(parsed, name));
}

/**
 * Whether the request names the server by an address of IPv4 or IPv6: no page can have that for its
 * own name.
 */
export function isAddress(host: string | undefined): boolean {
  const { hostname = "" } = parseHost(host) ?? {};
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i.test(hostname);
}

/**
 * Whether what is posted comes from a page of this server's. Browsers say so in `Sec-Fetch-Site`,
 * and the others in `Origin`; what is no browser says neither, and has no cookie that another site
 * could use.
 */
export function isOwnOrigin(headers: RequestHeaders, allowed: readonly string[]): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  if (headers.origin === undefined) return true;
  const origin = parseOrigin(headers.origin);
  if (origin === undefined) return false;
  if (origin.host === parseHost(headers.host)?.host) return true;
  // A proxy may have put another name into Host; the browser's own word is one of those that were
  // allowed. Another port of the same name is another server.
  return allowed.some((name) => {
    const wanted = name.toLowerCase();
    return wanted === origin.host || `[${wanted}]` === origin.host;
  });
}

interface HostParts {
  /** With the port, unless it is the scheme's own. */
  host: string;
  hostname: string;
}

function parseHost(host: string | undefined): HostParts | undefined {
  if (host === undefined || !/^[A-Za-z0-9.:[\]_-]+$/.test(host)) return undefined;
  return parseOrigin(`http://${host}`);
}

function parseOrigin(origin: string): HostParts | undefined {
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return undefined;
  const { host, hostname } = new URL(origin);
  return { host, hostname };
}

function isNamed({ host, hostname }: HostParts, name: string): boolean {
  const wanted = name.toLowerCase();
  // An address of IPv6 stands in brackets in `Host`, and without them where it is given.
  return wanted === host || wanted === hostname || `[${wanted}]` === hostname;
}
