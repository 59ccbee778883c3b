// Receipts of the simulated Graph, and the receiver that brings them into the ledger beside the
// runners.

import type { Taken } from "./graph.ts";
import { SENT_AGAIN } from "./graph.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;
/** This code of a receipt says that the person wants no marketing. */
const UNWANTED = 131_050;
/** Share of receipts that never come. */
const LOST = 0.08;

interface Receipt {
  message: Taken;
  status: "sent" | "delivered" | "read" | "failed";
  /** Wall clock. */
  at: number;
}

/** Takes note of messages that Graph took, and reports of them. */
export interface Receiver {
  taken(message: Taken): void;
}

/** The receiver of a world; the world must be complete before the first message is taken. */
export function makeReceiver(worldOf: () => World): Receiver {
  let inbox: Receipt[] = [];

  async function process(): Promise<void> {
    const { ledger, time, oracle, tell } = worldOf();
    const receipts = inbox;
    inbox = [];
    const now = time.wall();
    const bodies = receipts.map((receipt) => ({
      body: bodyOf(receipt),
      receivedAt: now,
      source: "webhook",
    }));
    await ledger.storeWebhookBodies(bodies);
    try {
      await ledger.processWebhookBodies({ limit: 1_000, now });
    } catch (error) {
      return oracle.fail(`a receipt cannot be applied: ${(error as Error).message}`);
    }
    for (const { message, status } of receipts) {
      tell(() => `row ${message.row}: receipt ${status} ${message.failure ?? ""}`);
      const { failure } = message;
      if (status !== "failed" || failure === null) continue;
      message.isReported = true;
      oracle.reported(message.lane, failure);
      if (SENT_AGAIN.includes(failure)) message.isProven = true;
      if (failure === UNWANTED) oracle.optsOut(message.phone);
    }
  }

  function report(message: Taken, status: Receipt["status"], delayMs: number): void {
    const world = worldOf();
    const { time, chance, scenario } = world;
    // Without any a ramp waits for a person.
    if (scenario.ramp === null && chance.share(LOST)) return;
    time.after(delayMs, () => {
      world.inject(`receipt ${status}`);
      if (inbox.length === 0) time.after(chance.whole(1, 200), () => void process());
      inbox.push({ message, status, at: time.wall() });
    });
  }

  return {
    taken(message) {
      const { scenario, chance } = worldOf();
      if (!scenario.receives) return;
      const soon = (): number =>
        chance.share(0.9) ? chance.whole(5, 2_000) : chance.whole(1, HOUR_MS);
      if (chance.share(0.5)) report(message, "sent", soon());
      if (message.failure !== null) return report(message, "failed", soon());
      report(message, "delivered", soon());
      if (chance.share(0.3)) report(message, "read", soon());
    },
  };
}

function bodyOf({ message, status, at }: Receipt): string {
  const { messageId, phone, key, failure, lane } = message;
  const code = status === "failed" ? failure : null;
  const one = {
    id: messageId,
    status,
    timestamp: String(Math.floor(at / 1_000)),
    recipient_id: phone.slice(1),
    biz_opaque_callback_data: key,
    ...(code !== null && { errors: [{ code, title: "Failed" }] }),
  };
  const value = { statuses: [one], metadata: { phone_number_id: lane } };
  const changes = [{ field: "messages", value }];
  return JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "1", changes }] });
}
