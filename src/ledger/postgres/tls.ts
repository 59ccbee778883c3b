// Whether a connection is encrypted and whom it trusts, by the words of libpq and with their
// meaning (PostgreSQL 18, 32.19). The client library gives some of them another one.

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { OperatorError } from "../../domain/common/errors.ts";

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof MODES)[number];

/** Where libpq looks for what a URL does not name, in the home of the user. */
const FOLDER = ".postgresql";
/** Instead of a file: the authorities that this program's Node trusts. */
const SYSTEM = "system";

/** What a URL asks for. */
export interface TlsWish {
  mode: Mode;
  /** Paths. */
  rootCert: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** What the client library takes: false without TLS. */
export type Tls = ConnectionOptions | false;

/**
 * Reads the keys of a URL.
 * @param isSocket within one machine there is no TLS
 * @throws OperatorError when `sslmode` is no word of libpq's
 */
export function readTlsWish(given: URLSearchParams, { isSocket }: { isSocket: boolean }): TlsWish {
  const said = given.get("sslmode") ?? "prefer";
  const mode = isSocket ? "disable" : MODES.find((known) => known === said);
  if (mode === undefined) {
    throw new OperatorError({
      message: `the ledger's address has sslmode=${JSON.stringify(said)}, which is none`,
      hint: `Write one of ${MODES.join(", ")}.`,
    });
  }
  const fileOf = (key: string, name: string) => {
    const file = given.get(key) ?? join(homedir(), FOLDER, name);
    return given.has(key) || existsSync(file) ? file : undefined;
  };
  return {
    mode,
    rootCert: fileOf("sslrootcert", "root.crt"),
    cert: fileOf("sslcert", "postgresql.crt"),
    key: fileOf("sslkey", "postgresql.key"),
  };
}

/**
 * How to connect, the first way first; another one is for a server that speaks no TLS.
 * @throws OperatorError when a file cannot be read, or `verify-ca` has none
 */
export function tlsWays({ mode, rootCert, cert, key }: TlsWish): readonly Tls[] {
  if (mode === "disable") return [false];
  const own = {
    ...(cert !== undefined && { cert: readPem("sslcert", cert) }),
    ...(key !== undefined && { key: readPem("sslkey", key) }),
  };
  const isTrusting = mode === "allow" || mode === "prefer";
  if (isTrusting) return [{ ...own, rejectUnauthorized: false }, false];
  const isSystem = rootCert === undefined || rootCert === SYSTEM;
  const trusted = isSystem ? {} : { ca: readPem("sslrootcert", rootCert) };
  if (mode === "verify-full" || rootCert === SYSTEM) return [{ ...own, ...trusted }];
  // With a root certificate `require` is as `verify-ca`.
  if (!isSystem) return [{ ...own, ...trusted, checkServerIdentity: () => undefined }];
  if (mode === "require") return [{ ...own, rejectUnauthorized: false }];
  throw new OperatorError({
    message: "sslmode=verify-ca needs the certificate of the authority that it trusts",
    hint: "Add sslrootcert=FILE to the ledger's address, or write sslmode=verify-full.",
  });
}

function readPem(key: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError({
      message: `${file}, which ${key} of the ledger's address names, cannot be read (${code})`,
      hint: "Correct the path, or give this user the right to read it.",
    });
  }
}
