// `campaign webhooks`: receives what Meta tells of messages and people, beside whatever run is sending from the same ledger.

import type { ExitCode } from "../errors.ts";
import { EXIT } from "../errors.ts";
import { openLog } from "./log.ts";
import { print } from "./print.ts";
import type { CommandContext } from "./program.ts";
import { openPatientLedger, startReceiving } from "./receiving.ts";
import { webhookSecrets } from "./wiring.ts";

/** Runs the command until a signal; gives its exit code. */
export async function webhooks(
  flags: { port: number; host: string; allowHost?: string[] },
  context: CommandContext,
): Promise<ExitCode> {
  const secrets = webhookSecrets();
  const { stop, options } = context;
  const log = openLog({ file: options.logFile, level: options.logLevel ?? "info" });
  const ledger = await openPatientLedger(context);
  try {
    const { port, host, allowHost: allowHosts = [] } = flags;
    const receiving = await startReceiving(ledger, { port, host, allowHosts, ...secrets, log });
    const { url } = receiving;
    // One line of JSON: whoever starts the receiver from a script reads the address from it.
    print(JSON.stringify({ url, webhooks: `${url}/webhooks`, ledger: ledger.file }));
    log.info({ url, secrets: secrets.appSecrets.length }, "receiving");
    await new Promise<void>((ended) => {
      if (stop.aborted) ended();
      stop.addEventListener("abort", () => ended(), { once: true });
    });
    await receiving.close();
  } finally {
    await ledger.close();
  }
  return EXIT.done;
}
