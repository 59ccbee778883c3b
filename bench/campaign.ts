// A planned campaign for the bench: a real ledger with so many people in it, and the real pieces
// that send to them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../src/clock/clock.ts";
import { makePacer } from "../src/clock/pacer.ts";
import type { Claim } from "../src/domain/campaign/attempt.ts";
import type { CampaignRecord } from "../src/domain/campaign/campaign.ts";
import { callbackKey } from "../src/domain/campaign/dispatch.ts";
import type { PlannedRow } from "../src/domain/campaign/row.ts";
import { buildBody, compileMessage } from "../src/domain/message/body.ts";
import { run } from "../src/domain/sending/run.ts";
import type { RunEnd, RunProgress } from "../src/domain/sending/run-ports.ts";
import { startRunProgress } from "../src/domain/sending/run-ports.ts";
import { takeOver } from "../src/domain/sending/take-over.ts";
import type { Turn } from "../src/domain/sending/turn.ts";
import { openGraph } from "../src/graph/client.ts";
import type { OpenedLedger } from "../src/ledger/open.ts";
import { openLedgerAt } from "../src/ledger/open.ts";
import { digitsOf } from "./people.ts";

export const MESSAGE = compileMessage({
  template: {
    name: "spring_sale",
    language: "pt_BR",
    header: { image: { link: "https://example.com/spring.jpg" } },
    body: ["{{ first_name | default: 'você' }}", "{{ coupon }}"],
    buttons: [{ index: 0, url: "{{ coupon }}" }],
  },
  delivery: { product_policy: "STRICT", message_activity_sharing: true },
} as Parameters<typeof compileMessage>[0]);

export const PHONE_NUMBER_ID = "106540352242922";

export interface Planned {
  folder: string;
  ledger: OpenedLedger;
  campaign: CampaignRecord;
  remove(): Promise<void>;
}

/** A ledger in a new folder with `rows` people to be sent to. */
export async function planCampaign(rows: number): Promise<Planned> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  const ledger = await openLedgerAt(join(folder, "ledger.sqlite"));
  const draft = { name: "bench", lane: PHONE_NUMBER_ID, frozen: {}, columns: [], now: Date.now() };
  const { id } = await ledger.createCampaign(draft);
  const batch = 2000;
  for (let from = 1; from <= rows; from += batch) {
    const size = Math.min(batch, rows - from + 1);
    await ledger.plan(
      id,
      Array.from({ length: size }, (_, at) => plannedRow(from + at)),
      Date.now(),
    );
  }
  const recipients = { size: 0, modifiedMs: 0, sha256: "" };
  await ledger.finishPlanning(id, { frozen: {}, recipients, columns: [], rows, now: Date.now() });
  const campaign = (await ledger.findCampaign("bench")) as CampaignRecord;
  return {
    folder,
    ledger,
    campaign,
    async remove() {
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function plannedRow(row: number): PlannedRow {
  const digits = digitsOf(row);
  const rendered = MESSAGE.render({ first_name: `Ana ${row}`, coupon: `SPRING${row % 100}` });
  if (rendered.kind !== "rendered") throw new Error("the bench's rows have every value");
  return {
    row,
    line: row + 1,
    hash: row,
    phone: `+${digits}`,
    person: digits,
    userId: null,
    recipientId: null,
    region: "BR",
    verdict: { kind: "send", values: rendered.values },
    cells: "[]",
  };
}

/** The body of a claim, with its key, exactly as a run builds it. */
export function bodyOf(ledger: string, campaign: number): (claim: Claim) => string {
  return ({ row, attempt, phone, values }) =>
    buildBody(MESSAGE, {
      to: phone as string,
      values,
      callbackKey: callbackKey({ ledger, campaign, row, attempt }),
    });
}

/** Sends a planned campaign with everything on. */
export async function sendCampaign(
  planned: Planned,
  options: {
    url: string;
    messagesPerSecond: number | null;
    maxInFlight: number;
    limit?: number;
    onBegin?: () => void;
    onTurn?: (turn: Turn) => void;
  },
): Promise<{ end: RunEnd; progress: RunProgress }> {
  const { ledger, campaign } = planned;
  const graph = openGraph({
    baseUrl: options.url,
    version: "v25.0",
    phoneNumberId: PHONE_NUMBER_ID,
    accessToken: "token",
    connections: options.maxInFlight,
  });
  const { pace } = await takeOver(ledger, campaign, {
    lane: campaign.lane,
    now: systemClock.now(),
  });
  const pacer = makePacer({
    lane: campaign.lane,
    messagesPerSecond: options.messagesPerSecond,
    maxInFlight: options.maxInFlight,
    before: pace,
    clock: systemClock,
  });
  const progress = startRunProgress(0);
  const turns = await ledger.startTurns(options.messagesPerSecond ?? Number.POSITIVE_INFINITY);
  const end = await run(
    {
      campaign,
      limit: options.limit ?? null,
      dailyLimit: null,
      acceptedBefore: true,
      cappedTries: 3,
      progress,
    },
    {
      ledger: {
        ...ledger,
        turn: (turn) => {
          options.onTurn?.(turn);
          return turns.turn(turn);
        },
      },
      clock: systemClock,
      pacer,
      post: (body, begins) =>
        graph.post(body, () => {
          const may = begins();
          options.onBegin?.();
          return may;
        }),
      endpointOf: () => graph.endpoint,
      abandon: graph.destroy,
      bodyOf: bodyOf(ledger.id, campaign.id),
      opening: () => ({ kind: "open", until: Number.POSITIVE_INFINITY }),
      stop: new AbortController().signal,
      notice: () => {},
    },
  );
  await turns.close();
  await pacer.close();
  await graph.close();
  return { end, progress };
}
