// Puts a manifest under the policy of its project: what the manifest leaves out is the policy's,
// and what it has itself may only be stricter. A rule of a policy is one line of RULES.

import type { Problem } from "../common/errors.ts";
import { count, money, percent, plural } from "../common/numbers.ts";
import { spanText } from "../common/spans.ts";
import type { Locate, SourcePlace } from "../document/document.ts";
import type { Path } from "../document/document-schema.ts";
import type { CapRecord } from "../limits/cap.ts";
import { capOf, capRecord, capText } from "../limits/cap.ts";
import type { Hours } from "./manifest-hours.ts";
import { areWithin, hoursText, isDate } from "./manifest-hours.ts";
import type { AppliedPolicy, Manifest } from "./manifest-schema.ts";
import type { Policy, ReadPolicy } from "./policy.ts";

/** The policy of a project. */
export interface PolicyInForce extends ReadPolicy {
  /** The file's absolute path. */
  file: string;
  /** How messages name it. */
  shownAs: string;
  /** The name that the manifest would give a file that the policy names. */
  nameOf(file: string): string;
}

/** A manifest that was read. */
interface Read {
  manifest: Manifest;
  at: Locate;
}

/** What came of one rule. */
interface Ruled {
  manifest: Manifest;
  /** What counts of the policy, by key of the manifest; left out: nothing of it. */
  counts?: Record<string, unknown>;
  /** Where in the policy a path of the manifest stands; undefined: in the manifest. */
  placeOf?(path: Path): Path | undefined;
  problem?: Problem;
  /** What the manifest sets aside of the policy, as it may. */
  setAside?: Record<string, unknown>;
}

type Rule = (read: Read, force: PolicyInForce) => Ruled;

/** By key of the manifest: how what the policy sets there reads. */
const TEXTS: Readonly<Record<string, (value: never) => string>> = {
  hours: (hours: Hours) => `sends ${hoursText(hours)}`,
  "hours.except": (days: string[]) => `not on ${days.join(", ")}`,
  "rate.people_per_day": (people: number) => `at most ${count(people)} people a day`,
  cap: (cap: CapRecord) =>
    `a frequency cap of ${cap.most} in ${cap.in}${cap.gap === null ? "" : `, gap ${cap.gap}`} (${cap.over})`,
  budget: (budget: NonNullable<Manifest["budget"]>) => `at most ${budgetText(budget)}`,
  hold_out: (share: number) => `keeps out ${percent(share, 1)} of all people for a quarter`,
  require_plan: () => "a person starts each plan by its digest",
  "suppress.files": (files: string[]) => plural(files.length, "opt-out list"),
  "suppress.campaigns": (campaigns: string[]) => `leaves out the people of ${campaigns.join(", ")}`,
  "suppress.stop_words": () => "stop words",
};

/** What counts of a policy, each rule in a few words. */
export function policyTexts(rules: AppliedPolicy["rules"]): string[] {
  return Object.entries(rules).map(([key, value]) => TEXTS[key]?.(value as never) ?? key);
}

/** What of it the manifest sets aside, in the same way. */
export function setAsideTexts(setAside: AppliedPolicy["setAside"]): string[] {
  return policyTexts(setAside).map((text) => `not obeyed by this campaign: ${text}`);
}

const RULES: readonly Rule[] = [
  hoursRule,
  peopleRule,
  capRule,
  budgetRule,
  holdOutRule,
  planRule,
  suppressRule,
];

/**
 * The manifest with what counts of the policy.
 * @returns it with a way to find places in both files, or what is less strict than the policy
 */
export function underPolicy(read: Read, force: PolicyInForce): Read | { problems: Problem[] } {
  const problems: Problem[] = [];
  const rules: Record<string, unknown> = {};
  const setAside: Record<string, unknown> = {};
  const places: NonNullable<Ruled["placeOf"]>[] = [];
  let { manifest } = read;
  for (const rule of RULES) {
    const ruled = rule({ manifest, at: read.at }, force);
    manifest = ruled.manifest;
    Object.assign(rules, ruled.counts);
    Object.assign(setAside, ruled.setAside);
    if (ruled.placeOf !== undefined) places.push(ruled.placeOf);
    if (ruled.problem !== undefined) problems.push(ruled.problem);
  }
  if (problems.length > 0) return { problems };
  const at: Locate = (path, offset) => {
    for (const placeOf of places) {
      const inPolicy = placeOf(path);
      if (inPolicy !== undefined) return force.at(inPolicy, offset);
    }
    return read.at(path, offset);
  };
  return { manifest: { ...manifest, policy: { file: force.file, rules, setAside } }, at };
}

