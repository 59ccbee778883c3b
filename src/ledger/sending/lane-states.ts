// Keeps how each number of a campaign with several stands: whichever processes send on them, the
// campaign's own state follows from these.

import type { LaneState, LastStop } from "../../domain/campaign/campaign.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { lanesOfSql } from "../lanes.ts";
import { anyClaimedSql, anyHeldSql, anyPendingSql } from "../looks.ts";

interface StateRow {
  lane: string;
  state: LaneState["state"];
  code: string | null;
  sentence: string | null;
  /** JSON. */
  lastStop: string | null;
}

/** The states of lanes; those that write need a transaction around them. */
export function makeLaneStates() {
  const columns = 'halt_code as code, halt_sentence as sentence, last_stop as "lastStop"';
  const from = `from ${lanesOfSql("@campaign")} as mine join lane_state as s
    on s.campaign_id = @campaign and s.lane_place = mine.place`;
  const all = statement<[{ campaign: number }], StateRow>(
    `select mine.lane, s.state, ${columns} ${from} order by mine.place`,
  );
  // A run that was killed after its last answer leaves nothing behind that another has to end, and
  // neither does a lane that nobody was planned for, or whose people another one has got since.
  const isOpen = [anyPendingSql, anyHeldSql, anyClaimedSql]
    .map((any) => any("@campaign", "mine.place"))
    .join(" or ");
  const effective = statement<[{ campaign: number }], StateRow>(`
    select mine.lane,
      iif(s.state in ('running', 'stopped') and not (${isOpen}), 'finished', s.state) as state,
      ${columns} ${from} order by mine.place
  `);
  const anyHalted = statement<[number, string], number>(`
    select exists (
      select 1 from lane_state where campaign_id = ? and state = 'halted' and halt_code = ?
    )
  `).pluck();
  const begin = statement(`
    insert into lane_state (campaign_id, lane_place, state)
    select @campaign, mine.place, 'stopped' from ${lanesOfSql("@campaign")} as mine where true
    on conflict (campaign_id, lane_place) do nothing
  `);
  const keep = statement(`
    update lane_state set state = @state, halt_code = @code, halt_sentence = @sentence,
      last_stop = @lastStop
    where campaign_id = @campaign and lane_place = @lane
  `);
  const forget = statement("delete from lane_state where campaign_id = ?");

  return {
    *of(campaign: number): Verb<LaneState[]> {
      return (yield* all.all({ campaign })).map(toState);
    },

    /** The same; a lane with nobody left, of whatever run, has finished. */
    *effective(campaign: number): Verb<LaneState[]> {
      return (yield* effective.all({ campaign })).map(toState);
    },

    *isAnyHalted(campaign: number, code: string): Verb<boolean> {
      return (yield* anyHalted.get(campaign, code)) === 1;
    },

    /** Lanes that no run has begun with are stopped from the first time on. */
    *keep(
      campaign: number,
      lane: number,
      { state, halt, lastStop }: Omit<LaneState, "lane">,
    ): Verb<void> {
      yield* begin.run({ campaign });
      yield* keep.run({
        ...{ campaign, lane, state },
        code: halt?.code ?? null,
        sentence: halt?.sentence ?? null,
        lastStop: lastStop === null ? null : JSON.stringify(lastStop),
      });
    },

    /** Every lane stands as the campaign does. */
    *forget(campaign: number): Verb<void> {
      yield* forget.run(campaign);
    },
  };
}

function toState({ lane, state, code, sentence, lastStop }: StateRow): LaneState {
  return {
    ...{ lane, state },
    halt: code === null ? null : { code, sentence: sentence as string },
    lastStop: lastStop === null ? null : (JSON.parse(lastStop) as LastStop),
  };
}
