// `campaign move`: the people who wait for one of several sending numbers go by another one. A
// person's decision, never the program's: to move people away from a number whose quality falls is
// evasion, and Meta bans for it.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import { audited } from "../campaign/auditing.ts";
import { isRunning } from "../campaign/campaign-summary.ts";
import { decide } from "../campaign/deciding.ts";
import type { CommandContext } from "../context.ts";

interface MoveFlags {
  from: string;
  to: string;
  json?: boolean;
}

/**
 * Moves who is pending. Who is claimed or held, or was posted to, stays with the number that knows
 * them.
 */
export async function move(
  file: string,
  { from, to, ...flags }: MoveFlags,
  context: CommandContext,
): Promise<ExitCode> {
  return decide(file, flags, context, async (ledger, campaign) => {
    refuseOther(campaign, { from, to });
    const people = await ledger.moveLane(campaign.id, from, to);
    const detail = { from, to, people };
    if (people > 0) await audited(ledger, { action: "move", subject: campaign.name, detail });
    const moved =
      people === 0
        ? `Nobody waits for number ${from}: nothing was moved.`
        : `${plural(people, "recipient")} of number ${from} ${people === 1 ? "goes" : "go"} by number ${to} now.`;
    const goesOn = (await isRunning(ledger, campaign)) || people === 0;
    return goesOn ? moved : `${moved} The next run sends to them: campaign ${file}`;
  });
}

function refuseOther({ name, lanes }: CampaignRecord, { from, to }: MoveFlags): void {
  const all = lanes.join(", ");
  const problems = [
    { option: "--from", lane: from },
    { option: "--to", lane: to },
  ].flatMap(({ option, lane }) =>
    lanes.includes(lane)
      ? []
      : [
          {
            message: `${option}: campaign "${name}" does not send from number ${lane}`,
            hint: `Give ${lanes.length === 1 ? "its number" : "one of its numbers"} ${all}, as \`account\` had them when it was planned.`,
          },
        ],
  );
  if (problems.length > 0) throw new OperatorError(problems);
  if (from === to) {
    throw new OperatorError({
      message: `--from and --to are the same number, ${from}`,
      hint: `Give one of the campaign's numbers: ${all}.`,
    });
  }
}
