// A rule that needs answers on its way, each only where what it decides depends on it.

/**
 * A generator that yields questions and goes on with their answers. Who runs it decides what a
 * question is: the ledger's are statements.
 */
export type Asking<Q, T> = Generator<Q, T, unknown>;
