// Loaded before the program (`node --import`), so that the program itself knows nothing of it:
// watches the ledger's transactions and the sockets, and kills its own process with SIGKILL at the
// n-th passing of a named point.
//
// CRASH_AT      `point:n`, such as `claim.before_commit:3`
// CRASH_NOTE    file that gets the digests of the ledger before and after the struck commit
// CRASH_COPIES  folder that gets a copy of the ledger's files as they last reached the disk
// CRASH_WEAK    1: commits do not wait for the disk; copies are taken only when the log is folded

import { copyFileSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { threadId } from "node:worker_threads";

import Sqlite from "better-sqlite3";

import { digestOf } from "./digest.mjs";

const [POINT, NTH] = (process.env.CRASH_AT ?? ":0").split(":");
const NOTE = process.env.CRASH_NOTE;
const COPIES = process.env.CRASH_COPIES;
const WEAK = process.env.CRASH_WEAK === "1";
/** The ledger, its log, and the journal that it has for a moment before it has a log. */
const ENDS = ["", "-wal", "-journal"];

/**
 * What a transaction is about, reported by the statements that it runs; a turn may be several at
 * once.
 */
const ABOUT = [
  ["migrate", /create table/],
  ["import", /insert into suppression/],
  ["create", /insert into campaign/],
  ["plan", /insert into dispatch/],
  ["replan", /update campaign set replanning/],
  ["remove", /reason = 'removed'/],
  ["move", /set place = @place, line = @line,\s+hash = iif/],
  ["plan_end", /update campaign set\s+frozen/],
  ["state", /update campaign\s+set state = @state/],
  ["recover", /update dispatch indexed by dispatch_claimed/],
  ["claim", /set status = 'claimed'/],
  ["keep", /insert into webhook_body \(/],
  ["apply", /update webhook_body set applied_at/],
  ["outcome", /insert into attempt\s*\((?![\s\S]*\bselect\b)/],
];

let passed = 0;

function isNext(point) {
  return point === POINT && passed + 1 === Number(NTH);
}

/** Returns only when the process goes on. */
function pass(point) {
  if (point !== POINT) return;
  passed += 1;
  // The signal is delivered before the call returns: not one more statement is run.
  if (passed === Number(NTH)) process.kill(process.pid, "SIGKILL");
}

// — The ledger ————————————————————————————————————————————————————————————————

/** What the transaction of this moment is about. */
const about = new Set();
let copies = 0;

function notice(sql) {
  for (const [what, pattern] of ABOUT) if (pattern.test(sql)) about.add(what);
}

function isLedger(db) {
  return db.name.endsWith("ledger.sqlite");
}

function committed(file) {
  const other = new Sqlite(file, { readonly: true });
  try {
    return digestOf(other);
  } finally {
    other.close();
  }
}

function takeNote(db) {
  if (NOTE === undefined) return;
  writeFileSync(NOTE, JSON.stringify({ before: committed(db.name), after: digestOf(db) }));
}

/**
 * With less than FULL (2) a commit is on its way to the disk, and nobody knows when it is there.
 */
function waitsForDisk(db) {
  return COPIES !== undefined && pragma.call(db, "synchronous", { simple: true }) >= 2;
}

/**
 * A generation of copies counts when `current` names it, so that a kill in between leaves the one
 * before. Other threads of the program commit and fold meanwhile: a copy of files that changed
 * under it is of no moment, and is made again.
 */
function copyFiles(db) {
  if (COPIES === undefined || !isLedger(db)) return;
  copies += 1;
  const own = `${process.pid}.${threadId}`;
  const stem = join(COPIES, `${own}.${copies}`);
  for (let copied; copied !== stateOf(db.name); ) {
    copied = stateOf(db.name);
    for (const end of ENDS) {
      rmSync(`${stem}${end}`, { force: true });
      if (existsSync(`${db.name}${end}`)) copyFileSync(`${db.name}${end}`, `${stem}${end}`);
    }
  }
  writeFileSync(join(COPIES, `current.${own}`), stem);
  renameSync(join(COPIES, `current.${own}`), join(COPIES, "current"));
  const old = join(COPIES, `${own}.${copies - 2}`);
  for (const end of ENDS) rmSync(`${old}${end}`, { force: true });
}

/** What changes when a file is written to. */
function stateOf(name) {
  return ENDS.map((end) => {
    const stats = statSync(`${name}${end}`, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? "none" : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
  }).join("; ");
}

const { prepare, transaction, exec, pragma, close } = Sqlite.prototype;

Sqlite.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  if (!ABOUT.some(([, pattern]) => pattern.test(sql))) return statement;
  const { run } = statement;
  statement.run = function (...values) {
    notice(sql);
    return run.apply(this, values);
  };
  return statement;
};

Sqlite.prototype.exec = function (sql) {
  notice(sql);
  const result = exec.call(this, sql);
  if (/begin exclusive/i.test(sql)) pass("lock.taken");
  return result;
};

Sqlite.prototype.transaction = function (body) {
  const db = this;
  const made = transaction.call(db, function (...values) {
    about.clear();
    const result = body.apply(this, values);
    for (const what of about) {
      const points = [`${what}.before_commit`, `${what}.after_commit`];
      if (points.some(isNext)) takeNote(db);
      pass(points[0]);
    }
    return result;
  });
  const watched = (variant) =>
    function (...values) {
      const result = variant.apply(this, values);
      for (const what of about) pass(`${what}.after_commit`);
      // Only now: a cut of power at a point after the commit may take back any part of what was
      // just written.
      if (waitsForDisk(db)) copyFiles(db);
      return result;
    };
  return Object.assign(watched(made), {
    default: watched(made.default),
    deferred: watched(made.deferred),
    immediate: watched(made.immediate),
    exclusive: watched(made.exclusive),
  });
};

Sqlite.prototype.pragma = function (text, options) {
  const wanted = WEAK && text === "synchronous = full" ? "synchronous = off" : text;
  const point = /^journal_mode = wal/.test(text)
    ? "open"
    : /^wal_checkpoint/.test(text)
      ? "fold"
      : undefined;
  if (point === undefined) return pragma.call(this, wanted, options);
  pass(`${point}.before`);
  const result = pragma.call(this, wanted, options);
  pass(`${point}.after`);
  copyFiles(this);
  return result;
};

Sqlite.prototype.close = function () {
  if (isLedger(this)) pass("close.before");
  const result = close.call(this);
  if (isLedger(this)) pass("close.after");
  return result;
};

// — The wire ——————————————————————————————————————————————————————————————————

const { _write, _writev } = net.Socket.prototype;

function isRequest(chunk) {
  return String(chunk).startsWith("POST ");
}

net.Socket.prototype._write = function (chunk, encoding, done) {
  const isHead = isRequest(chunk);
  if (isHead) pass("request.before_write");
  _write.call(this, chunk, encoding, done);
  if (isHead) pass("request.after_write");
};

net.Socket.prototype._writev = function (chunks, done) {
  const [head] = chunks;
  if (head === undefined || !isRequest(head.chunk)) return _writev.call(this, chunks, done);
  pass("request.before_write");
  if (isNext("request.half_written")) _write.call(this, head.chunk, head.encoding, () => {});
  pass("request.half_written");
  _writev.call(this, chunks, done);
  pass("request.after_write");
};

net.Socket.prototype.push = function (chunk, encoding) {
  if (Buffer.isBuffer(chunk)) pass("answer.arrived");
  return Readable.prototype.push.call(this, chunk, encoding);
};
