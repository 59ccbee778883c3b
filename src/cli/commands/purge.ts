// `campaign purge`: erases what people gave us in campaigns that are long over. A runner may be at
// work beside it.

import { systemClock } from "../../clock/clock.ts";
import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, interrupted, OperatorError } from "../../domain/common/errors.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { Purgeable, PurgePlace } from "../../domain/ledger/erasure.ts";
import type { ErasureLedger, Ledger } from "../../domain/ledger/ledger.ts";
import type { InboxLedger } from "../../domain/receipts/inbox-ports.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import { audited } from "../campaign/auditing.ts";
import { openLedger, readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { print, printJson, say } from "../print/print.ts";
import { startProgress } from "../print/progress.ts";
import { timesOf } from "../print/times.ts";
import { requireYes } from "../process/ask.ts";
import { compactUnlessRunning } from "../process/compacting.ts";
import { withLockBackoff } from "../process/lock-backoff.ts";

export interface PurgeFlags {
  /** Milliseconds. */
  olderThan: number;
  campaign?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

const GOES_ON = "the same command goes on where this stopped";
/** Events applied in one transaction: about 20 ms. */
const APPLY_EVENTS = 500;

type PurgedRest = Awaited<ReturnType<Ledger["purgeRest"]>>;

/** What a purge came to. */
interface Purged {
  campaigns: { campaign: string; rows: number }[];
  /** Webhook bodies, and other things that belong to no campaign. */
  others: number;
  /** False when a signal came first. */
  isWhole: boolean;
}

/** Runs the command; gives its exit code: 75 when the same command has something left to do. */
export async function purge(flags: PurgeFlags, context: CommandContext): Promise<ExitCode> {
  const now = systemClock.now();
  const before = now - flags.olderThan;
  if (flags.dryRun) {
    const ledger = await readLedger(context.options);
    try {
      const found = ledger === undefined ? [] : await candidates(ledger, flags, { before, now });
      return tell(found, undefined, flags);
    } finally {
      await ledger?.close();
    }
  }
  const ledger = await openLedger(context.options);
  try {
    // What Meta reported is counted first: afterwards no row matches it.
    if (!(await applyWaiting(ledger, context.stop))) throw interrupted(GOES_ON);
    const found = await candidates(ledger, flags, { before, now });
    const free = found.filter(({ obstacle }) => obstacle === null);
    await askFirst(free, { flags, before, stop: context.stop });
    const done = await purgeAll(ledger, free, { flags, before, stop: context.stop });
    const detail = {
      older_than_days: flags.olderThan / 86_400_000,
      rows: done.campaigns.reduce((sum, { rows }) => sum + rows, 0),
      campaigns: done.campaigns.map(({ campaign }) => campaign),
      others: done.others,
    };
    const subject = flags.campaign ?? plural(done.campaigns.length, "campaign");
    await audited(ledger, { action: "purge", subject, detail });
    if (!done.isWhole) throw interrupted(GOES_ON);
    const left = await compactUnlessRunning(ledger);
    tell(found, { ...done, left }, flags);
    return left === null ? EXIT.done : EXIT.stopped;
  } finally {
    await ledger.close();
  }
}

async function candidates(
  ledger: Pick<RunLedger, "findCampaign"> & Pick<ErasureLedger, "purgeable">,
  { campaign: name }: PurgeFlags,
  { before, now }: { before: number; now: number },
): Promise<Purgeable[]> {
  const found = await ledger.purgeable(before, now);
  if (name === undefined) return found;
  const known = await ledger.findCampaign(name);
  if (known === undefined)
    throw new OperatorError({
      message: `no campaign is called "${name}"`,
      hint: "`campaign status` lists the campaigns of the ledger.",
    });
  const one = found.filter((each) => each.campaign === known.id);
  const [first] = one;
  if (first === undefined && known.erasedAt === null) {
    const message = `campaign "${name}" last changed after ${timesOf().calendar.date(before)}, which is newer than --older-than`;
    throw new OperatorError({ message, hint: "Give a shorter --older-than, or wait." });
  }
  if (first !== undefined && first.obstacle !== null) {
    throw new OperatorError({
      message: `campaign "${name}" is not purged: ${whyNot(first)}`,
      hint:
        first.obstacle.kind === "open"
          ? "Let it end, or end it: `campaign cancel <manifest>`. A campaign that was killed must run once more first."
          : `Run the same command after ${timesOf().calendar.date(first.obstacle.until)}.`,
    });
  }
  return one;
}

/** Half a sentence with what to do. */
function whyNot({ obstacle }: Purgeable): string {
  if (obstacle === null) return "";
  if (obstacle.kind === "open") {
    return "it may still go on; `campaign cancel` ends it (a campaign that was killed must run once more first)";
  }
  return `receipts of its messages may still come until ${timesOf().calendar.date(obstacle.until)}`;
}

async function askFirst(
  free: Purgeable[],
  { flags, before, stop }: { flags: PurgeFlags; before: number; stop: AbortSignal },
): Promise<void> {
  const rows = free.reduce((sum, one) => sum + one.rows - one.erasedRows, 0);
  const what =
    flags.campaign === undefined
      ? `${plural(free.length, "campaign")} (${plural(rows, "row")}), and all webhook bodies from before ${timesOf().calendar.date(before)}`
      : `"${flags.campaign}" (${plural(rows, "row")})`;
  await requireYes(`Erase for good what people gave us in ${what}?`, flags.yes, stop);
}

/** Returns false when a signal came first. */
async function applyWaiting(
  ledger: Pick<InboxLedger, "processWebhookBodies">,
  stop: AbortSignal,
): Promise<boolean> {
  for (let more = true; more; ) {
    if (stop.aborted) return false;
    const applied = await withLockBackoff(() =>
      ledger.processWebhookBodies({ limit: APPLY_EVENTS, now: systemClock.now() }),
    );
    more = applied.more;
  }
  return true;
}

async function purgeAll(
  ledger: Pick<ErasureLedger, "purgeCampaign" | "purgeRest">,
  free: Purgeable[],
  options: { flags: PurgeFlags; before: number; stop: AbortSignal },
): Promise<Purged> {
  const { flags, before, stop } = options;
  const total = free.reduce((sum, one) => sum + one.rows - one.erasedRows, 0);
  const done: Purged = { campaigns: [], others: 0, isWhole: false };
  let rows = 0;
  const line = startProgress(() =>
    rows === 0 ? "" : `erasing: ${count(rows)} of ${plural(total, "row")}`,
  );
  try {
    for (const { campaign, name } of free) {
      const one = { campaign: name, rows: 0 };
      for (let left = 1; left > 0; ) {
        if (stop.aborted) return done;
        const step = await withLockBackoff(() =>
          ledger.purgeCampaign(campaign, before, systemClock.now()),
        );
        // Another process did it, or made it go on, in this very moment.
        if (step === undefined) break;
        if (one.rows === 0) done.campaigns.push(one);
        one.rows += step.erased;
        rows += step.erased;
        left = step.left;
      }
    }
    if (flags.campaign === undefined) {
      let place: PurgePlace | null = null;
      do {
        if (stop.aborted) return done;
        const from: PurgePlace | null = place;
        const step: PurgedRest = await withLockBackoff(() => ledger.purgeRest(from, before));
        done.others += step.erased;
        place = step.next;
      } while (place !== null);
    }
    return { ...done, isWhole: true };
  } finally {
    line.end();
  }
}

function tell(
  found: readonly Purgeable[],
  done: (Purged & { left: Problem | null }) | undefined,
  flags: PurgeFlags,
): ExitCode {
  const left = found.filter(({ obstacle }) => obstacle !== null);
  const free = found.filter(({ obstacle }) => obstacle === null);
  if (flags.json) {
    const erased = done?.campaigns ?? [];
    const document = {
      dry_run: done === undefined,
      campaigns: (done === undefined
        ? free.map(({ name, rows, erasedRows }) => ({ campaign: name, rows: rows - erasedRows }))
        : erased
      ).toSorted((a, b) => a.campaign.localeCompare(b.campaign)),
      others: done?.others ?? null,
      left: left.map((one) => ({ campaign: one.name, rows: one.rows, why: whyNot(one) })),
      files_rewritten: done?.left === null,
    };
    const problem = done?.left ?? null;
    printJson(
      problem === null ? document : { ...document, error: errorRecord([problem], EXIT.stopped) },
    );
    return EXIT.done;
  }
  for (const { name, rows, erasedRows, quietSince } of free) {
    const verb = done === undefined ? "would be erased" : "erased";
    print(
      `${verb}: "${name}", ${plural(rows - erasedRows, "row")}, quiet since ${timesOf().calendar.date(quietSince)}`,
    );
  }
  for (const one of left) print(`not purged: "${one.name}": ${whyNot(one)}`);
  if (done === undefined) {
    if (free.length === 0) say("No campaign is old enough.");
    return EXIT.done;
  }
  const rows = done.campaigns.reduce((sum, one) => sum + one.rows, 0);
  say(
    `${plural(rows, "row")} erased; the counts stay. Webhook bodies and other traces of before: ${count(done.others)}.`,
  );
  return EXIT.done;
}