function hoursRule({ manifest, at }: Read, force: PolicyInForce): Ruled {
  const { hours } = force.policy;
  if (hours === undefined) return { manifest };
  const own = manifest.hours;
  const closed = hours.except?.map((day) => (isDate(day) ? day : force.nameOf(day)));
  if (own === undefined) {
    const given = { ...hours, ...(closed !== undefined && { except: closed }) };
    return {
      manifest: { ...manifest, hours: given },
      counts: { hours: given },
      placeOf: (path) => (path[0] === "hours" ? path : undefined),
    };
  }
  if (!areWithin(own, hours)) {
    const texts: Texts = { allows: hoursText(hours), asks: hoursText(own) };
    const places = { policy: force.at(["hours"]), manifest: at(["hours"]) };
    const hint =
      "Choose hours within those of the policy, in the same time zone; or leave them out: then the policy's count.";
    return { manifest, problem: lessStrict(force, places, texts, hint) };
  }
  if (closed === undefined) return { manifest };
  const before = own.except ?? [];
  return {
    manifest: { ...manifest, hours: { ...own, except: [...before, ...closed] } },
    counts: { "hours.except": closed },
    placeOf: ([section, key, index]) => {
      if (section !== "hours" || key !== "except" || typeof index !== "number") return undefined;
      return index < before.length ? undefined : ["hours", "except", index - before.length];
    },
  };
}

function peopleRule({ manifest, at }: Read, force: PolicyInForce): Ruled {
  const { people_per_day: most } = force.policy;
  const { people_per_day: own } = manifest.rate;
  if (most === undefined || (own !== undefined && own <= most)) return { manifest };
  const path = ["rate", "people_per_day"];
  if (own === undefined) {
    return {
      manifest: { ...manifest, rate: { ...manifest.rate, people_per_day: most } },
      counts: { "rate.people_per_day": most },
      placeOf: (asked) => (isSame(asked, path) ? ["people_per_day"] : undefined),
    };
  }
  const texts = { allows: `${count(most)} people a day`, asks: count(own) };
  const places = { policy: force.at(["people_per_day"]), manifest: at(path) };
  const hint = "Lower it, or leave it out: then the policy's counts.";
  return { manifest, problem: lessStrict(force, places, texts, hint) };
}

/** Of a cap of its own, what the manifest leaves out is the policy's. */
function capRule({ manifest, at }: Read, force: PolicyInForce): Ruled {
  const { cap: given } = force.policy;
  if (given === undefined) return { manifest };
  const own = manifest.cap;
  if (own === "off") return { manifest, setAside: { cap: capRecord(capOf(given)) } };
  if (own === undefined) {
    return {
      manifest: { ...manifest, cap: given },
      counts: { cap: capRecord(capOf(given)) },
      placeOf: (path) => (path[0] === "cap" ? path : undefined),
    };
  }
  const [ours, theirs] = [capOf(own), capOf(given)];
  const both = { ...given, ...own };
  const faults: [key: string, allows: string, asks: string][] = [];
  if (ours.most > theirs.most) faults.push(["most", capText(theirs), String(ours.most)]);
  if (ours.windowMs < theirs.windowMs)
    faults.push(["in", capText(theirs), `in ${spanText(ours.windowMs)}`]);
  if (ours.gapMs !== null && theirs.gapMs !== null && ours.gapMs < theirs.gapMs) {
    faults.push(["gap", `no gap below ${spanText(theirs.gapMs)}`, spanText(ours.gapMs)]);
  }
  const [fault] = faults;
  if (fault === undefined) return { manifest: { ...manifest, cap: both } };
  const [key, allows, asks] = fault;
  const places = { policy: force.at(["cap", key]), manifest: at(["cap", key]) };
  const hint =
    "Fewer messages, a longer time or a longer gap may stand here. A campaign that must go has `cap: off`, which the audit keeps.";
  return { manifest, problem: lessStrict(force, places, { allows, asks }, hint) };
}

