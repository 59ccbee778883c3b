// One run of a planned campaign at a rate, in a process of its own, so that it can be killed. Says
// `ready`, waits for a word, says `began` with its first request, and writes down when each request
// begins, in a file that outlives it. Arguments: folder of the ledger, campaign, URL, messages a
// second.

import { once } from "node:events";
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";

import type { CampaignRecord } from "../src/domain/campaign/campaign.ts";
import { openLedgerAt } from "../src/ledger/open.ts";
import { sendCampaign } from "./campaign.ts";

const [folder = "", name = "", url = "", perSecond = "1"] = process.argv.slice(2);
const rate = Number(perSecond);

const begins = openSync(join(folder, "begins.txt"), "a");
let first = true;

process.send?.("ready");
await once(process, "message");
const ledger = await openLedgerAt(join(folder, "ledger.sqlite"));
const campaign = (await ledger.findCampaign(name)) as CampaignRecord;
await ledger.recoverClaims(campaign.id, Date.now());
const { end } = await sendCampaign(
  { folder, ledger, campaign, remove: async () => {} },
  {
    url,
    messagesPerSecond: rate,
    maxInFlight: Math.min(512, Math.max(8, Math.ceil(rate * 0.3))),
    onBegin: () => {
      writeSync(begins, `${performance.timeOrigin + performance.now()}\n`);
      if (first) process.send?.("began");
      first = false;
    },
  },
);
await ledger.close();
process.exitCode = end.kind === "finished" ? 0 : 1;
process.disconnect();
