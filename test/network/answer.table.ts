// The table's second part: faults of the answer, when the whole request was read.

import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

import { expect } from "vitest";

import { numberOf } from "../support/harness.ts";
import { accepts, drips, floods, limits, refuses, says, saysLast, stutters } from "./acts.ts";
import type { Cell, Met, Section } from "./cell.ts";
import { cell } from "./cell.ts";
import type { Act } from "./scenes.ts";
import { answering, answeringAll, cutOf, cutting, SHORT_MS } from "./scenes.ts";
import type { Received } from "./scripted.ts";
import { acceptance, chunked, http, refusal, unending } from "./scripted.ts";

const HTML = "<!doctype html><title>Sorry</title><h1>Sorry</h1>";
const html = (status: string) => http(status, HTML, "content-type: text/html");
const meta = (status: string, code: number) => says(http(status, refusal(code)));
const gzip = "content-encoding: gzip";
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
const ok200 = (request: Received) => acceptance(request);

/** An acceptance sent as it is, and one that is changed. */
const raw = (act: Act) => answering(act);
const whole = (answer: Buffer | ((request: Received) => Buffer)) => raw(says(answer));
const last = (answer: string | Buffer | ((request: Received) => string | Buffer)) =>
  raw(saysLast(answer));

/** A cut dispatch is unknown, whichever byte was the last; a whole answer is what it says. */
function cut(name: string, answer: (request: Received) => Buffer, ending: "end" | "reset"): Cell {
  const check = ({ sent, server }: Met) => {
    const { length } = answer({ to: numberOf(1), nth: 1 } as Received);
    const seen = new Set<number>();
    sent.statuses.forEach((status, index) => {
      const bytes = cutOf(index + 1);
      const where = `row ${index + 1}, cut after ${bytes} of ${length} bytes`;
      // Rows of two and three digits make longer answers; and a reset may take the last bytes with
      // it.
      if (bytes === null) expect(status, where).toBe("accepted");
      else if (bytes < length) expect(status, where).toBe("unknown");
      else if (ending === "end") expect(["accepted", "failed", "unknown"]).toContain(status);
      if (bytes !== null) seen.add(bytes);
    });
    for (let bytes = 0; bytes <= length; bytes += 1) expect(seen).toContain(bytes);
    // Nobody was asked for twice, not even those whose answer was whole.
    expect(sent.attempts).toHaveLength(sent.statuses.length);
    expect(server?.received).toHaveLength(sent.statuses.length);
  };
  const ended = ending === "end" ? "closed" : "reset";
  return cell(`${name}, ${ended}`, "unknown", "goes on", 1, cutting(answer, ending), { check });
}

/** What was flooded was not read: what went out is what fits into the buffers of sockets. */
function flooding(head: string) {
  const flooded = { bytes: 0 };
  return {
    scene: answering(floods(head, flooded)),
    check: () => expect(flooded.bytes).toBeLessThan(2 * 24 * 1024 * 1024),
  };
}
const flood200 = flooding("HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n");
const flood400 = flooding("HTTP/1.1 400 Bad Request\r\ncontent-length: 104857600\r\n\r\n");
const flood429 = flooding("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 104857600\r\n\r\n");
const floodHead = flooding("HTTP/1.1 200 OK\r\nx-long: ");

/**
 * A client that follows a redirect comes back to the same server, where a second request for the
 * same person is seen.
 */
const elsewhere = "location: /v25.0/2/messages";

type Framing = (status: string, body: string, ...headers: string[]) => Buffer;
const cutRefusal =
  (make: Framing, ...headers: string[]) =>
  () =>
    make("400 Bad Request", refusal(131026), ...headers);
const cutAcceptance =
  (make: Framing, ...headers: string[]) =>
  (request: Received) =>
    make("200 OK", acceptance(request), ...headers);

