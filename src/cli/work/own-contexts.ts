// A context for each campaign of a worker: it is stopped with all others, and what a second signal
// waits for is forgotten when the campaign has ended.

import type { CommandContext } from "../context.ts";

/** The context of one campaign. */
interface OwnContext {
  context: CommandContext;
  /** The campaign has ended. */
  end(): void;
}

export interface OwnContexts {
  begin(): OwnContext;
  /** Stops every campaign, as a signal does. */
  stopAll(): void;
}

/**
 * Makes contexts within that of the command.
 * @param onStop called when the command is asked to stop
 */
export function makeOwnContexts(command: CommandContext, onStop: () => void): OwnContexts {
  const stops = new Set<AbortController>();
  const waits = new Set<() => Promise<unknown>>();
  const stopAll = () => {
    for (const stop of stops) stop.abort();
  };
  command.stop.addEventListener(
    "abort",
    () => {
      stopAll();
      onStop();
    },
    { once: true },
  );
  command.beforeQuit(() => Promise.allSettled([...waits].map((wait) => wait())));
  return {
    stopAll,
    begin() {
      const stop = new AbortController();
      stops.add(stop);
      if (command.stop.aborted) stop.abort();
      const own: (() => Promise<unknown>)[] = [];
      const beforeQuit = (wait: () => Promise<unknown>) => {
        own.push(wait);
        waits.add(wait);
      };
      return {
        context: { ...command, stop: stop.signal, beforeQuit },
        end() {
          stops.delete(stop);
          for (const wait of own) waits.delete(wait);
        },
      };
    },
  };
}
