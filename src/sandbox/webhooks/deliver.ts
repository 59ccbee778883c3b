// Posts updates to a webhook, as Meta does: signed, several updates at a time, again until it was
// answered with 200, some of it twice. Decides nothing about what is reported; a line of the log
// for each posting.

import { createHmac, randomBytes } from "node:crypto";
import { chance } from "../scenario/chance.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { makeCaller } from "../server/caller.ts";
import type { SandboxLog } from "../server/log.ts";
import type { HandshakeEvent, LogEntry } from "../server/log-events.ts";
import type { Update } from "./updates.ts";
import { deliveryOf, postedText } from "./updates.ts";

/** Most updates that wait; of what is beyond, the log knows at the next start. */
const MAX_WAITING = 1_000_000;
/** Most deliveries that wait for another try; until there are fewer, no new ones are begun. */
const MAX_RETRYING = 100;
/** Where a delivery may have several updates, they are gathered for so long, in milliseconds. */
const GATHER_MS = 50;
/** The wait before another try is doubled up to this, in milliseconds. */
const RETRY_MAX_MS = 60_000;
/** The start of the list is given back to memory when it is this long. */
const COMPACT_AT = 4_096;

/** An update with its line of the log. */
export interface Queued {
  seq: number;
  update: Update;
  /** Comes twice, whatever the scenario. */
  isDoubled: boolean;
}

/** How a try of the handshake went. */
export type Handshake = Pick<HandshakeEvent, "ok" | "http" | "cause">;

export interface Deliverer {
  /** Takes updates to be posted as soon as may be; where there is no webhook they are forgotten. */
  take(updates: readonly Queued[]): void;
  /** Looks at the scenario again. */
  wake(): void;
  /** Updates taken that were not answered with 200 yet. */
  waiting(): number;
  /** Deliveries answered with 200. */
  delivered(): number;
  /** Ends every posting at once. */
  close(): void;
}

export interface DeliverOptions {
  log: SandboxLog;
  /** Milliseconds since the epoch, never going back. */
  now: () => number;
  scenario: () => Scenario;
  onHandshake?: (handshake: Handshake) => void;
}

/** Updates that are posted together, the same each time. */
interface Parcel {
  number: number;
  updates: Queued[];
  body: Buffer;
  attempt: number;
  /** When it was first posted. */
  firstMs: number;
  isAgain: boolean;
}

/**
 * Posts updates to the scenario's webhook; no timer or connection of it keeps the process alive.
 */
