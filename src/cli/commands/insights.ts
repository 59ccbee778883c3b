// `campaign insights`: what Meta counted of a campaign's template, read, kept, and shown beside
// what the ledger has.

import { systemClock } from "../../clock/clock.ts";
import type { TemplateName } from "../../domain/account/facts.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError } from "../../domain/common/errors.ts";
import type { AskedDays, SendingSpan } from "../../domain/insights/days.ts";
import { templateNames, withLanguage } from "../../domain/manifest/arms-of-manifest.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { isByRow } from "../../domain/message/template.ts";
import { shellWord } from "../../domain/result/open-items.ts";
import { comparedOf, insightsOfReport } from "../../domain/result/report-figures.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { accountProblem, connectAccount } from "../account/account-facts.ts";
import { requireWaba } from "../account/template-at-meta.ts";
import { sandboxLog } from "../campaign/sending.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { campaignOf, ledgerAddress, loadManifest, openLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import { lookAtInsights, sharers, spanOf } from "../insights/read-insights.ts";
import { insightText } from "../print/insight-text.ts";
import { print, printJson, say } from "../print/print.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";

interface InsightFlags extends AskedDays {
  json?: boolean;
  /** False with `--no-ads`. */
  ads?: boolean;
}

/** Runs the command; gives its exit code. */
export async function insights(
  file: string,
  flags: InsightFlags,
  context: CommandContext,
): Promise<ExitCode> {
  refuseNoDays(flags);
  const loaded = await loadManifest(file);
  requireWaba(loaded);
  const ledger = await openLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    const span = spanOf((await ledger.tally(campaign.id)).reached);
    if (span === null) throw nothingSent(campaign, file);
    if (loaded.manifest.account === "sandbox") say(SANDBOX_WORDS);
    await look({ ledger, campaign, loaded, span }, flags, context);
    const data = await ledger.report(campaign.id, systemClock.now());
    const compared = comparedOf(data);
    if (flags.json) printJson({ campaign: campaign.name, ...insightsOfReport(data) });
    else if (compared !== null) print(insightText(compared, campaign.name, timesOf(loaded)));
    return EXIT.done;
  } finally {
    await ledger.close();
  }
}

interface About {
  ledger: OpenedLedger;
  campaign: CampaignRecord;
  loaded: LoadedManifest;
  span: SendingSpan;
}

/** Asks Meta, and keeps what it returned. */
async function look(
  { ledger, campaign, loaded, span }: About,
  { since, until, ads = true }: InsightFlags,
  context: CommandContext,
): Promise<void> {
  const isInner = loaded.manifest.account === "sandbox";
  const connection = await connectAccount(loaded, {
    stop: context.stop,
    // The built-in sandbox counts what its runs sent.
    ...(isInner && {
      countedLogs: [sandboxLog(ledgerAddress(context.options, loaded), loaded.project)],
    }),
  });
  try {
    const found = await lookAtInsights(connection.account, {
      templates: await templatesSent(loaded.manifest, ledger, campaign),
      span,
      others: await othersOf(ledger, campaign),
      asked: { since, until },
      withAds: ads,
      manifest: shellWord(loaded.file),
      now: systemClock.now(),
    });
    await ledger.keepInsights(campaign.id, found.reading, found.values);
  } catch (error) {
    throw accountProblem(error, loaded.file);
  } finally {
    await connection.close();
  }
}

/** The campaign's templates; where each row gives the language, in those that were sent. */
async function templatesSent(
  manifest: Manifest,
  ledger: Pick<OpenedLedger, "sentLanguages">,
  { id }: CampaignRecord,
): Promise<TemplateName[]> {
  if (!isByRow(manifest.template.language)) return templateNames(manifest);
  const languages = await ledger.sentLanguages(id);
  // What people were sent may be erased by now.
  if (languages.length === 0) return templateNames(manifest);
  return languages.flatMap((language) => templateNames(withLanguage(manifest, language)));
}

/** Other campaigns of the same template, and when they sent. */
async function othersOf(
  ledger: OpenedLedger,
  campaign: CampaignRecord,
): Promise<{ name: string; span: SendingSpan }[]> {
  const others: { name: string; span: SendingSpan }[] = [];
  for (const other of sharers(campaign, await ledger.listCampaigns())) {
    const span = spanOf((await ledger.tally(other.id)).reached);
    if (span !== null) others.push({ name: other.name, span });
  }
  return others;
}

function refuseNoDays({ since, until }: AskedDays): void {
  if (since === undefined || until === undefined || since <= until) return;
  throw new OperatorError({
    message: `--since ${since} is after --until ${until}`,
    hint: "Give them the other way round.",
  });
}

function nothingSent({ name }: CampaignRecord, file: string): OperatorError {
  return new OperatorError({
    id: "nothing_sent",
    file,
    message: `Meta took no message of campaign "${name}" yet: there is nothing that it could have counted`,
    hint: "Ask again once messages were sent; Meta's figures come about a day later.",
  });
}
