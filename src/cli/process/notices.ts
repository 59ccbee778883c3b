// Posts what happens to the campaigns of a process to the address that their policy names. Nothing
// waits for it but the end of the process, and what goes wrong with it is one line.

import { randomUUID } from "node:crypto";
import { systemClock } from "../../clock/clock.ts";
import { calendarOf, inZone } from "../../domain/common/calendar.ts";
import { plural } from "../../domain/common/numbers.ts";
import { UNUSED_SECRET } from "../../domain/document/document-values.ts";
import { ownZoneOf } from "../../domain/manifest/clocks-of-all.ts";
import type { Notify } from "../../domain/manifest/manifest-notify.ts";
import { doneWords } from "../../domain/result/campaign-standing.ts";
import type { NoticeChange } from "../../domain/sending/notice.ts";
import { changeAtBegin, changeAtEnd, changeText, noticeBody } from "../../domain/sending/notice.ts";
import type { NoticeResult } from "../../graph/post-notice.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import type { CampaignView } from "../campaign/campaign-summary.ts";
import { viewOf } from "../campaign/campaign-summary.ts";
import { exitCodeOf, resultOf } from "../campaign/run-result.ts";
import type { Ended } from "../campaign/running.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { warn } from "../print/print.ts";
import { keepSecret, redact } from "../print/redact.ts";

/** The notices of a process. */
export interface Notices {
  /** A run begins to send. */
  begins(loaded: LoadedManifest, open: number): void;
  ends(loaded: LoadedManifest, ended: Ended): void;
  /** Waits for what is not posted yet: some seconds where the address does not answer. */
  settle(): Promise<void>;
}

/** The begin of a run with so many open recipients, or its end. */
type Happening = { open: number } | Ended;

interface Noted {
  loaded: LoadedManifest;
  notify: Notify;
  what: Happening;
}

interface Around {
  ledger: OpenedLedger;
  stop: AbortSignal;
}

/**
 * Makes them.
 * @param ledger stays open until they are settled
 * @param stop aborted: nothing is tried again
 */
export function startNotices(ledger: OpenedLedger, stop: AbortSignal): Notices {
  /** By campaign: its changes are posted in their order. */
  const lines = new Map<string, Promise<void>>();
  const enter = (loaded: LoadedManifest, what: Happening) => {
    const notify = loaded.project.policy?.policy.notify;
    if (notify === undefined) return;
    const { campaign } = loaded.manifest;
    const before = lines.get(campaign) ?? Promise.resolve();
    const next = before.then(() => notice({ loaded, notify, what }, { ledger, stop }));
    lines.set(campaign, next);
  };
  return {
    begins: (loaded, open) => enter(loaded, { open }),
    ends(loaded, ended) {
      if (!ended.isPlanned) enter(loaded, ended);
    },
    settle: async () => void (await Promise.all(lines.values())),
  };
}

/** Never rejects. */
async function notice(noted: Noted, { ledger, stop }: Around): Promise<void> {
  const { loaded, notify } = noted;
  const { campaign: name } = loaded.manifest;
  const fails = (why: string) => warn(`notify: ${name}: nobody is notified: ${redact(why)}.`);
  try {
    const campaign = await ledger.findCampaign(name);
    if (campaign === undefined) return;
    const { id } = campaign;
    const before = await ledger.noticeOf(id);
    const change = changeOf(noted.what, before);
    // Of several processes that see the change, the one that keeps it posts it.
    const text = change === null ? null : changeText(change);
    if (change === null || !(await ledger.keepNotice(id, before, text))) return;
    if (!notify.events.includes(change.event)) return;
    const lacking = [notify.url, notify.secret].includes(UNUSED_SECRET);
    const result: NoticeResult = lacking
      ? {
          kind: "failed",
          why: "a variable of `notify` in the policy is not set, or has blanks in it",
        }
      : await post(noted, { change, ledger, stop });
    if (result.kind === "taken") return;
    // The next run that finds the campaign so tries it again.
    if (result.kind === "failed") await ledger.keepNotice(id, text, before);
    fails(result.why);
  } catch (error) {
    fails(error instanceof Error ? error.message.replace(/\.$/, "") : "it could not be written");
  }
}

function changeOf(what: Happening, before: string | null): NoticeChange | null {
  return "open" in what ? changeAtBegin(before) : changeAtEnd(what.end, before);
}

async function post(
  { loaded, notify: { url, secret }, what }: Noted,
  { change, ledger, stop }: Around & { change: NoticeChange },
): Promise<NoticeResult> {
  for (const one of [url, secret]) if (one !== undefined) keepSecret(one);
  const view = await viewAt(what, { loaded, ledger });
  const end = "open" in what ? null : what.end;
  const body = noticeBody({
    id: randomUUID(),
    at: systemClock.now(),
    campaign: loaded.manifest.campaign,
    isSandbox: loaded.manifest.account === "sandbox",
    change,
    state: view?.summary.state ?? "running",
    sentence: redact(sentenceOf(what, { loaded, view })),
    rows: view?.summary.rows ?? 0,
    counts: view?.summary.counts ?? {},
    exitCode: end === null ? null : exitCodeOf(end),
    nextTry: end?.kind === "stopped" ? end.goOnAt : null,
  });
  const { postNotice } = await import("../../graph/post-notice.ts");
  return postNotice({ url, secret, body }, { signal: stop });
}

/** Undefined where the ledger can say nothing of the campaign any more. */
async function viewAt(
  what: Happening,
  { loaded, ledger }: { loaded: LoadedManifest; ledger: OpenedLedger },
): Promise<CampaignView | undefined> {
  if (!("open" in what)) return (await resultOf(what, { ledger, loaded })).view;
  const campaign = await ledger.findCampaign(loaded.manifest.campaign);
  return campaign && (await viewOf(ledger, campaign, { isRunning: true }));
}

function sentenceOf(
  what: Happening,
  { loaded, view }: { loaded: LoadedManifest; view: CampaignView | undefined },
): string {
  if ("open" in what) return `Sending to ${plural(what.open, "recipient")}.`;
  const { end } = what;
  switch (end.kind) {
    case "finished":
      return view === undefined ? "Finished." : doneWords(view.standing);
    case "halted":
      return `Halted. ${end.halt.sentence}`;
    case "stopped": {
      if (end.goOnAt === null) return end.sentence;
      const { zone, minute } = calendarOf(ownZoneOf(loaded.manifest) ?? "UTC");
      return `${end.sentence} Next try: ${inZone(minute(end.goOnAt), zone)}.`;
    }
  }
}
