// Text in a URL.

/** What a part of a URL says; one that was never percent-encoded says itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
