// `campaign rejects`: the rows that were skipped, with their reason, as a file to be fixed; and the
// fixed rows given back.

import { systemClock } from "../../clock/clock.ts";
import { delimiterNamed } from "../../csv/delimiter.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, errorRecord } from "../../domain/common/errors.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import { holdingWhole } from "../campaign/holding.ts";
import { delimiterOfList } from "../campaign/source.ts";
import { campaignOf, loadManifest, openLedger, readLedger } from "../campaign/wiring.ts";
import type { Applied } from "../check/apply-fixed.ts";
import { applyFixed } from "../check/apply-fixed.ts";
import type { CommandContext } from "../context.ts";
import { isStdout, requireOneStdout } from "../files/output.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { reasonsOf, rejectsOf, writeRejects } from "../files/rejects-file.ts";
import { printJsonList } from "../print/json-list.ts";
import { printJson, say } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";

interface RejectsFlags {
  csv?: string;
  xlsx?: string;
  all?: boolean;
  json?: boolean;
  delimiter?: string;
  /** A file of fixed rows to plan. */
  apply?: string;
}

/** Runs the command; gives its exit code. */
export async function rejects(
  file: string,
  flags: RejectsFlags,
  context: CommandContext,
): Promise<ExitCode> {
  if (flags.apply !== undefined) return apply(file, flags.apply, flags, context);
  requireOneStdout({ ...flags });
  const loaded = await loadManifest(file, { tokenUnused: true });
  const outputs = ["csv", "xlsx"] as const;
  refuseOwnFiles(
    outputs.map((name) => ({ option: `--${name}`, file: flags[name] })),
    context.options,
    loaded,
  );
  const ledger = await readLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    const to = flags.xlsx ?? flags.csv;
    if (flags.json && to === undefined) {
      const rows = rejectRecords(ledger as Ledger, campaign, flags, context.stop);
      await printJsonList({ campaign: campaign.name }, "rejects", rows);
      return EXIT.done;
    }
    const delimiter =
      flags.delimiter === undefined
        ? await delimiterOfList(loaded)
        : delimiterNamed(flags.delimiter);
    const written = await writeRejects(
      ledger as Ledger,
      campaign,
      { ...flags, delimiter },
      context.stop,
    );
    if (flags.json) printJson({ campaign: campaign.name, file: to, rows: written });
    const where = isStdout(to) ? "" : ` in ${to}`;
    const advice = written === 0 ? "" : adviceFor(campaign, file, { ...flags, to });
    say(`${plural(written, "row")}${where}.${advice}`);
    return EXIT.done;
  } finally {
    await ledger?.close();
  }
}

/** `rejects --apply`: plans the rows that were fixed, and says which still cannot be sent to. */
async function apply(
  manifest: string,
  file: string,
  { json }: RejectsFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(manifest);
  const ledger = await openLedger(context.options, loaded);
  const { stop } = context;
  try {
    const { name, lanes } = await campaignOf(ledger, loaded, context.options);
    const wanted = { campaign: name, lanes, clock: systemClock, stop };
    const done = await holdingWhole(ledger, wanted, async () => {
      const campaign = await campaignOf(ledger, loaded, context.options);
      return applyFixed({ loaded, ledger, campaign, file, stop });
    });
    const { applied, unchanged, not_rejected, problems, plan } = done;
    const code = problems.length === 0 ? EXIT.done : EXIT.operator;
    printProblems(problems);
    if (json) {
      const counts = { applied, unchanged, not_rejected, wrong: problems.length, plan };
      const error = code === EXIT.done ? {} : { error: errorRecord(problems, code) };
      printJson({ campaign: name, file, ...counts, ...error });
    }
    say(appliedSentence(done, manifest));
    return code;
  } finally {
    await ledger.close();
  }
}

function appliedSentence(done: Applied, manifest: string): string {
  const { applied, unchanged, not_rejected: other, problems, plan } = done;
  const parts = [
    `${plural(applied, "row")} planned`,
    ...(problems.length > 0 ? [`${count(problems.length)} still to fix`] : []),
    ...(unchanged > 0 ? [`${count(unchanged)} as they were`] : []),
    ...(other > 0 ? [`${count(other)} no rejects any more`] : []),
  ];
  const start = plan === null ? "" : ` --plan ${plan}`;
  const next = applied === 0 ? "" : ` Send them: campaign run ${manifest}${start}`;
  return `${parts.join(", ")}.${next}`;
}

function adviceFor(
  { erasedAt }: CampaignRecord,
  manifest: string,
  flags: { all?: boolean; to: string | undefined },
): string {
  if (erasedAt !== null) {
    return " The campaign was purged: their cells are erased, and it cannot be run again.";
  }
  return flags.all
    ? ""
    : ` Fix them in this file, and give it back: campaign rejects ${manifest} --apply ${isStdout(flags.to) ? "FILE" : flags.to}. Or fix them in the campaign's list, and run it again.`;
}

/** A row as `--json` has it. */
async function* rejectRecords(
  ledger: Pick<ResultLedger, "rejects">,
  campaign: CampaignRecord,
  flags: { all?: boolean },
  stop: AbortSignal,
): AsyncGenerator<Record<string, unknown>> {
  for await (const { row, line, reason, detail, cells } of rejectsOf(
    ledger,
    campaign,
    reasonsOf(flags),
    stop,
  )) {
    const named = campaign.columns.map((column, at) => [column, cells[at] ?? null]);
    yield { row, line, reason, detail, cells: Object.fromEntries(named) };
  }
}
