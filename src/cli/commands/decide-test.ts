// `campaign decide`: a person decides the test of a campaign before its time.

import { systemClock } from "../../clock/clock.ts";
import { decideByHand } from "../../domain/arms/decide-test.ts";
import { frozenArms } from "../../domain/arms/frozen-arms.ts";
import type { TestMetric } from "../../domain/arms/split.ts";
import type { TestState } from "../../domain/arms/test-state.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import { commandActor } from "../campaign/auditing.ts";
import { decide } from "../campaign/deciding.ts";
import type { CommandContext } from "../context.ts";
import { requireYes } from "../process/ask.ts";

/** Gives the rest the arm that a person names, for good. */
export async function decideTest(
  file: string,
  flags: { rest: string; yes?: boolean; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  return decide(file, flags, context, async (ledger, campaign) => {
    const now = systemClock.now();
    const state = await ledger.testState(campaign.id, now);
    refuseUndecidable(state, campaign);
    const arm = armNamed(state, flags.rest);
    const people = plural(state.rest, "person gets", "people get");
    const question = `The test is not over, and what it would say is lost. ${people} arm ${flags.rest}. Decide it for good?`;
    await requireYes(question, flags.yes, context.stop);
    const metric = campaign.frozen["test.metric"] as TestMetric;
    const shares = frozenArms(campaign.frozen).map(({ share }) => share);
    const decision = decideByHand({ metric, shares, arm }, state, now);
    const isMine = await ledger.decideTest(campaign.id, decision, {
      ...{ at: now, actor: commandActor(), action: "test_decided", subject: campaign.name },
      detail: { sentence: decision.sentence, rest: flags.rest, ...decision.evidence },
    });
    if (!isMine) throw decidedAlready(campaign, null);
    return `${decision.sentence} The next run sends to them.`;
  });
}

function refuseUndecidable(
  state: TestState | undefined,
  campaign: CampaignRecord,
): asserts state is TestState {
  if (state === undefined) {
    throw new OperatorError({
      message: `campaign "${campaign.name}" has no test`,
      hint: "Add the key `test` to the manifest of another campaign: docs/tests.md.",
    });
  }
  if (state.decision !== null) throw decidedAlready(campaign, state.decision.sentence);
  if (state.rest > 0) return;
  throw new OperatorError({
    message: `nobody of campaign "${campaign.name}" waits for its test`,
    hint: "Run the campaign again once its wait is over: that decides it by its figures.",
  });
}

function decidedAlready({ name }: CampaignRecord, sentence: string | null): OperatorError {
  return new OperatorError({
    message: `the test of campaign "${name}" is decided already${sentence === null ? "" : `: ${sentence}`}`,
    hint: "Leave it: a decision never changes. `campaign report <manifest>` shows its figures.",
  });
}

function armNamed({ arms }: TestState, name: string): number {
  const found = arms.find((arm) => arm.name === name);
  if (found !== undefined) return found.arm;
  throw new OperatorError({
    message: `the test has no arm ${name}`,
    hint: `Give one of ${arms.map((arm) => arm.name).join(", ")}.`,
  });
}
