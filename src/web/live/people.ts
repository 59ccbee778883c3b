// The routes of the pages about people. What is searched for is posted, kept in the session and
// shown under a short name, so that no number stands in an address.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { formOf } from "../auth/auth.ts";
import { SEARCH_LENGTH_MAX } from "../auth/session.ts";
import type { Query } from "./addresses.ts";
import { numberOf } from "./addresses.ts";
import type { Live } from "./context.ts";
import { OPT_OUTS_SHOWN, optOutsPage, peoplePage, personPage } from "./person-pages.ts";

interface Search extends Query {
  Params: { search: string };
}

/** Adds them. */
export function registerPeople(scope: FastifyInstance, live: Live): void {
  scope.post("/opt-outs", async (request, reply) => {
    const text = (formOf(request).get("text") ?? "").trim();
    if (text === "") return reply.redirect("/opt-outs", 303);
    return reply.redirect(`/opt-outs/${live.sessionOf(request).remember(text)}`, 303);
  });
  scope.get<Query>("/opt-outs", (request, reply) =>
    optOuts(live, request, reply, { text: "", path: "/opt-outs" }),
  );
  scope.get<Search>("/opt-outs/:search", (request, reply) => {
    const { search } = request.params;
    const text = live.sessionOf(request).recall(search);
    // A search of a login that is over.
    if (text === undefined) return reply.redirect("/opt-outs", 303);
    return optOuts(live, request, reply, { text, path: `/opt-outs/${search}` });
  });

  scope.get("/people", (request, reply) =>
    live.send(request, reply, peoplePage(live.sessionOf(request), { text: "" })),
  );
  scope.post("/people", (request, reply) => {
    const session = live.sessionOf(request);
    const text = (formOf(request).get("who") ?? "").trim().slice(0, SEARCH_LENGTH_MAX);
    if (live.readPerson(text, { reason: "", source: "" }).length > 0) {
      return reply.redirect(`/people/${session.remember(text)}`, 303);
    }
    const problem =
      "This is neither a phone number nor a user id. Write the number with + and country code.";
    return live.send(request, reply, peoplePage(session, { text, problem }), 422);
  });
  scope.get<Search>("/people/:search", async (request, reply) => {
    const session = live.sessionOf(request);
    const { search } = request.params;
    const text = session.recall(search);
    if (text === undefined) return reply.redirect("/people", 303);
    const histories = [];
    for (const { phone, userId } of live.readPerson(text, { reason: "", source: "" })) {
      const who = phone === null ? { userId: userId ?? "" } : { phone };
      const history = await live.ledger.historyOf(who);
      histories.push({ who: phone ?? userId ?? "", history });
    }
    const view = { text, path: `/people/${search}`, histories, times: live.times() };
    return live.send(request, reply, personPage(view, session));
  });
}

async function optOuts(
  live: Live,
  request: FastifyRequest<Query>,
  reply: FastifyReply,
  { text, path }: { text: string; path: string },
): Promise<FastifyReply> {
  const before = numberOf(request.query.before);
  // One more than is shown tells whether there are older ones.
  const found = await live.ledger.searchSuppressions(text, before, OPT_OUTS_SHOWN + 1);
  const entries = found.slice(0, OPT_OUTS_SHOWN);
  const last = found.length > OPT_OUTS_SHOWN ? entries.at(-1) : undefined;
  const view = {
    text,
    path,
    entries,
    found: await live.ledger.countSuppressions(text),
    olderPath: last === undefined ? null : `${path}?before=${last.id}`,
    isFirst: before === null,
    times: live.times(),
  };
  return live.send(request, reply, optOutsPage(view, live.sessionOf(request)));
}
