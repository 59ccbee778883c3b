// Draws the matrix as Markdown.

import type { Moment } from "./cluster.ts";
import { MOMENTS } from "./cluster.ts";
import type { MatrixEvent } from "./events.ts";
import type { CellResult } from "./play.ts";

/** Of a cell that the event does not have. */
const NONE = "as in flight";
/** Of a cell that is not played this time: only its form is compared. */
const FORM: Omit<CellResult, "moment"> = { takeoverMs: 0, resumedMs: 0, unknown: 0, lateMs: 0 };
/** What is measured again each time. */
const MEASURED = /\d+(\.\d)? (s\b|unknown)/g;

/** A row, as far as it is played. */
export interface PlayedRow {
  event: MatrixEvent;
  cells: readonly CellResult[];
}

/** The whole page. */
export function renderMatrix(rows: readonly PlayedRow[], leaseMs: number): string {
  const groups = [...new Set(rows.map(({ event }) => event.goesOn))];
  const sections = groups.map((goesOn) =>
    [
      `## Goes on: ${goesOn}`,
      "",
      `| what happens to the machine that sends | ${MOMENTS.join(" | ")} |`,
      `|---${"|---".repeat(MOMENTS.length)}|`,
      ...rows.filter(({ event }) => event.goesOn === goesOn).map(line),
      "",
    ].join("\n"),
  );
  return [head(leaseMs), ...sections].join("\n");
}

/** A page without what is measured, to be compared. */
export function withoutFigures(page: string): string {
  return page.replace(MEASURED, "N $2");
}

function line({ event, cells }: PlayedRow): string {
  const { moments = MOMENTS } = event;
  const texts = MOMENTS.map((moment) => {
    if (!moments.includes(moment)) return NONE;
    return cellText(event, cells.find((one) => one.moment === moment) ?? FORM);
  });
  return `| ${event.name} | ${texts.join(" | ")} |`;
}

function cellText(
  { goesOn }: MatrixEvent,
  { takeoverMs, resumedMs, unknown }: typeof FORM,
): string {
  const left = `${Math.max(0, unknown)} unknown`;
  if (goesOn === "no machine, until a person decides") return left;
  const after = goesOn === "another machine" ? (takeoverMs ?? resumedMs) : resumedMs;
  return `${(after / 1000).toFixed(1)} s, ${left}`;
}

function head(leaseMs: number): string {
  const moments: Record<Moment, string> = {
    "before the claim commits":
      "the first commit of a run that claims is about to be sent; nothing is posted",
    "after the claim commits": "its answer has arrived; what it claimed is not posted yet",
    "in flight": "a request is written and not answered",
    "before the outcome commits":
      "answers have arrived, and the commit is about to be sent that records them, with the next claims",
  };
  return `# Faults of machines and of the database

What becomes of a campaign on three machines with one PostgreSQL ledger when something happens to the machine that sends, or
to the database, by event and moment. Each cell is played by \`test/crash/partition/matrix.test.ts\` with the whole program:
each machine is a network namespace with one link to the database and one to Graph, of which either way can be cut by itself;
the program stands still at the moment until the event has happened. This page is written by that test
(\`UPDATE_DOCS=1 npx vitest run test/crash/partition\`, as root on Linux). The ordinary tests play every event at two of the
moments, and every moment with half of the events.

The log of the Graph server is the judge. In every row: **nobody twice, nobody lost**, no second over the rate, also across a
hand-over, and what becomes unknown in a cell is at most what one machine has claimed ahead and in flight. Only where the network holds
requests back on their way to Graph may as many more arrive within a second as are in flight.

${MOMENTS.map((moment) => `- **${moment}**: ${moments[moment]}.`).join("\n")}

The figures are of one run, with a lease of ${leaseMs / 1000} s and 50 messages a second. The seconds count from the event: where
another machine goes on, until it has the lane, which is at most the lease and a second; elsewhere until Graph gets the next message. A
new owner waits a second more before it sends, so that the rate holds. With the ordinary lease of 10 s another machine had the lane after
10.0 to 10.4 s (killed, and cut from the database in each way; tried by hand, \`MATRIX_LEASE_MS=10000\`). Unknown are those that are left
when sending goes on again; a late answer of the machine before, a receipt or a person settles them. The standby that takes over lacks at least
the last ten messages: every run stops, the webhook bodies are imported, and a person lets one go on.
`;
}
