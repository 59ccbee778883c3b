// All campaigns of a ledger as a table on a terminal, oldest first, so that the newest stands where
// one looks.

import { count, percent } from "../../domain/common/numbers.ts";
import type { Share } from "../../domain/common/proportion.ts";
import { standingWords } from "../../domain/result/campaign-standing.ts";
import type { Summary } from "../../domain/result/summary.ts";
import type { CampaignView } from "../campaign/campaign-summary.ts";
import { left, right, terminalWidth, widest, wrapped } from "./columns.ts";
import { print } from "./print.ts";
import { SANDBOX_WORDS } from "./summary.ts";
import { timesOf } from "./times.ts";
import { toned } from "./tone.ts";

interface Column {
  head: string;
  cell(view: CampaignView): string;
  /** Left out of a table that is still too wide without the start, when every cell is 0. */
  isSpare?: true;
}

const FIRST: Column = {
  head: "campaign",
  cell: ({ summary: { campaign, sandbox } }) => (sandbox ? `${campaign} *` : campaign),
};
const STATE: Column = {
  head: "state",
  cell: ({ standing }) => standingWords(standing, timesOf().at),
};
const STARTED: Column = {
  head: "started",
  cell: ({ summary: { first_claim_at, created_at } }) =>
    timesOf().calendar.date(Date.parse(first_claim_at ?? created_at)),
};
/** The rest; figures stand at the right of their columns. */
const FIGURES: readonly Column[] = [
  { head: "rows", cell: ({ summary: { rows } }) => count(rows) },
  { head: "sent to", cell: ({ summary: { figures } }) => count(figures.sent_to.number) },
  {
    head: "delivered",
    cell: ({ summary: { figures } }) => shareCell(figures.delivered, figures),
  },
  {
    head: "read",
    cell: ({ summary: { figures } }) => shareCell(figures.read, figures),
  },
  { head: "failed", cell: ({ summary: { counts } }) => count(counts.failed ?? 0), isSpare: true },
  {
    head: "unknown",
    cell: ({ summary: { counts } }) => count(counts.unknown ?? 0),
    isSpare: true,
  },
];
const COLUMNS = [FIRST, STATE, STARTED, ...FIGURES];
/** A state is broken into lines no shorter than this. */
const STATE_MIN = 16;

/** Where nothing was delivered at all the receipts are missing, and 0% would be a lie. */
function shareCell({ number, of }: Share, { delivered }: Summary["figures"]): string {
  return delivered.number === 0 ? "–" : percent(number, of);
}

/** Prints the campaigns on stdout. */
export function printCampaigns(views: readonly CampaignView[]): void {
  print(campaignLines(views, terminalWidth()).join("\n"));
}

/**
 * The lines of the table. Where it is too wide, the start is left out, then figures that are 0 of
 * every campaign, then states are broken into lines; where that is not enough, each campaign has
 * its name and state on one line and its figures below.
 * @param width of the terminal, in columns
 */
export function campaignLines(views: readonly CampaignView[], width: number): string[] {
  const withoutStart = COLUMNS.filter((column) => column !== STARTED);
  const withoutZeros = withoutStart.filter(
    ({ isSpare, cell }) => !isSpare || views.some((one) => cell(one) !== "0"),
  );
  const lines =
    tableOf(views, COLUMNS, { width, breaksStates: false }) ??
    tableOf(views, withoutStart, { width, breaksStates: false }) ??
    tableOf(views, withoutZeros, { width, breaksStates: true }) ??
    views.flatMap((one) => blockOf(one, width));
  const isAnySandbox = views.some(({ summary }) => summary.sandbox);
  return [...lines, ...(isAnySandbox ? wrapped(`* ${SANDBOX_WORDS}`, width) : [])];
}

/** The campaigns as a table of these columns; undefined where it does not fit. */
function tableOf(
  views: readonly CampaignView[],
  columns: readonly Column[],
  { width, breaksStates }: { width: number; breaksStates: boolean },
): string[] | undefined {
  const heads = columns.map(({ head }) => head);
  const rows = [heads, ...views.map((one) => columns.map(({ cell }) => cell(one)))];
  const widths = columns.map((_, at) => widest(rows.map((row) => row[at] as string)));
  const stateAt = columns.indexOf(STATE);
  const stateWidth = widths[stateAt] as number;
  // A name is how a campaign is called in every command: it is never cut.
  const room = width - widths.reduce((sum, one) => sum + one + 1, -1) + stateWidth;
  if (room < stateWidth && (!breaksStates || room < STATE_MIN)) return undefined;
  const states = rows.map((row) => wrapped(row[stateAt] as string, room));
  widths[stateAt] = widest(states.flat());
  const lines = states.flatMap((state, row) =>
    state.map((words, line) => {
      const cells = (rows[row] as string[]).map((cell) => (line === 0 ? cell : ""));
      return lineOf(cells.with(stateAt, words), { columns, widths });
    }),
  );
  if (widest(lines) > width) return undefined;
  const [head = "", ...others] = lines;
  return [toned(head, "heading"), ...others];
}

function lineOf(
  cells: readonly string[],
  { columns, widths }: { columns: readonly Column[]; widths: readonly number[] },
): string {
  const padded = cells.map((cell, at) => {
    const isFigure = FIGURES.includes(columns[at] as Column);
    return (isFigure ? right : left)(cell, widths[at] as number);
  });
  return padded.join(" ").trimEnd();
}

function blockOf(view: CampaignView, width: number): string[] {
  const title = `${FIRST.cell(view)}: ${STATE.cell(view)}`;
  const figures = [STARTED, ...FIGURES].map(({ head, cell }) => `${head} ${cell(view)}`);
  return [
    ...wrapped(title, width).map((line) => toned(line, "heading")),
    ...wrapped(figures.join(" · "), width - 2).map((line) => `  ${line}`),
  ];
}
