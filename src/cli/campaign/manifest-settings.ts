// What the manifests of a ledger's campaigns say today, for a server that shows many of them.

import { stat } from "node:fs/promises";
import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ReportSettings } from "../../domain/result/report-data.ts";
import { reportSettings } from "../../domain/result/report-data.ts";
import { conditionRules } from "../files/schedule-files.ts";
import { manifestCard } from "./estimate.ts";
import { loadManifest } from "./wiring.ts";

/** A file is looked at again after this. */
const FRESH_MS = 5_000;

interface Kept {
  modifiedMs: number;
  at: number;
  settings: ReportSettings | null;
}

/**
 * Reads them, each again only when its file changed; null for a manifest that is not there or
 * cannot be read.
 */
export function makeManifestSettings(): (
  campaign: CampaignRecord,
) => Promise<ReportSettings | null> {
  const kept = new Map<string, Kept>();
  return async ({ manifest, name }) => {
    if (manifest === null) return null;
    const now = systemClock.monotonic();
    const last = kept.get(manifest);
    if (last !== undefined && now - last.at < FRESH_MS) return last.settings;
    const modifiedMs = await stat(manifest).then(
      ({ mtimeMs }) => mtimeMs,
      () => -1,
    );
    const settings =
      last?.modifiedMs === modifiedMs ? last.settings : await settingsIn(manifest, name);
    kept.set(manifest, { modifiedMs, at: now, settings });
    return settings;
  };
}

/**
 * The file may be edited, moved or of another campaign by now; none of it is a fault of the server.
 */
async function settingsIn(file: string, campaign: string): Promise<ReportSettings | null> {
  try {
    const loaded = await loadManifest(file, { tokenUnused: true });
    if (loaded.manifest.campaign !== campaign) return null;
    const card = await manifestCard(loaded).catch(() => null);
    const rules = await conditionRules(loaded);
    return reportSettings(loaded.manifest, file, { rules, rateCard: card });
  } catch {
    return null;
  }
}
