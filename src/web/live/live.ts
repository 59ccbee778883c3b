// The live page: a plugin that serves every page about a ledger from memory, behind a password. It
// reads what it is given to read, changes the ledger only by the few verbs of `actions`, and starts
// no run but that of a test.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { LIVE_PAGE } from "../../domain/campaign/audit.ts";
import { assert } from "../../domain/common/errors.ts";
import type { Auth } from "../auth/auth.ts";
import { registerAuth } from "../auth/auth.ts";
import { PAGE_HEADERS } from "../auth/page-headers.ts";
import type { Session } from "../auth/session.ts";
import { addAllPage } from "../workspaces/all-routes.ts";
import { addBase, baseOf, withBase } from "../workspaces/base.ts";
import { registerActions } from "./actions.ts";
import type { Named, Query } from "./addresses.ts";
import { noCampaign, numberOf } from "./addresses.ts";
import { AUDITS_SHOWN, auditPage } from "./audit-page.ts";
import type { CampaignView } from "./campaign-page.ts";
import { campaignPage, campaignParts, cancelPage } from "./campaign-page.ts";
import { pathOf } from "./campaign-parts.ts";
import type { Live, LiveLedger, LivePageOptions, LiveServerOptions } from "./context.ts";
import type { Parts, Stream } from "./events.ts";
import { STREAMS_MAX, startStream } from "./events.ts";
import { timesOf, zoneName } from "./format.ts";
import type { HomeView } from "./home-page.ts";
import { homePage, homeParts } from "./home-page.ts";
import type { Look } from "./looks.ts";
import { makeLooks } from "./looks.ts";
import { messagePage } from "./message-page.ts";
import { pageText, wrongPage } from "./page.ts";
import { registerPeople } from "./people.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** A page waits for the counts at most so long; without them it says that they are on their way. */
const COUNTS_WAIT_MS = 1_500;

/** Longest part of a name that is looked for, in characters. */
const FIND_MAX = 100;

/** The largest form: a search, or a person with a reason. */
const FORM_MAX_BYTES = 16_384;

/** The report is a file that carries its own styles, and runs nothing. */
const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; " +
  "frame-ancestors 'none'; base-uri 'none'";

/** The plugin; its routes, hooks and parsers are its own and touch no other route of the server. */
export function livePage(options: LivePageOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(async (scope) => {
      const frame = await openFrame(scope, options);
      addPages(scope, liveOf(options, frame, null));
    });
  };
}

/**
 * The same for several workspaces: the pages of each stand below an address of its own, behind one
 * login, and one page has all of them.
 * @param notice a sentence above all of them; null for none
 */
export function workspacePages(
  options: LiveServerOptions & {
    workspaces: readonly (LiveLedger & { name: string })[];
    notice(): string | null;
  },
): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(async (scope) => {
      const { workspaces, notice, ...server } = options;
      const frame = await openFrame(scope, server);
      const lives = workspaces.map(({ name, ...own }) =>
        liveOf({ ...server, ...own }, frame, name),
      );
      for (const live of lives) {
        await scope.register(
          async (child) => {
            addBase(child, live.base);
            addPages(child, live);
          },
          { prefix: live.base },
        );
      }
      addAllPage(scope, lives, {
        ...{ auth: frame.auth, notice, faultWords },
        zone: zoneName(timesOf(server.zone, server.clock.now()).calendar.zone),
        homeOf: async (live, waitMs) => homeView(live, {}, await live.looks.looks(waitMs)),
      });
    });
  };
}

/** What the pages of a server share: who is logged in, and who watches. */
interface Frame {
  auth: Auth;
  streams: Set<Stream>;
  onClose(close: () => void): void;
}

async function openFrame(scope: FastifyInstance, options: LiveServerOptions): Promise<Frame> {
  const streams = new Set<Stream>();
  const closing: (() => void)[] = [];
  // Streams would keep the server from ending; they are informed first.
  scope.addHook("preClose", async () => {
    for (const close of closing) close();
    for (const stream of streams) stream.end();
  });
  acceptForms(scope);
  scope.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
  });
  serveFiles(scope);
  const auth = await registerAuth(scope, options);
  return { auth, streams, onClose: (close) => closing.push(close) };
}

/** @param workspace null where the server has one ledger */
function liveOf(options: LivePageOptions, frame: Frame, workspace: string | null): Live {
  const { ledger, clock, onError, settingsOf, zone } = options;
  const { auth } = frame;
  const looks = makeLooks({ ledger, clock, settingsOf, onError });
  frame.onClose(looks.close);
  const live: Live = {
    ...options,
    ...{ looks, workspace, base: workspace === null ? "" : baseOf(workspace) },
    times: () => timesOf(zone, clock.now()),
    sessionOf: (request) => {
      const session = auth.findSession(request);
      assert(session !== undefined, "only a request that is logged in gets a page");
      return session;
    },
    isOpen: (request) => auth.findSession(request) !== undefined,
    send: (request, reply, page, status = 200) => {
      const about = { zone: zoneName(live.times().calendar.zone), workspace };
      return reply
        .code(status)
        .type("text/html; charset=utf-8")
        .send(pageText(page, auth.findSession(request) ?? null, about));
    },
    audit: ({ action, subject, detail }) =>
      options.actions.writeAudit({ at: clock.now(), actor: LIVE_PAGE, action, subject, detail }),
    stream: (request, reply, { partsFor, base = live.base }) =>
      openStream(request, reply, { live, frame, partsFor, base }),
  };
  return live;
}

