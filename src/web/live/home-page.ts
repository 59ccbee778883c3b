// The page of all campaigns: what needs a person first, then totals and limits, what is under way,
// what has ended.

import type { Content, Html } from "../../domain/common/html.ts";
import { html, NOTHING, said } from "../../domain/common/html.ts";
import { count, percent, plural, rateText } from "../../domain/common/numbers.ts";
import { bar, meter } from "../../domain/page/bars.ts";
import { copiedCommand, tiles } from "../../domain/page/parts.ts";
import { isEnded, needsPerson } from "../../domain/result/campaign-standing.ts";
import type { Figures } from "../../domain/result/figures.ts";
import {
  BAR_LEGEND,
  barParts,
  campaignLink,
  doneOf,
  factsOf,
  figuresIn,
  pathOf,
  SANDBOX_TAG,
  shareText,
  stateOf,
} from "./campaign-parts.ts";
import type { Parts } from "./events.ts";
import type { Times } from "./format.ts";
import type { Look } from "./looks.ts";
import type { Page } from "./page.ts";

/** Ended campaigns that are shown at first. */
const ENDED_SHOWN = 10;
const TOTALS_MS = 30 * 86_400_000;

export interface HomeView {
  looks: readonly Look[];
  /** Part of a name to be found; empty for all. */
  find: string;
  /** Whether all that ended are shown. */
  isAll: boolean;
  times: Times;
  manifestName(path: string): string;
}

/** The page. */
export function homePage(view: HomeView): Page {
  const parts = homeParts(view);
  const part = (name: string, className: string) =>
    html`<div class="${className}" data-live="${name}">${parts[name]}</div>`;
  const query = new URLSearchParams({
    ...(view.find !== "" && { find: view.find }),
    ...(view.isAll && { all: "1" }),
  }).toString();
  return {
    title: "Campaigns",
    section: "campaigns",
    events: `/events${query === "" ? "" : `?${query}`}`,
    body: html`<div class="head"><h1>Campaigns</h1>
<form class="find" method="get" action="/" role="search"><input type="search" name="find" aria-label="Find a campaign" placeholder="Find a campaign" value="${view.find}"></form></div>
<div class="home">${part("needs", "first")}${part("totals", "late")}${part("limits", "late")}${part("under_way", "mid")}${part("ended", "last")}</div>
<p class="keys">${BAR_LEGEND}</p>`,
  };
}

/** The parts of the page that change. */
export function homeParts(view: HomeView): Parts {
  const { find, isAll, looks } = view;
  if (looks.length === 0) return { ...EMPTY, needs: FIRST_CAMPAIGN };
  const found = looks.filter(({ campaign }) =>
    campaign.name.toLowerCase().includes(find.toLowerCase()),
  );
  if (found.length === 0) return { ...EMPTY, needs: nothingFound(find) };
  const needs = found.filter(({ standing }) => needsPerson(standing));
  const ended = found
    .filter(({ standing }) => isEnded(standing))
    .sort((a, b) => b.standing.since - a.standing.since);
  const underWay = found.filter((look) => !needs.includes(look) && !ended.includes(look));
  const shown = isAll || find !== "" ? ended : ended.slice(0, ENDED_SHOWN);
  const rest = ended.length - shown.length;
  const all = html`${count(ended.length)}${rest > 0 && html` · <a href="/?all=1">Show all</a>`}`;
  return {
    needs: band("Needs you", count(needs.length), needs, view),
    totals: find === "" ? totals(looks, view.times) : NOTHING,
    limits: find === "" ? limits(looks, view) : NOTHING,
    under_way: band("Under way", count(underWay.length), underWay, view),
    ended: band("Ended", all, shown, view),
  };
}

const EMPTY: Parts = {
  needs: NOTHING,
  totals: NOTHING,
  limits: NOTHING,
  under_way: NOTHING,
  ended: NOTHING,
};

const FIRST_CAMPAIGN = html`<section class="card"><h2>No campaign yet</h2><p class="sub">The first one shows here as soon as it is planned: ${copiedCommand("campaign run <manifest>")}</p></section>`;

function nothingFound(find: string): Html {
  return html`<section class="card"><p>No campaign has ${said(find)} in its name. <a href="/">Show all</a></p></section>`;
}

/** Campaigns below each other; nothing where there is none. */
function band(title: string, beside: Content, looks: readonly Look[], view: HomeView): Html {
  if (looks.length === 0) return NOTHING;
  const heads = ["Delivered", "Read", "Opted out", "Failed"].map(
    (name) => html`<span>${name}</span>`,
  );
  return html`<section class="card list"><div class="bandh"><h2>${title}</h2><span class="cap">${beside}</span></div>
<div class="lh" aria-hidden="true"><span>Campaign</span><span>State</span><span>People</span><div class="figs">${heads}</div></div>
<ul class="rows">${looks.map((look) => campaignRow(look, view))}</ul></section>`;
}

