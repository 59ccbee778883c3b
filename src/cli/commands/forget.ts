// `campaign forget`: erases one person from everything but the suppression list, where a keyed hash
// is kept of them.

import { systemClock } from "../../clock/clock.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, interrupted, OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Forgetting, PersonKey } from "../../domain/ledger/erasure.ts";
import type { ErasureLedger } from "../../domain/ledger/ledger.ts";
import { audited } from "../campaign/auditing.ts";
import { readNamed, requireRegion, twoPeople } from "../campaign/optouts.ts";
import { openLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { printJson, say } from "../print/print.ts";
import { requireYes } from "../process/ask.ts";
import { compactUnlessRunning } from "../process/compacting.ts";
import { withLockBackoff } from "../process/lock-backoff.ts";

export interface ForgetFlags {
  region?: string;
  yes?: boolean;
  json?: boolean;
}

/**
 * A message that is on its way to the person is waited for: answers come within a second or never …
 */
const BUSY_TRIES = 20;
/** … and are written down at once. */
const BUSY_MS = 250;

/** Runs the command; gives its exit code: 75 when the same command has something left to do. */
export async function forget(
  text: string,
  flags: ForgetFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const who = readWho(text, flags.region);
  const ledger = await openLedger(context.options);
  try {
    const traces = await ledger.tracesOf(who);
    if (!traces.isForgotten || traces.dispatches > 0) {
      const rows = plural(traces.dispatches, "row");
      const campaigns = plural(traces.campaigns.length, "campaign");
      const waiting =
        traces.waiting === 0 ? "" : ` (${plural(traces.waiting, "message")} will not be sent)`;
      const where =
        traces.dispatches === 0 ? "in no campaign" : `in ${rows} of ${campaigns}${waiting}`;
      const question = `This person is ${where}. Erase them for good, and leave them alone from now on?`;
      await requireYes(question, flags.yes, context.stop);
    }
    const done = await forgetAll(ledger, who, context.stop);
    if (done === "interrupted") throw interrupted("the same command goes on where this stopped");
    const { dispatches, skipped, bodies, tag } = done;
    const detail = { rows: dispatches, not_sent: skipped, bodies };
    await audited(ledger, { action: "forget", subject: `person ${tag}`, detail });
    const left = await compactUnlessRunning(ledger);
    if (flags.json) {
      const document = { person: tag, ...detail, files_rewritten: left === null };
      printJson(
        left === null ? document : { ...document, error: errorRecord([left], EXIT.stopped) },
      );
    }
    say(
      `Person ${tag} is forgotten: ${plural(dispatches, "row")} and ${plural(bodies, "webhook body", "webhook bodies")} erased` +
        `${skipped === 0 ? "" : `, ${plural(skipped, "message")} not sent`}. ` +
        "Take them out of your CSV files, too; what lies outside the ledger is listed in docs/data-protection.md.",
    );
    return left === null ? EXIT.done : EXIT.stopped;
  } finally {
    await ledger.close();
  }
}

/** The one person that the text means. */
function readWho(text: string, region: string | undefined): PersonKey {
  requireRegion(region);
  const [one, ...others] = readNamed(text, region);
  if (one === undefined) {
    throw new OperatorError({
      message: `"${text}" is neither a phone number nor a business-scoped user id`,
      hint: "Write the number with + and country code.",
    });
  }
  if (others.length > 0) throw new OperatorError(twoPeople(text));
  return one.userId === null ? { person: one.person as string } : { userId: one.userId };
}

/**
 * Forgets them to the end.
 * @throws OperatorError with exit code 75 when a message to them stays on its way
 */
async function forgetAll(
  ledger: Pick<ErasureLedger, "forget">,
  who: PersonKey,
  stop: AbortSignal,
): Promise<Forgetting | "interrupted"> {
  const sum = { busy: [], dispatches: 0, skipped: 0, bodies: 0, tag: "", next: null };
  let after: number | null = null;
  for (let tries = 0; ; ) {
    if (stop.aborted) return "interrupted";
    const from: number | null = after;
    const step: Forgetting = await withLockBackoff(() =>
      ledger.forget(who, from, systemClock.now()),
    );
    if (step.busy.length > 0) {
      tries += 1;
      if (tries >= BUSY_TRIES) throw busy(step.busy);
      await systemClock.sleep(BUSY_MS);
      continue;
    }
    sum.dispatches += step.dispatches;
    sum.skipped += step.skipped;
    sum.bodies += step.bodies;
    sum.tag = step.tag;
    after = step.next;
    if (after === null) return sum;
  }
}

function busy(campaigns: readonly string[]): OperatorError {
  const names = campaigns.map((name) => `"${name}"`).join(", ");
  return new OperatorError(
    {
      message: `a message to this person is on its way, or was when a run was cut off (${names}); nothing more was erased`,
      hint: "Try again when the run has ended. After a run that was killed, run the campaign once more first.",
    },
    EXIT.stopped,
  );
}
