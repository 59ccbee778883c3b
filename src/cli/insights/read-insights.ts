// One look at what Meta counted for a campaign: every call that there is, each of which may fail
// alone. What could not be had is named with the reason, in one sentence.

import type { CreativeFeatures } from "../../domain/account/creative.ts";
import type { AccountFacts, TemplateFacts, TemplateName } from "../../domain/account/facts.ts";
import { factsOfTemplate } from "../../domain/account/facts.ts";
import { frozenArms } from "../../domain/arms/frozen-arms.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import type { Analytics } from "../../domain/insights/answers.ts";
import type { AskedDays, Days, SendingSpan } from "../../domain/insights/days.ts";
import { daysOf, daysToAsk, touches } from "../../domain/insights/days.ts";
import type {
  InsightReading,
  InsightValue,
  MissingPart,
  PricingRow,
  Product,
} from "../../domain/insights/insight.ts";
import {
  BASIC_METRICS,
  CONVERSION_METRICS,
  NEWER_CONVERSIONS,
} from "../../domain/insights/metrics.ts";
import { isOn, missingPart, NOT_ASKED } from "../../domain/insights/missing.ts";
import { mayBeSame } from "../../domain/message/template.ts";
import type { Account } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";

/** What a look is about. */
export interface LookAbout {
  /** The campaign's own first, then those of further arms. */
  templates: readonly TemplateName[];
  /** When the campaign sent. */
  span: SendingSpan;
  /** Other campaigns that sent the same template, and when. */
  others: readonly { name: string; span: SendingSpan }[];
  asked: AskedDays;
  /** False: Meta's ads are not asked. */
  withAds: boolean;
  /** The manifest as a command names it. */
  manifest: string;
  now: number;
}

/** A look, to be kept. */
export interface Look {
  reading: InsightReading;
  values: InsightValue[];
}

/**
 * Reads all that Meta counted.
 * @throws GraphError, the first, where nothing at all could be read
 */
export async function lookAtInsights(account: Account, about: LookAbout): Promise<Look> {
  const missing: MissingPart[] = [];
  let firstError: GraphError | undefined;
  const tried = async <T>(part: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      firstError ??= error;
      missing.push(missingPart(part, error, about.manifest));
      return null;
    }
  };
  const facts = await account.readFacts({ templates: about.templates, now: about.now });
  for (const one of facts.unread)
    missing.push(missingPart(one.part, { ...one, message: one.sentence }, about.manifest));
  const { template, waba } = facts;
  if (template === null && !facts.unread.some(({ part }) => part === "template")) {
    missing.push(missingPart("no_template", null, about.manifest));
  }
  const found = templatesAsked(about.templates, facts);
  const ids = found.flatMap(({ id }) => (id === null ? [] : [id]));
  const days = daysToAsk(about.span, about.asked, about.now);
  const [counted, pricing, creative, ads] = await Promise.all([
    ids.length === 0 ? null : analyticsOf(account, ids, days, tried),
    tried("pricing", () => account.readPricing(days)),
    tried("account_creative", () => account.readCreative()),
    template === null ? null : tried("template_ads", () => account.readTemplateAds(template.id)),
  ]);
  const benchmark = await benchmarkOf(account, { facts, ads, about, tried, missing });
  const isNothing = [template, waba, counted, pricing, creative].every((one) => one === null);
  if (isNothing) throw nothingRead(firstError, facts);
  const zone = counted?.zone ?? null;
  const own = daysOf(about.span, about.asked, about.now, zone);
  const values = (counted?.values ?? []).filter(
    ({ day, templateId }) => day >= own.since && day <= own.until && ids.includes(templateId),
  );
  const insightsOn = isOn(waba?.insightsOn ?? null, missing);
  return {
    values,
    reading: {
      readAt: about.now,
      template: found[0] as InsightReading["template"],
      ...(found.length > 1 && { others: found.slice(1) }),
      ...own,
      zone,
      currency: waba?.currency ?? null,
      isOn: insightsOn,
      benchmark,
      pricing: pricing === null ? null : ofNumbers(pricing, facts),
      creative: creativeOf(template, creative),
      countsClicks: ads?.isTracked ?? null,
      sharedWith: about.others
        .filter(({ span }) => touches(span, own, zone))
        .map(({ name }) => name),
      missing,
    },
  };
}

type Tried = <T>(part: string, read: () => Promise<T>) => Promise<T | null>;

