// The table's first part: faults until the request was read, and of the connection that carries it.

import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

import { expect } from "vitest";
import { numberOf } from "../support/harness.ts";
import { drips, finish, reset, silence, thenDoes } from "./acts.ts";
import type { Met, Section } from "./cell.ts";
import { cell } from "./cell.ts";
import {
  answering,
  answeringAll,
  closedPort,
  darkening,
  fullQueue,
  heading,
  nobodyAt,
  nowhere,
  opening,
  SHORT_MS,
  showing,
} from "./scenes.ts";
import { acceptance, http, refusal } from "./scripted.ts";
import { expired, notYetValid, otherName, selfSigned, sound, unknownAuthority } from "./trust.ts";

const after = (delayMs: number, act: (socket: Socket) => void) => (socket: Socket) => {
  socket.pause();
  setTimeout(act, delayMs, socket);
};
const stays = (socket: Socket) => void socket.pause();
/** Says a last word, and closes without reading what still comes. */
function closes(socket: Socket, word: Buffer = Buffer.alloc(0)): void {
  socket.end(word);
  socket.destroySoon();
}
const secured = { identity: sound };
const early = (row: number) => http("200 OK", acceptance({ to: numberOf(row), nth: row }));
const earlyRefusal = http("400 Bad Request", refusal(131026));

/** In TLS 1.3 the client has shaken hands before the server looks at what the client shows. */
function wantsCertificate(socket: Socket): void {
  const wanting = new TLSSocket(socket, {
    isServer: true,
    secureContext: createSecureContext(sound),
    requestCert: true,
    rejectUnauthorized: true,
  });
  wanting.on("error", () => socket.destroy());
}

/** Each request came on a connection of its own. */
function neverKept({ server }: Met): void {
  expect(server?.connections).toBe(server?.received.length);
}

