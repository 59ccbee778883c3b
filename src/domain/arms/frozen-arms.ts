// The arms of a planned campaign, as the ledger kept what is frozen of it.

import type { Frozen } from "../campaign/campaign.ts";

/** An arm as the ledger's tables have it. */
export interface FrozenArm {
  name: string;
  /** The template's name at Meta. */
  template: string;
  language: string;
  /** From 0 to 1, of all people. */
  share: number;
}

interface KeptArm {
  name: string;
  share: number;
  template?: { name?: string; language?: string } | undefined;
}

/** The arms in their order; none without a test. */
export function frozenArms(frozen: Frozen): FrozenArm[] {
  const arms = (frozen["test.arms"] ?? []) as KeptArm[];
  const own = String(frozen["template.name"] ?? "");
  const ownLanguage = String(frozen["template.language"] ?? "");
  return arms.map(({ name, share, template }) => ({
    name,
    share,
    template: template?.name ?? own,
    language: template?.language ?? ownLanguage,
  }));
}
