// The routes of the page of all workspaces. One that does not answer keeps none of the others from
// being shown.

import type { FastifyInstance } from "fastify";
import type { Auth } from "../auth/auth.ts";
import type { Live } from "../live/context.ts";
import type { HomeView } from "../live/home-page.ts";
import { pageText, wrongPage } from "../live/page.ts";
import type { WorkspaceView } from "./all-page.ts";
import { allPage, allParts } from "./all-page.ts";
import { ALL_PATH } from "./base.ts";

/** A workspace that does not answer for so long is shown as one, in milliseconds. */
const ANSWER_MS_MAX = 10_000;

/** How the campaigns of a ledger are shown, and what is said of one that fails. */
export interface WorkspaceHomes {
  /** @param waitMs counts are waited for so long */
  homeOf(live: Live, waitMs: number): Promise<HomeView>;
  faultWords(error: unknown): string;
}

/** Adds the page, its events, and the way to it from the top. */
export function addAllPage(
  scope: FastifyInstance,
  lives: readonly Live[],
  options: WorkspaceHomes & { auth: Auth; notice(): string | null; zone: string },
): void {
  const { auth, notice, zone } = options;
  const [first] = lives;
  if (first === undefined) return;
  scope.get("/", (_request, reply) => reply.redirect(ALL_PATH, 303));
  scope.get(ALL_PATH, async (request, reply) => {
    const page = allPage(await viewsOf(lives, options, 1_500), notice());
    const text = pageText(page, auth.findSession(request) ?? null, { zone, isOfAll: true });
    return reply.type("text/html; charset=utf-8").send(text);
  });
  scope.get(`${ALL_PATH}/events`, (request, reply) =>
    first.stream(request, reply, {
      partsFor: async () => allParts(await viewsOf(lives, options, 0), notice()),
      base: "",
    }),
  );
  scope.get("/*", (request, reply) => {
    const page = wrongPage("There is no such page", "The address may be mistyped.");
    const text = pageText(page, auth.findSession(request) ?? null, { zone, isOfAll: true });
    return reply.code(404).type("text/html; charset=utf-8").send(text);
  });
}

function viewsOf(
  lives: readonly Live[],
  { homeOf, faultWords }: WorkspaceHomes,
  waitMs: number,
): Promise<WorkspaceView[]> {
  return Promise.all(
    lives.map(async (live) => {
      const name = live.workspace ?? "";
      try {
        return { name, shown: await inTime(live, homeOf(live, waitMs)) };
      } catch (error) {
        live.onError(error);
        return { name, shown: { fault: faultWords(error) } };
      }
    }),
  );
}

async function inTime<T>({ clock }: Live, asked: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(ANSWER_MS_MAX, over.signal).then(() => "late" as const);
  try {
    const found = await Promise.race([asked.then((value) => ({ value })), late]);
    if (found === "late") throw new LateLedger();
    return found.value;
  } finally {
    over.abort();
    // What comes later is nobody's.
    asked.catch(() => {});
  }
}

/** Named as a fault of the ledger, whose words a page shows. */
class LateLedger extends Error {
  override readonly name = "LedgerError";

  constructor() {
    super(`The ledger has not answered for ${ANSWER_MS_MAX / 1_000} seconds.`);
  }
}
