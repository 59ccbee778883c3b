// A receiver on a port of its own with a real ledger behind it, and ways to talk to it: as Meta
// does, and as others do.

import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import type { SqliteLedgerOptions } from "../../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../../src/ledger/placed-ledger.ts";
import type { ReceiverNotice, ReceiverOptions } from "../../../src/web/webhooks/options.ts";
import type { Receiver } from "../../../src/web/webhooks/receiver.ts";
import { startReceiver } from "../../../src/web/webhooks/receiver.ts";
import { makeFolder } from "../../support/harness.ts";

export const SECRET = "an-app-secret-of-the-tests";
export const TOKEN = "a-verify-token-of-the-tests";

export interface World {
  file: string;
  ledger: PlacedLedger;
  receiver: Receiver;
  notices: ReceiverNotice[];
  kept(): number;
}

/** Starts both; they end with the test. */
export async function startWorld(
  changes: Partial<ReceiverOptions> = {},
  ledgerOptions: SqliteLedgerOptions = {},
): Promise<World> {
  const { folder, remove } = makeFolder();
  const file = join(folder, "ledger.sqlite");
  const ledger = await openSqliteLedger(file, ledgerOptions);
  const notices: ReceiverNotice[] = [];
  let kept = 0;
  const receiver = await startReceiver({
    host: "127.0.0.1",
    port: 0,
    appSecrets: [SECRET],
    verifyTokens: [TOKEN],
    store: ledger.storeWebhookBodies,
    onStored: () => {
      kept += 1;
    },
    notice: (notice) => notices.push(notice),
    ...changes,
  });
  onTestFinished(async () => {
    await receiver.close();
    await ledger.close();
    remove();
  });
  return { file, ledger, receiver, notices, kept: () => kept };
}

/** As Meta signs. */
export function sign(body: string | Buffer, secret = SECRET): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** A delivery as Meta posts it, unless the headers say otherwise; `null` leaves one out. */
export async function deliver(
  { url }: Pick<Receiver, "url">,
  body: string | Buffer,
  headers: Record<string, string | null> = {},
): Promise<Response> {
  const all = {
    "content-type": "application/json",
    "x-hub-signature-256": sign(body),
    ...headers,
  };
  const given = Object.entries(all).filter(([, value]) => value !== null) as [string, string][];
  return fetch(`${url}/webhooks`, { method: "POST", body, headers: given });
}

/** Writes bytes to the receiver as they are, and reads until it closes the connection. */
export async function exchange({ url }: Pick<Receiver, "url">, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text) => {
    answer += text;
  });
  // The answer is what counts: a connection that is closed with bytes unread ends in a reset.
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}
