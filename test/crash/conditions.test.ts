// Hours by everybody's own clock, a cap, a ramp and a budget at once, in sixty countries, killed in
// between: by the sandbox's log with its instants nobody is sent to outside their hours, over the
// cap, beyond the step or over the money, and nobody twice.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CountryCode } from "libphonenumber-js";
import { getCountryCallingCode } from "libphonenumber-js";
import examples from "libphonenumber-js/examples.mobile.json" with { type: "json" };
import { describe, expect, it } from "vitest";
import { makeFolder, sandboxEvents, start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { Running } from "../support/programs.ts";

/** By hand: CONDITIONS_PEOPLE=200000. */
const PEOPLE = Number(process.env.CONDITIONS_PEOPLE ?? 1_800);
const COUNTRIES = (
  "AE AO AR AT AU BD BE BG BO BR CH CI CL CM CO CR CZ DE DK DO DZ EC EG ES FI FR GB GH GR GT HK " +
  "HN HU ID IE IL IN IQ IT JO JP KE KR KW LB LK MA MY NG NL NO NZ PE PH PK PL PT PY RO SA"
).split(" ");
/** Every so many of the list got another campaign's message today. */
const BEFORE_EVERY = 5;
/** Runs, each so many hours after the one before. */
const ROUNDS = 8;
const ROUND_HOURS = 4;
/** With many rows a busy computer is some seconds late with receipts. */
const SETTLE = PEOPLE > 10_000 ? "10s" : "1s";
const STEPS = [Math.round(PEOPLE / 36), Math.round(PEOPLE / 6)];
/** Each look reads the whole log. */
const POLL_MS = PEOPLE > 10_000 ? 2_000 : 50;
const HOUR = 3_600_000;
const TIMEOUT_MS = 240_000 + 10 * PEOPLE;
const FROM = 9;
const TO = 20;
/** So much of the list's whole cost may be spent. */
const BUDGET_SHARE = 0.6;
/** Prices, of all others the second, in thousandths. */
const PRICES: Readonly<Record<string, number>> = { IN: 20, BR: 100 };
const PRICE = 50;

interface Person {
  phone: string;
  country: string;
}

/** A message that the sandbox took, by the clock of the run. */
interface Post {
  to: string;
  at: number;
}

/** People of all countries by turns, with numbers of their plans. */
function people(): Person[] {
  const made = new Map<string, Person>();
  for (let at = 0; made.size < PEOPLE; at += 1) {
    const country = COUNTRIES[at % COUNTRIES.length] as string;
    const example = examples[country as keyof typeof examples] as string;
    const nth = String(Math.floor(at / COUNTRIES.length)).padStart(4, "0");
    // Brazil's example is of the area of São Paulo, whose clock is one.
    const base = country === "BR" ? "11961234567" : example;
    const national = `${base.slice(0, base.length - nth.length)}${nth}`;
    made.set(`${country}${national}`, { phone: national, country });
  }
  return [...made.values()];
}

/** The clocks that a person of a country may live by. */
function clocksOf(country: string): string[] {
  if (country === "BR") return ["America/Sao_Paulo"];
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    getTimeZones?(): string[];
    timeZones?: string[];
  };
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

const formats = new Map<string, Intl.DateTimeFormat>();

function hourAt(clock: string, at: number): number {
  const options = { timeZone: clock, hour: "numeric", hourCycle: "h23" } as const;
  const format = formats.get(clock) ?? new Intl.DateTimeFormat("en", options);
  formats.set(clock, format);
  return Number(format.format(at));
}

const priceOf = (country: string): number => PRICES[country] ?? PRICE;

describe("every condition at once", () => {
  it("lets nobody pass who must not, however often it is killed", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { folder, remove } = makeFolder();
    const list = people();
    const csv = (some: readonly Person[]) =>
      `phone,country,name\n${some.map(({ phone, country }) => `${phone},${country},Ana\n`).join("")}`;
    writeFileSync(join(folder, "all.csv"), csv(list));
    writeFileSync(join(folder, "some.csv"), csv(list.filter((_, at) => at % BEFORE_EVERY === 0)));
    const prices = COUNTRIES.map((country) => `${country},USD,${priceOf(country) / 1_000}`);
    writeFileSync(join(folder, "card.csv"), ["Market,Currency,Marketing", ...prices].join("\n"));
    writeFileSync(
      join(folder, "scenario.yaml"),
      // Receipts keep up with so many people: a ramp sends nothing without them.
      "receipt_delay_ms: 20\nlatency_ms: { min: 1, max: 20 }\nthroughput: 1000\nshares: { read: 0.5 }\n" +
        "webhooks: { batch: 100, connections: 8 }\n",
    );
    const manifest = (name: string, more: string) =>
      writeFileSync(
        join(folder, `${name}.yaml`),
        `campaign: ${name}
account: sandbox
recipients: { file: ${name}.csv, phone: phone, region: country }
template: { name: offer, language: pt_BR, body: ["{{ name }}"] }
rate: { messages_per_second: 1000, max_in_flight: 64 }
sandbox: { scenario: scenario.yaml }
${more}`,
      );
    const whole = list.reduce((sum, { country }) => sum + priceOf(country), 0) / 1_000;
    const budget = Number((whole * BUDGET_SHARE).toFixed(2));
    manifest("some", "");
    manifest(
      "all",
      `hours: { from: "09:00", to: "20:00", time_zone: recipient }
cap: { most: 1, in: 7d, over: skip }
ramp: { steps: [${STEPS.join(", ")}], settle: ${SETTLE}, after_step: ask, halt_above: { failed: 50% } }
budget: { most: ${budget}, currency: USD }
rate_card: card.csv
`,
    );
    const log = join(folder, "data", "sandbox.jsonl");
    const accepted = () => sandboxEvents(log).filter(({ event }) => event === "accepted");
    try {
      const before = await campaign(["some.yaml"], { cwd: folder });
      expect(before.code, before.stderr).toBe(0);
      const reached = new Set(accepted().map(({ to }) => String(to)));
      const sent = () => accepted().filter(({ to }) => !reached.has(String(to)));
      // The sandbox's clock is the computer's.
      const posts: Post[] = [];
      let paused = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const aheadMs = round * ROUND_HOURS * HOUR;
        const first = start(["all.yaml"], { cwd: folder, aheadMs });
        const due = sent().length + Math.round(PEOPLE / 100);
        await untilSent(first, () => sent().length >= due);
        first.child.kill("SIGKILL");
        await first.ended;
        const rest = await campaign(["all.yaml", "--json"], { cwd: folder, aheadMs });
        expect([0, 75], rest.stderr).toContain(rest.code);
        for (const { to, at } of sent().slice(posts.length)) {
          posts.push({ to: String(to), at: Number(at) + aheadMs });
        }
        const size = STEPS[paused];
        if (size === undefined) continue;
        expect(sent().length).toBeLessThanOrEqual(size);
        const { code } = await campaign(["unpause", "all.yaml"], { cwd: folder });
        expect(code).toBe(0);
        if (rest.stderr.includes("Paused")) paused += 1;
      }
      judge(list, { posts, reached, budget });
      const aheadMs = (ROUNDS - 1) * ROUND_HOURS * HOUR;
      const status = await campaign(["status", "all.yaml", "--json"], { cwd: folder, aheadMs });
      const { counts, reasons } = JSON.parse(status.stdout);
      // Whom the budget leaves waiting is not looked at.
      expect(reasons.frequency_cap).toBeGreaterThan(reached.size / 2);
      expect(counts.unknown ?? 0).toBeLessThanOrEqual(ROUNDS * 128);
      expect(counts.pending, "the budget stops it").toBeGreaterThan(0);
      const doctor = await campaign(["doctor"], { cwd: folder });
      expect(doctor.code, doctor.stdout + doctor.stderr).toBe(0);
    } finally {
      remove();
    }
  });
});

