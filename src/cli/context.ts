// What every command is given besides its own arguments.

import type { StopRequests } from "./process/signals.ts";

/** What every command is given besides its own arguments. */
export interface GlobalOptions {
  ledger?: string;
  newLedger?: boolean;
  logFile?: string;
  logLevel?: string;
}

export interface CommandContext extends Pick<StopRequests, "stop" | "beforeQuit"> {
  options: GlobalOptions;
}
