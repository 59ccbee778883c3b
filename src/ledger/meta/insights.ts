// Keeps what Meta counted: the numbers of each day, and the last look at them of each campaign.

import type {
  InsightReading,
  InsightValue,
  KeptInsights,
  KeptValue,
} from "../../domain/insights/insight.ts";
import { keepsHighest, onceEach } from "../../domain/insights/insight.ts";
import type { Verb } from "../engine.ts";
import { ahead, statement } from "../engine.ts";

/** What was read later counts. */
const INSERT = `
  insert into insight (template, day, product, metric, value, read_at) values (?, ?, ?, ?, ?, ?)
  on conflict (template, day, product, metric) do update set value = excluded.value,
    read_at = excluded.read_at where excluded.read_at >= insight.read_at`;

/** The verbs of the contract around insights. */
export function makeInsights() {
  const newest = statement(INSERT);
  const highest = statement(`${INSERT} and excluded.value >= insight.value`);
  const putReading = statement(`
    insert into insight_reading (campaign_id, read_at, reading) values (?, ?, ?)
    on conflict (campaign_id) do update set read_at = excluded.read_at, reading = excluded.reading
      where excluded.read_at >= insight_reading.read_at
  `);
  const reading = statement<[number], string>(
    "select reading from insight_reading where campaign_id = ?",
  ).pluck();
  const values = statement<[templates: string, since: string, until: string], KeptValue>(`
    select template as "templateId", day, product, metric, value, read_at as "readAt" from insight
    where template in (select value from json_each(?)) and day between ? and ? order by template, day, product, metric
  `);

  const insightsOf = function* (campaign: number): Verb<KeptInsights | null> {
    const text = yield* reading.get(campaign);
    if (text === undefined) return null;
    const kept = JSON.parse(text) as InsightReading;
    const { template, others = [], since, until } = kept;
    const ids = [template, ...others].flatMap(({ id }) => (id === null ? [] : [id]));
    return { reading: kept, values: yield* values.all(JSON.stringify(ids), since, until) };
  };

  return {
    *keepInsights(
      campaign: number,
      look: InsightReading,
      found: readonly InsightValue[],
    ): Verb<void> {
      const readAt = Math.round(look.readAt);
      for (const { templateId, day, product, metric, value } of onceEach(found)) {
        const put = keepsHighest(metric) ? highest : newest;
        yield* ahead(put.run(templateId, day, product, metric, value, readAt));
      }
      yield* putReading.run(campaign, readAt, JSON.stringify(look));
    },

    insightsOf,
  };
}

export type Insights = ReturnType<typeof makeInsights>;
