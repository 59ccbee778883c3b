// A name without what differs between two ways to write it.

/** A market's name without what differs between cards: case, accents, `&` for `and`, points. */
export function marketKey(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("&", " and ")
    .replace(/[^\p{L}\d]+/gu, " ")
    .trim();
}
