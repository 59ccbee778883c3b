// The network between one runner and Graph: connections that are refused, requests and answers that
// are lost, late or cut off.

import { parseCallbackKey } from "../../src/domain/campaign/dispatch.ts";
import type { Exchange } from "../../src/domain/sending/outcome.ts";
import { nameOf } from "./faulty-ledger.ts";
import type { Letter, Reply } from "./graph.ts";
import { LANE } from "./leases.ts";
import type { CodeFault, Spell, WireFault } from "./scenario.ts";
import { WIRE_FAULTS } from "./scenario.ts";
import type { Process } from "./time.ts";
import type { Addressed, World } from "./world.ts";

/** As the program's own client. */
const ANSWER_MS = 30_000;

/**
 * A request is not on its way for longer after that: in sum less than the minute by which the daily
 * limit lets people out too late.
 */
const LATE_MS_MAX = 20_000;

/** Faults after which the program knows that Graph did not take the message. */
const CLEAR: readonly WireFault[] = [
  "connection refused",
  "no safe connection",
  "429 of a gateway",
];

interface Request {
  letter: Letter;
  fault: WireFault | null;
  hasBegun: boolean;
  /** Null once it is settled. */
  resolve: ((exchange: Exchange) => void) | null;
}

/** What a runner posts with. */
export interface Network {
  post(body: string, begins: () => boolean): Promise<Exchange>;
  /** Ends what is in flight. */
  abandon(): Promise<void>;
}

/** Row → its last attempt that was given to a runner's networks, answered or not. */
export type Posted = Map<number, number>;

