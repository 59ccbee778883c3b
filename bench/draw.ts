// Keeps the bench's numbers in results.json and draws them: results.svg, pace.svg, throttle.svg,
// and the table in README.md.

import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { figuresChart, paceChart, throttleChart } from "./charts.ts";
import type { Part, Results, Taken } from "./figures.ts";
import { lineOf, printResults } from "./figures.ts";
import type { PaceResult } from "./pace.ts";
import type { ThrottleResult } from "./throttle.ts";

/** The bench runs as it is built, from dist-bench; what it draws belongs beside its sources. */
const beside = (name: string) => new URL(`../bench/${name}`, import.meta.url);

/** What earlier runs have kept; empty without any. */
export function readResults(): Results {
  const file = beside("results.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : {};
}

export function writeResults(results: Results): void {
  writeFileSync(beside("results.json"), printResults(results));
}

/**
 * Draws everything there is; a part that was never measured is left out, and nothing without any.
 */
export function draw(results: Results): void {
  const parts = ORDER.flatMap((name) => results[name] ?? []);
  if (parts.length === 0) return;
  const when = takenText(parts);
  writeFileSync(beside("results.svg"), figuresChart(parts, when));
  const { pace, throttle } = results;
  if (pace !== undefined) {
    const chart = paceChart(pace.samples as PaceResult[], takenText([pace]));
    writeFileSync(beside("pace.svg"), chart);
  }
  if (throttle !== undefined) {
    const chart = throttleChart(throttle.samples as ThrottleResult, takenText([throttle]));
    writeFileSync(beside("throttle.svg"), chart);
  }
  writeTable(parts, when);
}

/** The order of the table, dearest promise first. */
const ORDER = ["send", "plan", "memory", "restart", "pace", "throttle"];

const FROM = "<!-- From here to the next such line: written by `npm run bench -- --draw`. -->\n";
const TO = "<!-- To here. -->\n";

function writeTable(parts: Part[], when: string): void {
  const file = beside("README.md");
  const text = readFileSync(file, "utf8");
  const from = text.indexOf(FROM) + FROM.length;
  const to = text.indexOf(TO);
  if (from < FROM.length || to < from) throw new Error("README.md has lost the marks of its table");
  const lines = parts.flatMap((part) => part.figures.map(lineOf));
  const table = `${when}\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n`;
  writeFileSync(file, `${text.slice(0, from)}${table}${text.slice(to)}`);
}

/** When and on what, in a sentence; parts may have been taken on several days. */
function takenText(parts: Part[]): string {
  const days = [...new Set(parts.map(({ taken }) => taken.at.slice(0, 10)))].sort();
  const machines = [...new Set(parts.map(({ taken }) => machineText(taken)))];
  const last = days.length > 1 ? ` to ${days.at(-1)}` : "";
  const quick = parts.filter(({ taken }) => taken.quick).length;
  const which = quick === parts.length ? "With" : "Some with";
  const look = quick > 0 ? ` ${which} --quick: a look only.` : "";
  return `Taken on ${days[0]}${last}: ${machines.join("; ")}.${look}`;
}

function machineText({ cpu, cores, memoryGb, system, node }: Taken): string {
  return `${cores} cores${cpu === "" ? "" : ` of ${cpu}`}, ${memoryGb} GB, ${system}, Node ${node.slice(1)}`;
}
