// The names of the log's levels, apart from the log itself so that `--help` need not load it.

/** Levels that `--log-level` takes, most to least. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
