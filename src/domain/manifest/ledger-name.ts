// Which texts name a place for the ledger: a file, or a schema of a PostgreSQL server.

/** Whether a ledger's place is a server, named by a URL, and not a file. */
export function isServerAddress(name: string): boolean {
  return /^postgres(ql)?:\/\//i.test(name);
}

/** Why a text names no place that a ledger can be in; null when it may. */
export function ledgerNameFault(name: string): { wrong: string; hint: string } | null {
  if (name.trim() === "") return { wrong: "is empty: it names no ledger", hint: "Name a file." };
  if (isServerAddress(name)) return null;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
    return {
      wrong: "is a URL of a kind in which no ledger is kept",
      hint: "Name a file on a local disk, or a server: postgres://USER@HOST/DATABASE.",
    };
  }
  if (/^~/.test(name)) {
    return {
      wrong: 'begins with "~", which only a shell replaces by your home folder',
      hint: "Write the path out.",
    };
  }
  return null;
}
