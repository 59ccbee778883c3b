// What can be done on the live page: start a plan, pause, go on, cancel, send a test, put people on
// the opt-out list and take them off. Each is written to the audit table, and each ends with a page
// that says what was done.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { LIVE_PAGE } from "../../domain/campaign/audit.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { pauseBy } from "../../domain/campaign/pause.ts";
import type { Suppression } from "../../domain/campaign/suppression.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { oneLine } from "../../domain/common/plain.ts";
import type { CampaignStanding } from "../../domain/result/campaign-standing.ts";
import { choicesOf, standingOf } from "../../domain/result/campaign-standing.ts";
import { formOf, ownPath } from "../auth/auth.ts";
import type { Named } from "./addresses.ts";
import { noCampaign, numberOf } from "./addresses.ts";
import { pathOf } from "./campaign-parts.ts";
import type { Live, TestWish } from "./context.ts";

/** Longest reason that is kept with an opt-out, in characters. */
const REASON_LENGTH_MAX = 200;
/** Where an opt-out came from that was added here: as with `suppress add`. */
const SOURCE = "manual";
const DEFAULT_REASON = "asked by hand";

/** Adds the routes that change something. */
export function registerActions(scope: FastifyInstance, live: Live): void {
  changesCampaign(scope, live, "start", start);
  changesCampaign(scope, live, "pause", pause);
  changesCampaign(scope, live, "unpause", unpause);
  changesCampaign(scope, live, "cancel", cancel);
  sendsTests(scope, live);
  changesOptOuts(scope, live, "add", optOut);
  changesOptOuts(scope, live, "remove", takeOff);
}

/** A campaign as it stands at this moment. */
interface Chosen {
  campaign: CampaignRecord;
  standing: CampaignStanding;
}

/** Does it, and gives the sentence that says so. */
type CampaignAction = (live: Live, chosen: Chosen, form: URLSearchParams) => Promise<string>;

function changesCampaign(
  scope: FastifyInstance,
  live: Live,
  name: string,
  act: CampaignAction,
): void {
  scope.post<Named>(`/campaigns/:name/${name}`, async (request, reply) => {
    const campaign = await live.ledger.findCampaign(request.params.name);
    if (campaign === undefined) return noCampaign(live, request, reply);
    // Asked again: what a page showed may be over by now, and a finished campaign must not be
    // cancelled by it.
    const left = await live.ledger.remaining(campaign.id);
    const isRunning = await live.ledger.isRunning(campaign);
    const standing = standingOf({ campaign, left, isRunning, now: live.clock.now() });
    const done = await act(live, { campaign, standing }, formOf(request));
    live.sessionOf(request).notice = done;
    return reply.redirect(pathOf(campaign.name), 303);
  });
}

/** Starts the plan that the page showed; what it says is that of the page, not of this moment. */
async function start(live: Live, { campaign }: Chosen, form: URLSearchParams): Promise<string> {
  const plan = form.get("plan") ?? "";
  if (!(await live.actions.startPlan(campaign.id, plan, LIVE_PAGE))) {
    return "That plan does not wait any more: it was started, or there is another one by now.";
  }
  await live.audit({ action: "plan_start", subject: campaign.name, detail: { plan } });
  return "The plan is started. A worker sends it at once; without one, start a run.";
}

async function pause(live: Live, { campaign, standing }: Chosen): Promise<string> {
  if (!choicesOf(standing).pause) return "There is nothing to pause.";
  const now = live.clock.now();
  await live.actions.askStop(campaign.id, pauseBy(LIVE_PAGE, now), now);
  await live.audit({ action: "pause", subject: campaign.name, detail: {} });
  return "Paused. A run that is at work stops within a moment, and no later one sends anything.";
}

async function unpause(live: Live, { campaign }: Chosen): Promise<string> {
  // The clock may have been set back since; what is seen here is lifted all the same.
  const upTo = Math.max(live.clock.now(), campaign.stop?.at ?? 0);
  const wasPaused = await live.actions.liftStop(campaign.id, "paused", upTo);
  if (!wasPaused) return "It was not paused.";
  await live.audit({ action: "unpause", subject: campaign.name, detail: {} });
  const after = (await live.ledger.findCampaign(campaign.name)) as CampaignRecord;
  if (after.stop !== null) return "The pause is lifted, and another stop is in force.";
  return "The pause is lifted. A worker goes on at once; without one, start a run.";
}

