// The pictures of the report: ECharts drawn on the server into SVG text. Colours are the page's own variables, so that light, dark
// and print each have theirs. Knows nothing of campaigns.

import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import type { Html } from "../domain/common/html.ts";
import { trusted } from "../domain/common/html.ts";
import { count } from "../domain/common/numbers.ts";
import { quantity } from "./numbers.ts";

use([BarChart, LineChart, GridComponent, MarkLineComponent, LabelLayout, SVGRenderer]);

const FONT = "system-ui, sans-serif";
const MUTED = "var(--muted)";
const RULE = "var(--rule)";
const INK = "var(--ink)";
/** Of a bold letter of a label, in pixels: fonts differ, and a label must not be cut off. */
const LETTER_WIDTH = 8.6;
/** Steps of a scale of values, about. */
const VALUE_STEPS = 5;
const EVEN: readonly number[] = [1, 2, 2.5, 5, 10];

/** A picture's size in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** What a picture is drawn on. */
export interface Canvas extends Size {
  /** A word that no other picture of the page has. */
  id: string;
}

/** Where a picture is shown alone on a wide screen, and on a phone. */
export const WIDE: Size = { width: 880, height: 280 };
export const NARROW: Size = { width: 340, height: 230 };
/** Two of these stand beside each other. */
export const HALF: Size = { width: 420, height: 230 };

/** Axis of time: buckets from an instant on. */
export interface TimeAxis {
  from: number;
  bucketMs: number;
  /** An instant as it stands below the axis. */
  label(at: number): string;
}

/** Messages a second in each bucket, beside the limit. */
export function rateChart(
  rates: readonly number[],
  axis: TimeAxis,
  limit: number | null,
  canvas: Canvas,
): Html {
  const limitLine = {
    symbol: "none",
    animation: false,
    label: {
      formatter: `limit ${quantity(limit ?? 0)}/s`,
      position: "insideEndTop",
      color: INK,
      fontFamily: FONT,
      fontWeight: 600,
    },
    lineStyle: { color: INK, type: [6, 4], width: 1.5 },
    data: [{ yAxis: limit ?? 0 }],
  };
  return drawn(canvas, {
    grid: { left: 8, right: 16, top: 16, bottom: 4, ...CONTAIN },
    xAxis: timeAxis(axis, rates.length, canvas),
    yAxis: valueAxis(canvas, Math.max(limit ?? 0, ...rates) * 1.12),
    series: [
      {
        type: "line",
        // Each bucket's rate holds until the next one.
        step: "end",
        symbol: "none",
        data: [...rates, rates.at(-1) ?? 0].map((rate, index) => [
          axis.from + index * axis.bucketMs,
          rounded(rate),
        ]),
        lineStyle: { color: "var(--accepted)", width: 1.5 },
        areaStyle: { color: "var(--accepted)", opacity: 0.16 },
        ...(limit === null ? {} : { markLine: limitLine }),
      },
    ],
  });
}

/** A line of the picture of progress. */
export interface Course {
  name: string;
  /** A CSS variable. */
  colour: string;
  dash: "solid" | readonly number[];
  /** How many there were by the end of each bucket. */
  sums: readonly number[];
}

/** How many were accepted, delivered and read by when. */
export function courseChart(courses: readonly Course[], axis: TimeAxis, canvas: Canvas): Html {
  const isNarrow = canvas.width < WIDE.width;
  const most = Math.max(1, ...courses.map(({ sums }) => sums.at(-1) ?? 0));
  const length = Math.max(...courses.map(({ sums }) => sums.length));
  const names = courses.map(({ name, sums }) =>
    isNarrow ? name : `${name} ${count(sums.at(-1) ?? 0)}`,
  );
  return drawn(canvas, {
    grid: {
      left: 8,
      right: 16 + LETTER_WIDTH * Math.max(...names.map(({ length }) => length)),
      top: 16,
      bottom: 4,
      ...CONTAIN,
    },
    xAxis: timeAxis(axis, length, canvas),
    yAxis: valueAxis(canvas, most),
    series: courses.map(({ colour, dash, sums }, place) => ({
      type: "line",
      symbol: "none",
      data: [[axis.from, 0], ...sums.map((sum, index) => [endOf(axis, index), sum])],
      lineStyle: { color: colour, width: 2.25, type: dash === "solid" ? "solid" : [...dash] },
      endLabel: {
        show: true,
        formatter: names[place] ?? "",
        color: colour,
        fontFamily: FONT,
        fontSize: 13,
        fontWeight: 600,
        distance: 8,
      },
      labelLayout: { moveOverlap: "shiftY" },
    })),
  });
}