/** The network of one lane of a runner. @param place of the lane */
export function makeNetwork(
  world: World,
  process: Process,
  { place, posted }: { place: number; posted: Posted },
): Network {
  const { time, chance, graph, oracle } = world;
  const lane = world.lanes[place] as string;
  const open = new Set<Request>();
  const who = nameOf(world, process, place);

  function settle(request: Request, exchange: Exchange): void {
    const { resolve, letter } = request;
    if (resolve === null) return;
    request.resolve = null;
    open.delete(request);
    if (exchange.kind === "answered") oracle.answered(place, exchange.body);
    world.tell(() => `${who} row ${letter.row}: ${wordsOf(exchange)}`);
    resolve(exchange);
  }

  function settleAfter(request: Request, delayMs: number, exchange: Exchange): void {
    time.after(delayMs, () => settle(request, exchange), process);
  }

  function begin(request: Request, begins: () => boolean): void {
    const { fault, letter } = request;
    if (request.resolve === null) return;
    if (fault === "connection refused" || fault === "no safe connection") {
      const fatal = fault === "no safe connection";
      settle(request, { kind: "not_started", cause: fatal ? "CERT" : "REFUSED", fatal });
      return;
    }
    if (!begins()) {
      settle(request, { kind: "not_started", cause: "CLAIM_TOO_OLD", fatal: false });
      return;
    }
    request.hasBegun = true;
    if (!world.leases.isHeldBy(LANE + lane, process.id)) {
      oracle.fail(`row ${letter.row} is posted by a runner whose lane another one has`);
    }
    oracle.posts(letter, place);
    if (fault !== null && !CLEAR.includes(fault)) oracle.doubts(letter.row);
    oracle.began(time.now, place, process.id);
    world.tell(() => `${who} row ${letter.row}: attempt ${letter.attempt} begins to be written`);
    if (fault === "timeout" || fault === "accepted after the timeout") {
      settleAfter(request, ANSWER_MS, lost("no answer in time"));
    } else if (fault === "request lost" || fault === "answer lost") {
      settleAfter(request, chance.whole(1, 400), lost("ECONNRESET"));
    }
    if (fault === "request lost") return;
    const isLate = fault === "accepted after the timeout";
    const wayMs = isLate ? ANSWER_MS + chance.whole(1, LATE_MS_MAX) : chance.whole(1, 30);
    // What is on its way arrives, whether or not the runner lives to see it.
    time.after(wayMs, () => arrive(request), null);
  }

  function arrive(request: Request): void {
    const exchange = exchangeOf(request);
    if (exchange !== null) settleAfter(request, chance.whole(2, 150), exchange);
  }

  /** What the program gets to see of a request that has arrived; null: nothing. */
  function exchangeOf({ letter, fault }: Request): Exchange | null {
    if (fault === "502 of a gateway, before") return answered(GATEWAY);
    if (fault === "429 of a gateway") return answered({ ...GATEWAY, httpStatus: 429 });
    if (fault === "500 of Meta's, before") return answered(SERVER_ERROR);
    const reply = graph.receive(letter, codeNow(), time.now);
    world.tell(() => `row ${letter.row}: attempt ${letter.attempt} at Graph: ${reply.body}`);
    switch (fault) {
      case "502 of a gateway, after":
        return answered(GATEWAY);
      case "500 of Meta's, after":
        return answered(SERVER_ERROR);
      case "200 without an id":
        return answered({ ...reply, httpStatus: 200, body: '{"success":true}' });
      case "answer cut off":
        return lost("other side closed", reply.httpStatus);
      case "answer lost":
      case "timeout":
      case "accepted after the timeout":
        return null;
      default:
        return answered(reply);
    }
  }

  /** What everybody's requests meet with now. */
  function spellNow(): WireFault | CodeFault | null {
    if (world.isCalm) return null;
    const { now } = time;
    const { spells } = world.scenario;
    const isNow = ({ from, to, lane: of }: Spell) =>
      now >= from && now < to && (of === null || of === place);
    return spells.find(isNow)?.fault ?? null;
  }

  function codeNow(): CodeFault | null {
    const fault = spellNow();
    if (typeof fault !== "number") return null;
    world.inject(`code ${fault}`);
    return fault;
  }

  function faultOfRequest(row: number): WireFault | null {
    const spell = spellNow();
    const isOwn = spell === null && !world.isCalm && chance.share(world.scenario.wire);
    const fault = isOwn ? chance.oneOf(WIRE_FAULTS) : typeof spell === "string" ? spell : null;
    if (fault !== null) world.inject(fault, `row ${row}`);
    return fault;
  }

  return {
    post: (body, begins) =>
      new Promise((resolve) => {
        const letter = letterOf(body, lane);
        const fault = faultOfRequest(letter.row);
        const request: Request = { letter, fault, hasBegun: false, resolve };
        open.add(request);
        posted.set(letter.row, letter.attempt);
        // Mostly a socket is open already.
        const connectMs = chance.share(0.1) ? chance.whole(1, 60) : 0.1;
        time.after(connectMs, () => begin(request, begins), process);
      }),
    async abandon() {
      for (const request of [...open]) {
        const { hasBegun, letter } = request;
        if (hasBegun) oracle.doubts(letter.row);
        const gone = { kind: "not_started", cause: "destroyed", fatal: false } as const;
        settle(request, hasBegun ? lost("destroyed") : gone);
      }
    },
  };
}

function letterOf(body: string, lane: string): Letter {
  const { to, biz_opaque_callback_data: key } = JSON.parse(body) as Addressed;
  const { row = 0, attempt = 0 } = parseCallbackKey(key) ?? {};
  return { row, attempt, phone: to, key, lane };
}

const GATEWAY: Reply = { httpStatus: 502, body: "<html>Bad Gateway</html>", waitMs: null };
const SERVER_ERROR: Reply = {
  httpStatus: 500,
  body: '{"error":{"code":131000,"message":"Something went wrong"}}',
  waitMs: null,
};

function answered(reply: Reply): Exchange {
  return { kind: "answered", truncated: false, ...reply };
}

function lost(cause: string, httpStatus: number | null = null): Exchange {
  return { kind: "lost", cause, httpStatus };
}

function wordsOf(exchange: Exchange): string {
  if (exchange.kind === "answered") return `answer ${exchange.httpStatus} ${exchange.body}`;
  return `${exchange.kind}: ${exchange.cause}`;
}
