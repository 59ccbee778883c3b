// Authentication of the live page: to which host a request was sent, whether its sender is logged
// in, and whether a form is one of ours. It covers every route of the page.

import cookies from "@fastify/cookie";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RequestHeaders } from "../../domain/common/hosts.ts";
import { isOwnHost, isOwnOrigin } from "../../domain/common/hosts.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { loginPage, pageText, wrongPage } from "../live/page.ts";
import type { Session } from "./session.ts";
import { isSameSecret, makeKnownBrowsers, makeSessions, makeTries } from "./session.ts";

const HALF_DAY_S = 12 * 3_600;
const QUARTER_S = 90 * 24 * 3_600;

/** Where a browser may be led after the login: a path of ours, never another site's. */
const OWN_PATH = /^\/(?!\/)[A-Za-z0-9/._~%?=&-]{0,500}$/;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered without a login. */
    isOpen?: boolean;
  }
}

export interface AuthOptions {
  clock: Clock;
  password: string;
  allowHosts: readonly string[];
  isHttps: boolean;
}

export interface Auth {
  /** The session of a request; undefined when nobody is logged in. */
  findSession(request: FastifyRequest): Session | undefined;
}

/** Adds the hooks that ask for a login, and the login and logout routes. */
export async function registerAuth(scope: FastifyInstance, options: AuthOptions): Promise<Auth> {
  const { clock, allowHosts, isHttps } = options;
  const attributes = { path: "/", httpOnly: true, sameSite: "strict", secure: isHttps } as const;
  await scope.register(cookies);
  const sessions = makeSessions();
  const browsers = makeKnownBrowsers();
  const tries = makeTries();
  const findSession = (request: FastifyRequest) =>
    sessions.find(readCookie(request, "session", options), clock.now());

  scope.addHook("onRequest", async (request, reply) => {
    if (!isOwnHost(request.headers.host, allowHosts)) return refuseHost(request, reply);
    if (request.routeOptions.config.isOpen === true) return;
    if (findSession(request) !== undefined) return;
    if (request.method !== "GET") return reply.redirect("/login", 303);
    // A stream of events cannot show a page.
    if (request.url.endsWith("/events")) return reply.code(401).send();
    return reply.redirect(`/login?to=${encodeURIComponent(request.url)}`, 303);
  });

  scope.addHook("preValidation", async (request, reply) => {
    if (request.method !== "POST") return;
    const session = findSession(request);
    const isOwn = isOwnOrigin(request.headers as RequestHeaders, allowHosts);
    const isOpen = request.routeOptions.config.isOpen === true;
    const given = formOf(request).get("csrf") ?? "";
    if (isOwn && (isOpen || (session !== undefined && isSameSecret(given, session.csrf)))) return;
    const sentence =
      "This form is not from a page of this login. Open the page again, and try again.";
    return sendText(reply, 403, pageText(wrongPage("Nothing was done", sentence), session ?? null));
  });

  scope.get<{ Querystring: { to?: unknown } }>("/login", OPEN, (request, reply) => {
    if (findSession(request) !== undefined) return reply.redirect("/", 303);
    return sendText(
      reply,
      200,
      pageText(loginPage({ problem: null, to: ownPath(request.query.to) }), null),
    );
  });

  scope.post("/login", OPEN, (request, reply) => {
    const form = formOf(request);
    const to = ownPath(form.get("to"));
    const now = clock.now();
    // A browser that was logged in before is not held up by what others try from its address.
    const browser = browsers.find(readCookie(request, "browser", options));
    if (!tries.take(browser ?? addressOf(request.ip), now)) {
      const problem = "Too many passwords at once were tried from your address. Try again.";
      reply.header("retry-after", "1");
      return sendText(reply, 429, pageText(loginPage({ problem, to }), null));
    }
    if (!isSameSecret(form.get("password") ?? "", options.password)) {
      const problem = "That is not the password.";
      return sendText(reply, 401, pageText(loginPage({ problem, to }), null));
    }
    // A login of this browser from before is over: a token from before the login is never one from
    // after it.
    sessions.end(readCookie(request, "session", options));
    const give = (kind: CookieKind, token: string, maxAge: number) =>
      reply.setCookie(cookieName(request, kind, options), token, { ...attributes, maxAge });
    give("session", sessions.begin(now), HALF_DAY_S);
    if (browser === undefined) give("browser", browsers.remember(), QUARTER_S);
    return reply.redirect(to, 303);
  });

  scope.post("/logout", (request, reply) => {
    sessions.end(readCookie(request, "session", options));
    reply.clearCookie(cookieName(request, "session", options), attributes);
    return reply.redirect("/login", 303);
  });

  return { findSession };
}

const OPEN = { config: { isOpen: true } };

/** What was posted; empty when it was no form. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

/** A path of ours, as it is; the list of campaigns for anything else. */
export function ownPath(text: unknown): string {
  return typeof text === "string" && OWN_PATH.test(text) ? text : "/";
}

function refuseHost(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const name = request.headers.host ?? "no name";
  return reply
    .code(421)
    .type("text/plain; charset=utf-8")
    .send(
      `This server is not reached by the name "${name}". If it should be, start it with --allow-host.\n`,
    );
}

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type("text/html; charset=utf-8").send(text);
}

/** `session`: who is logged in. `browser`: one that was, and need not be held up by others. */
type CookieKind = "session" | "browser";

/**
 * Browsers keep cookies by name and not by port, and two servers on one machine must not log each
 * other out.
 */
function cookieName(request: FastifyRequest, kind: CookieKind, { isHttps }: AuthOptions): string {
  const known = kind === "browser" ? "campaign-known" : "campaign";
  const name = `${known}-${request.socket.localPort ?? 0}`;
  // The prefix makes browsers refuse the name to anybody without https, and to subdomains.
  return isHttps ? `__Host-${name}` : name;
}

function readCookie(
  request: FastifyRequest,
  kind: CookieKind,
  options: AuthOptions,
): string | undefined {
  return request.cookies[cookieName(request, kind, options)];
}

/** Who has one address of IPv6 has its /64 as well. */
function addressOf(ip: string): string {
  if (!ip.includes(":") || ip.includes(".")) return ip;
  const [head = "", tail = ""] = ip.split("::");
  const before = head.split(":");
  const missing = 8 - before.length - (tail === "" ? 0 : tail.split(":").length);
  const parts = ip.includes("::")
    ? [...before, ...Array<string>(Math.max(0, missing)).fill("0"), ...tail.split(":")]
    : before;
  return parts.slice(0, 4).join(":");
}
