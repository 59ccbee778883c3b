// The pictures of the report: ECharts drawn on the server into SVG text. Colours are the page's own variables, so that light, dark
// and print each have theirs.

import { BarChart } from "echarts/charts";
import { GridComponent, MarkLineComponent } from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Html } from "../domain/common/html.ts";
import { trusted } from "../domain/common/html.ts";
import { count } from "../domain/common/numbers.ts";
import { quantity } from "./numbers.ts";

use([BarChart, GridComponent, MarkLineComponent, SVGRenderer]);

const FONT = "system-ui, sans-serif";
const MUTED = "var(--ink-3)";
const RULE = "var(--line)";
const INK = "var(--ink)";
const BARS = "var(--deliv)";
/** Steps of a scale of values, about. */
const VALUE_STEPS = 3;
const EVEN: readonly number[] = [1, 2, 2.5, 5, 10];
const TEXT = { color: MUTED, fontFamily: FONT, fontSize: 11 } as const;

/** What a picture is drawn on, in CSS pixels; a narrow one is right for a column and a phone. */
interface Canvas {
  /** A word that no other picture of the page has. */
  id: string;
  width: number;
  height: number;
}

/**
 * Messages a second in each bucket, from 0, beside the limit.
 * @param label what stands below the bucket of this index
 */
export function rateChart(
  rates: readonly number[],
  label: (index: number) => string,
  limit: number | null,
): Html {
  const last = rates.length - 1;
  const named = [0, Math.round(last / 2), last];
  const limitLine = {
    symbol: "none",
    label: {
      formatter: `limit ${quantity(limit ?? 0)} a second`,
      position: "insideStartTop",
      ...{ color: INK, fontFamily: FONT, fontSize: 11 },
    },
    lineStyle: { color: INK, type: [4, 3], width: 1.2 },
    data: [{ yAxis: limit ?? 0 }],
  };
  const series = {
    type: "bar",
    barCategoryGap: "9%",
    data: rates.map((rate) => Math.round(rate * 1_000) / 1_000),
    itemStyle: { color: BARS },
    ...(limit === null ? {} : { markLine: limitLine }),
  };
  return drawn(
    { id: "rate", width: 352, height: 168 },
    {
      grid: { left: 2, right: 6, top: 20, bottom: 2, ...CONTAIN },
      xAxis: {
        type: "category",
        data: rates.map((_, index) => label(index)),
        axisLine: { lineStyle: { color: MUTED } },
        axisTick: {
          alignWithLabel: true,
          interval: (index: number) => named.includes(index),
          lineStyle: { color: MUTED },
        },
        axisLabel: {
          ...TEXT,
          interval: (index: number) => named.includes(index),
          ...{ alignMinLabel: "left", alignMaxLabel: "right" },
        },
      },
      yAxis: valueAxis(Math.max(limit ?? 0, ...rates)),
      series: [series],
    },
  );
}

/** Bars beside each other, each with its share on it. */
export function histogram(
  bars: readonly { label: string; number: number }[],
  colour: string,
  id: string,
): Html {
  const total = bars.reduce((sum, { number }) => sum + number, 0);
  return drawn(
    { id, width: 420, height: 192 },
    {
      grid: { left: 4, right: 4, top: 22, bottom: 2, ...CONTAIN },
      xAxis: {
        type: "category",
        data: bars.map(({ label }) => label),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: MUTED } },
        axisLabel: { ...TEXT, interval: 0 },
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
            ...{ color: INK, fontFamily: FONT, fontSize: 11 },
            formatter: ({ value }: { value: number }) => shareLabel(value, total),
          },
        },
      ],
    },
  );
}

function shareLabel(value: number, total: number): string {
  if (value === 0) return "";
  const share = Math.round((100 * value) / Math.max(1, total));
  return share === 0 ? "<1%" : `${share}%`;
}

const CONTAIN = { outerBoundsMode: "same", outerBoundsContain: "axisLabel" } as const;

/** From 0, in even steps, to the first of them that is not below `most`. */
function valueAxis(most: number): EChartsCoreOption {
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
      ...TEXT,
      formatter: (value: number) => (value >= 1_000 ? count(value) : quantity(value)),
    },
  };
}

/** The next number that people count in. */
function evenStep(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (EVEN.find((step) => step * power >= value) ?? 10);
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
    .replace(/ (?:class|style|pointer-events|xml:space|ecmeta_\w+)="[^"]*"/g, "")
    .replace(/url\(#zr\d+-(c\d+)\)/g, `url(#${id}-$1)`)
    .replace(/ id="zr\d+-(c\d+)"/g, ` id="${id}-$1"`)
    .replace(/ d="[^"]*"/g, (path) => path.replace(/(\.\d)\d+/g, "$1"))
    .replace(/>\s*\n\s*</g, "><");
}