function budgetRule({ manifest, at }: Read, force: PolicyInForce): Ruled {
  const { budget: most } = force.policy;
  const own = manifest.budget;
  if (most === undefined) return { manifest };
  if (own === undefined) {
    return {
      manifest: { ...manifest, budget: most },
      counts: { budget: most },
      placeOf: (path) => (path[0] === "budget" ? path : undefined),
    };
  }
  if (own.currency === most.currency && own.most <= most.most) return { manifest };
  const texts = { allows: budgetText(most), asks: budgetText(own) };
  const places = { policy: force.at(["budget"]), manifest: at(["budget"]) };
  const hint = "Lower it, in the same currency; or leave it out: then the policy's counts.";
  return { manifest, problem: lessStrict(force, places, texts, hint) };
}

function budgetText({ most, currency }: NonNullable<Manifest["budget"]>): string {
  return `${money(most)} ${currency}`;
}

/** Another one than the manifest's own, and beside it. */
function holdOutRule({ manifest }: Read, { policy }: PolicyInForce): Ruled {
  const { hold_out: share } = policy;
  if (share === undefined) return { manifest };
  return { manifest: { ...manifest, policyHoldOut: share }, counts: { hold_out: share } };
}

/** No manifest can do without. */
function planRule({ manifest }: Read, { policy }: PolicyInForce): Ruled {
  if (policy.require_plan !== true) return { manifest };
  return { manifest: { ...manifest, requiresPlan: true }, counts: { require_plan: true } };
}

/** What the policy has is added to what the manifest has, behind it. */
function suppressRule({ manifest }: Read, force: PolicyInForce): Ruled {
  const { files, campaigns, stop_words: words } = force.policy.suppress;
  const own = manifest.suppress;
  const moreFiles = files.map(force.nameOf);
  const others = othersOf(campaigns, manifest.campaign);
  const moreCampaigns = others.filter(({ name }) => !own.campaigns.includes(name));
  const languages = new Set([...Object.keys(own.stop_words), ...Object.keys(words)]);
  const stopWords = [...languages].map((language) => [
    language,
    [...(own.stop_words[language] ?? []), ...(words[language] ?? [])],
  ]);
  return {
    manifest: {
      ...manifest,
      suppress: {
        ...own,
        files: [...own.files, ...moreFiles],
        campaigns: [...own.campaigns, ...moreCampaigns.map(({ name }) => name)],
        stop_words: Object.fromEntries(stopWords),
      },
    },
    counts: {
      ...(files.length > 0 && { "suppress.files": moreFiles }),
      ...(moreCampaigns.length > 0 && {
        "suppress.campaigns": moreCampaigns.map(({ name }) => name),
      }),
      ...(Object.keys(words).length > 0 && { "suppress.stop_words": words }),
    },
    placeOf: ([section, key, index]) => {
      if (section !== "suppress" || typeof index !== "number") return undefined;
      const file = index - own.files.length;
      if (key === "files" && file >= 0) return ["suppress", "files", file];
      const other = moreCampaigns[index - own.campaigns.length];
      if (key !== "campaigns" || other === undefined) return undefined;
      return ["suppress", "campaigns", other.index];
    },
  };
}

/**
 * The campaigns of the policy's list that a campaign leaves out: all; of one that stands in the
 * list, those before it, since two that leave out each other would leave out everybody's first.
 */
function othersOf(
  campaigns: Policy["suppress"]["campaigns"],
  campaign: string,
): { name: string; index: number }[] {
  const own = campaigns.indexOf(campaign);
  const others = own < 0 ? campaigns : campaigns.slice(0, own);
  return others.map((name, index) => ({ name, index }));
}

/** What the policy allows and the manifest asks for, each as a part of a sentence. */
interface Texts {
  allows: string;
  asks: string;
}

function lessStrict(
  { shownAs }: PolicyInForce,
  places: { policy: SourcePlace; manifest: SourcePlace },
  { allows, asks }: Texts,
  hint: string,
): Problem {
  const { policy, manifest } = places;
  const message = `${shownAs}:${policy.line} allows ${allows}, ${manifest.file}:${manifest.line} asks for ${asks}`;
  return { message, hint: `A manifest may only be stricter than its policy. ${hint}`, ...manifest };
}

function isSame(path: Path, other: Path): boolean {
  return path.length === other.length && path.every((part, at) => part === other[at]);
}
