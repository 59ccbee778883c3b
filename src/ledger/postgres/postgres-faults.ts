// Says in one sentence what PostgreSQL or the way to it refused, as a LedgerError; never hides a
// programmer's error.

import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ExplainedFault } from "../explained-fault.ts";
import { explained } from "../explained-fault.ts";

const UNREACHABLE: ExplainedFault = {
  fault: "unreachable",
  sentence:
    "cannot be reached. Look whether the server runs and its address is right, and run again.",
};
const LOST: ExplainedFault = {
  fault: "unreachable",
  sentence: "ended the connection. The same command goes on once the server is there again.",
};
const NO_RIGHTS: ExplainedFault = {
  fault: "no_rights",
  sentence: "lets this user not in, or not do this. Correct the user, the password or its rights.",
};
const UNTRUSTED: ExplainedFault = {
  fault: "untrusted",
  sentence:
    "shows no certificate that sslmode of its address accepts. Look whether it is the right server, and name its authority by sslrootcert=FILE.",
};
const WITHOUT_TLS: ExplainedFault = {
  fault: "untrusted",
  sentence: "is on a server that speaks no TLS, which sslmode of its address asks for.",
};
const POOLED: ExplainedFault = {
  fault: "unsafe",
  sentence:
    "is behind a connection pooler that takes no settings of a session. Name the server itself.",
};
const NO_DATABASE: ExplainedFault = {
  fault: "not_a_ledger",
  sentence: "names a database that is not there. Make it with createdb, or correct the name.",
};
const READ_ONLY: ExplainedFault = {
  fault: "read_only",
  sentence: "may only be read: it is a standby, or set so. Name the server that takes writes.",
};
const FULL: ExplainedFault = {
  fault: "full",
  sentence: "cannot grow: its server has no space left. Free some space and run again.",
};
const CROWDED: ExplainedFault = {
  fault: "busy",
  sentence: "has no connection left. Raise max_connections, or close what else is connected.",
};
const BUSY: ExplainedFault = {
  fault: "busy",
  sentence: "is kept locked by another program. Run again.",
};
const CORRUPT: ExplainedFault = {
  fault: "corrupt",
  sentence: "is damaged. Do not send with it: restore the database from its backup.",
};
const IO: ExplainedFault = {
  fault: "io",
  sentence: "could not be read or written: its server reports an error of its disk.",
};

/** Codes and classes of errors, the longest first (PostgreSQL 15, Appendix A). */
const BY_SQLSTATE: readonly [prefix: string, fault: ExplainedFault][] = [
  ["57P03", UNREACHABLE], // is starting up
  ["57P0", LOST], // shut down by an administrator, crashed
  ["25P03", LOST], // its process was stopped in the middle of a transaction
  ["53100", FULL],
  ["53200", FULL],
  ["53300", CROWDED],
  ["55P03", BUSY], // lock not available
  ["57014", BUSY], // cancelled, such as by a time limit
  ["25006", READ_ONLY],
  ["28", NO_RIGHTS],
  ["42501", NO_RIGHTS],
  ["3D000", NO_DATABASE],
  ["08", LOST],
  ["XX00", CORRUPT],
  ["58", IO],
];

/** Error codes of Node's sockets and of name resolution. */
const BY_SYSTEM_CODE: Readonly<Record<string, ExplainedFault>> = {
  ECONNREFUSED: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ENOENT: UNREACHABLE, // a socket in the file system
  EACCES: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ECONNRESET: LOST,
  EPIPE: LOST,
  // Of certificates (Node 24, tls, X509 certificate error codes).
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_HAS_EXPIRED: UNTRUSTED,
  CERT_NOT_YET_VALID: UNTRUSTED,
  CERT_REVOKED: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: UNTRUSTED,
};

/** PgBouncer's own refusal (its documentation, ignore_startup_parameters, 1.25). */
const POOLER = /^unsupported startup parameter/;
/** The client's own (pg 8). */
const NO_TLS = /^The server does not support SSL connections/;

/** What the client itself says without any code (pg 8). */
const BY_MESSAGE: readonly [RegExp, ExplainedFault][] = [
  [NO_TLS, WITHOUT_TLS],
  [/^Connection terminated|^Client (has encountered a connection error|was closed)/, LOST],
  [/^Query read timeout/, LOST],
  [/timeout exceeded when trying to connect|^timeout expired/i, UNREACHABLE],
  [/password must be a string|no password supplied/i, NO_RIGHTS],
];

/**
 * Turns what PostgreSQL or its client threw into a LedgerError that names the ledger.
 * Everything else (a constraint, a mistake in SQL, an assertion) comes back as it is: it is a bug.
 * @param place of the ledger, without a password
 */
export function postgresFault(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error instanceof LedgerError) return error;
  const known = faultOf(error);
  return known === undefined ? error : explained(known, place, error);
}

/** Does something on a server. @throws as `postgresFault` gives it */
export async function asking<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw postgresFault(error, place);
  }
}

/** Whether a server was asked for TLS and speaks none. */
export function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && NO_TLS.test(error.message);
}

function faultOf(error: Error): ExplainedFault | undefined {
  if (POOLER.test(error.message)) return POOLED;
  const { code } = error as { code?: unknown };
  if (typeof code === "string") {
    const system = BY_SYSTEM_CODE[code];
    if (system !== undefined) return system;
    return BY_SQLSTATE.find(([prefix]) => code.startsWith(prefix))?.[1];
  }
  // Several addresses of one name, none of which answers.
  if (error instanceof AggregateError) return UNREACHABLE;
  return BY_MESSAGE.find(([pattern]) => pattern.test(error.message))?.[1];
}
