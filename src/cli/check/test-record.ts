// The test of a manifest as `check` reports it: how many people each arm gets, and what that can
// show.

import type { TestForecast } from "../../domain/arms/forecast.ts";
import { forecastTest } from "../../domain/arms/forecast.ts";
import type { TestLedger } from "../../domain/arms/test-state.ts";
import { count, percent, plural } from "../../domain/common/numbers.ts";
import { armsOf, messagesOf, testRuleOf } from "../../domain/manifest/arms-of-manifest.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";

/** The key `test` of the JSON document. */
export interface TestRecord {
  name: string;
  metric: string;
  arms: {
    arm: string;
    /** From 0 to 1, of all people. */
    share: number;
    people: number;
    template: string;
    api: "marketing_messages" | "cloud";
  }[];
  /** People in no arm. */
  rest: number;
  /** The arm that they get, or `winner`. */
  rest_gets: string;
  wait_seconds: number;
  /** What it can show: see TestForecast. */
  shows: { base: number; lift: number | null };
  words: string;
}

/** The test with its people; undefined without one. @param ledger the list is planned in it */
export async function testRecord(
  manifest: Manifest,
  ledger: Pick<TestLedger, "testState">,
  { campaign, tally }: { campaign: number; tally: LedgerTally },
): Promise<TestRecord | undefined> {
  const rule = testRuleOf(manifest);
  const state = await ledger.testState(campaign, Number.MAX_SAFE_INTEGER);
  if (rule === undefined || manifest.test === undefined || state === undefined) return undefined;
  const messages = messagesOf(manifest);
  const arms = armsOf(manifest).map(({ name, share }, at) => {
    const message = messages[at]?.manifest;
    return {
      ...{ arm: name, share, people: state.arms[at]?.people ?? 0 },
      template: message?.template.name ?? "",
      api: message?.delivery.api ?? ("marketing_messages" as const),
    };
  });
  const forecast = forecastTest(
    rule,
    arms.map(({ people }) => people),
  );
  const { rest, wait } = manifest.test;
  const heldOut = tally.reasons.hold_out ?? 0;
  return {
    ...{ name: rule.name, metric: rule.metric, arms, rest: state.rest, rest_gets: rest },
    wait_seconds: wait / 1_000,
    shows: { base: forecast.base, lift: forecast.lift },
    words: wordsOf(arms, { rest: state.rest, gets: rest, heldOut }, forecast),
  };
}

function wordsOf(
  arms: TestRecord["arms"],
  { rest, gets, heldOut }: { rest: number; gets: string; heldOut: number },
  { sentence }: TestForecast,
): string {
  const parts = arms.map(
    ({ arm, share, people, api }) =>
      `${arm} ${count(people)} (${percent(share, 1)}${api === "cloud" ? ", Cloud API" : ""})`,
  );
  const others = [
    ...(rest > 0
      ? [
          `${plural(rest, "person gets", "people get")} ${gets === "winner" ? "what wins" : `arm ${gets}`}`,
        ]
      : []),
    ...(heldOut > 0 ? [`${count(heldOut)} are kept out`] : []),
  ];
  return `${[parts.join(", "), ...others].join("; ")}. ${sentence}.`;
}