function addPages(scope: FastifyInstance, live: Live): void {
  registerErrors(scope, live);
  registerCampaigns(scope, live);
  registerPeople(scope, live);
  scope.get<Query>("/audit", async (request, reply) => {
    const before = numberOf(request.query.before);
    const entries = await live.ledger.audits(before, AUDITS_SHOWN);
    const view = { isFirst: before === null, times: live.times() };
    return live.send(request, reply, auditPage(entries, view));
  });
  registerActions(scope, live);
}

/**
 * Forms and nothing else: what is no form cannot be posted here. @fastify/formbody is this one
 * call.
 */
function acceptForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: FORM_MAX_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );
}

function serveFiles(scope: FastifyInstance): void {
  const open = { config: { isOpen: true } };
  scope.get("/live.css", open, (_request, reply) =>
    reply.type("text/css; charset=utf-8").send(STYLE),
  );
  scope.get("/live.js", open, (_request, reply) =>
    reply.type("text/javascript; charset=utf-8").send(SCRIPT),
  );
}

/** A fault of the ledger says what to do; anything else is for the log. */
function faultWords(error: unknown): string {
  const isLedgers = error instanceof Error && error.name === "LedgerError";
  return isLedgers
    ? error.message
    : "The log of this server has the details. Nothing else was changed.";
}

function registerErrors(scope: FastifyInstance, live: Live): void {
  scope.setErrorHandler(async (error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const sentence = "This page cannot read what was sent to it. Go back, and try again.";
      return live.send(request, reply, wrongPage("That did not work", sentence), status);
    }
    live.onError(error);
    const sentence = faultWords(error);
    return live.send(request, reply, wrongPage("Something went wrong here", sentence), 500);
  });
  scope.get("/*", (request, reply) =>
    live.send(
      request,
      reply,
      wrongPage("There is no such page", "The address may be mistyped."),
      404,
    ),
  );
}

function homeView(live: Live, query: Query["Querystring"], looks: readonly Look[]): HomeView {
  const { find, all } = query;
  const { manifestName } = live;
  return {
    looks,
    find: typeof find === "string" ? find.trim().slice(0, FIND_MAX) : "",
    isAll: all !== undefined,
    times: live.times(),
    manifestName,
  };
}

function campaignView(live: Live, look: Look, session: Session): CampaignView {
  const { manifest } = look.campaign;
  return {
    look,
    session,
    times: live.times(),
    manifest: manifest === null ? "<manifest>" : live.manifestName(manifest),
  };
}

function registerCampaigns(scope: FastifyInstance, live: Live): void {
  const { looks } = live;
  scope.get<Query>("/", async (request, reply) => {
    const all = await looks.looks(COUNTS_WAIT_MS);
    return live.send(request, reply, homePage(homeView(live, request.query, all)));
  });
  scope.get<Named>("/campaigns/:name", async (request, reply) => {
    const look = await looks.look(request.params.name, COUNTS_WAIT_MS);
    if (look === undefined) return noCampaign(live, request, reply);
    const view = campaignView(live, look, live.sessionOf(request));
    return live.send(request, reply, campaignPage(view));
  });
  scope.get<Named>("/campaigns/:name/cancel", async (request, reply) => {
    const look = await looks.look(request.params.name, COUNTS_WAIT_MS);
    if (look === undefined) return noCampaign(live, request, reply);
    return live.send(request, reply, cancelPage({ look, session: live.sessionOf(request) }));
  });
  scope.get<Named>("/campaigns/:name/report", async (request, reply) => {
    const campaign = await live.ledger.findCampaign(request.params.name);
    if (campaign === undefined) return noCampaign(live, request, reply);
    reply.header("content-security-policy", REPORT_POLICY);
    return reply
      .type("text/html; charset=utf-8")
      .send(await live.report(campaign, pathOf(campaign.name)));
  });
  scope.get<Query>("/events", (request, reply) =>
    live.stream(request, reply, {
      partsFor: async () => homeParts(homeView(live, request.query, await looks.looks(0))),
    }),
  );
  scope.get<Named>("/campaigns/:name/events", (request, reply) =>
    live.stream(request, reply, {
      async partsFor(session) {
        const look = await looks.look(request.params.name, 0);
        return look === undefined ? undefined : campaignParts(campaignView(live, look, session));
      },
    }),
  );
  scope.get<Named & Query>("/campaigns/:name/message", async (request, reply) => {
    const campaign = await live.ledger.findCampaign(request.params.name);
    if (campaign === undefined) return noCampaign(live, request, reply);
    const row = numberOf(request.query.row);
    const message = await live.ledger.messageOf(campaign.id, row);
    const now = live.clock.now();
    const session = live.sessionOf(request);
    return live.send(request, reply, messagePage({ campaign, message, row, now, session }));
  });
}

/** Sends what changes of a page to a browser that watches it. */
function openStream(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    live,
    frame: { streams },
    partsFor,
    base,
  }: {
    live: Live;
    frame: Frame;
    partsFor: (session: Session) => Promise<Parts | undefined>;
    base: string;
  },
): FastifyReply {
  const session = live.sessionOf(request);
  if (streams.size >= STREAMS_MAX) {
    return reply.code(503).header("retry-after", "30").type("text/plain").send("Too many watch.\n");
  }
  const stream = startStream(reply, {
    headers: PAGE_HEADERS,
    // A session that logged out, or whose twelve hours are over, watches no longer.
    parts: async () => (live.isOpen(request) ? await partsFor(session) : undefined),
    finish: (markup) => withBase(markup, base),
    watch: live.looks.watch,
    onEnd: () => streams.delete(stream),
    onError: live.onError,
  });
  streams.add(stream);
  return reply;
}
