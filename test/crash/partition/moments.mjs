// Loaded before the program (`node --import`), so that the program itself knows nothing of it:
// watches what it writes to PostgreSQL and to Graph, and at a named moment stands still until the
// test lets it go on.
//
// MOMENT_FOLDER  has `armed`, the name of the moment to stand still at; the process makes `reached`
//                of it, and goes on when `go` is there: the milliseconds by which its wall clock
//                jumps then

import { readFileSync, renameSync, rmSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";

const FOLDER = process.env.MOMENT_FOLDER;
const LOOK_MS = 2;
const CLAIM = /set status = 'claimed'/;
const OUTCOME = /insert into attempt\s*\((?![\s\S]*\bselect\b[\s\S]*next_detail)/;
const COMMITTED = Buffer.from("COMMIT\0");

let aheadMs = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + aheadMs;

function read(name) {
  try {
    return readFileSync(join(FOLDER, name), "utf8");
  } catch {
    return undefined;
  }
}

/** Returns when the process may go on. */
function pass(moment) {
  if (FOLDER === undefined || read("armed") !== moment) return;
  try {
    renameSync(join(FOLDER, "armed"), join(FOLDER, "reached"));
  } catch {
    // Disarmed in this very moment.
    return;
  }
  const gate = new Int32Array(new SharedArrayBuffer(4));
  let go;
  do {
    Atomics.wait(gate, 0, 0, LOOK_MS);
    go = read("go");
  } while (go === undefined || go === "");
  rmSync(join(FOLDER, "go"));
  aheadMs += Number(go);
}

// — PostgreSQL, and Graph ——————————————————————————————————————————————————————

/** What is known of the connections to PostgreSQL. */
const connections = new WeakMap();

/** Of a connection to PostgreSQL, which begins with the length of its first message. */
function connectionOf(socket, chunk) {
  const known = connections.get(socket);
  if (known !== undefined || chunk[0] !== 0 || chunk[1] !== 0) return known;
  const made = { texts: new Map(), about: new Set(), committing: undefined };
  connections.set(socket, made);
  return made;
}

/** What the messages of a chunk are about; true when one of them is a commit. */
function isCommit(connection, chunk) {
  let commits = false;
  for (let at = 0; at + 5 <= chunk.length; ) {
    const type = String.fromCharCode(chunk[at]);
    const end = at + 1 + chunk.readUInt32BE(at + 1);
    const parts = chunk.toString("latin1", at + 5, end).split("\0", 2);
    if (type === "P") connection.texts.set(parts[0], parts[1]);
    if (type === "B") notice(connection, connection.texts.get(parts[1]) ?? "");
    if (type === "Q") {
      if (/^begin/.test(parts[0])) connection.about.clear();
      if (parts[0] === "commit") commits = true;
    }
    at = end;
  }
  return commits;
}

function notice({ about }, text) {
  if (CLAIM.test(text)) about.add("claim");
  if (OUTCOME.test(text)) about.add("outcome");
}

function beforeWrite(socket, chunk) {
  const connection = connectionOf(socket, chunk);
  if (connection === undefined || !isCommit(connection, chunk)) return;
  const { about } = connection;
  connection.committing = about.has("claim");
  if (about.has("outcome")) pass("before the outcome commits");
  else if (about.has("claim")) pass("before the claim commits");
}

const { _write, _writev } = net.Socket.prototype;

net.Socket.prototype._write = function (chunk, encoding, done) {
  if (Buffer.isBuffer(chunk)) beforeWrite(this, chunk);
  const isHead = String(chunk).startsWith("POST ");
  _write.call(this, chunk, encoding, done);
  if (isHead) pass("in flight");
};

net.Socket.prototype._writev = function (chunks, done) {
  for (const { chunk } of chunks) if (Buffer.isBuffer(chunk)) beforeWrite(this, chunk);
  const isHead = String(chunks[0]?.chunk).startsWith("POST ");
  _writev.call(this, chunks, done);
  if (isHead) pass("in flight");
};

net.Socket.prototype.push = function (chunk, encoding) {
  const connection = connections.get(this);
  if (connection?.committing !== undefined && chunk?.includes(COMMITTED)) {
    const claimed = connection.committing;
    connection.committing = undefined;
    if (claimed) pass("after the claim commits");
  }
  return Readable.prototype.push.call(this, chunk, encoding);
};