// biome-ignore format: a cell a line
export const ANSWER: Section[] = [
  { moment: "in the answer: cut after each of its bytes", cells: [
    cut("200 with a length", cutAcceptance(http), "end"),
    cut("200 with a length", cutAcceptance(http), "reset"),
    cut("200 with a length and `connection: close`", cutAcceptance(http, "connection: close"), "end"),
    cut("200 with a length and `connection: close`", cutAcceptance(http, "connection: close"), "reset"),
    cut("200 in chunks", cutAcceptance(chunked), "end"),
    cut("200 in chunks and `connection: close`", cutAcceptance(chunked, "connection: close"), "end"),
    cut("200 in chunks and `connection: close`", cutAcceptance(chunked, "connection: close"), "reset"),
    cut("200 without a length", cutAcceptance(unending), "end"),
    cut("200 without a length", cutAcceptance(unending), "reset"),
    cut("400 with Meta's error, with a length", cutRefusal(http), "end"),
    cut("400 with Meta's error, in chunks and `connection: close`", cutRefusal(chunked, "connection: close"), "reset"),
    cut("400 with Meta's error, without a length", cutRefusal(unending), "end"),
  ] },
  { moment: "in the answer", cells: [
    cell("silence after half the head", "unknown", "goes on", 1, answering(says("HTTP/1.1 200 OK\r\ncontent-"), { answerMs: SHORT_MS })),
    cell("the head comes a byte at a time, without end", "unknown", "goes on", 1, answering(drips(() => "HTTP/1.1 200 OK\r\nx-long: ", "x", 20), { answerMs: SHORT_MS })),
    cell("silence after half the body", "unknown", "goes on", 1, answering(says("HTTP/1.1 200 OK\r\ncontent-length: 300\r\n\r\n{"), { answerMs: SHORT_MS, slow: true })),
    cell("the body comes a byte at a time, without end", "unknown", "goes on", 1, answering(drips(() => "HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n", " ", 50), { answerMs: SHORT_MS, slow: true })),
    cell("the body comes in tiny chunks, without end", "unknown", "goes on", 1, answering(drips(() => "HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\n \r\n", 50), { answerMs: SHORT_MS, slow: true })),
    cell("the whole answer, a byte at a time", "accepted", "goes on", 1, raw(stutters(accepts(String), 2))),
    cell("a whole refusal, a byte at a time", "failed", "goes on", 1, raw(stutters(() => http("400 Bad Request", refusal(131026)), 2))),
    cell("100 MB after a 200", "unknown", "goes on", 1, flood200.scene, { check: flood200.check }),
    cell("100 MB after a 400", "unknown", "goes on", 1, flood400.scene, { check: flood400.check }),
    cell("100 MB after a 429", "pending again", "goes on", 2, flood429.scene, { check: flood429.check }),
    cell("a head of 100 MB", "unknown", "goes on", 1, floodHead.scene, { check: floodHead.check }),
    cell("a length that is too short", "unknown", "goes on", 1, last((request) => `HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n${ok200(request)}`)),
    cell("a length that is too long", "unknown", "goes on", 1, last((request) => `HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n${ok200(request)}`)),
    cell("two lengths", "unknown", "goes on", 1, last((request) => `HTTP/1.1 200 OK\r\ncontent-length: 20\r\ncontent-length: 30\r\n\r\n${ok200(request)}`)),
    cell("a length and chunks", "unknown", "goes on", 1, last((request) => chunked("200 OK", ok200(request), "content-length: 20"))),
    cell("chunks whose sizes are junk", "unknown", "goes on", 1, last("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")),
  ] },
  { moment: "the answer is whole: Meta's", cells: [
    cell("200 with a message id", "accepted", "goes on", 1, whole(accepts(String))),
    cell("400 with a code of this recipient (131026)", "failed", "goes on", 1, raw(refuses("400 Bad Request", 131026))),
    cell("400 with a hold (131049)", "held", "goes on, holds this one", 1, raw(refuses("400 Bad Request", 131049))),
    cell("400 with a code nobody knows", "failed", "goes on", 1, raw(refuses("400 Bad Request", 999999))),
    cell("400 with a code of a faulty server (131000)", "unknown", "goes on", 1, raw(meta("400 Bad Request", 131000))),
    cell("401 with a code of the token (190)", "pending again", "halts: 190", 1, raw(refuses("401 Unauthorized", 190))),
    ...[1, 2, 131000, 131016, 133004].map((code) => cell(`500 with code ${code}`, "unknown", "goes on", 1, raw(meta("500 Internal Server Error", code)))),
    cell("500 with a code nobody knows", "unknown", "goes on", 1, raw(meta("500 Internal Server Error", 999999))),
    cell("500 with a known refusal of this recipient (131026)", "failed", "goes on", 1, raw(refuses("500 Internal Server Error", 131026))),
    cell("500 with a known refusal of everybody (134102)", "pending again", "halts: 134102", 1, raw(refuses("500 Internal Server Error", 134102))),
    cell("503 with a refusal for speed (130429)", "pending again", "goes on", 2, raw(refuses("503 Service Unavailable", 130429))),
    cell("429 with a refusal for speed (130429)", "pending again", "goes on", 2, raw(refuses("429 Too Many Requests", 130429))),
    cell("200 with Meta's error in it", "failed", "goes on", 1, raw(meta("200 OK", 131026))),
    cell("200 without a message id", "unknown", "goes on", 1, whole(http("200 OK", '{"messages":[{"message_status":"accepted"}]}'))),
    cell("200 with an empty list", "unknown", "goes on", 1, whole(http("200 OK", '{"messages":[]}'))),
    cell("400 whose code is text", "failed", "goes on", 1, whole(http("400 Bad Request", '{"error":{"code":"131026"}}'))),
  ] },
  { moment: "the answer is whole: not Meta's", cells: [
    ...["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"].map((status) => cell(`${status.slice(0, 3)} with HTML`, "unknown", "goes on", 1, whole(html(status)))),
    cell("500 with nothing", "unknown", "goes on", 1, whole(http("500 Internal Server Error", ""))),
    cell("400 with nothing", "unknown", "goes on", 1, whole(http("400 Bad Request", ""))),
    cell("403 with HTML", "unknown", "goes on", 1, whole(html("403 Forbidden"))),
    cell("404 with HTML", "unknown", "goes on", 1, whole(html("404 Not Found"))),
    cell("407 of a proxy", "unknown", "goes on", 1, whole(html("407 Proxy Authentication Required"))),
    cell("408 that crossed the request", "unknown", "goes on", 1, last(http("408 Request Timeout", "", "connection: close"))),
    cell("200 with HTML (a portal's login page)", "unknown", "goes on", 1, whole(html("200 OK"))),
    cell("429 with HTML", "pending again", "goes on", 2, raw(limits(html("429 Too Many Requests")))),
    cell("429 with nothing", "pending again", "goes on", 2, raw(limits(http("429 Too Many Requests", "")))),
    cell("201 with what 200 would have", "accepted", "goes on", 1, whole((request) => http("201 Created", ok200(request)))),
    cell("429 with a code of Graph's limiter (613)", "pending again", "goes on", 2, raw(refuses("429 Too Many Requests", 613))),
    cell("429 with a code nobody knows", "pending again", "goes on", 2, raw(refuses("429 Too Many Requests", 429))),
    cell("400 for the account's call limit (80008)", "pending again", "goes on", 2, raw(refuses("400 Bad Request", 80008))),
    cell("204", "unknown", "goes on", 1, raw(says("HTTP/1.1 204 No Content\r\n\r\n"))),
    cell("an earlier answer once more (a proxy that caches)", "accepted", "goes on", 1, whole((request) => http("200 OK", acceptance({ to: request.to, nth: 999 }))), { strangeIds: true }),
    ...[301, 302, 303, 307, 308].map((status) => cell(`${status} to another address`, "unknown", "goes on", 1, whole(http(`${status} Elsewhere`, "", elsewhere)))),
  ] },
  { moment: "the answer is whole: its form", cells: [
    cell("103 Early Hints before it", "accepted", "goes on", 1, whole((request) => Buffer.concat([Buffer.from("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"), http("200 OK", ok200(request))]))),
    cell("102 Processing before a refusal", "failed", "goes on", 1, whole(Buffer.concat([Buffer.from("HTTP/1.1 102 Processing\r\n\r\n"), http("400 Bad Request", refusal(131026))]))),
    cell("100 Continue before it, which nobody asked for", "unknown", "goes on", 1, whole((request) => Buffer.concat([Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"), http("200 OK", ok200(request))]))),
    cell("101 Switching Protocols", "unknown", "goes on", 1, raw(says("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"))),
    cell("HTTP/1.0", "accepted", "goes on", 1, answeringAll(saysLast((request) => `HTTP/1.0 200 OK\r\n\r\n${ok200(request)}`))),
    cell("HTTP/1.0 that keeps the connection", "accepted", "goes on", 1, answeringAll(says((request) => `HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: ${ok200(request).length}\r\n\r\n${ok200(request)}`))),
    cell("no head, only JSON", "unknown", "goes on", 1, last(ok200)),
    cell("HTTP/2 that nobody asked for", "unknown", "goes on", 1, raw(saysLast(Buffer.from("000000040000000000", "hex")))),
    cell("in chunks", "accepted", "goes on", 1, whole((request) => chunked("200 OK", ok200(request)))),
    cell("without a length", "accepted", "goes on", 1, last((request) => unending("200 OK", ok200(request)))),
    cell("content type `text/html`", "accepted", "goes on", 1, whole(accepts(String, "content-type: text/html"))),
    cell("no content type", "accepted", "goes on", 1, whole(accepts(String))),
    cell("gzip", "accepted", "goes on", 1, whole(accepts(gzipSync, gzip))),
    cell("deflate", "accepted", "goes on", 1, whole(accepts(deflateSync, "content-encoding: deflate"))),
    cell("brotli", "accepted", "goes on", 1, whole(accepts(brotliCompressSync, "content-encoding: br"))),
    cell("gzip around a refusal", "failed", "goes on", 1, whole(http("400 Bad Request", gzipSync(refusal(131026)), gzip))),
    cell("gzip that is none", "unknown", "goes on", 1, whole(accepts(String, gzip))),
    cell("gzip that is none, with a refusal", "unknown", "goes on", 1, whole(http("400 Bad Request", refusal(131026), gzip))),
    cell("gzip that is none, with a 429", "pending again", "goes on", 2, raw(limits(http("429 Too Many Requests", "{}", gzip)))),
    cell("gzip that is not all there", "unknown", "goes on", 1, whole(accepts((body) => gzipSync(body).subarray(0, 40), gzip))),
    cell("gzip of 100 MB", "unknown", "goes on", 1, whole(http("200 OK", gzipSync(Buffer.alloc(100 * 1024 * 1024, " ")), gzip))),
    cell("an encoding that we do not know", "unknown", "goes on", 1, whole(accepts(String, "content-encoding: zstd"))),
    cell("two encodings", "unknown", "goes on", 1, whole(accepts((body) => gzipSync(gzipSync(body)), "content-encoding: gzip, gzip"))),
    cell("a byte order mark", "unknown", "goes on", 1, whole(accepts((body) => `\ufeff${body}`))),
    cell("UTF-16", "unknown", "goes on", 1, whole(accepts(utf16))),
    cell("bytes that are no UTF-8, in a field of no weight", "accepted", "goes on", 1, whole(accepts((body) => Buffer.from(body.replace('"accepted"', '"\u00ff"'), "latin1")))),
    cell("two JSON documents", "unknown", "goes on", 1, whole(accepts((body) => body + body))),
    cell("a JSON list", "unknown", "goes on", 1, whole(accepts((body) => `[${body}]`))),
    cell("JSON that ends too early", "unknown", "goes on", 1, whole(accepts((body) => body.slice(0, -1)))),
    cell("nothing", "unknown", "goes on", 1, whole(accepts(() => ""))),
  ] },
];
