// `campaign account show|cloud-marketing|insights`: the account and the number of a manifest as
// Meta has them, and the switches of the account that concern campaigns.

import { systemClock } from "../../clock/clock.ts";
import type {
  AccountFacts,
  HealthFacts,
  NumberFacts,
  UnreadFact,
  WabaFacts,
} from "../../domain/account/facts.ts";
import { isFullyOnboarded, onboardingTodo } from "../../domain/account/onboarding.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError } from "../../domain/common/errors.ts";
import type { Account } from "../../graph/account.ts";
import { GraphError } from "../../graph/calls.ts";
import { accountProblem, connectAccount, factsFor } from "../account/account-facts.ts";
import { recordChange } from "../account/meta-change.ts";
import { requireWaba } from "../account/template-at-meta.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import type { FactRow } from "../print/fact-table.ts";
import { factTable, isoInstant } from "../print/fact-table.ts";
import { print, printJson, say } from "../print/print.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";
import { requireYes } from "../process/ask.ts";

/** A switch may be a moment on its way at Meta before it is read. */
const PROOF_TRIES = 3;
const PROOF_PAUSE_MS = 1_000;

/** `account show`. */
export async function accountShow(
  file: string,
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  if (loaded.manifest.account === "sandbox") say(SANDBOX_WORDS);
  const facts = await factsFor(loaded, { clock: systemClock, stop: context.stop });
  const unread = facts.unread.filter(({ part }) => part !== "template");
  const isNumberKnown = facts.numbers.some((number) => number.facts !== null);
  const failure = isNumberKnown ? undefined : nothingRead(file, facts, unread);
  if (flags.json) {
    const error = failure && errorRecord(failure.problems, failure.exitCode);
    printJson({ ...jsonOf(facts), error });
  } else if (isNumberKnown || facts.waba !== null) {
    print(factTable(rowsOf(facts, loaded)));
  }
  if (failure !== undefined) throw failure;
  for (const entry of unread) say(unreadSentence(entry));
  return EXIT.done;
}

const PARTS: Readonly<Record<UnreadFact["part"], string>> = {
  number: "The number",
  waba: "The account",
  template: "The template",
  token: "The token's scopes and end",
};

function unreadSentence({ part, phoneNumberId, sentence }: UnreadFact): string {
  const what = phoneNumberId === undefined ? PARTS[part] : `Number ${phoneNumberId}`;
  return `${what} could not be read: ${sentence}`;
}

function accountHint({ part, passes }: UnreadFact): string {
  if (passes) return "Try the same command again later.";
  return part === "token"
    ? "Put a token that is valid into the variable that account.access_token names."
    : "Compare account and template with WhatsApp Manager, and see that the token may read them.";
}

function nothingRead(
  file: string,
  facts: AccountFacts,
  unread: readonly UnreadFact[],
): OperatorError {
  const isPassing = unread.some(({ part, passes }) => part === "number" && passes);
  const hint = isPassing
    ? "Try the same command again later."
    : facts.token?.isValid === false
      ? "Put a token that is valid into the variable that account.access_token names."
      : "Compare account.phone_number_id with WhatsApp Manager, and see that the token may use it.";
  const problems = unread.map((entry) => ({
    id: entry.passes ? "meta_unreachable" : "meta_refused",
    file,
    message: unreadSentence(entry),
    hint: entry.part === "number" ? hint : accountHint(entry),
  }));
  return new OperatorError(problems, isPassing ? EXIT.stopped : EXIT.operator);
}

/**
 * `account cloud-marketing on|off`: whether marketing templates may also be sent by the Cloud API.
 */
