// `campaign webhooks`: receives what Meta reports of messages and people, beside whatever run is
// sending from the same ledger.

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { webhookSecrets } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { openServerLog } from "../print/log.ts";
import { printAddress } from "../process/address.ts";
import { openPatientLedger, startReceiving } from "../process/receiving.ts";

/** Runs the command until a signal; gives its exit code. */
export async function webhooks(
  flags: { port: number; host: string; allowHost?: string[] },
  context: CommandContext,
): Promise<ExitCode> {
  const secrets = webhookSecrets();
  const { stop, options } = context;
  const log = openServerLog(options);
  const ledger = await openPatientLedger(context);
  try {
    const { port, host, allowHost: allowHosts = [] } = flags;
    const receiving = await startReceiving(ledger, { port, host, allowHosts, ...secrets, log });
    const { url } = receiving;
    const address = { url, webhooks: `${url}/webhooks`, ledger: ledger.place };
    printAddress(address, `Receiver: ${address.webhooks}\nCtrl-C ends it.`);
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
