// Which texts name a file for the ledger.

/** Why a text names no file that a ledger can be in; null when it may. */
export function ledgerNameFault(name: string): { wrong: string; hint: string } | null {
  if (name.trim() === "") return { wrong: "is empty: it names no ledger", hint: "Name a file." };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) {
    return {
      wrong: "is a URL, and this version keeps the ledger in a file only",
      hint: "Name a file on a local disk.",
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
