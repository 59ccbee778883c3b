// The loop of one sending number of a run: its pace, its connection to Graph, its witness. A
// campaign of several numbers has one for each, side by side.

import { makePacer } from "../../clock/pacer.ts";
import type { NumberFacts } from "../../domain/account/facts.ts";
import type { Claim } from "../../domain/campaign/attempt.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { recordOfLane } from "../../domain/campaign/campaign.ts";
import { callbackKey } from "../../domain/campaign/dispatch.ts";
import type { ZoneLedger } from "../../domain/campaign/zone-ports.ts";
import { assert } from "../../domain/common/errors.ts";
import type { Hold } from "../../domain/ledger/ledger.ts";
import type { TurnCap } from "../../domain/limits/cap.ts";
import { compileMessages, messagesOf } from "../../domain/manifest/arms-of-manifest.ts";
import { isByRecipient } from "../../domain/manifest/clocks-of-all.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { capOfManifest, numbersOf } from "../../domain/manifest/manifest.ts";
import { buildBody } from "../../domain/message/body.ts";
import type { BlockedLane } from "../../domain/preflight/gate.ts";
import { openingsOf } from "../../domain/schedule/openings.ts";
import { spreadRate } from "../../domain/schedule/spread.ts";
import { makeZoneBook } from "../../domain/schedule/zone-book.ts";
import type { PeopleLimit } from "../../domain/sending/daily-limit.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { run } from "../../domain/sending/run.ts";
import { keepRunEnd } from "../../domain/sending/run-end.ts";
import type {
  RampCourse,
  RunEnd,
  RunLedger,
  RunNotice,
  RunPorts,
  RunProgress,
  TestOfRun,
} from "../../domain/sending/run-ports.ts";
import { startRunProgress } from "../../domain/sending/run-ports.ts";
import { ofPlace, shareLimit } from "../../domain/sending/side-by-side.ts";
import type { TakeOver } from "../../domain/sending/take-over.ts";
import type { PaceRecord } from "../../domain/sending/turn.ts";
import type { GraphClient } from "../../graph/client.ts";
import { openGraph } from "../../graph/client.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import type { Sandbox } from "../../sandbox/server/server.ts";
import { accessOf, accountProblem, connectAccount } from "../account/account-facts.ts";
import { mediaIds, mediaOf } from "../account/media.ts";
import type { CommandContext } from "../context.ts";
import { loadSchedule } from "../files/schedule-files.ts";
import { redact } from "../print/redact.ts";
import type { LoadedManifest } from "./wiring.ts";
import type { WitnessKeeper } from "./witness.ts";
import { keepWitness, keysOf } from "./witness.ts";

/** Whether a run takes lanes over that other processes have when it begins. */
export type TakesOver = "never" | "while_sending" | "until_through";

/** What a run is given besides. */
export interface RunContext extends CommandContext {
  /** Every check is passed, and so many recipients are about to be sent to, from these lanes. */
  begins?(open: number, lanes: readonly string[]): void;
  /** This run sends no more from a lane. */
  doneWith?(lane: string): void;
}

export interface SendingOptions {
  ledger: OpenedLedger;
  campaign: CampaignRecord;
  /** The lanes that this process has, and those that others have. */
  hold: Hold;
  takesOver: TakesOver;
  clock: Clock;
  limit: number | null;
  dailyLimit: PeopleLimit | null;
  ramp: RampCourse | null;
  test: TestOfRun | null;
  leavesToOthers: boolean;
  /** The sending number as Meta has it; null where it was not read. */
  number: NumberFacts | null;
  /** Numbers that must not send, of several. */
  blockedLanes: readonly BlockedLane[];
  stop: AbortSignal;
  /** Do not ask before the first real message. */
  yes: boolean;
  /** The simulator, for `account: sandbox`; it stays open. */
  sandbox: Sandbox | undefined;
}

/** One sending number of a run. */
export interface Lane {
  place: number;
  /** Its id at Meta, or `sandbox`. */
  name: string;
  messagesPerSecond: number;
  limit: number | null;
  acceptedBefore: boolean;
  before: PaceRecord | undefined;
  progress: RunProgress;
  media: ReadonlyMap<string, string> | undefined;
  /** Why it must not send; the others go on. */
  blocked: BlockedLane | undefined;
}