export async function accountCloudMarketing(
  wanted: "on" | "off",
  file: string,
  flags: { yes?: boolean; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  requireWaba(loaded);
  if (loaded.manifest.account === "sandbox") say(SANDBOX_WORDS);
  const connection = await connectAccount(loaded, { stop: context.stop });
  try {
    const disabled = wanted === "off";
    const before = await connection.account.readWaba();
    const named = `Marketing by the Cloud API for account ${before.name ?? ""} (id ${before.id})`;
    const result = { waba_id: before.id, cloud_marketing: wanted };
    if (before.cloudMarketingDisabled === disabled) {
      if (flags.json) printJson({ ...result, changed: false });
      else print(`${named} is ${wanted} already.`);
      return EXIT.done;
    }
    warn(before, wanted);
    await requireYes(`Turn ${wanted} m${named.slice(1)}?`, flags.yes, context.stop);
    const after = await changed(connection.account, {
      change: (account) => account.setCloudMarketing(disabled),
      isMade: ({ cloudMarketingDisabled }) => cloudMarketingDisabled === disabled,
    });
    await recordChange(context.options, loaded, {
      action: "cloud_marketing",
      subject: before.name ?? "account",
      detail: { waba_id: before.id, after: wanted },
    });
    if (after.cloudMarketingDisabled !== disabled) throw notProven(after, wanted);
    if (flags.json) printJson({ ...result, changed: true });
    else print(`${named} is ${wanted} now, as read from Meta.`);
    return EXIT.done;
  } catch (error) {
    throw accountProblem(error, file);
  } finally {
    await connection.close();
  }
}

/** What the switch means, before it is asked for. */
function warn(waba: WabaFacts, wanted: "on" | "off"): void {
  if (wanted === "on") {
    say(
      "Marketing templates will go out by the Cloud API again where a person sends them there, without the optimised delivery of the Marketing Messages API.",
    );
    return;
  }
  say(
    "It concerns everybody who sends with this account: marketing templates posted to /messages get error 131063.",
  );
  const isOnboarded = isFullyOnboarded(waba);
  if (isOnboarded === true) return;
  const state = [waba.onboardingStatus ?? "onboarding not known", waba.termsStatus]
    .filter((part) => part !== null)
    .join(", ");
  const lead =
    isOnboarded === false
      ? `WARNING: the account is not fully onboarded to the Marketing Messages API (${state}).`
      : `WARNING: it is not known whether the account is fully onboarded to the Marketing Messages API (${state}).`;
  say(
    `${lead} Without that there is no way left to send: campaigns with product_policy CLOUD_API_FALLBACK fail with 131063 for everyone, and STRICT ones fail too.\n` +
      `What onboarding needs: ${onboardingTodo(waba)}`,
  );
}

/**
 * `account insights on`: lets Meta count by template and day, which cannot be undone (Meta,
 * analytics page, 2026-06).
 */
export async function accountInsights(
  _on: "on",
  file: string,
  flags: { yes?: boolean; json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = await loadManifest(file);
  requireWaba(loaded);
  if (loaded.manifest.account === "sandbox") say(SANDBOX_WORDS);
  const connection = await connectAccount(loaded, { stop: context.stop });
  try {
    const before = await connection.account.readWaba();
    const named = `Insights of account ${before.name ?? ""} (id ${before.id})`;
    const result = { waba_id: before.id, insights: "on" };
    if (before.insightsOn === true) {
      if (flags.json) printJson({ ...result, changed: false });
      else print(`${named} are on already.`);
      return EXIT.done;
    }
    for (const sentence of INSIGHTS_MEAN) say(sentence);
    await requireYes(`Switch on i${named.slice(1)}, for good?`, flags.yes, context.stop);
    const after = await changed(connection.account, {
      change: (account) => account.enableInsights(),
      isMade: ({ insightsOn }) => insightsOn === true,
    });
    await recordChange(context.options, loaded, {
      action: "insights_on",
      subject: before.name ?? "account",
      detail: { waba_id: before.id },
    });
    if (after.insightsOn !== true) throw insightsNotProven(after);
    if (flags.json) printJson({ ...result, changed: true });
    else print(`${named} are on now, as read from Meta.`);
    return EXIT.done;
  } catch (error) {
    throw accountProblem(error, file);
  } finally {
    await connection.close();
  }
}

/** Meta, analytics page, 2026-06. */
const INSIGHTS_MEAN: readonly string[] = [
  "It cannot be undone: Meta has no way to switch insights off again.",
  "It concerns the whole account. Meta adds link tracking to URL buttons of its templates, and may collect anonymised data of its chats.",
  "Meta counts from that moment on, and shows the first figures about a day later.",
];

function insightsNotProven({ insightsOn }: WabaFacts): OperatorError {
  const has = insightsOn === null ? "does not say whether they are on" : "says that they are off";
  return new OperatorError(
    {
      message: `Meta took the switch of insights, and the account ${has}`,
      hint: "Look again in some minutes: campaign account show.",
    },
    EXIT.halted,
  );
}

/** A change of the account, and how to see that it was made. */
interface AccountChange {
  change(account: Account): Promise<void>;
  isMade(waba: WabaFacts): boolean;
}

/** Makes the change and reads it again, also when the answer was lost. */
async function changed(account: Account, { change, isMade }: AccountChange): Promise<WabaFacts> {
  let doubt: GraphError | undefined;
  try {
    await change(account);
  } catch (error) {
    if (!(error instanceof GraphError) || error.fault !== "failed") throw error;
    doubt = error;
  }
  for (let tries = 1; ; tries += 1) {
    const after = await account.readWaba();
    if (isMade(after)) return after;
    if (tries === PROOF_TRIES) {
      if (doubt !== undefined) throw doubt;
      return after;
    }
    await systemClock.sleep(PROOF_PAUSE_MS);
  }
}

function notProven(after: WabaFacts, wanted: "on" | "off"): OperatorError {
  const has = onOff(after.cloudMarketingDisabled) ?? "not reported";
  return new OperatorError(
    {
      message: `Meta took "${wanted}" for marketing by the Cloud API, and the account says that it is ${has}`,
      hint: "Look at the account in WhatsApp Manager; the switch works only for accounts that are fully onboarded.",
    },
    EXIT.halted,
  );
}

/** Whether the Cloud API may send marketing. */
function onOff(disabled: boolean | null): string | null {
  return disabled === null ? null : disabled ? "off" : "on";
}

function insightWords({ insightsOn }: WabaFacts): string | null {
  if (insightsOn === null) return null;
  return insightsOn ? "on" : "off: Meta counts nothing by template; see account insights on";
}

function rowsOf(facts: AccountFacts, loaded: LoadedManifest): FactRow[] {
  const { numbers, waba, token } = facts;
  const rows: FactRow[] = [];
  for (const { facts: number } of numbers) {
    if (number === null) continue;
    rows.push(
      ["number", `${number.displayPhoneNumber ?? "not known"} (id ${number.id})`],
      ["display name", number.verifiedName],
      ["status", number.status],
      ["quality", number.qualityRating],
      ["throughput", number.throughputLevel],
      ["limit of a day", number.messagingLimit],
      ...healthRows("number's health", number.health),
    );
  }
  if (waba !== null) {
    rows.push(
      ["account", `${waba.name ?? "not known"} (id ${waba.id})`],
      ["currency", waba.currency],
      ["onboarding", waba.onboardingStatus],
      ["terms", waba.termsStatus],
      ["to do", onboardingTodo(waba)],
      ["Cloud API marketing", onOff(waba.cloudMarketingDisabled)],
      ["payment method", waba.funding],
      ["insights", insightWords(waba)],
      ...healthRows("account's health", waba.health),
    );
  }
  const valid = token?.isValid ?? null;
  rows.push(["token", valid === null ? null : valid ? "valid" : "not valid"]);
  if (valid !== false) {
    rows.push(
      ["token's end", expiryOf(facts, (at) => timesOf(loaded).named(at))],
      ["token may", token?.scopes === null ? null : (token?.scopes.join(", ") ?? null)],
    );
  }
  return rows;
}

function expiryOf({ token }: AccountFacts, textOf: (at: number) => string): string | null {
  const at = token?.expiresAt ?? null;
  return typeof at === "number" ? textOf(at) : at;
}

function healthRows(name: string, health: HealthFacts | null): FactRow[] {
  if (health === null) return [[name, null]];
  return [
    [name, health.canSend],
    ...health.problems.map(({ entity, canSend, code, description, solution }): FactRow => {
      const coded = code === null ? "" : ` ${code}`;
      const words = [description, solution].filter((part) => part !== null).join(" ");
      return [`  ${entity}`, `${canSend}${coded} ${words}`.trimEnd()];
    }),
  ];
}

/** The `--json` document of `account show`. Keys may be added; null is not known. */
function jsonOf(facts: AccountFacts): Record<string, unknown> {
  const { number, numbers, waba, token } = facts;
  return {
    number: number && numberJson(number),
    ...(numbers.length > 1 && {
      numbers: numbers.map(({ phoneNumberId: id, facts }) => (facts ? numberJson(facts) : { id })),
    }),
    waba: waba && {
      id: waba.id,
      name: waba.name,
      currency: waba.currency,
      onboarding_status: waba.onboardingStatus,
      terms_status: waba.termsStatus,
      fully_onboarded: isFullyOnboarded(waba),
      todo: onboardingTodo(waba),
      cloud_marketing: onOff(waba.cloudMarketingDisabled),
      funding: waba.funding,
      insights: waba.insightsOn === null ? null : waba.insightsOn ? "on" : "off",
      health: healthJson(waba.health),
    },
    token: token && {
      is_valid: token.isValid,
      expires_at: expiryOf(facts, isoInstant),
      scopes: token.scopes,
    },
    unread: facts.unread
      .filter(({ part }) => part !== "template")
      .map(({ part, phoneNumberId, code, sentence }) => ({
        part,
        ...(phoneNumberId !== undefined && { phone_number_id: phoneNumberId }),
        code,
        sentence,
      })),
    read_at: isoInstant(facts.readAt),
  };
}

function numberJson(number: NumberFacts): Record<string, unknown> {
  return {
    id: number.id,
    display_phone_number: number.displayPhoneNumber,
    verified_name: number.verifiedName,
    status: number.status,
    quality_rating: number.qualityRating,
    throughput_level: number.throughputLevel,
    messaging_limit: number.messagingLimit,
    health: healthJson(number.health),
  };
}

function healthJson(health: HealthFacts | null): Record<string, unknown> | null {
  if (health === null) return null;
  const problems = health.problems.map(({ canSend, ...problem }) => ({
    ...problem,
    can_send: canSend,
  }));
  return { can_send: health.canSend, problems };
}
