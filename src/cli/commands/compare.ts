// `campaign compare`: two campaigns side by side, each named by its manifest or as the ledger has
// it.

import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import { SKIP_REASONS } from "../../domain/campaign/dispatch.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import { nearest } from "../../domain/common/nearest.ts";
import { count, percent, plural } from "../../domain/common/numbers.ts";
import { standingWords } from "../../domain/result/campaign-standing.ts";
import type {
  ComparedShare,
  ComparedSide,
  Comparison,
  Difference,
  DifferenceVerdict,
} from "../../domain/result/compare.ts";
import { compareCampaigns } from "../../domain/result/compare.ts";
import { shareRecord, thousandths } from "../../domain/result/figures.ts";
import { plainReason } from "../../domain/result/labels.ts";
import type { Summary } from "../../domain/result/summary.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import { placeOf } from "../../ledger/open.ts";
import type { CampaignView, SummaryLedger } from "../campaign/campaign-summary.ts";
import { viewOf } from "../campaign/campaign-summary.ts";
import { ledgerAddress, loadManifest, readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { left, right, terminalWidth, widest, widthOf, wrapped } from "../print/columns.ts";
import { print, printJson } from "../print/print.ts";
import { timesOf } from "../print/times.ts";
import { toned } from "../print/tone.ts";

const SKIPPED: ReadonlySet<string> = new Set(SKIP_REASONS);
/** Reasons and codes that are listed of each kind. */
const LINES_MAX = 12;

const VERDICT_WORDS: Readonly<Record<DifferenceVerdict, string>> = {
  higher: "higher",
  lower: "lower",
  no_sure_difference: "no sure difference",
  too_few: "too few to tell",
  no_receipts: "no receipts of one",
};

const STEP_WORDS: Readonly<Record<string, string>> = {
  to_send: "to be sent to",
  sent_to: "sent to",
  opted_out: "opted out after it",
};

/** Runs the command; gives its exit code. */
export async function compare(
  first: string,
  second: string,
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const a = await readSide(first, context);
  const b = await readSide(second, context);
  const comparison = compareCampaigns(a.side, b.side);
  if (flags.json) {
    printJson(recordOf(a.view.summary, b.view.summary, comparison));
  } else {
    const lines = linesOf([a.view, b.view], comparison, terminalWidth());
    print(lines.join("\n"));
  }
  return EXIT.done;
}

interface Side {
  view: CampaignView;
  side: ComparedSide;
}

/**
 * A campaign by its manifest, in that one's ledger; or by its name, in the ledger of the working
 * directory.
 */
async function readSide(text: string, { options }: CommandContext): Promise<Side> {
  const loaded = /\.ya?ml$/i.test(text)
    ? await loadManifest(text, { tokenUnused: true })
    : undefined;
  const ledger = await readLedger(options, loaded);
  try {
    const name = loaded?.manifest.campaign ?? text;
    return await sideOf(ledger, { name, file: placeOf(ledgerAddress(options, loaded)) });
  } finally {
    await ledger?.close();
  }
}

async function sideOf(
  ledger:
    | (SummaryLedger & Pick<RunLedger, "findCampaign"> & Pick<CampaignLedger, "listCampaigns">)
    | undefined,
  { name, file }: { name: string; file: string },
): Promise<Side> {
  const campaign = await ledger?.findCampaign(name);
  if (ledger === undefined || campaign === undefined) {
    const known = ((await ledger?.listCampaigns()) ?? []).map((one) => one.name);
    const near = nearest(name, known);
    throw new OperatorError({
      id: "unknown_campaign",
      message: `campaign "${name}" is not in the ledger ${file}`,
      hint:
        near === undefined
          ? "campaign status lists those that are. Another ledger is named by --ledger, CAMPAIGN_LEDGER, or policy.yaml."
          : `Did you mean ${near}?`,
    });
  }
  const tally = await ledger.tally(campaign.id);
  const skipped = Object.entries(tally.reasons).filter(([reason]) => SKIPPED.has(reason));
  return {
    view: await viewOf(ledger, campaign, { tally }),
    side: {
      ...tally,
      skipped: Object.fromEntries(skipped),
    },
  };
}

function recordOf(a: Summary, b: Summary, comparison: Comparison): Record<string, unknown> {
  const about = ({ campaign, state, sandbox, rows, created_at }: Summary) => ({
    campaign,
    state,
    sandbox,
    rows,
    created_at,
  });
  return {
    a: about(a),
    b: about(b),
    funnel: comparison.funnel.map(comparedRecord),
    skipped: comparison.skipped.map(comparedRecord),
    failures: comparison.failures.map(comparedRecord),
  };
}

function comparedRecord({
  name,
  partOf,
  a,
  b,
  difference,
}: ComparedShare): Record<string, unknown> {
  const { points, low, high, verdict } = difference;
  return {
    name,
    part_of: partOf,
    a: shareRecord(a),
    b: shareRecord(b),
    points: rounded(points),
    low: rounded(low),
    high: rounded(high),
    verdict,
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : thousandths(value);
}

function linesOf(
  views: [CampaignView, CampaignView],
  comparison: Comparison,
  width: number,
): string[] {
  const groups: [string, readonly ComparedShare[]][] = [
    ["", comparison.funnel],
    ["skipped (of the rows):", comparison.skipped.slice(0, LINES_MAX)],
    ["failed (of the rows):", comparison.failures.slice(0, LINES_MAX)],
  ];
  const shares = groups.flatMap(([, those]) => those);
  const rows = shares.map((share) => [
    nameOf(share),
    ...shareCells(share.a),
    ...shareCells(share.b),
  ]);
  const widths = [0, 1, 2, 3, 4].map((at) => widest(rows.map((row) => row[at] ?? "")));
  const lines = views.flatMap((one, at) => wrapped(titleOf(one, at === 0 ? "A" : "B"), width));
  let at = 0;
  for (const [heading, those] of groups) {
    if (those.length > 0 && heading !== "") lines.push(heading);
    for (const share of those) {
      lines.push(
        ...rowLines(rows[at] as string[], { widths, width, difference: share.difference }),
      );
      at += 1;
    }
  }
  const note =
    "The difference is B less A in percentage points, with its 95% interval. It knows chance only: other people, days and templates make a difference too.";
  return [...lines, ...wrapped(note, width)];
}

function titleOf({ standing, summary }: CampaignView, letter: string): string {
  const { campaign, rows, sandbox } = summary;
  const state = standingWords(standing, timesOf().named);
  const where = sandbox ? " · sandbox" : "";
  return `${letter}: ${campaign}: ${state} · ${plural(rows, "row")}${where}`;
}

function nameOf({ name, partOf }: ComparedShare): string {
  // A skip reason of the rows may have the name of a step.
  const isReason = partOf === "rows" && name !== "to_send" && name !== "sent_to";
  const words = (isReason ? undefined : STEP_WORDS[name]) ?? plainReason(name);
  return words === "" || words.length > 24 ? name : words;
}

function shareCells({ number, of }: ComparedShare["a"]): [string, string] {
  return [count(number), percent(number, of)];
}

function rowLines(
  cells: readonly string[],
  about: { widths: readonly number[]; width: number; difference: Difference },
): string[] {
  const { widths, width, difference } = about;
  const [name = "", ...figures] = cells;
  const padded = figures.map((cell, at) => right(cell, widths[at + 1] as number));
  const [a = "", aShare = "", b = "", bShare = ""] = padded;
  const head = `  ${left(name, widths[0] as number)}  ${a} ${aShare}  ${b} ${bShare}`;
  const plain = differenceText(difference);
  const tone = tonedBy(difference.verdict);
  const text = toned(plain, tone);
  if (widthOf(head) + 2 + widthOf(plain) <= width) return [`${head}  ${text}`];
  // Coloured once it is broken: a break must not come into a colour.
  const below = wrapped(plain, width - 6).map((line) => `      ${toned(line, tone)}`);
  return [...(widthOf(head) <= width ? [head] : wrapped(head, width)), ...below];
}

function differenceText({ points, low, high, verdict }: Difference): string {
  const word = VERDICT_WORDS[verdict];
  if (points === null || low === null || high === null) return word;
  return `${signed(points)} (${signed(low)} to ${signed(high)}) ${word}`;
}

function signed(value: number): string {
  const text = Math.abs(value).toFixed(1);
  if (text === "0.0") return text;
  return value < 0 ? `−${text}` : `+${text}`;
}

/** More is better of the funnel and worse of failures, so a colour says only how sure it is. */
function tonedBy(verdict: DifferenceVerdict): "heading" | "plain" {
  return verdict === "higher" || verdict === "lower" ? "heading" : "plain";
}
