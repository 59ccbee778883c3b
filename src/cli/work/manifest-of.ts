// The manifest of a campaign that a worker is to run: the file where it is on this machine, else
// the copy in the ledger.

import { existsSync } from "node:fs";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { isLoopbackName } from "../../domain/common/hosts.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadKeptManifest, loadManifest } from "../campaign/wiring.ts";

/** Where the token of a manifest that only the ledger has may go, besides this machine. */
const GRAPH = "graph.facebook.com";

/**
 * Reads it.
 * @throws OperatorError when there is none, when it has faults (a variable that is not set), or is
 *   another campaign's
 */
export async function manifestOf(campaign: CampaignRecord): Promise<LoadedManifest> {
  const { name, manifest: file, manifestText, manifestPolicy } = campaign;
  if (file !== null && existsSync(file)) {
    const loaded = await loadManifest(file);
    requireSame(loaded, campaign);
    return loaded;
  }
  if (file === null || manifestText === null) {
    throw new OperatorError({
      id: "no_manifest",
      message: `the manifest of campaign "${name}" is not on this machine, and the ledger has no copy`,
      hint: "Run it once by hand: the ledger keeps the manifest from then on.",
    });
  }
  const loaded = await loadKeptManifest(manifestText, file, manifestPolicy);
  requireSame(loaded, campaign);
  requireSafeHost(loaded);
  return loaded;
}

/** Another file may have the name by now. */
function requireSame({ manifest, file }: LoadedManifest, { name }: CampaignRecord): void {
  if (manifest.campaign === name) return;
  throw new OperatorError({
    id: "other_manifest",
    file,
    message: `this manifest is of campaign "${manifest.campaign}", and that of "${name}" was here`,
    hint: "Put it back, or remove this one: then the ledger's copy counts.",
  });
}

/** Who may write to the ledger must not be able to have the token sent anywhere. */
function requireSafeHost({ manifest: { account }, file, at }: LoadedManifest): void {
  if (account === "sandbox") return;
  const { hostname } = new URL(account.base_url);
  if (hostname === GRAPH || isLoopbackName(hostname)) return;
  throw new OperatorError({
    ...at(["account", "base_url"]),
    id: "no_manifest",
    message: `the manifest is in the ledger alone, and names ${hostname} as the Graph API`,
    hint: `Put ${file} on this machine, or take \`base_url\` out: without the file the token is sent to ${GRAPH} only.`,
  });
}