// biome-ignore format: a cell a line
export const CONNECTION: Section[] = [
  { moment: "the connection is opened", cells: [
    cell("the address has no server (refused)", "pending again", "waits, one try at a time", 0, nobodyAt(closedPort)),
    cell("the name does not resolve", "pending again", "waits, one try at a time", 0, nobodyAt(nowhere("http://graph.invalid"))),
    cell("no route", "pending again", "waits, one try at a time", 0, nobodyAt(nowhere("http://255.255.255.255:9"))),
    cell("nobody takes the connection (packets vanish)", "pending again", "waits, one try at a time", 0, nobodyAt(fullQueue, 1)),
    cell("reset at once", "pending again or unknown", "goes on", "0-1", opening((socket) => void socket.resetAndDestroy())),
    cell("closed at once", "accepted or unknown", "goes on", "0-1", opening((socket) => void socket.end())),
  ] },
  { moment: "the TLS handshake", cells: [
    cell("the server speaks no TLS", "pending again", "halts: connection", 0, opening((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), secured)),
    cell("the server sends junk", "pending again", "halts: connection", 0, opening((socket) => void socket.end("SSH-2.0-OpenSSH_9.6\r\n"), secured)),
    cell("self-signed certificate", "pending again", "halts: connection", 0, showing({ identity: selfSigned })),
    cell("certificate of an unknown authority", "pending again", "halts: connection", 0, showing({ identity: unknownAuthority })),
    cell("certificate for another host name", "pending again", "halts: connection", 0, showing({ identity: otherName })),
    cell("certificate expired", "pending again", "halts: connection", 0, showing({ identity: expired })),
    cell("certificate not valid yet", "pending again", "halts: connection", 0, showing({ identity: notYetValid })),
    cell("only TLS 1.1", "pending again", "halts: connection", 0, showing({ identity: sound, tls: { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } })),
    cell("reset", "pending again", "goes on", 1, opening((socket) => void socket.once("data", () => socket.resetAndDestroy()), secured)),
    cell("closed", "pending again", "goes on", 1, opening((socket) => void socket.once("data", () => socket.end()), secured)),
    cell("hangs", "pending again", "goes on", 1, opening(() => {}, { ...secured, slow: true })),
    cell("none: the certificate is right", "accepted", "goes on", 1, showing(secured)),
  ] },
  { moment: "nothing of the request is read", cells: [
    cell("reset", "unknown", "goes on", 0, opening(after(50, (socket) => void socket.resetAndDestroy()))),
    cell("closed", "unknown", "goes on", 0, opening(after(50, (socket) => void socket.end()))),
    cell("silence", "unknown", "goes on", 0, opening(stays, { answerMs: SHORT_MS })),
    cell("a half-open connection: both ends stay, nothing passes", "unknown", "goes on", 0, darkening("requests")),
    cell("the server wants a certificate of ours (TLS 1.3)", "unknown", "goes on", 0, opening(wantsCertificate, secured)),
  ] },
  { moment: "the head and a part of the body are read", cells: [
    cell("reset", "unknown", "goes on", 0, heading((socket) => void socket.resetAndDestroy())),
    cell("closed", "unknown", "goes on", 0, heading((socket) => closes(socket))),
    cell("the server stops reading, and is silent", "unknown", "goes on", 0, heading(stays, { answerMs: 4 * SHORT_MS })),
    cell("200 too early, the rest is read", "accepted", "goes on", 1, heading((socket, row) => void socket.write(early(row)), { readsOn: true })),
    cell("400 too early, the rest is read", "failed", "goes on", 1, heading((socket) => void socket.write(earlyRefusal), { readsOn: true })),
    cell("200 too early, then closed", "accepted or unknown", "goes on", 0, heading((socket, row) => closes(socket, early(row)))),
    cell("400 too early, then closed", "failed or unknown", "goes on", 0, heading((socket) => closes(socket, earlyRefusal))),
  ] },
  { moment: "the whole request is read", cells: [
    cell("reset", "unknown", "goes on", 1, answering(reset)),
    cell("closed", "unknown", "goes on", 1, answering(finish)),
    cell("closed by the server for writing only", "unknown", "goes on", 1, answering((socket) => void socket.end())),
    cell("silence", "unknown", "goes on", 1, answering(silence, { answerMs: SHORT_MS })),
    cell("a half-open connection: the answer does not pass", "unknown", "goes on", 1, darkening("answers")),
    cell("reset, over TLS", "unknown", "goes on", 1, answering(reset, secured)),
    cell("closed, over TLS", "unknown", "goes on", 1, answering(finish, secured)),
    cell("cut without TLS's own goodbye", "unknown", "goes on", 1, answering((_socket, _request, raw) => void raw.end(), secured)),
    cell("junk in the TLS stream", "unknown", "goes on", 1, answering((_socket, _request, raw) => void raw.write("junk"), secured)),
    cell("silence, over TLS", "unknown", "goes on", 1, answering(silence, { ...secured, answerMs: SHORT_MS })),
    cell("102 Processing again and again, and no answer", "unknown", "goes on", 1, answering(drips(() => "", "HTTP/1.1 102 Processing\r\n\r\n", 50), { answerMs: SHORT_MS, slow: true })),
  ] },
  { moment: "the answer has passed, the connection is kept", cells: [
    cell("closed at once", "accepted", "goes on", 1, answeringAll(thenDoes((socket) => void socket.end())), { check: neverKept }),
    cell("reset at once", "accepted or unknown", "goes on", "1", answering(thenDoes((socket) => void socket.resetAndDestroy()))),
    cell("closed while idle", "accepted", "goes on", 1, answeringAll(thenDoes((socket) => setTimeout(() => socket.end(), 30)), { rate: 2 }), { check: neverKept }),
    cell("reset while idle", "accepted", "goes on", 1, answeringAll(thenDoes((socket) => setTimeout(() => socket.resetAndDestroy(), 30)), { rate: 2 }), { check: neverKept }),
    cell("closed just as the next request comes", "unknown", "goes on", 1, answering(finish)),
    cell("`connection: close` with every answer", "accepted", "goes on", 1, answeringAll((socket, request) => void socket.end(http("200 OK", acceptance(request), "connection: close"))), { check: neverKept }),
    cell("`connection: close`, and not closed", "accepted", "goes on", 1, answeringAll((socket, request) => void socket.write(http("200 OK", acceptance(request), "connection: close"))), { check: neverKept }),
    cell("408 while idle, then closed", "accepted", "goes on", 1, answeringAll(thenDoes((socket) => setTimeout(() => socket.end(http("408 Request Timeout", "")), 30)), { rate: 2 })),
    cell("junk behind the answer", "accepted", "goes on", 1, answeringAll((socket, request) => void socket.write(Buffer.concat([http("200 OK", acceptance(request)), Buffer.from("junk\r\n\r\n")])))),
    cell("a second answer right behind the first", "accepted", "goes on", 1, answeringAll((socket, request) => void socket.write(Buffer.concat([http("200 OK", acceptance(request)), http("200 OK", acceptance({ to: request.to, nth: 999 }))])))),
    cell("a second answer while idle", "accepted", "goes on", 1, answeringAll(thenDoes((socket) => setTimeout(() => socket.write(http("200 OK", acceptance({ to: "+1", nth: 999 }))), 30)), { rate: 2 })),
  ] },
];
