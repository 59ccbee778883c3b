// `campaign send-test`: sends the message of one row to a phone of one's own. It goes the way of
// every message (check, claim, post, record), as a campaign of its own that no count has.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { systemClock } from "../../clock/clock.ts";
import { csvLine } from "../../csv/export.ts";
import type { TemplateName } from "../../domain/account/facts.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { SkipReason, Status } from "../../domain/campaign/dispatch.ts";
import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Hold } from "../../domain/ledger/ledger.ts";
import { messagesOf, noArm, templateOfRow } from "../../domain/manifest/arms-of-manifest.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { lanesOf } from "../../domain/manifest/manifest.ts";
import type { FindingId } from "../../domain/preflight/finding.ts";
import { readPhone } from "../../domain/recipient/phone.ts";
import type { CsvRow } from "../../domain/recipient/recipient.ts";
import { readRecipient } from "../../domain/recipient/recipient.ts";
import { wordsFor } from "../../domain/result/labels.ts";
import type { RunEnd } from "../../domain/sending/run-ports.ts";
import { nextTestName, testManifest } from "../../domain/setup/test-campaign.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { holding } from "../campaign/holding.ts";
import { settleClaims } from "../campaign/lane-loops.ts";
import { exitCodeOf } from "../campaign/run-result.ts";
import type { Ended } from "../campaign/running.ts";
import { runHeld } from "../campaign/running.ts";
import type { Source } from "../campaign/source.ts";
import { openSource, planRow } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import { openToRun } from "../check/ledger-guard.ts";
import type { CommandContext } from "../context.ts";
import type { PinFlags } from "../files/pinned-list.ts";
import { pinList } from "../files/pinned-list.ts";
import { print, printJson, say, warn } from "../print/print.ts";
import { redact } from "../print/redact.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { requireYes } from "../process/ask.ts";

/** The column of the one number, where the list has none. */
const PHONE = "phone";
/** Statuses in which Meta has the message. */
const TAKEN: readonly Status[] = ["accepted", "sent", "delivered", "read"];

interface SendTestFlags extends PinFlags {
  to: string;
  row?: number;
  id?: string;
  arm?: string;
  yes?: boolean;
  despite?: FindingId[];
  json?: boolean;
}