function campaignRow(look: Look, { times, manifestName }: HomeView): Html {
  const { campaign, standing } = look;
  const { name, manifest, lane } = campaign;
  const { done, of } = doneOf(look);
  const { parts, of: whole } = barParts(look);
  const label = `${name}: ${count(done)} of ${count(of)} sent`;
  const file = manifest === null ? null : said(manifestName(manifest));
  const needs =
    needsPerson(standing) && html`<a class="btn" href="${pathOf(name)}">Look and decide</a>`;
  return html`<li class="row"><div class="who">${campaignLink(name)}<span class="cap">${file}${lane === "sandbox" && html` ${SANDBOX_TAG}`}</span></div>
<div class="what">${stateOf(look, times.when)}<span class="cap">${factsOf(look, times)}</span>${needs}</div>
<div class="pic">${bar(parts, { of: whole, label, height: 10 })}<span class="cap">${count(done)} of ${count(of)} sent</span></div>
${figureList(figuresIn(look))}</li>`;
}

function figureList(figures: Figures | null): Html {
  const text = (name: "delivered" | "read" | "opted_out") =>
    figures === null ? "–" : shareText(figures[name], figures);
  const failed = figures === null ? "–" : percent(figures.failed.number, figures.failed.of);
  const all: [string, string][] = [
    ["Delivered", text("delivered")],
    ["Read", text("read")],
    ["Opted out", text("opted_out")],
    ["Failed", failed],
  ];
  return html`<dl class="figs">${all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/**
 * Campaigns that began in the last 30 days, added up; the sandbox counts by itself, when there is
 * nothing else.
 */
function totals(looks: readonly Look[], { now }: Times): Html {
  const recent = looks.filter(({ tally }) => {
    const at = tally?.reached.firstClaimAt ?? null;
    return at !== null && at > now - TOTALS_MS;
  });
  const real = recent.filter(({ campaign }) => campaign.lane !== "sandbox");
  const counted = real.length > 0 ? real : recent;
  if (counted.length === 0) return NOTHING;
  const sum = (name: keyof Figures): number =>
    counted.reduce((all, look) => all + (figuresIn(look)?.[name].number ?? 0), 0);
  const [sent, delivered, failed] = [sum("sent_to"), sum("delivered"), sum("failed")];
  const share = (number: number, of: number) => (delivered === 0 ? "–" : percent(number, of));
  return tiles([
    {
      name: "Sent, last 30 days",
      figure: count(sent),
      base: `${plural(counted.length, "campaign")}${real.length === 0 ? ", sandbox" : ""}`,
    },
    {
      name: "Delivered",
      figure: share(delivered, sent),
      base: delivered === 0 ? "no receipts yet" : `${count(delivered)} of sent`,
    },
    {
      name: "Read",
      figure: share(sum("read"), delivered),
      base: `${count(sum("read"))} of delivered`,
    },
    {
      name: "Opted out",
      figure: share(sum("opted_out"), delivered),
      base: `${count(sum("opted_out"))} of delivered`,
    },
    { name: "Failed", figure: count(failed), base: `${percent(failed, sent)} of sent` },
  ]);
}

/** The daily limit of each sender, and how fast messages go out now. */
function limits(looks: readonly Look[], { times }: HomeView): Html {
  const seen = new Map<string, Html>();
  for (const { campaign, dailyLimit } of looks) {
    if (dailyLimit === null) continue;
    const sender = campaign.portfolio ?? campaign.lane;
    if (!seen.has(sender)) seen.set(sender, limitMeter(dailyLimit, times, senderName(campaign)));
  }
  const now = sendingNow(looks);
  if (seen.size === 0 && now === null) return NOTHING;
  return html`<div class="grid g3">${[...seen.values()].slice(0, 6)}${now}</div>`;
}

function senderName({ lane }: Look["campaign"]): string {
  return lane === "sandbox" ? "sandbox" : `number ${lane}`;
}

/** A daily limit, and when people are free again. @param of whose; null where the page says it */
export function limitMeter(
  limit: NonNullable<Look["dailyLimit"]>,
  times: Times,
  of: string | null,
): Html {
  const { people, limit: most, freeAt } = limit;
  const free = freeAt === null ? "" : ` The first of them are free again ${times.when(freeAt)}.`;
  return meter({
    title: of === null ? "Daily limit" : `Daily limit, ${of}`,
    used: people,
    most,
    words: html`<b>${count(people)}</b> of ${plural(most, "person", "people")}`,
    consequence: `Rolling 24 h.${free}`,
  });
}

function sendingNow(looks: readonly Look[]): Html | null {
  const sending = looks.filter(({ standing }) => standing.kind === "sending");
  if (sending.length === 0) return null;
  const rate = sending.reduce((sum, look) => sum + (look.rate ?? 0), 0);
  const most = sending.reduce((sum, look) => sum + (look.settings?.messagesPerSecond ?? 0), 0);
  const words = html`<b>${rateText(rate)}</b> a second`;
  const consequence = plural(sending.length, "campaign is sending", "campaigns are sending");
  if (most === 0) {
    return html`<section class="card meter"><h2>Now</h2><p>${words}</p><p class="cap">${consequence}.</p></section>`;
  }
  return meter({
    title: "Now",
    used: Math.min(rate, most),
    most,
    words,
    beside: `limit ${count(most)}`,
    consequence: `${consequence}.`,
  });
}
