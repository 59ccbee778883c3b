// One whole campaign in a process of its own, so that its memory and CPU are its own: plans a CSV
// and sends it. Prints one line of JSON. Arguments: manifest, what to do (`plan` stops after
// planning, `send` does all), URL, messages a second (0 for no rate), where the ledger is (left out:
// in a file beside the manifest).

import { dirname, join } from "node:path";

import { bringUpToDate } from "../src/cli/campaign/planning.ts";
import { loadManifest } from "../src/cli/campaign/wiring.ts";
import { cleanUpEarly } from "../src/cli/garbage.ts";
import { systemClock } from "../src/clock/clock.ts";
import type { CampaignRecord } from "../src/domain/campaign/campaign.ts";
import { openLedgerAt } from "../src/ledger/open.ts";
import { sendCampaign } from "./campaign.ts";

const [file = "", what = "send", url = "", rate = "0", place] = process.argv.slice(2);

cleanUpEarly("planning");
const from = performance.now();
const result = { rows: 0, planMs: 0, sendMs: 0, sendCpuMs: 0, maxRssMb: 0 };
const loaded = await loadManifest(file);
const ledger = await openLedgerAt(place ?? join(dirname(file), "data", "ledger.sqlite"));
const stop = new AbortController().signal;
const campaign = await bringUpToDate(loaded, {
  ledger,
  clock: systemClock,
  flags: {},
  replan: false,
  stop,
  withoutOthers: (_, work) => work(),
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
  const before = process.cpuUsage();
  const messagesPerSecond = Number(rate) || null;
  await sendCampaign(planned, { url, messagesPerSecond, maxInFlight: 64 });
  const { user, system } = process.cpuUsage(before);
  result.sendCpuMs = (user + system) / 1000;
  result.sendMs = performance.now() - from - result.planMs;
}
await ledger.close();
result.maxRssMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify(result)}\n`);
