// The routes that Meta calls: the handshake, and deliveries. A delivery is answered 200 only once
// it is durable.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { LedgerError } from "../../domain/campaign/fault.ts";
import type { WebhookBody } from "../../domain/receipts/processing.ts";
import { BODY_BYTES_MAX, RefusedBody, readBody } from "./body.ts";
import type { Flight } from "./capacity.ts";
import type { ReceiverAnswer } from "./figures.ts";
import { ANSWERS } from "./figures.ts";
import type { ReceiverContext } from "./receiver-context.ts";
import { plain } from "./receiver-context.ts";
import type { ReceiverRefusal } from "./refusals.ts";
import { readSignature, signatureTest } from "./signature.ts";

/** Characters of hub.challenge at most; Meta's are some ten digits. */
const CHALLENGE_MAX = 200;
/** Sent with a 503, in seconds. Meta tries again after a time of its own. */
const RETRY_AFTER_S = 5;

/** GET and POST /webhooks; other methods get 405. */
export function addWebhookRoutes(scope: FastifyInstance, context: ReceiverContext): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", async (request: FastifyRequest) => {
    const flight = context.flights.get(request.raw) as Flight;
    const { capacity } = context;
    return readBody(request.raw, {
      begin: (end) => capacity.begin(flight, end),
      take: (bytes) => capacity.take(flight, bytes),
      whole: () => capacity.whole(flight),
    });
  });
  scope.setErrorHandler((error, _request, reply) => {
    const answer = error instanceof RefusedBody ? error.answer : "error";
    if (answer === "error") context.notice({ kind: "error", error });
    // The rest of it is not read.
    if (answer !== "error") reply.header("connection", "close");
    return say(context, reply, answer);
  });
  scope.get("/webhooks", async (request, reply) => shakeHands(context, request, reply));
  scope.post("/webhooks", {
    onRequest: async (request, reply) => begin(context, request, reply),
    handler: async (request, reply) => take(context, request, reply),
  });
  scope.route({
    method: ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
    url: "/webhooks",
    // Whatever comes with it is not waited for.
    onRequest: async (_request, reply) =>
      plain(reply, 405).header("allow", "GET, POST").header("connection", "close").send(),
    handler: async () => {},
  });
}

/**
 * Meta, "Webhooks: verification requests", 2026-09: the challenge comes back as it is when the
 * token is ours.
 */
function shakeHands(
  context: ReceiverContext,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const query = request.query as Record<string, unknown>;
  const { "hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge } = query;
  if (typeof token !== "string" || typeof challenge !== "string") {
    return plain(reply, 400).send("hub.mode, hub.verify_token and hub.challenge are needed\n");
  }
  if (mode !== "subscribe" || challenge.length > CHALLENGE_MAX) {
    return plain(reply, 400).send("this is no verification request\n");
  }
  if (!context.isVerifyToken(token)) return plain(reply, 403).send("another verify token is set\n");
  return plain(reply, 200).send(challenge);
}

/** Looks at the headers: what can be refused by them is refused before its body is read. */
function begin(
  context: ReceiverContext,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const { headers } = request;
  const signature = readSignature(headers["x-hub-signature-256"]);
  const flight: Flight = {
    from: performance.now(),
    bytes: 0,
    signature: signature.kind === "given" ? signature.bytes : null,
    isKeeping: false,
    isOver: false,
  };
  context.flights.set(request.raw, flight);
  const declaredBytes = Number(headers["content-length"] ?? 0);
  const full = context.capacity.enter(declaredBytes);
  reply.raw.once("close", () => {
    if (!flight.isKeeping) context.capacity.leave(flight);
  });
  const refusal = refusalOf(signature.kind, declaredBytes) ?? full;
  if (refusal !== null) {
    // The rest of it is not read.
    return say(context, reply.header("connection", "close"), refusal);
  }
  // The body is signed bytes, whatever it is called: a type that a parser does not know must not
  // cost a delivery.
  delete headers["content-type"];
  return undefined;
}

function refusalOf(
  signature: "none" | "malformed" | "given",
  declaredBytes: number,
): ReceiverAnswer | null {
  if (signature === "none") return "unsigned";
  if (signature === "malformed") return "forged";
  return declaredBytes > BODY_BYTES_MAX ? "too_large" : null;
}

/**
 * Takes a delivery. A signed one is kept whatever is in it: what is no JSON, or no UTF-8 (then with
 * U+FFFD where it is none), would come again for seven days if it were refused, and would never be
 * better. Applying counts it as unreadable.
 */
async function take(
  context: ReceiverContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const flight = context.flights.get(request.raw) as Flight;
  const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
  if (flight.signature === null || !context.isSigned(body, flight.signature)) {
    return say(context, reply, "forged");
  }
  if (body.length === 0) return say(context, reply, "empty");
  const delivery = { body: body.toString("utf8"), receivedAt: Date.now(), source: "webhook" };
  request.body = undefined;
  flight.isKeeping = true;
  try {
    await keep(context, delivery, { body, signature: flight.signature });
  } catch (error) {
    // Reported already as the first of its kind; a bug is reported each time.
    if (!(error instanceof LedgerError)) context.notice({ kind: "error", error });
    return say(context, reply, "not_kept");
  } finally {
    context.capacity.leave(flight);
  }
  context.counts.figures.keptBytes += body.length;
  return say(context, reply, "kept");
}

/** Keeps a delivery, at each of the places where it belongs. */
async function keep(
  { options, queueOf }: ReceiverContext,
  delivery: WebhookBody,
  { body, signature }: { body: Buffer; signature: Buffer },
): Promise<void> {
  const isSignedBy = (secrets: readonly string[]) => signatureTest(secrets)(body, signature);
  const routed = (await options.route?.(delivery, isSignedBy)) ?? [{ to: "", delivery }];
  const kept = await Promise.allSettled(routed.map((one) => queueOf(one.to).store(one.delivery)));
  // What some places kept comes again with the rest, and changes nothing there.
  for (const one of kept) if (one.status === "rejected") throw one.reason;
}

const SENTENCES: Readonly<Record<ReceiverAnswer, string>> = {
  kept: "kept",
  empty: "the body is empty",
  unsigned: "X-Hub-Signature-256 is missing",
  forged: "X-Hub-Signature-256 does not fit",
  cut: "the body did not come whole",
  slow: "the body came too slowly",
  too_large: "the body is too large",
  error: "this was our mistake; try again",
  not_kept: "it cannot be kept now; try again",
  no_room: "too much at once; try again",
  displaced: "the body took too long while others waited; try again",
};

/** Answers of which /health tells. */
const REPORTED: Partial<Record<ReceiverAnswer, ReceiverRefusal>> = {
  no_room: "no_room",
  slow: "slow",
  displaced: "slow",
};

/** Answers a delivery, and counts it. */
function say(context: ReceiverContext, reply: FastifyReply, answer: ReceiverAnswer): FastifyReply {
  const flight = context.flights.get(reply.request.raw);
  const seconds = flight === undefined ? 0 : (performance.now() - flight.from) / 1000;
  context.counts.answered(answer, seconds);
  if (answer !== "kept") context.refused(answer);
  const refusal = REPORTED[answer];
  if (refusal !== undefined) context.refusals.note(refusal, Date.now());
  if (ANSWERS[answer] === 503) reply.header("retry-after", RETRY_AFTER_S);
  if (context.isClosing) reply.header("connection", "close");
  return plain(reply, ANSWERS[answer]).send(`${SENTENCES[answer]}\n`);
}