export function makeDeliverer(options: DeliverOptions): Deliverer {
  const { log, now, scenario } = options;
  const caller = makeCaller();
  const timers = new Set<NodeJS.Timeout>();
  let queue: Queued[] = [];
  /** Where the queue begins: what is before it was taken out. */
  let head = 0;
  /** Parcels whose time has come again. */
  let ready: Parcel[] = [];
  let retrying = 0;
  let inFlight = 0;
  let waiting = 0;
  let parcels = 0;
  let delivered = 0;
  let isClosed = false;
  let isGathering = false;
  /** The address that the handshake was made with, or is being made with. */
  let known: string | undefined;
  let meeting: string | undefined;
  let meetings = 0;

  function later(waitMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, waitMs).unref();
    timers.add(timer);
  }

  function pump(): void {
    const { url, app_secret: secret, verify_token: token, connections } = scenario().webhooks;
    if (isClosed || url === null || secret === null) return;
    if (token !== null && known !== url) {
      if (meeting !== url) void meet(url, token);
      return;
    }
    while (inFlight < connections) {
      const parcel = ready.shift() ?? nextParcel();
      if (parcel === undefined) return;
      inFlight += 1;
      void post(parcel, url, secret);
    }
  }

  function gather(): void {
    if (isGathering) return;
    isGathering = true;
    later(GATHER_MS, () => {
      isGathering = false;
      pump();
    });
  }

  function nextParcel(): Parcel | undefined {
    if (head >= queue.length || retrying >= MAX_RETRYING) return undefined;
    const { seed, webhooks } = scenario();
    const { batch } = webhooks;
    parcels += 1;
    // As many as there may be once there are more, or the webhook never catches up.
    const isBehind = queue.length - head > batch;
    const size = isBehind ? batch : 1 + Math.floor(chance(seed, "batch", `${parcels}`) * batch);
    const updates = queue.slice(head, head + size);
    head += updates.length;
    if (head >= COMPACT_AT) {
      queue = queue.slice(head);
      head = 0;
    }
    return wrapped(updates, false);
  }

  function wrapped(updates: Queued[], isAgain: boolean): Parcel {
    const delivery = deliveryOf(
      updates.map(({ update }) => update),
      scenario(),
    );
    const body = Buffer.from(postedText(delivery));
    return { number: parcels, updates, body, attempt: 0, firstMs: now(), isAgain };
  }

  async function post(parcel: Parcel, url: string, secret: string): Promise<void> {
    parcel.attempt += 1;
    const { body } = parcel;
    const ended = await caller.call(url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "content-length": String(body.length),
        "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
      },
    });
    if (isClosed) return;
    inFlight -= 1;
    const isDone = ended.http === 200;
    const isGivenUp = !isDone && now() - parcel.firstMs >= scenario().webhooks.give_up_ms;
    write({
      event: "webhook",
      at: now(),
      delivery: parcel.number,
      attempt: parcel.attempt,
      http: ended.http,
      cause: ended.cause,
      updates: parcel.updates.map(({ seq }) => seq),
      ...(parcel.isAgain && { again: true }),
      ...(isGivenUp && { gave_up: true }),
    });
    if (isDone || isGivenUp) waiting -= parcel.updates.length;
    if (isDone) {
      delivered += 1;
      if (!parcel.isAgain) repeat(parcel);
    } else if (!isGivenUp) retry(parcel);
    pump();
  }

  function retry(parcel: Parcel): void {
    retrying += 1;
    later(waitMs(parcel.attempt, `${parcel.number} ${parcel.attempt}`), () => {
      retrying -= 1;
      ready.push(parcel);
      pump();
    });
  }

  /** Some of what was posted is posted again. */
  function repeat(parcel: Parcel): void {
    const { seed, webhooks } = scenario();
    const twice = parcel.updates.filter(
      ({ seq, isDoubled }) =>
        isDoubled || chance(seed, "duplicates", `${seq}`) < webhooks.duplicates,
    );
    if (twice.length === 0) return;
    waiting += twice.length;
    parcels += 1;
    ready.push(wrapped(twice, true));
  }

  /** Doubled each time, up to a limit; a fifth more or less, so that not all come at once. */
  function waitMs(attempt: number, subject: string): number {
    const { seed, webhooks } = scenario();
    const doubled = Math.min(RETRY_MAX_MS, webhooks.retry_ms * 2 ** (attempt - 1));
    return doubled * (0.8 + 0.4 * chance(seed, "retry", subject));
  }

  /** The handshake (Meta, webhooks page, 2025-12): 200 and the challenge as it was given. */
  async function meet(url: string, token: string): Promise<void> {
    meeting = url;
    meetings += 1;
    const challenge = randomBytes(8).readBigUInt64BE().toString();
    const address = new URL(url);
    address.searchParams.set("hub.mode", "subscribe");
    address.searchParams.set("hub.verify_token", token);
    address.searchParams.set("hub.challenge", challenge);
    const { http, cause, text } = await caller.call(address.href, { method: "GET", headers: {} });
    if (isClosed) return;
    const ok = http === 200 && text === challenge;
    write({ event: "handshake", at: now(), url, ok, http, cause });
    options.onHandshake?.({ ok, http, cause });
    if (ok) {
      known = url;
      meetings = 0;
      meeting = undefined;
      return pump();
    }
    later(waitMs(meetings, `handshake ${meetings}`), () => {
      meeting = undefined;
      pump();
    });
  }

  function write(entry: LogEntry): void {
    try {
      log.write([entry]);
    } catch {
      // The disk is full: at the next start this is reported once more.
    }
  }

  return {
    take(updates) {
      if (scenario().webhooks.url === null) return;
      const room = MAX_WAITING - waiting;
      for (const update of updates.slice(0, Math.max(0, room))) {
        queue.push(update);
        waiting += 1;
      }
      if (scenario().webhooks.batch === 1) pump();
      else gather();
    },
    wake: pump,
    waiting: () => waiting,
    delivered: () => delivered,
    close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      queue = [];
      ready = [];
      caller.close();
    },
  };
}
