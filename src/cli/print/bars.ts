// Tables with bars for a terminal of any width: every figure stands as a number too, so nothing is
// shown by bar or colour alone.

import { count, percent } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import { left, right, widest, wrapped } from "./columns.ts";
import type { Tone } from "./tone.ts";
import { toned } from "./tone.ts";

const BAR_MIN = 8;
const BAR_MAX = 30;
/** A column of words narrower than this is harder to read than words on lines of their own. */
const WORDS_MIN = 18;
const INDENT = "  ";

export interface BarLine {
  name: string;
  number: number;
  /** Empty: none. */
  words: string;
  tone: Tone;
}

/**
 * Each line with name, number, share, bar and words; words that do not fit go on below, so it is a
 * list of lines.
 * @param of what the shares are parts of
 * @param width of the terminal, in columns
 */
export function barTable(lines: readonly BarLine[], of: number, width: number): string[][] {
  const most = Math.max(1, ...lines.map(({ number }) => number));
  const texts = lines.map(({ number }) => ({ number: count(number), share: percent(number, of) }));
  // A code or a region may be whatever Meta sent.
  const names = lines.map((line) => plain(line.name));
  const name = widest(names);
  const number = widest(texts.map((text) => text.number));
  const share = widest(texts.map((text) => text.share));
  const figures = INDENT.length + name + 1 + number + 1 + share;
  const layout = layoutOf(width - figures - 1, widest(lines.map(({ words }) => words)));
  return lines.map((line, at) => {
    const text = texts[at] as (typeof texts)[number];
    const head = `${INDENT}${left(names[at] as string, name)} ${right(text.number, number)} ${right(text.share, share)}`;
    const bar = barOf(line.number / most, layout.bar);
    const place = { beside: figures + 1 + layout.bar + 1, width };
    return withWords(`${head} ${bar}`, line, { ...place, isBeside: layout.isBeside });
  });
}

function layoutOf(room: number, words: number): { bar: number; isBeside: boolean } {
  if (room - BAR_MIN - 1 < Math.min(words, WORDS_MIN)) {
    return { bar: Math.max(0, Math.min(BAR_MAX, room)), isBeside: false };
  }
  return { bar: Math.max(BAR_MIN, Math.min(BAR_MAX, room - 1 - words)), isBeside: true };
}

/** One person is more than none: the shortest bar is one sign. */
function barOf(part: number, width: number): string {
  if (width === 0) return "";
  const length = part === 0 ? 0 : Math.max(1, Math.round(part * width));
  return "#".repeat(length).padEnd(width);
}

function withWords(
  text: string,
  { words, tone }: BarLine,
  { beside, width, isBeside }: { beside: number; width: number; isBeside: boolean },
): string[] {
  const colour = (line: string) => line.replace(/#+/, (bar) => toned(bar, tone)).trimEnd();
  if (words === "") return [colour(text)];
  if (!isBeside) {
    const indent = INDENT.repeat(2);
    return [colour(text), ...wrapped(words, width - indent.length).map((line) => indent + line)];
  }
  const [first = "", ...rest] = wrapped(words, width - beside);
  return [colour(`${text} ${first}`), ...rest.map((line) => " ".repeat(beside) + line)];
}
