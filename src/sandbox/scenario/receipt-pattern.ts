// What the sandbox reports about an accepted message. Shapes only.

/**
 * In order and once; the last first; each twice; never; or the first of them before the answer to
 * the request, and the others in order.
 */
export type ReceiptPattern = "plain" | "reversed" | "doubled" | "silent" | "early";
