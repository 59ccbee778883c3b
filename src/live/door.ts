// The door of the live page: whom a request was sent to, who sent it, whether they are logged in, and whether a form is one of ours.
// Every route of the page lies behind it.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { plural } from "../count.ts";
import type { Clock } from "../pace.ts";
import type { RequestHeaders } from "./guard.ts";
import { isOwnHost, isOwnOrigin } from "./guard.ts";
import { loginPage, pageText, wrongPage } from "./page.ts";
import type { Session } from "./session.ts";
import { isSameSecret, makeAttempts, makeSessions } from "./session.ts";

/** A cookie header longer than this is none of ours. */
const COOKIES_LENGTH_MAX = 8_192;
const HALF_DAY_S = 12 * 3_600;

/** Where a browser may be led after the login: a path of ours, never another site's. */
const OWN_PATH = /^\/(?!\/)[A-Za-z0-9/._~%?=&-]{0,500}$/;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered without a login. */
    isOpen?: boolean;
  }
}

export interface DoorOptions {
  clock: Clock;
  password: string;
  allowHosts: readonly string[];
  isHttps: boolean;
}

export interface Door {
  /** The session of a request; undefined when nobody is logged in. */
  findSession(request: FastifyRequest): Session | undefined;
}

/** Adds the door's hooks, and login and logout, to the server. */
export function registerDoor(scope: FastifyInstance, options: DoorOptions): Door {
  const { clock, allowHosts } = options;
  const sessions = makeSessions();
  const attempts = makeAttempts();
  const findSession = (request: FastifyRequest) =>
    sessions.find(readCookie(request, options.isHttps), clock.now());

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
    const waitMs = attempts.waitMs(request.ip, now);
    if (waitMs > 0) {
      const minutes = Math.ceil(waitMs / 60_000);
      const problem = `Too many wrong passwords. Try again in ${plural(minutes, "minute")}.`;
      reply.header("retry-after", String(Math.ceil(waitMs / 1000)));
      return sendText(reply, 429, pageText(loginPage({ problem, to }), null));
    }
    if (!isSameSecret(form.get("password") ?? "", options.password)) {
      attempts.failed(request.ip, now);
      const problem = "That is not the password.";
      return sendText(reply, 401, pageText(loginPage({ problem, to }), null));
    }
    attempts.succeeded(request.ip);
    // Whoever was logged in by this browser is not any more: a token from before the login is never one from after it.
    sessions.end(readCookie(request, options.isHttps));
    reply.header(
      "set-cookie",
      cookieText(request, options.isHttps, sessions.begin(now), HALF_DAY_S),
    );
    return reply.redirect(to, 303);
  });

  scope.post("/logout", (request, reply) => {
    sessions.end(readCookie(request, options.isHttps));
    reply.header("set-cookie", cookieText(request, options.isHttps, "", 0));
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
      `This server is not reached by the name “${name}”. If it should be, start it with --allow-host.\n`,
    );
}

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type("text/html; charset=utf-8").send(text);
}

/** Browsers keep cookies by name and not by port, and two servers on one machine must not log each other out. */
function cookieName(request: FastifyRequest, isHttps: boolean): string {
  const name = `campaign-${request.socket.localPort ?? 0}`;
  // The prefix makes browsers refuse the name to anybody without https, and to subdomains.
  return isHttps ? `__Host-${name}` : name;
}

function cookieText(
  request: FastifyRequest,
  isHttps: boolean,
  token: string,
  seconds: number,
): string {
  const secure = isHttps ? "; Secure" : "";
  return `${cookieName(request, isHttps)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`;
}

function readCookie(request: FastifyRequest, isHttps: boolean): string | undefined {
  const header = request.headers.cookie ?? "";
  if (header.length > COOKIES_LENGTH_MAX) return undefined;
  const wanted = `${cookieName(request, isHttps)}=`;
  for (const part of header.split(";")) {
    const cookie = part.trim();
    if (cookie.startsWith(wanted)) return cookie.slice(wanted.length);
  }
  return undefined;
}