/** What the loops of a run share. */
export interface LaneRun {
  loaded: LoadedManifest;
  options: SendingOptions;
  /** Aborted: claim no more. */
  stop: AbortSignal;
  turn: RunLedger["turn"];
  notices(lane: string): (event: RunNotice) => void;
}

/**
 * Lanes that this process has just taken, with what waits for each.
 * @param limit of messages that they share
 */
export async function lanesOfRun(
  loaded: LoadedManifest,
  found: readonly TakeOver[],
  options: SendingOptions,
): Promise<Lane[]> {
  const { campaign, limit } = options;
  const numbers = numbersOf(loaded.manifest);
  const rates = new Map(numbers.map((number) => [number.lane, number.messagesPerSecond]));
  const open = found.map(({ left }) => left.pending + left.held);
  const isShared = limit !== null && campaign.lanes.length > 1;
  const limits = isShared ? shareLimit(limit, open) : undefined;
  const lanes: Lane[] = [];
  for (const [at, { lane: name, left, pace }] of found.entries()) {
    const waiting = open[at] as number;
    lanes.push({
      name,
      place: campaign.lanes.indexOf(name),
      messagesPerSecond: rates.get(name) ?? loaded.manifest.rate.messages_per_second,
      limit: limits?.[at] ?? limit,
      acceptedBefore: left.accepted,
      before: pace,
      progress: startRunProgress(waiting),
      media: waiting > 0 ? await uploadedMedia(loaded, name, options) : undefined,
      blocked: options.blockedLanes.find((blocked) => blocked.lane === name),
    });
  }
  return lanes;
}

/** Runs the loop of one number. */
export async function sendByLane(
  lane: Lane,
  shared: LaneRun,
  ledger: RunLedger & ZoneLedger,
): Promise<RunEnd> {
  const { loaded, options, stop, turn } = shared;
  const { manifest } = loaded;
  const { clock, dailyLimit, ramp, test, leavesToOthers } = options;
  const campaign = recordOfLane(options.campaign, lane.name);
  const { progress, limit, acceptedBefore } = lane;
  if (lane.blocked !== undefined && progress.open > 0) {
    const { code, sentence } = lane.blocked;
    const end: RunEnd = { kind: "halted", halt: { code, sentence } };
    await keepRunEnd(ledger, campaign.id, end, clock.now());
    return end;
  }
  const schedule = await scheduled(loaded, ledger, campaign);
  const most = await spreading(lane, shared, schedule);
  const pacer = makePacer({
    lane: lane.name,
    ...(most !== undefined && { most }),
    messagesPerSecond: lane.messagesPerSecond,
    maxInFlight: manifest.rate.max_in_flight,
    before: lane.before,
    clock,
  });
  const client = connect(loaded, lane.name, options);
  const key = progress.open > 0 ? keysOf(loaded)[lane.place] : undefined;
  const { id, place } = options.ledger;
  const witness = key === undefined ? undefined : keepWitness(key, { ledger: id, path: place });
  try {
    return await run(
      {
        ...{ campaign, limit, dailyLimit, acceptedBefore, progress, ramp, test },
        leavesToOthers,
        cappedTries: manifest.delivery.capped_tries,
        cap: turnCapOf(manifest),
      },
      {
        ledger: { ...ledger, turn: witnessed(ofPlace(turn, lane.place), witness) },
        clock,
        pacer,
        post: client.post,
        endpointOf: endpoints(manifest, client),
        abandon: client.destroy,
        bodyOf: bodyBuilder(manifest, campaign, { ledger: id, media: lane.media }),
        ...schedule,
        stop,
        notice: shared.notices(lane.name),
      },
    );
  } finally {
    await witness?.close();
    await pacer.close();
    await client.destroy();
  }
}

/** A rate that changes slowly is worked out again after this. */
const SPREAD_MS = 1_000;

