// Tables whose rows have a bar below their name: numbers to read, and lengths to see. Knows nothing of campaigns.

import type { Content, Html } from "../domain/common/html.ts";
import { html, NOTHING } from "../domain/common/html.ts";
import type { Interval } from "../domain/common/proportion.ts";

interface Bar {
  /** Length, 0 to 1. */
  share: number;
  /** A class of colour: `accepted`, `delivered`, `read`, `failed` or `plain`. */
  colour: "accepted" | "delivered" | "read" | "failed" | "plain";
  interval?: Interval | null;
}

export interface TableRow {
  name: Content;
  bar?: Bar;
  /** Small words below. */
  note?: Content;
  values: Content[];
}

/** A column of values; numbers stand at the right, words at the left. */
export interface Column {
  name: string;
  kind: "number" | "words";
}

/** With so many columns of values, each row is a block of its own on a phone. */
const STACKED_FROM = 3;

/**
 * A table with a caption that is read out, and not shown: the heading above says the same.
 * The roles are said, since what is laid out otherwise on a phone is no table any more to some browsers.
 * @param rows each with as many values as there are columns beside the first
 */
export function table(
  caption: string,
  columns: readonly [string, ...Column[]],
  rows: readonly TableRow[],
): Html {
  const [first, ...others] = columns;
  const kind = others.length >= STACKED_FROM ? "stack" : "";
  return html`<div class="scroll"><table role="table" class="${kind}">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">${first}</th>${others.map((one) => headCell(one))}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => bodyRow(row, others))}</tbody>
</table></div>`;
}

function headCell({ name, kind }: Column): Html {
  return html`<th role="columnheader" scope="col" class="${kind}">${name}</th>`;
}

function bodyRow({ name, bar, note, values }: TableRow, columns: readonly Column[]): Html {
  const below =
    note === undefined || note === "" ? NOTHING : html`<span class="note">${note}</span>`;
  const cells = values.map((value, index) => {
    const column = columns[index] ?? { name: "", kind: "words" };
    return html`<td role="cell" class="${column.kind}" data-label="${column.name}">${value}</td>`;
  });
  return html`<tr role="row"><th role="rowheader" scope="row"><span class="name">${name}</span>${
    bar === undefined ? NOTHING : barOf(bar)
  }${below}</th>${cells}</tr>
`;
}

/** The numbers beside it say the same, so it is not read out. */
function barOf({ share, colour, interval }: Bar): Html {
  const whisker =
    interval === undefined || interval === null
      ? NOTHING
      : html`<i class="interval" style="left:${part(interval.low)};width:${part(interval.high - interval.low)}"></i>`;
  const fill = share <= 0 ? NOTHING : html`<i class="${colour}" style="width:${part(share)}"></i>`;
  return html`<span class="bar" aria-hidden="true">${fill}${whisker}</span>`;
}

/** A length of a bar in per cent. */
function part(share: number): string {
  const inside = Math.min(1, Math.max(0, share));
  return `${Math.round(inside * 10_000) / 100}%`;
}