async function cancel(live: Live, { campaign, standing }: Chosen): Promise<string> {
  if (!choicesOf(standing).cancel) return "There is nothing to cancel.";
  const recipients = await live.actions.cancel(campaign.id, live.clock.now(), LIVE_PAGE);
  await live.audit({ action: "cancel", subject: campaign.name, detail: { recipients } });
  return `Cancelled: ${plural(recipients, "recipient")} will not get the message.`;
}

/** A person sends the message of the row that the page shows to a phone of their own. */
function sendsTests(scope: FastifyInstance, live: Live): void {
  const sending = new Set<number>();
  scope.post<Named>("/campaigns/:name/send-test", async (request, reply) => {
    const campaign = await live.ledger.findCampaign(request.params.name);
    if (campaign === undefined) return noCampaign(live, request, reply);
    const form = formOf(request);
    const row = numberOf(form.get("row") ?? undefined);
    const { notice, wish } = wishIn(live, form, row);
    const session = live.sessionOf(request);
    if (wish === null) session.notice = notice;
    else if (sending.has(campaign.id))
      session.notice = "A test is on its way: wait for its answer.";
    else {
      sending.add(campaign.id);
      session.notice = await sendTest(live, campaign, wish).finally(() => {
        sending.delete(campaign.id);
      });
    }
    const back = `${pathOf(campaign.name)}/message`;
    return reply.redirect(row === null ? back : `${back}?row=${row}`, 303);
  });
}

function wishIn(
  live: Live,
  form: URLSearchParams,
  row: number | null,
): { notice: string; wish: TestWish | null } {
  const named = live.readPerson(form.get("to") ?? "", { reason: "", source: SOURCE });
  const to = named.length === 1 ? named[0]?.phone : undefined;
  if (to === undefined || to === null) {
    const notice =
      "Nothing was sent: that is no phone number. Write it with + and country code, such as +5511987650001.";
    return { notice, wish: null };
  }
  if (form.get("own") !== "yes") {
    return { notice: "Nothing was sent: say that the phone is yours, and send again.", wish: null };
  }
  return { notice: "", wish: { to, row, arm: form.get("arm") } };
}

async function sendTest(live: Live, campaign: CampaignRecord, wish: TestWish): Promise<string> {
  const { to, row } = wish;
  // Before it is sent: who did must be known also of a test that was cut off.
  const detail = { to: live.mask(to), ...(row !== null && { row }) };
  await live.audit({ action: "send_test", subject: campaign.name, detail });
  const end = await live.sendTest(campaign, wish);
  if ("status" in end) return `${end.test}: ${end.status}. The phone shows the message.`;
  return live.mask(`The test was not sent: ${end.message} ${end.remedy}`.trim());
}

type PersonAction = (live: Live, who: Suppression[]) => Promise<string>;

function changesOptOuts(scope: FastifyInstance, live: Live, name: string, act: PersonAction): void {
  scope.post(`/opt-outs/${name}`, async (request: FastifyRequest, reply: FastifyReply) => {
    const form = formOf(request);
    const back = form.get("back");
    const who = live.readPerson(form.get("who") ?? "", { reason: reasonIn(form), source: SOURCE });
    live.sessionOf(request).notice =
      who.length === 0
        ? "That is neither a phone number nor a user id. Write the number with + and country code."
        : await act(live, who);
    return reply.redirect(back === null ? "/opt-outs" : ownPath(back), 303);
  });
}

async function optOut(live: Live, who: Suppression[]): Promise<string> {
  const added = await live.actions.suppress(who, live.clock.now());
  await live.audit({ action: "suppress", subject: subjectOf(live, who), detail: { added } });
  if (added === 0) return "On the opt-out list already.";
  return "On the opt-out list. In force for running campaigns, too.";
}

async function takeOff(live: Live, who: Suppression[]): Promise<string> {
  const keys = who.map(({ userId, person }) =>
    userId === null ? { person: person ?? "" } : { userId },
  );
  const removed = await live.actions.unsuppress(keys);
  if (removed === 0) return "Nobody of this number or id is on the opt-out list.";
  await live.audit({ action: "unsuppress", subject: subjectOf(live, who), detail: { removed } });
  return `Taken off the opt-out list: ${count(removed)} ${removed === 1 ? "entry" : "entries"}.`;
}

/** Masked: the audit table outlives the person's data. */
function subjectOf(live: Live, who: readonly Suppression[]): string {
  return live.mask(who.map(({ phone, userId }) => phone ?? userId ?? "").join(", "));
}

function reasonIn(form: URLSearchParams): string {
  const text = oneLine(form.get("reason") ?? "");
  return text === "" ? DEFAULT_REASON : text.slice(0, REASON_LENGTH_MAX);
}
