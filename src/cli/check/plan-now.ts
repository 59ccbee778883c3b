// What would be sent as things stand now, as a plan: hashes of manifest, list and templates, people
// and price.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fingerprintFile } from "../../csv/fingerprint.ts";
import type { AccountFacts, TemplateName } from "../../domain/account/facts.ts";
import { definitionsOf } from "../../domain/account/facts.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { Plan } from "../../domain/preflight/plan-digest.ts";
import { PLAN_KEYS, shortHash } from "../../domain/preflight/plan-digest.ts";
import { isUnreachable } from "../../domain/preflight/preflight.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import { mediaOf } from "../account/media.ts";
import type { Source } from "../campaign/source.ts";
import { openSource, withDefinitions } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { boundPrices } from "../cost/prices.ts";
import type { Already } from "./check-result.ts";
import { compareWithLedger, rehearse } from "./rehearsal.ts";

/** A ledger for the length of one piece of work; nothing of it stays. */
export async function withScratchLedger<T>(work: (ledger: OpenedLedger) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-check-"));
  try {
    const scratch = await openLedgerAt(join(folder, "scratch.sqlite"));
    try {
      return await work(scratch);
    } finally {
      await scratch.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The plan of a manifest: its list is read, and planned for a try.
 * @param options.replan as with `run --replan`
 * @returns null while Meta cannot be asked for the template
 * @throws OperatorError for whatever a check would refuse
 */
export async function planNow(
  loaded: LoadedManifest,
  { facts, replan }: { facts: AccountFacts; replan: boolean },
  context: CommandContext,
): Promise<Plan | null> {
  const source = withDefinitions(await openSource(loaded), definitionsOf(facts));
  const { result: already } = await compareWithLedger(source, context, { replan, isQuiet: true });
  return withScratchLedger(async (scratch) => {
    const { tally } = await rehearse(source, scratch, context);
    return planOf(source, { tally, already, facts });
  });
}

/** The same of what a check found out. */
export async function planOf(
  { loaded, path, shownAs }: Pick<Source, "loaded" | "path" | "shownAs">,
  seen: { tally: LedgerTally; already: Already | null; facts: AccountFacts },
): Promise<Plan | null> {
  const { tally, already, facts } = seen;
  if (isUnreachable(facts)) return null;
  return {
    ...(await manifestHashes(loaded)),
    source: sourceHash((await fingerprintFile(path, shownAs)).sha256),
    template: templateHash(loaded, facts),
    people: peopleOf(tally, already),
    price: await priceOf(loaded, facts, tally),
  };
}

/** The plan of a campaign as it is planned in the ledger. */
export async function plannedPlan(
  loaded: LoadedManifest,
  seen: { tally: LedgerTally; sha256: string; facts: AccountFacts },
): Promise<Plan> {
  const { tally, sha256, facts } = seen;
  return {
    ...(await manifestHashes(loaded)),
    source: sourceHash(sha256),
    template: templateHash(loaded, facts),
    people: tally.rows - (tally.counts.skipped ?? 0),
    price: await priceOf(loaded, facts, tally),
  };
}

/** The list of a plan. @param sha256 of its file, in hex */
export function sourceHash(sha256: string): string {
  return shortHash(Buffer.from(sha256, "hex").toString("base64url"));
}

/** The manifest of a plan, with the content of the files that its messages carry. */
export async function manifestHashes(
  loaded: LoadedManifest,
): Promise<Pick<Plan, "keys" | "manifest">> {
  const { manifest, folder } = loaded;
  const files: string[] = [];
  for (const { file } of mediaOf(manifest)) {
    files.push((await fingerprintFile(resolve(folder, file), file)).sha256);
  }
  const parts = withoutSecrets(manifest);
  const named = PLAN_KEYS.map((key) => parts[key]);
  const others = Object.entries(parts).filter(([key]) => !isPlanKey(key));
  const all = [...named.map((value) => hashOf([value])), hashOf(others)];
  return {
    keys: all.map((hash) => hash.slice(0, 1)).join(""),
    manifest: shortHash(hashOf([all, files])),
  };
}

function isPlanKey(key: string): boolean {
  return (PLAN_KEYS as readonly string[]).includes(key);
}

/** What counts of the policy stands in the manifest already, and its file's place is no matter. */
function withoutSecrets({
  policy,
  requiresPlan: _,
  ...manifest
}: Manifest): Record<string, unknown> {
  const { account } = manifest;
  const setAside = policy?.setAside ?? {};
  if (account === "sandbox") return { ...manifest, setAside };
  const { access_token: _token, ...known } = account;
  return { ...manifest, account: known, setAside };
}

/**
 * The templates of a plan, in every approved language where each row gives its own; null where one
 * of them could not be read. A TTL that the manifest names is judged by a finding, and may be set
 * by the run itself.
 */
export function templateHash({ manifest }: LoadedManifest, facts: AccountFacts): string | null {
  const { others = [], variants } = facts;
  const isRead =
    variants === undefined
      ? [facts, ...others].every(({ template }) => template !== null)
      : variants.length > 0;
  if (!isRead) return null;
  const seen = definitionsOf(facts).map((definition) => {
    const { name, language, category, parameter_format, components } = definition;
    const ttl = manifest.template.ttl === undefined ? definition.message_send_ttl_seconds : null;
    return { name, language, category, parameter_format, components, ttl: ttl ?? null };
  });
  const keyOf = ({ name, language }: TemplateName) => `${name} ${language}`;
  // In which order Meta lists the languages says nothing.
  if (variants !== undefined) seen.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return shortHash(hashOf(seen));
}

/** Samples have addresses that Meta signs again each time. */
function hashOf(value: unknown): string {
  const text = JSON.stringify(value, (key, part: unknown) =>
    key === "example" ? undefined : part,
  );
  return createHash("sha256").update(text).digest("base64url");
}

/** Whom a message reached or may have reached, and who would still be sent to. */
function peopleOf(tally: LedgerTally, already: Already | null): number {
  if (already === null) return tally.counts.pending ?? 0;
  const { skipped: _s, pending: _p, held: _h, ...others } = already.counts;
  const dealtWith = Object.values(others).reduce((sum, number) => sum + number, 0);
  return dealtWith + already.waiting + already.new_rows;
}

async function priceOf(
  loaded: LoadedManifest,
  facts: AccountFacts,
  tally: LedgerTally,
): Promise<Plan["price"]> {
  const prices = await boundPrices(loaded, facts);
  if (prices === null) return null;
  const regions = Object.entries(tally.regions);
  const known = regions.reduce((sum, [, people]) => sum + people, 0);
  if (known < tally.rows - (tally.counts.skipped ?? 0)) return null;
  let amount = 0;
  for (const [region, people] of regions) {
    const price = prices.byRegion[region];
    if (price === undefined) return null;
    amount += price * people;
  }
  return { amount, currency: prices.currency };
}
