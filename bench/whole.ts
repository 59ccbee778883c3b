// One whole campaign in a process of its own, so that its memory is its own: plans a CSV and sends it with no rate set.
// Prints one line of JSON. Arguments: manifest, what to do (`csv` only parses, `plan` stops after planning, `send` does all).

import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";

import { parse } from "csv-parse";
import { bringUpToDate } from "../src/cli/campaign/planning.ts";
import { loadManifest } from "../src/cli/campaign/wiring.ts";
import { cleanUpEarly } from "../src/cli/garbage.ts";
import { systemClock } from "../src/clock/clock.ts";
import type { CampaignRecord } from "../src/domain/campaign/campaign.ts";
import { openSqliteLedger } from "../src/ledger/ledger.ts";
import { sendCampaign } from "./campaign.ts";

const [file = "", what = "send", url = ""] = process.argv.slice(2);

/** Rows that csv-parse alone reads. */
async function parseOnly(csv: string): Promise<number> {
  let rows = 0;
  const parser = createReadStream(csv).pipe(parse({}));
  parser.on("readable", () => {
    while (parser.read() !== null) rows += 1;
  });
  await new Promise((resolve, reject) => parser.on("end", resolve).on("error", reject));
  return rows - 1;
}

cleanUpEarly("planning");
const from = performance.now();
const result = { rows: 0, planMs: 0, sendMs: 0, maxRssMb: 0 };
if (what === "csv") {
  result.rows = await parseOnly(join(dirname(file), "list.csv"));
  result.planMs = performance.now() - from;
} else {
  const loaded = await loadManifest(file);
  const ledger = await openSqliteLedger(join(dirname(file), "data", "ledger.sqlite"));
  const stop = new AbortController().signal;
  const campaign = await bringUpToDate(loaded, {
    ledger,
    clock: systemClock,
    flags: {},
    replan: false,
    stop,
  });
  result.planMs = performance.now() - from;
  result.rows = (campaign as CampaignRecord).rows;
  if (what === "send") {
    const planned = {
      folder: "",
      ledger,
      campaign: campaign as CampaignRecord,
      remove: async () => {},
    };
    cleanUpEarly("sending");
    await sendCampaign(planned, { url, messagesPerSecond: null, maxInFlight: 64 });
    result.sendMs = performance.now() - from - result.planMs;
  }
  await ledger.close();
}
result.maxRssMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify(result)}\n`);
