// Draws the table of faults as Markdown.

import type { Cell, Section } from "./cell.ts";

const HEAD = `# Faults of the network

What becomes of a dispatch when the network fails, by fault and moment. Each line is played with real sockets by
\`test/network/faults.test.ts\`, on a new socket and, where that can be, also on one that has carried an answer before;
the servers keep their own lists of the requests that they received whole, and these prove the last column. This page is
written by that test (\`UPDATE_DOCS=1 npx vitest run test/network\`), from the same table.

- **pending again**: the request never began to be written, or its answer proves that the message was refused before it was
  processed. It is sent again by the same run, or by the next one after a halt.
- **unknown**: the message may have gone out. It is never sent again by itself.
- *arrives whole*: how often the server received the request of this dispatch to its last byte, in all. More than once only
  where the earlier ones were refused.

An answer that goes silent after one of its bytes, without the connection being cut, is tried at every byte as well: it is
**unknown**, within the time for an answer and ten seconds.
`;

/** The whole page. */
export function renderTable(table: Section[]): string {
  const parts = table.map(({ moment, cells }) =>
    [
      `## ${moment.slice(0, 1).toUpperCase()}${moment.slice(1)}`,
      "",
      "| fault | the dispatch becomes | the run | arrives whole |",
      "|---|---|---|---|",
      ...cells.map(line),
      "",
    ].join("\n"),
  );
  return [HEAD, ...parts].join("\n");
}

function line({ fault, becomes, run, arrives: [least, most] }: Cell): string {
  const number = least === most ? String(least) : `${least}–${most}`;
  return `| ${fault} | ${becomes.join(" or ")} | ${run} | ${number} |`;
}