/** Runs the command; gives its exit code. */
export async function sendTest(
  file: string,
  flags: SendTestFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  const isSandbox = loaded.manifest.account === "sandbox";
  const given = flags.to === "-" ? (await text(process.stdin)).trim() : flags.to;
  const to = readTo(given, loaded.manifest);
  await pinList(loaded, flags, context.stop);
  const message = messageOfArm(loaded, flags.arm);
  const source = await openSource(loaded);
  const row = await findRow(source, flags);
  if (isSandbox) say(SANDBOX_WORDS);
  const ledger = await openToRun(loaded, flags, context);
  const folder = mkdtempSync(join(tmpdir(), "campaign-test-"));
  try {
    const tests = await ledger.listTests(loaded.manifest.campaign);
    if (!isSandbox && tests.length === 0) {
      const { name, language } = templateOfTest(source, row, message);
      const question = `Send template "${name}" (${language}) with the values of row ${row.row} to ${redact(to)}?`;
      await requireYes(question, flags.yes, context.stop);
    }
    const names = tests.map(({ name }) => name);
    const name = nextTestName(loaded.manifest.campaign, names);
    const list = writeList(source, row, { to, file: join(folder, "test.csv") });
    const manifest = testManifest(message, name, list);
    const test = { ...loaded, text: null, testOf: loaded.manifest.campaign, manifest };
    const stop = context.stop;
    const who = { campaign: name, lanes: lanesOf(manifest) };
    const end = await endOf(ledger, name, () =>
      holding(ledger, { ...who, clock: systemClock, wait: null, stop }, (hold) =>
        sendHeld(test, { hold, ledger, tests, flags }, context),
      ),
    );
    const result = await resultOf(end, { ledger, name, row: row.row });
    return report(result, { campaign: loaded.manifest.campaign, ledger, flags });
  } finally {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * How a test ended: null where its one row is skipped, which the check of a list calls a blocker.
 * Whatever it was, a message that still waits is given up: a test is of now.
 */
async function endOf(
  ledger: OpenedLedger,
  name: string,
  send: () => Promise<Ended>,
): Promise<RunEnd | null> {
  try {
    return (await send()).end;
  } catch (error) {
    const isSkipped =
      error instanceof OperatorError && error.problems.some(({ id }) => id === "nobody_to_send");
    if (isSkipped) return null;
    await giveUp(ledger, await ledger.findCampaign(name));
    throw error;
  }
}

async function giveUp(ledger: OpenedLedger, campaign: CampaignRecord | undefined): Promise<void> {
  if (campaign !== undefined) await ledger.cancel(campaign.id, systemClock.now());
}

async function sendHeld(
  test: LoadedManifest,
  {
    hold,
    ledger,
    tests,
    flags,
  }: {
    hold: Hold;
    ledger: OpenedLedger;
    tests: readonly CampaignRecord[];
    flags: SendTestFlags;
  },
  context: CommandContext,
): Promise<Ended> {
  for (const before of tests) {
    // The process of another test was killed: nobody waits for its answer.
    if (before.state !== "finished" && before.lanes.some((lane) => hold.lanes.includes(lane))) {
      await settleClaims(before, { ledger, hold, clock: systemClock }, say);
    }
  }
  const last = tests.at(-1);
  if (last !== undefined && ((await ledger.tally(last.id)).counts.unknown ?? 0) > 0) {
    warn("the answer to the test before this one was lost: its message may still arrive");
  }
  const { despite = [] } = flags;
  return runHeld(test, hold, { ledger, flags: { yes: true, despite }, context });
}

/** A number with its country code, whatever the list's numbers are written like. */
function readTo(text: string, { recipients }: Manifest): string {
  const reading = readPhone(text, recipients.default_region);
  if (reading.kind === "phone") return reading.e164;
  throw new OperatorError({
    id: "usage",
    message: `--to: the number cannot be read: ${reading.detail}`,
    hint: "Write it with a plus and the country code, such as --to +5511987650001.",
  });
}

function messageOfArm({ manifest, file }: LoadedManifest, arm: string | undefined): Manifest {
  const all = messagesOf(manifest);
  const found = arm === undefined ? all[0] : all.find((one) => one.arm === arm);
  if (found === undefined) throw new OperatorError({ file, ...noArm(manifest, String(arm)) });
  return found.manifest;
}

/** In the row's own language where each row gives one; a row that is not sent has none. */
function templateOfTest(source: Source, row: CsvRow, message: Manifest): TemplateName {
  const { verdict } = planRow(source, row);
  if (verdict.kind === "skip") return message.template;
  return templateOfRow({ arm: null, manifest: message }, verdict.values);
}

/** The row that was asked for, or the first that would be sent. */
async function findRow(
  source: Source,
  { row: wanted, id }: Pick<SendTestFlags, "row" | "id">,
): Promise<CsvRow> {
  if (id !== undefined && source.who.idColumn === undefined) {
    throw new OperatorError({
      ...source.loaded.at(["recipients", "file"]),
      message: "--id: the manifest names no column of ids",
      hint: "Name it by `recipients.id`, or give --row.",
    });
  }
  let rows = 0;
  for await (const batch of source.csv.rows()) {
    for (const row of batch) {
      rows = row.row;
      if (wanted !== undefined) {
        if (row.row === wanted) return row;
      } else if (id !== undefined) {
        if (readRecipient(row, source.who).recipientId === id) return row;
      } else if (planRow(source, row).verdict.kind === "send") return row;
    }
  }
  const has = `the list has ${plural(rows, "data row")}`;
  throw new OperatorError({
    file: source.shownAs,
    message:
      wanted !== undefined
        ? `there is no row ${wanted}: ${has}`
        : id !== undefined
          ? `no row has the id "${id}": ${has}`
          : "no row would be sent to",
    hint:
      wanted !== undefined || id !== undefined
        ? "Give another one: --row counts from 1, without the header; --id is as in the list."
        : `\`campaign check ${source.loaded.file}\` says why rows are skipped.`,
  });
}

/** A list of that row alone, with the number that it goes to. */
function writeList(
  { loaded, csv }: Source,
  row: CsvRow,
  { to, file }: { to: string; file: string },
): { file: string; phone: string } {
  const phone = loaded.manifest.recipients.phone ?? PHONE;
  const cells = new Map(
    csv.columns.flatMap((column, at): [string, string][] =>
      column === "" ? [] : [[column, row.cells[at] ?? ""]],
    ),
  );
  cells.set(phone, to);
  const style = { delimiter: ",", plain: true };
  const lines = csvLine([...cells.keys()], style) + csvLine([...cells.values()], style);
  writeFileSync(file, lines, { mode: 0o600 });
  return { file, phone };
}

interface TestResult {
  test: string;
  row: number;
  status: Status | null;
  reason: string | null;
  error_code: string | null;
  error_message: string | null;
  message_id: string | null;
  /** Why it was not sent, or it is not known; null when Meta has the message. */
  problem: Problem | null;
  code: ExitCode;
}

/** What became of the message. */
async function resultOf(
  end: RunEnd | null,
  { ledger, name, row }: { ledger: OpenedLedger; name: string; row: number },
): Promise<TestResult> {
  const campaign = await ledger.findCampaign(name);
  const found = campaign && (await ledger.outcomes(campaign.id, 0, 1)).rows[0];
  const known = {
    ...{ test: name, row, status: found?.status ?? null, reason: found?.reason ?? null },
    ...{ error_code: found?.error_code ?? null, error_message: found?.error_message ?? null },
    message_id: found?.message_id ?? null,
  };
  const isWaiting = known.status === "pending" || known.status === "held";
  if (isWaiting) await giveUp(ledger, campaign);
  if (known.status !== null && TAKEN.includes(known.status)) {
    return { ...known, problem: null, code: EXIT.done };
  }
  if (known.status === "unknown" || known.status === "claimed") {
    const problem = {
      id: "unknown",
      message: "the answer was lost: the message may arrive, and is not sent again by itself",
      hint: "Look at the phone before you send another test.",
    };
    return { ...known, problem, code: EXIT.halted };
  }
  if (known.status === "skipped") {
    const problem = await skipProblem(ledger, campaign as CampaignRecord, known.reason ?? "");
    return { ...known, problem, code: EXIT.operator };
  }
  if (
    end !== null &&
    end.kind !== "finished" &&
    known.error_code === null &&
    known.status !== "held"
  ) {
    const [id, message] =
      end.kind === "halted" ? [end.halt.code, end.halt.sentence] : [end.why, end.sentence];
    const hint = "Run the same command again later: nothing was sent, and the test does not wait.";
    return { ...known, problem: { id, message, hint }, code: exitCodeOf(end) };
  }
  const code = known.error_code ?? "failed";
  const { meaning, todo } = wordsFor(code);
  const message = [code, meaning || known.error_message].filter(Boolean).join(": ");
  const hint = todo === "" ? "Nothing was delivered." : todo;
  return { ...known, problem: { id: code, message, hint }, code: EXIT.halted };
}

async function skipProblem(
  ledger: OpenedLedger,
  campaign: CampaignRecord,
  reason: string,
): Promise<Problem> {
  const rejected = (await ledger.rejects(campaign.id, [reason as SkipReason], 0, 1)).rows[0];
  const { meaning } = wordsFor(reason);
  const detail = rejected?.detail ?? "";
  return {
    id: reason,
    message: `nothing was sent: ${meaning || reason}${detail === "" ? "" : ` (${redact(detail)})`}`,
    hint: "Choose another row by --row, or another number by --to.",
  };
}

function report(
  { problem, code, ...result }: TestResult,
  {
    campaign,
    ledger,
    flags,
  }: { campaign: string; ledger: Pick<OpenedLedger, "place">; flags: SendTestFlags },
): ExitCode {
  if (flags.json) {
    const document = { campaign, ...result, ledger: ledger.place };
    printJson(problem === null ? document : { ...document, error: errorRecord([problem], code) });
    return code;
  }
  if (problem !== null) throw new OperatorError(problem, code);
  print(`${result.test}: row ${result.row}, ${result.status}, message ${result.message_id}`);
  if (result.status === "accepted") {
    say("Meta has it. Receipts report its delivery; the phone shows it.");
  }
  return code;
}
