// What Meta counted, as a person reads it on a terminal.

import type { Compared } from "../../domain/insights/compared.ts";
import { terminalWidth, wrapped } from "./columns.ts";
import type { Times } from "./times.ts";

/** The whole of `campaign insights`. @param name of the campaign */
export function insightText(compared: Compared, name: string, times: Times): string {
  return [`campaign ${name}, as Meta counted it`, ...insightLines(compared, times)].join("\n");
}

/** The same as lines of a section. */
export function insightLines(
  { about, readAt, rows, lines, missing }: Compared,
  times: Times,
  width = terminalWidth(),
): string[] {
  const [names, metas, owns] = [
    ["", ...rows.map(({ name }) => name)],
    ["Meta", ...rows.map(({ meta }) => meta)],
    ["this ledger", ...rows.map(({ own }) => own)],
  ].map((column) => Math.max(...column.map(({ length }) => length)));
  const line = (name: string, meta: string, own: string) =>
    `  ${name.padEnd(names as number)}  ${meta.padStart(metas as number)}  ${own.padStart(owns as number)}`;
  const indented = (text: string) =>
    wrapped(text, width - 4).map((one, at) => (at === 0 ? `  ${one}` : `    ${one}`));
  return [
    ...indented(`${about}; read at ${times.named(readAt)}`),
    line("", "Meta", "this ledger"),
    ...rows.map(({ name, meta, own }) => line(name, meta, own)),
    ...lines.flatMap(indented),
    ...(missing.length === 0 ? [] : ["not to be had:"]),
    ...missing.flatMap(indented),
  ];
}