/** Waits until something is so, or the program has ended. */
async function untilSent(running: Running, isSo: () => boolean): Promise<void> {
  let hasEnded = false;
  void running.ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded && !isSo()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

function judge(
  list: readonly Person[],
  { posts, reached, budget }: { posts: readonly Post[]; reached: Set<string>; budget: number },
): void {
  expect(posts.length).toBeGreaterThan(PEOPLE / 4);
  const numbers = posts.map(({ to }) => to);
  expect(new Set(numbers).size, "nobody twice").toBe(numbers.length);
  expect(numbers.filter((number) => reached.has(number))).toEqual([]);
  // Some countries keep the zero of their national form, others do not.
  const byNumber = new Map(
    list.flatMap((person): [string, Person][] => {
      const code = getCountryCallingCode(person.country as CountryCode);
      const forms = [person.phone, person.phone.replace(/^0/, "")];
      return forms.map((form) => [`+${code}${form}`, person]);
    }),
  );
  let spent = 0;
  const outside: string[] = [];
  for (const { to: number, at } of posts) {
    const person = byNumber.get(number);
    expect(person, number).toBeDefined();
    const { country } = person as Person;
    spent += priceOf(country);
    for (const clock of clocksOf(country)) {
      const hour = hourAt(clock, at);
      if (hour < FROM || hour >= TO) outside.push(`${number} at ${hour} in ${clock}`);
    }
  }
  expect(outside).toEqual([]);
  expect(spent / 1_000).toBeLessThanOrEqual(budget);
}