/** How fast the loop of one number goes where the campaign is spread; undefined where it is not. */
async function spreading(
  { progress }: Lane,
  { loaded, options }: LaneRun,
  { opening }: Pick<RunPorts, "opening">,
): Promise<(() => number) | undefined> {
  const { manifest } = loaded;
  if (manifest.rate.spread === undefined && manifest.rate.until === undefined) return undefined;
  const { ledger, campaign, clock } = options;
  const begunAt = (await ledger.tally(campaign.id)).reached.firstClaimAt ?? clock.now();
  let [rate, at] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return () => {
    if (clock.monotonic() - at < SPREAD_MS) return rate;
    at = clock.monotonic();
    const left = progress.open - progress.posted;
    rate = spreadRate(manifest, left, { now: clock.now(), firstAt: begunAt, opening });
    return rate;
  };
}

/** When the loop may post. */
async function scheduled(
  loaded: LoadedManifest,
  ledger: ZoneLedger,
  { id }: CampaignRecord,
): Promise<Pick<RunPorts, "opening" | "zones">> {
  const schedule = await loadSchedule(loaded);
  if (!isByRecipient(loaded.manifest)) return { opening: openingsOf(schedule, null) };
  const waiting = () => ledger.waitingZones(id, undefined, "claimable");
  const book = makeZoneBook(schedule, await waiting());
  return { opening: book.opening, zones: { book, waiting } };
}

/** Turns of which the witness knows before anything of them is posted. */
function witnessed(
  turns: RunLedger["turn"],
  witness: WitnessKeeper | undefined,
): RunLedger["turn"] {
  if (witness === undefined) return turns;
  return async (turn) => {
    const result = await turns(turn);
    if (result.number !== null) await witness.saw(result.number);
    return result;
  };
}

function connect(loaded: LoadedManifest, lane: string, { sandbox }: SendingOptions): GraphClient {
  return openGraph({
    ...accessOf(loaded, sandbox, lane),
    redact,
    connections: loaded.manifest.rate.max_in_flight,
  });
}

/**
 * The ids of the manifest's files; those that Meta does not have, or not for long any more, are
 * uploaded first.
 */
async function uploadedMedia(
  loaded: LoadedManifest,
  lane: string,
  { ledger, sandbox, clock, stop }: SendingOptions,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (mediaOf(loaded.manifest).length === 0) return undefined;
  const { account, close } = await connectAccount(loaded, { sandbox, stop, lane });
  try {
    const upload = account.uploadMedia;
    return await mediaIds(loaded, { lane, upload, cache: ledger, now: clock.now });
  } catch (error) {
    throw accountProblem(error, loaded.file);
  } finally {
    await close();
  }
}

/** The frequency cap as each turn has it; undefined without one. */
function turnCapOf(manifest: Manifest): TurnCap | undefined {
  const cap = capOfManifest(manifest);
  if (cap === null) return undefined;
  const { ends } = manifest;
  return { ...cap, endsAt: typeof ends === "number" ? ends : null };
}

/** Where the message of a claim goes: each arm has its API. */
function endpoints(manifest: Manifest, client: GraphClient): (claim: Claim) => string {
  const all = messagesOf(manifest).map(({ manifest: { delivery } }) =>
    delivery.api === "cloud" ? client.cloudEndpoint : client.endpoint,
  );
  return ({ arm }) => ofArm(all, arm);
}

/** What a claim's arm has, of a campaign with arms; else the one. */
function ofArm<T>(all: readonly T[], arm: number | undefined): T {
  const found = all.length === 1 ? all[0] : all[(arm ?? 0) - 1];
  assert(found !== undefined, "a claim of a campaign with a test says which arm it gets");
  return found;
}

function bodyBuilder(
  manifest: Manifest,
  campaign: CampaignRecord,
  { ledger, media }: { ledger: string; media: ReadonlyMap<string, string> | undefined },
): (claim: Claim) => string {
  const { messages } = compileMessages(messagesOf(manifest), { media });
  const keyed = manifest.delivery.callback_key;
  return ({ row, attempt, phone, userId, values, arm }) =>
    buildBody(ofArm(messages, arm), {
      to: phone ?? (userId as string),
      values,
      ...(keyed && { callbackKey: callbackKey({ ledger, campaign: campaign.id, row, attempt }) }),
    });
}