/** Each with its id at Meta; null where there is none, or it could not be read. */
function templatesAsked(
  templates: readonly TemplateName[],
  facts: AccountFacts,
): InsightReading["template"][] {
  return templates.map(({ name, language }, at) => {
    const one = { name, language };
    const id = at === 0 ? facts.template?.id : factsOfTemplate(facts, one).template?.id;
    return { id: id ?? null, ...one };
  });
}

/** Null where no request was answered. The first one decides by which name the product is known. */
async function analyticsOf(
  account: Account,
  templateIds: readonly string[],
  days: Days,
  tried: Tried,
): Promise<Analytics | null> {
  const read = (part: string, product: Product, metrics: readonly string[]) =>
    tried(part, () => account.readAnalytics({ templateIds, ...days, product, metrics }));
  const first = await read("messages", "marketing_lite", BASIC_METRICS);
  const rest = await Promise.all([
    read("cloud_api", "marketing", BASIC_METRICS),
    read("conversions", "marketing_lite", CONVERSION_METRICS),
    read("newer_conversions", "marketing_lite", NEWER_CONVERSIONS),
  ]);
  const all = [first, ...rest].filter((one) => one !== null);
  if (all.length === 0) return null;
  return {
    values: all.flatMap(({ values }) => values),
    zone: all.find(({ zone }) => zone !== null)?.zone ?? null,
  };
}

async function benchmarkOf(
  account: Account,
  {
    facts,
    ads,
    about,
    tried,
    missing,
  }: {
    facts: AccountFacts;
    ads: Awaited<ReturnType<Account["readTemplateAds"]>> | null;
    about: LookAbout;
    tried: Tried;
    missing: MissingPart[];
  },
): Promise<InsightReading["benchmark"]> {
  const lacks = (part: string) => {
    missing.push(missingPart(part, null, about.manifest));
    return null;
  };
  if (!about.withAds) return lacks(NOT_ASKED);
  if (ads === null) return null;
  if (ads.adId === null) return lacks("no_ads");
  // Where the scopes are not known, the call itself says it.
  const scopes = facts.token?.scopes ?? null;
  if (scopes !== null && !scopes.includes("ads_read")) return lacks("no_ads_read");
  const { adId } = ads;
  const before = missing.length;
  const benchmark = await tried("benchmark", () => account.readBenchmark(adId));
  return benchmark === null && missing.length === before ? lacks("no_benchmark") : benchmark;
}

/** Of the campaign's numbers; all of them where no number says which it is. */
function ofNumbers(rows: readonly PricingRow[], { numbers }: AccountFacts): PricingRow[] {
  const own = numbers.flatMap(({ facts }) => {
    const digits = facts?.displayPhoneNumber?.replace(/\D/g, "") ?? "";
    return digits === "" ? [] : [digits];
  });
  if (own.length < numbers.length) return [...rows];
  return rows.filter(({ phone }) => phone === null || own.includes(phone));
}

function creativeOf(
  template: TemplateFacts | null,
  account: CreativeFeatures | null,
): InsightReading["creative"] {
  return { template: template?.creative ?? null, account };
}

function nothingRead(first: GraphError | undefined, { unread }: AccountFacts): Error {
  if (first !== undefined) return first;
  return new OperatorError({
    id: "meta_refused",
    message: unread[0]?.sentence ?? "Meta returned nothing of the account or the template",
    hint: "Compare account.waba_id and template.name with WhatsApp Manager, and see that the token may read them.",
  });
}

/** When a campaign sent; null where nothing was accepted. */
export function spanOf(reached: {
  firstClaimAt: number | null;
  lastAcceptedAt: number | null;
}): SendingSpan | null {
  const { firstClaimAt: first, lastAcceptedAt: last } = reached;
  return last === null ? null : { first: Math.min(first ?? last, last), last };
}

/** Campaigns that send the same template of the same account, as far as the ledger can know. */
export function sharers(
  campaign: CampaignRecord,
  all: readonly CampaignRecord[],
): CampaignRecord[] {
  const own = templatesIn(campaign);
  return all.filter(
    (other) =>
      other.id !== campaign.id &&
      templatesIn(other).some((one) => own.some((mine) => mayBeSame(one, mine))) &&
      (other.lane === "sandbox") === (campaign.lane === "sandbox") &&
      (other.portfolio === null ||
        campaign.portfolio === null ||
        other.portfolio === campaign.portfolio),
  );
}

/** The templates that a campaign was planned with. */
function templatesIn({ frozen }: CampaignRecord): TemplateName[] {
  const arms = frozenArms(frozen).map(({ template: name, language }) => ({ name, language }));
  const [name, language] = [frozen["template.name"], frozen["template.language"]].map(String);
  return [{ name: name as string, language: language as string }, ...arms];
}
