// Plans rejected rows again as a person fixed them, and no others.

import { systemClock } from "../../clock/clock.ts";
import { maxPricesOf } from "../../domain/account/facts.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { SkipReason } from "../../domain/campaign/dispatch.ts";
import { FIXABLE_REASONS } from "../../domain/campaign/dispatch.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { frozenOf } from "../../domain/manifest/manifest.ts";
import { fixedHash } from "../../domain/planning/match-rows.ts";
import type { Replanned } from "../../domain/planning/rows.ts";
import { planRules } from "../../domain/planning/rules.ts";
import { planDigest } from "../../domain/preflight/plan-digest.ts";
import { plainReason } from "../../domain/result/labels.ts";
import type { RejectRow } from "../../domain/result/outcome-row.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { factsFor } from "../account/account-facts.ts";
import { audited } from "../campaign/auditing.ts";
import { refuseChanges, refusePurged } from "../campaign/planning.ts";
import type { Source } from "../campaign/source.ts";
import { openSource, PLAN_BATCH, planRow } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { pricesFor } from "../cost/prices.ts";
import type { FixedRow } from "../files/fixed-rows.ts";
import { readFixedRows } from "../files/fixed-rows.ts";
import { rejectsOf } from "../files/rejects-file.ts";
import { plannedPlan } from "./plan-now.ts";

/** Reasons of rows whose cells cannot be distinguished: given back as they are, they stay so. */
const DAMAGED: readonly string[] = ["ragged_row", "cut_off_row"];
const RAGGED = "The row has more cells than the header, or is cut off.";

/** What became of the rows that were given back. */
export interface Applied {
  /** Planned again. */
  applied: number;
  /** As they were. */
  unchanged: number;
  /** No rejects any more: they were applied before, or the list was fixed itself. */
  not_rejected: number;
  /** Rows that still cannot be sent to, each at its line. */
  problems: Problem[];
  /** The digest of the plan that a person has to start now; null where none has to. */
  plan: string | null;
}

/** What applying works on. */
export interface Applying {
  loaded: LoadedManifest;
  ledger: OpenedLedger;
  campaign: CampaignRecord;
  /** The file, as the operator named it. */
  file: string;
  stop: AbortSignal;
}

/**
 * Plans them, while no other process plans or sends the campaign.
 * @throws OperatorError when the file is not what `rejects` wrote, or nothing can be planned
 */
export async function applyFixed(applying: Applying): Promise<Applied> {
  const { loaded, ledger, campaign, file, stop } = applying;
  refuseOver(loaded, campaign);
  const fixed = await readFixedRows(file, campaign, loaded.project.root);
  const source = await openSource(loaded);
  const done: Applied = { applied: 0, unchanged: 0, not_rejected: 0, problems: [], plan: null };
  const all: Replanned[] = [];
  for await (const reject of rejectsOf(ledger, campaign, [...FIXABLE_REASONS], stop)) {
    const given = fixed.take(reject);
    if (given === undefined) continue;
    const row = plannedFrom(source, campaign, { reject, given, file }, done);
    if (row !== undefined) all.push(row);
  }
  done.not_rejected = fixed.left();
  await write(all, applying);
  done.applied = all.length;
  if (all.length > 0) done.plan = await putForward(applying);
  return done;
}

function refuseOver(loaded: LoadedManifest, campaign: CampaignRecord): void {
  const { file } = loaded;
  refusePurged(loaded, campaign);
  if (campaign.state === "cancelled") {
    const message = `campaign "${campaign.name}" was cancelled: it sends to nobody any more`;
    throw new OperatorError({ file, message, hint: "Fix them for a campaign of another name." });
  }
  if (campaign.recipients === null) {
    const message = `campaign "${campaign.name}" is not planned completely`;
    throw new OperatorError({ file, message, hint: "Run it first: that goes on planning it." });
  }
  refuseChanges(loaded, campaign, frozenOf(loaded.manifest), false);
}

/** The row to plan; undefined where it is as it was, or still cannot be sent to. */
function plannedFrom(
  source: Source,
  { columns }: CampaignRecord,
  { reject, given, file }: { reject: RejectRow; given: FixedRow; file: string },
  done: Applied,
): Replanned | undefined {
  if (given.isDamaged) {
    if (DAMAGED.includes(reject.reason)) done.unchanged += 1;
    else {
      const place = { id: "ragged_row", file, line: given.line };
      done.problems.push({
        ...place,
        message: RAGGED,
        hint: "Give it as many cells as the header.",
      });
    }
    return undefined;
  }
  if (given.cells.every((cell, at) => cell === (reject.cells[at] ?? "").trim())) {
    done.unchanged += 1;
    return undefined;
  }
  const named = new Map(columns.map((name, at) => [name, given.cells[at] ?? ""]));
  const cells = source.csv.columns.map((name) => named.get(name) ?? "");
  const { number, hash, line } = reject;
  // A row that the list has no more stands nowhere in it, and keeps its number.
  const place = reject.row ?? number;
  const row = planRow(source, { row: place, line, cells, raw: cells, damage: null });
  if (row.verdict.kind === "skip") {
    const { reason, detail } = row.verdict;
    const place = { id: reason, file, line: given.line };
    done.problems.push({ ...place, message: detail, hint: fixHint(reason) });
    return undefined;
  }
  // The list has the row as it was, and finds its dispatch by that.
  return { number, row: { ...row, hash: fixedHash(hash) } };
}

function fixHint(reason: SkipReason): string {
  return FIXABLE_REASONS.includes(reason)
    ? "Correct the row in this file, and run the same command again."
    : `Take the row out of this file: ${plainReason(reason)}.`;
}

async function write(
  rows: readonly Replanned[],
  { loaded, ledger, campaign, file, stop }: Applying,
): Promise<void> {
  if (rows.length === 0) return;
  const now = () => systemClock.now();
  const facts = () => factsFor(loaded, { clock: systemClock, cache: ledger, stop });
  const prices = await pricesFor(loaded, {
    maxPrices: async (template) => maxPricesOf(await facts(), template),
  });
  const rules = planRules(loaded.manifest, campaign, prices?.byRegion);
  for (let from = 0; from < rows.length; from += PLAN_BATCH) {
    await ledger.replan(campaign.id, rows.slice(from, from + PLAN_BATCH), now(), rules);
  }
  await audited(ledger, {
    ...{ action: "rejects_apply", subject: campaign.name },
    detail: { rows: rows.length, file },
  });
}

/** Where the policy wants a plan, more people need one of their own. */
async function putForward({ loaded, ledger, campaign, stop }: Applying): Promise<string | null> {
  const { recipients } = campaign;
  if (loaded.manifest.requiresPlan !== true || recipients === null) return null;
  const facts = await factsFor(loaded, { clock: systemClock, cache: ledger, stop });
  const tally = await ledger.tally(campaign.id);
  const plan = await plannedPlan(loaded, { tally, sha256: recipients.sha256, facts });
  const digest = planDigest(plan);
  await ledger.keepPlan(campaign.id, { digest, startedBy: null }, systemClock.now());
  return digest;
}