/** Bars beside each other, each with its number on it. */
export function barChart(
  bars: readonly { label: string; number: number }[],
  colour: string,
  canvas: Canvas,
): Html {
  const total = bars.reduce((sum, { number }) => sum + number, 0);
  return drawn(canvas, {
    grid: { left: 4, right: 4, top: 24, bottom: 4, ...CONTAIN },
    xAxis: {
      type: "category",
      data: bars.map(({ label }) => label),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: MUTED } },
      axisLabel: { color: MUTED, fontFamily: FONT, fontSize: 11, interval: 0 },
    },
    // The bars carry their share themselves, from a base of 0.
    yAxis: { type: "value", min: 0, show: false },
    series: [
      {
        type: "bar",
        barCategoryGap: "18%",
        data: bars.map(({ number }) => number),
        itemStyle: { color: colour },
        label: {
          show: true,
          position: "top",
          color: INK,
          fontFamily: FONT,
          fontSize: 11,
          formatter: ({ value }: { value: number }) => shareLabel(value, total),
        },
      },
    ],
  });
}

function shareLabel(value: number, total: number): string {
  if (value === 0) return "";
  const share = Math.round((100 * value) / Math.max(1, total));
  return share === 0 ? "<1%" : `${share}%`;
}

const CONTAIN = { outerBoundsMode: "same", outerBoundsContain: "axisLabel" } as const;

function timeAxis(axis: TimeAxis, length: number, size: Size): EChartsCoreOption {
  return {
    type: "time",
    min: axis.from,
    max: axis.from + Math.max(1, length) * axis.bucketMs,
    splitNumber: size.width < WIDE.width ? 2 : 8,
    axisLine: { lineStyle: { color: MUTED } },
    axisTick: { lineStyle: { color: MUTED } },
    splitLine: { show: false },
    axisLabel: {
      color: MUTED,
      fontFamily: FONT,
      fontSize: 12,
      hideOverlap: true,
      formatter: (at: number) => axis.label(at),
    },
  };
}

/** From 0, in even steps, to the first of them that is not below `most`. */
function valueAxis(size: Size, most: number): EChartsCoreOption {
  const step = evenStep(most / VALUE_STEPS);
  return {
    type: "value",
    min: 0,
    max: step * Math.max(1, Math.ceil(most / step)),
    interval: step,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: RULE } },
    axisLabel: {
      color: MUTED,
      fontFamily: FONT,
      fontSize: 12,
      formatter: (value: number) => (size.width < WIDE.width ? shortCount(value) : plain(value)),
    },
  };
}

function plain(value: number): string {
  return value >= 1_000 ? count(value) : quantity(value);
}

function shortCount(value: number): string {
  if (value >= 1_000_000) return `${quantity(value / 1_000_000)}M`;
  return value >= 10_000 ? `${quantity(value / 1_000)}k` : plain(value);
}

/** The next number that people count in. */
function evenStep(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (EVEN.find((step) => step * power >= value) ?? 10);
}

function endOf(axis: TimeAxis, index: number): number {
  return axis.from + (index + 1) * axis.bucketMs;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Draws, and takes out what a page does not need: namespaces, hover styles, and ids that differ from call to call. */
function drawn(canvas: Canvas, option: EChartsCoreOption): Html {
  const { width, height } = canvas;
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, silent: true, ...option });
    return trusted(cleaned(chart.renderToSVGString(), canvas));
  } finally {
    chart.dispose();
  }
}

function cleaned(svg: string, { id, width, height }: Canvas): string {
  return svg
    .replace(/<style\s*>.*?<\/style>/gs, "")
    .replace(/<svg [^>]*>/, `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">`)
    .replace(/<rect [^>]*fill="none"[^>]*><\/rect>/, "")
    .replace(/ (?:class|pointer-events|xml:space|ecmeta_\w+)="[^"]*"/g, "")
    .replace(/url\(#zr\d+-(c\d+)\)/g, `url(#${id}-$1)`)
    .replace(/ id="zr\d+-(c\d+)"/g, ` id="${id}-$1"`)
    .replace(/ d="[^"]*"/g, (path) => path.replace(/(\.\d)\d+/g, "$1"))
    .replace(/>\s*\n\s*</g, "><");
}
