// All campaigns of a ledger as a table on a terminal, oldest first, so that the newest stands where one looks.

import { count, percent } from "../../domain/common/numbers.ts";
import { standingWords } from "../../domain/result/campaign-standing.ts";
import type { Share } from "../../domain/result/figures.ts";
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
}

const FIRST: Column = {
  head: "campaign",
  cell: ({ summary: { campaign, sandbox } }) => (sandbox ? `${campaign} *` : campaign),
};
/** The rest; figures stand at the right of their columns. */
const COLUMNS: readonly Column[] = [
  { head: "state", cell: ({ standing }) => standingWords(standing, timesOf().at) },
  {
    head: "started",
    cell: ({ summary: { first_claim_at, created_at } }) =>
      timesOf().calendar.date(Date.parse(first_claim_at ?? created_at)),
  },
  { head: "rows", cell: ({ summary: { rows } }) => count(rows) },
  { head: "sent to", cell: ({ summary: { figures } }) => count(figures.sent_to.number) },
  // Nothing delivered at all: the receipts are missing, and 0% would be a lie.
  {
    head: "delivered",
    cell: ({ summary: { figures } }) => shareCell(figures.delivered, figures),
  },
  {
    head: "read",
    cell: ({ summary: { figures } }) => shareCell(figures.read, figures),
  },
  { head: "failed", cell: ({ summary: { counts } }) => count(counts.failed ?? 0) },
  { head: "unknown", cell: ({ summary: { counts } }) => count(counts.unknown ?? 0) },
];
/** Where nothing was delivered at all the receipts are missing, and 0% would be a lie. */
function shareCell({ number, of }: Share, { delivered }: Summary["figures"]): string {
  return delivered.number === 0 ? "–" : percent(number, of);
}

/** The first columns of `COLUMNS` are words. */
const WORD_COLUMNS = 2;

/** Prints the campaigns on stdout. */
export function printCampaigns(views: readonly CampaignView[]): void {
  print(campaignLines(views, terminalWidth()).join("\n"));
}

/**
 * The lines of the table; where it does not fit, each campaign has its name on one line and its figures below.
 * @param width of the terminal, in columns
 */
export function campaignLines(views: readonly CampaignView[], width: number): string[] {
  const rows = views.map((one) => COLUMNS.map(({ cell }) => cell(one)));
  const widths = COLUMNS.map(({ head }, at) =>
    widest([head, ...rows.map((row) => row[at] as string)]),
  );
  const names = views.map(FIRST.cell);
  const longest = widest([FIRST.head, ...names]);
  const room = width - widths.reduce((sum, one) => sum + one + 1, 0);
  const notes = views.some(({ summary }) => summary.sandbox)
    ? wrapped(`* ${SANDBOX_WORDS}`, width)
    : [];
  // A name is how a campaign is called in every command: it is never cut.
  if (room < longest) {
    return [...views.flatMap((one) => blockOf(one, width)), ...notes];
  }
  const line = (first: string, cells: readonly string[]) =>
    [left(first, longest), ...cells.map((cell, at) => padded(cell, widths[at] as number, at))]
      .join(" ")
      .trimEnd();
  const heads = COLUMNS.map(({ head }) => head);
  return [
    toned(line(FIRST.head, heads), "heading"),
    ...rows.map((row, at) => line(names[at] as string, row)),
    ...notes,
  ];
}

function padded(cell: string, width: number, at: number): string {
  return at < WORD_COLUMNS ? left(cell, width) : right(cell, width);
}

function blockOf(view: CampaignView, width: number): string[] {
  const [state, ...others] = COLUMNS.map(({ head, cell }) => ({ head, text: cell(view) }));
  const title = `${FIRST.cell(view)}: ${state?.text}`;
  const figures = others.map(({ head, text }) => `${head} ${text}`).join(" · ");
  return [
    ...wrapped(title, width).map((line) => toned(line, "heading")),
    ...wrapped(figures, width - 2).map((line) => `  ${line}`),
  ];
}
