// `campaign suppress add|remove|import`: changes the opt-out list, shared by all campaigns of the
// ledger.

import { basename, resolve } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import type { AuditLedger, SuppressionLedger } from "../../domain/campaign/list-ports.ts";
import type { Suppression } from "../../domain/campaign/suppression.ts";
import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { EXIT, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { Finding, FindingId } from "../../domain/preflight/finding.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import { audited } from "../campaign/auditing.ts";
import {
  importOptOuts,
  optOutFindings,
  readNamed,
  readSuppressed,
  requireRegion,
  twoPeople,
} from "../campaign/optouts.ts";
import { ledgerAddress } from "../campaign/wiring.ts";
import { problemAt } from "../check/findings.ts";
import { refuseUnlessDespite } from "../check/ledger-guard.ts";
import { agreeToMake } from "../check/new-ledger.ts";
import type { CommandContext } from "../context.ts";
import { failureRecord } from "../failures.ts";
import { printJson, say } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";

/** People that an entry of the audit table names, masked. */
const NAMED_MAX = 5;

/** `suppress add`. */
export async function suppressAdd(
  who: string[],
  flags: { reason: string; region?: string; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const entries = readAll(who, flags.reason, flags.region);
  return withLedger(context, async (ledger) => {
    const added = await ledger.suppress(entries, systemClock.now());
    await audited(ledger, { action: "suppress", subject: subjectOf(entries), detail: { added } });
    const known = entries.length - added;
    if (flags.json) printJson({ added, known });
    const rest = known > 0 ? `, ${count(known)} were on it` : "";
    say(`${count(added)} added to the opt-out list${rest}. In force for running campaigns too.`);
  });
}

/** `suppress remove`. */
export async function suppressRemove(
  who: string[],
  flags: { region?: string; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  requireRegion(flags.region);
  const entries = readEach(who, (text) => {
    const found = readNamed(text, flags.region);
    // To take off everybody whom a text may mean would take off another person, too.
    if (found.length > 1) throw new OperatorError(twoPeople(text));
    return found;
  });
  return withLedger(context, async (ledger) => {
    const keys = entries.map((entry) =>
      entry.userId === null ? { person: entry.person as string } : { userId: entry.userId },
    );
    const removed = await ledger.unsuppress(keys);
    if (removed > 0) {
      await audited(ledger, {
        action: "unsuppress",
        subject: subjectOf(entries),
        detail: { removed },
      });
    }
    if (removed === 0) {
      const message = "None of these is on the opt-out list.";
      const hint =
        "`campaign suppress list` shows who is on it; write the number with + and country code.";
      throw new OperatorError({ id: "not_on_the_list", message, hint });
    }
    if (flags.json) printJson({ removed });
    say(`${count(removed)} taken off the opt-out list.`);
  });
}

/** `suppress import`. */
export async function suppressImport(
  file: string,
  flags: { region?: string; despite?: FindingId[]; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  requireRegion(flags.region);
  return withLedger(context, async (ledger) => {
    const list = { path: resolve(file), region: flags.region };
    const done = await importOptOuts(ledger, list, { now: systemClock.now, stop: context.stop });
    const detail = { read: done.entries, added: done.added, unread: done.unreadCount };
    const interrupted = done.isWhole ? {} : { interrupted: true };
    const about = { subject: basename(file), detail: { ...detail, ...interrupted } };
    await audited(ledger, { action: "suppress_import", ...about });
    printProblems(done.unread);
    const read = plural(done.entries, "line");
    say(
      `${read} read, ${plural(done.added, "person", "people")} new on the opt-out list, ${plural(done.unreadCount, "line")} could not be read.`,
    );
    if (!done.isWhole) throwIfStopped(context.stop, "the same command imports the rest");
    const subject = basename(file);
    const problemOf = (one: Finding) => problemAt(one, { file });
    const guarded = { ledger, flags, subject, problemOf };
    const result = { file, read: done.entries, added: done.added, unreadable: done.unreadCount };
    try {
      await refuseUnlessDespite(optOutFindings(done, file, null), guarded);
    } catch (error) {
      if (flags.json) printJson({ ...result, error: failureRecord(error) });
      throw error;
    }
    if (flags.json) printJson(result);
  });
}

/**
 * For the audit table, which masks them: in their full form, since parts of a number are not
 * reported from other digits.
 */
function subjectOf(entries: readonly Suppression[]): string {
  const named = entries.slice(0, NAMED_MAX).map((entry) => entry.phone ?? entry.userId);
  const more = entries.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${count(more)} more` : ""}`;
}

/** All entries, or every one that cannot be read as a problem. */
function readAll(who: string[], reason: string, region: string | undefined): Suppression[] {
  requireRegion(region);
  return readEach(who, (text) => readSuppressed(text, { region, reason, source: "manual" }));
}

function readEach(who: string[], read: (text: string) => Suppression[]): Suppression[] {
  const problems: Problem[] = [];
  const entries = who.flatMap((text) => {
    const found = read(text);
    if (found.length === 0) {
      problems.push({
        message: `"${text}" is neither a phone number nor a business-scoped user id`,
        hint: "Write the number with + and country code, or give --region.",
      });
    }
    return found;
  });
  if (problems.length > 0) throw new OperatorError(problems);
  return entries;
}

async function withLedger(
  context: CommandContext,
  act: (ledger: SuppressionLedger & AuditLedger) => Promise<void>,
): Promise<ExitCode> {
  const file = ledgerAddress(context.options);
  const ledger = await openLedgerAt(file, { make: await agreeToMake(file, context) });
  try {
    await act(ledger);
    return EXIT.done;
  } finally {
    await ledger.close();
  }
}
